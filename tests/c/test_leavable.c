/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "leavable.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Something that both threads hold on to: a gate, and what the call found. */
typedef struct Place {
    pthread_mutex_t lock;
    pthread_cond_t change;
    int open;
    pthread_t thread;
    atomic_int returned;
} Place;

typedef struct Visit {
    Leavable call;
    Place *place;
} Visit;

static void place_init(Place *place, int open) {
    pthread_mutex_init(&place->lock, NULL);
    pthread_cond_init(&place->change, NULL);
    place->open = open;
    atomic_init(&place->returned, 0);
}

static void place_open(Place *place) {
    pthread_mutex_lock(&place->lock);
    place->open = 1;
    pthread_cond_broadcast(&place->change);
    pthread_mutex_unlock(&place->lock);
}

static void visit(Leavable *call) {
    Place *place = ((Visit *)call)->place;
    pthread_mutex_lock(&place->lock);
    place->thread = pthread_self();
    while (!place->open) pthread_cond_wait(&place->change, &place->lock);
    atomic_store(&place->returned, 1);
    pthread_cond_broadcast(&place->change);
    pthread_mutex_unlock(&place->lock);
}

static Visit *start(Place *place) {
    Visit *own = (Visit *)malloc(sizeof *own);
    if (!own) abort();
    own->call.run = visit;
    own->place = place;
    leavable_start(&own->call);
    return own;
}

static void finish(Visit *own) {
    while (!leavable_wait(&own->call, 1000)) {
    }
    leavable_release(&own->call);
}

TEST(a_call_runs_on_another_thread) {
    Place place;
    place_init(&place, 1);
    finish(start(&place));
    CHECK(!pthread_equal(place.thread, pthread_self()));
    CHECK_EQUAL(1, atomic_load(&place.returned));
}

TEST(who_waits_learns_that_it_has_not_returned) {
    Place place;
    place_init(&place, 0);
    Visit *own = start(&place);
    CHECK_EQUAL(0, leavable_wait(&own->call, 0));
    CHECK_EQUAL(0, leavable_wait(&own->call, 1));
    place_open(&place);
    finish(own);
    CHECK_EQUAL(1, atomic_load(&place.returned));
}

TEST(who_leaves_takes_nothing_along) {
    static Place place; /* the call is still there when this returns */
    place_init(&place, 0);
    leavable_release(&start(&place)->call);
    CHECK_EQUAL(0, atomic_load(&place.returned));
    place_open(&place);
    pthread_mutex_lock(&place.lock);
    while (!atomic_load(&place.returned)) pthread_cond_wait(&place.change, &place.lock);
    pthread_mutex_unlock(&place.lock);
}

TEST(a_call_that_hangs_holds_up_no_other) {
    enum { CALLS = 8 };
    Place shut, open;
    Visit *hanging[CALLS];
    place_init(&shut, 0);
    place_init(&open, 1);
    for (int at = 0; at < CALLS; at++) {
        hanging[at] = start(&shut);
        finish(start(&open));
    }
    place_open(&shut);
    for (int at = 0; at < CALLS; at++) finish(hanging[at]);
    CHECK_EQUAL(1, atomic_load(&shut.returned));
}

static void *visit_often(void *argument) {
    for (int turn = 0; turn < 200; turn++) {
        Place place;
        place_init(&place, 1);
        finish(start(&place));
        if (!atomic_load(&place.returned)) *(int *)argument = 1;
    }
    return NULL;
}

TEST(threads_call_side_by_side) {
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    int failed[THREADS] = {0};
    for (int at = 0; at < THREADS; at++) CHECK_EQUAL(0, pthread_create(&threads[at], NULL, visit_often, &failed[at]));
    for (int at = 0; at < THREADS; at++) {
        pthread_join(threads[at], NULL);
        CHECK_EQUAL(0, failed[at]);
    }
}

#if defined(__SANITIZE_THREAD__)
#define HAS_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HAS_THREAD_SANITIZER 1
#endif
#endif

/* ThreadSanitizer knows no child that makes threads. */
#ifndef HAS_THREAD_SANITIZER
TEST(a_child_has_threads_of_its_own) {
    Place place;
    int status = 0;
    place_init(&place, 1);
    finish(start(&place)); /* its thread is free now, and the child has it not */
    const pid_t child = fork();
    if (child == 0) {
        Place own;
        place_init(&own, 1);
        finish(start(&own));
        _exit(atomic_load(&own.returned) ? 0 : 1);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK_EQUAL(0, status);
}
#endif

int main(void) {
    RUN(a_call_runs_on_another_thread);
    RUN(who_waits_learns_that_it_has_not_returned);
    RUN(who_leaves_takes_nothing_along);
    RUN(a_call_that_hangs_holds_up_no_other);
    RUN(threads_call_side_by_side);
#ifndef HAS_THREAD_SANITIZER
    RUN(a_child_has_threads_of_its_own);
#endif
    return check_result();
}
