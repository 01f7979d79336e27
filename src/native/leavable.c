/* SPDX-License-Identifier: Apache-2.0 */
#include "leavable.h"

#include "clock.h"

#include <stdlib.h>

static struct {
    pthread_once_t once;
    pthread_mutex_t lock; /* guards all that follows, and `done` and `shares` of all calls */
    pthread_cond_t work;
    Leavable *first; /* calls that a thread is free for, no more than there are such threads */
    Leavable *last;
    uint32_t idle; /* threads that are free, without those that a call waits for */
} pool = {.once = PTHREAD_ONCE_INIT, .lock = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER};

/* A child has none of the threads, and nobody in it waits for their calls. */
static void begin_anew(void) {
    pthread_mutex_init(&pool.lock, NULL);
    pthread_cond_init(&pool.work, NULL);
    pool.first = pool.last = NULL;
    pool.idle = 0;
}

static void watch_fork(void) { pthread_atfork(NULL, NULL, begin_anew); }

/* Under the lock: whether it was the last. */
static int give_back(Leavable *call) { return --call->shares == 0; }

static void destroy(Leavable *call) {
    pthread_cond_destroy(&call->returned);
    free(call);
}

static void perform(Leavable *call) {
    call->run(call);
    pthread_mutex_lock(&pool.lock);
    call->done = 1;
    pthread_cond_signal(&call->returned);
    const int last = give_back(call);
    pthread_mutex_unlock(&pool.lock);
    if (last) destroy(call);
}

static Leavable *take(void) {
    pthread_mutex_lock(&pool.lock);
    pool.idle++;
    while (!pool.first) pthread_cond_wait(&pool.work, &pool.lock);
    Leavable *call = pool.first;
    pool.first = call->next;
    if (!pool.first) pool.last = NULL;
    pthread_mutex_unlock(&pool.lock);
    return call;
}

static void *work(void *argument) {
    Leavable *call = (Leavable *)argument;
    for (;;) {
        perform(call);
        call = take();
    }
    return NULL;
}

/* Gives it to a thread that is free; 0 where none is. */
static int hand_over(Leavable *call) {
    pthread_mutex_lock(&pool.lock);
    const int found = pool.idle > 0;
    if (found) {
        pool.idle--;
        if (pool.last)
            pool.last->next = call;
        else
            pool.first = call;
        pool.last = call;
        pthread_cond_signal(&pool.work);
    }
    pthread_mutex_unlock(&pool.lock);
    return found;
}

void leavable_start(Leavable *call) {
    pthread_t thread;
    pthread_once(&pool.once, watch_fork);
    clock_cond_init(&call->returned);
    call->next = NULL;
    call->done = 0;
    call->shares = 2;
    if (hand_over(call)) return;
    if (pthread_create(&thread, NULL, work, call) == 0)
        pthread_detach(thread);
    else
        perform(call);
}

int leavable_wait(Leavable *call, uint32_t wait_ms) {
    int late = 0;
    pthread_mutex_lock(&pool.lock);
    if (!call->done) {
        const uint64_t deadline = clock_deadline(wait_ms);
        while (!call->done && !late) late = clock_cond_wait(&call->returned, &pool.lock, deadline);
    }
    const int done = call->done;
    pthread_mutex_unlock(&pool.lock);
    return done;
}

void leavable_release(Leavable *call) {
    pthread_mutex_lock(&pool.lock);
    const int last = give_back(call);
    pthread_mutex_unlock(&pool.lock);
    if (last) destroy(call);
}
