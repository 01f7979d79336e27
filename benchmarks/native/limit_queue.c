/* SPDX-License-Identifier: Apache-2.0 */
#include "limit.h"
#include "loop_clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 1024, BATCH = 256 };

typedef struct Node {
    struct Node *next;
    uint64_t length;
    char text[];
} Node;

typedef struct Queue {
    pthread_mutex_t lock;
    pthread_cond_t change;
    Node *first;
    Node *last;
    uint32_t held;
    int waiting; /* somebody waits for a change */
    uint64_t count;
    uint64_t length;
} Queue;

static void await_change(Queue *queue) {
    queue->waiting = 1;
    pthread_cond_wait(&queue->change, &queue->lock);
}

static void tell_change(Queue *queue) {
    if (queue->waiting) pthread_cond_signal(&queue->change);
    queue->waiting = 0;
}

static void *push_all(void *argument) {
    Queue *queue = (Queue *)argument;
    char *chunk = (char *)calloc(1, (size_t)queue->length + 1);
    for (uint64_t done = 0; chunk && done < queue->count; done++) {
        Node *node = (Node *)malloc(sizeof *node + (size_t)queue->length + 1);
        if (!node) abort();
        node->next = NULL;
        node->length = queue->length;
        memcpy(node->text, chunk, (size_t)queue->length + 1);
        pthread_mutex_lock(&queue->lock);
        while (queue->held == ROOM) await_change(queue);
        if (queue->last)
            queue->last->next = node;
        else
            queue->first = node;
        queue->last = node;
        if (queue->held++ == 0) tell_change(queue);
        pthread_mutex_unlock(&queue->lock);
    }
    free(chunk);
    return NULL;
}

/* Up to a batch of nodes, taken off under the lock. */
static Node *take_batch(Queue *queue) {
    uint32_t taken = 1;
    pthread_mutex_lock(&queue->lock);
    while (!queue->first) await_change(queue);
    Node *batch = queue->first;
    Node *last = batch;
    for (; taken < BATCH && last->next; taken++) last = last->next;
    queue->first = last->next;
    if (!queue->first) queue->last = NULL;
    last->next = NULL;
    queue->held -= taken;
    tell_change(queue);
    pthread_mutex_unlock(&queue->lock);
    return batch;
}

uint64_t limit_queue(uint64_t count, uint64_t length) {
    Queue queue = {.count = count, .length = length};
    pthread_t thread;
    uint64_t seen = 0;
    pthread_mutex_init(&queue.lock, NULL);
    pthread_cond_init(&queue.change, NULL);
    const uint64_t begin = now_ns();
    if (pthread_create(&thread, NULL, push_all, &queue) != 0) return 0;
    for (uint64_t left = count; left > 0;) {
        for (Node *node = take_batch(&queue); node; left--) {
            Node *next = node->next;
            seen += node->length;
            free(node);
            node = next;
        }
    }
    const uint64_t taken = now_ns() - begin;
    pthread_join(thread, NULL);
    pthread_cond_destroy(&queue.change);
    pthread_mutex_destroy(&queue.lock);
    return seen == count * length ? taken : 0;
}
