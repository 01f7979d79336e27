/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "limit.h"
#include "loop_clock.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 1024, BATCH = 256 };

/* Whose turn it is. */
enum { PUSHER, WALKER };

typedef struct Node {
    struct Node *next;
    uint64_t length;
    char text[];
} Node;

typedef struct Queue {
    pthread_mutex_t lock;
    Node *first;
    Node *last;
    uint32_t held;
} Queue;

typedef struct Flow {
    Queue queue;
    uint64_t count;
    uint64_t length;
    pthread_mutex_t lock; /* guards `turn` */
    pthread_cond_t change;
    int turn;
    uint64_t seen;
    uint64_t pushing_ns;
    uint64_t walking_ns;
} Flow;

static void await_turn(Flow *flow, int turn) {
    pthread_mutex_lock(&flow->lock);
    while (flow->turn != turn) pthread_cond_wait(&flow->change, &flow->lock);
    pthread_mutex_unlock(&flow->lock);
}

static void give_turn(Flow *flow, int turn) {
    pthread_mutex_lock(&flow->lock);
    flow->turn = turn;
    pthread_cond_signal(&flow->change);
    pthread_mutex_unlock(&flow->lock);
}

/* The first processors that this process may run on, one for each thread, where the system lets them be chosen. */
static void stay_on(int thread) {
#ifdef __linux__
    cpu_set_t allowed, chosen;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &allowed) || thread-- > 0) continue;
        CPU_ZERO(&chosen);
        CPU_SET(cpu, &chosen);
        pthread_setaffinity_np(pthread_self(), sizeof chosen, &chosen);
        return;
    }
#else
    (void)thread;
#endif
}

static void push(Queue *queue, const char *chunk, uint64_t length) {
    Node *node = (Node *)malloc(sizeof *node + (size_t)length + 1);
    if (!node) abort();
    node->next = NULL;
    node->length = length;
    memcpy(node->text, chunk, (size_t)length + 1);
    pthread_mutex_lock(&queue->lock);
    if (queue->held == ROOM) abort(); /* bounded; a batch has always room */
    if (queue->last)
        queue->last->next = node;
    else
        queue->first = node;
    queue->last = node;
    queue->held++;
    pthread_mutex_unlock(&queue->lock);
}

/* All that is held, taken off under the lock. */
static Node *take(Queue *queue) {
    pthread_mutex_lock(&queue->lock);
    Node *batch = queue->first;
    queue->first = queue->last = NULL;
    queue->held = 0;
    pthread_mutex_unlock(&queue->lock);
    return batch;
}

static uint64_t batch_of(uint64_t left) { return left < BATCH ? left : BATCH; }

static void *push_all(void *argument) {
    Flow *flow = (Flow *)argument;
    char *chunk = (char *)calloc(1, (size_t)flow->length + 1);
    if (!chunk) abort();
    stay_on(0);
    for (uint64_t left = flow->count; left > 0; left -= batch_of(left)) {
        await_turn(flow, PUSHER);
        const uint64_t begin = now_ns();
        for (uint64_t at = batch_of(left); at > 0; at--) push(&flow->queue, chunk, flow->length);
        flow->pushing_ns += now_ns() - begin;
        give_turn(flow, WALKER);
    }
    free(chunk);
    return NULL;
}

static void *walk_all(void *argument) {
    Flow *flow = (Flow *)argument;
    stay_on(1);
    for (uint64_t left = flow->count; left > 0; left -= batch_of(left)) {
        await_turn(flow, WALKER);
        const uint64_t begin = now_ns();
        for (Node *node = take(&flow->queue); node;) {
            Node *next = node->next;
            flow->seen += node->length;
            free(node);
            node = next;
        }
        flow->walking_ns += now_ns() - begin;
        give_turn(flow, PUSHER);
    }
    return NULL;
}

/* What both threads do is timed by themselves, and one waits while the other is at it: so neither the wait for the lock
   nor for the other's waking is in it, which the scheduler decides about. */
static void run(Flow *flow) {
    pthread_t pusher, walker;
    pthread_mutex_init(&flow->queue.lock, NULL);
    pthread_mutex_init(&flow->lock, NULL);
    pthread_cond_init(&flow->change, NULL);
    if (pthread_create(&pusher, NULL, push_all, flow) != 0 || pthread_create(&walker, NULL, walk_all, flow) != 0)
        abort();
    pthread_join(pusher, NULL);
    pthread_join(walker, NULL);
    pthread_cond_destroy(&flow->change);
    pthread_mutex_destroy(&flow->lock);
    pthread_mutex_destroy(&flow->queue.lock);
    if (flow->seen != flow->count * flow->length) abort();
}

uint64_t limit_queue(uint64_t count, uint64_t length) {
    Flow flow = {.count = count, .length = length};
    run(&flow);
    return flow.pushing_ns + flow.walking_ns;
}

uint64_t limit_push(uint64_t count, uint64_t length) {
    Flow flow = {.count = count, .length = length};
    run(&flow);
    return flow.pushing_ns;
}
