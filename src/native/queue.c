/* SPDX-License-Identifier: Apache-2.0 */
#include "queue.h"

#include "clock.h"
#include "event_fd.h"
#include "event_node.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* How long, and how many, lazy events wait for company. */
#define LAZY_NS UINT64_C(2000000)
enum { LAZY_MOST = 512 };

/* One thread that waits for room, or for a gate; on its stack. */
typedef struct Waiter {
    struct Waiter *next;
    pthread_cond_t change;
} Waiter;

struct EventQueue {
    EventHub *hub;
    PluginHost host;
    EventQueue *next; /* in the hub's ring of queues that hold something */
    EventNode *first;
    EventNode *last;
    Waiter *waiting;
    uint64_t bytes;
    uint64_t sequence; /* of the last event that was taken */
    uint64_t lost;     /* log lines that found no room */
    uint32_t count;
    _Atomic uint32_t contents;
    bool in_ring;
    bool refresh_queued;
    bool hurried;
    bool closed;
    bool released;
};

struct EventHub {
    pthread_mutex_t lock; /* guards all below, all queues, and the state of streams */
    pthread_cond_t arrival;
    uint32_t max_events;
    uint64_t max_bytes;
    uint64_t sequence;
    EventQueue *first; /* the next to deliver from */
    EventQueue *last;
    int urgent;        /* something is queued that a drain is to bring at once */
    uint32_t lazy;     /* what came since the last drain and is not urgent */
    uint64_t lazy_due; /* when the first of these is to be brought */
    int closed;
    EventFd fd; /* not open until it is asked for */
    EventNodes spare;
    EventNodes read; /* the thread's that drains, until it does so again */
};

/* The hub whose events this thread is being handed: a push to it must not wait for room that only this thread makes. */
static _Thread_local EventHub *draining;

/* ---- hub and queues ---- */

EventHub *hub_new(uint32_t max_events, uint64_t max_bytes) {
    EventHub *hub = (EventHub *)calloc(1, sizeof *hub);
    if (!hub) return NULL;
    pthread_mutex_init(&hub->lock, NULL);
    clock_cond_init(&hub->arrival);
    hub->max_events = max_events;
    hub->max_bytes = max_bytes;
    hub->fd = EVENT_FD_CLOSED;
    return hub;
}

void hub_close(EventHub *hub) {
    pthread_mutex_lock(&hub->lock);
    hub->closed = 1;
    pthread_cond_broadcast(&hub->arrival);
    event_fd_signal(&hub->fd);
    pthread_mutex_unlock(&hub->lock);
}

static void free_queue(EventQueue *queue) {
    event_nodes_free(queue->first);
    free(queue);
}

void hub_free(EventHub *hub) {
    while (hub->first) { /* those that were released with events in them; the others are their owners' */
        EventQueue *queue = hub->first;
        hub->first = queue->next;
        free_queue(queue);
    }
    event_nodes_free(hub->spare.first);
    event_nodes_free(hub->read.first);
    event_fd_close(&hub->fd);
    pthread_cond_destroy(&hub->arrival);
    pthread_mutex_destroy(&hub->lock);
    free(hub);
}

int32_t hub_fd(EventHub *hub) {
    pthread_mutex_lock(&hub->lock);
    if (!event_fd_is_open(&hub->fd)) {
        event_fd_open(&hub->fd);
        if (hub->first || hub->closed) event_fd_signal(&hub->fd);
    }
    const int32_t fd = hub->fd.read_end;
    pthread_mutex_unlock(&hub->lock);
    return fd;
}

EventQueue *queue_new(EventHub *hub, PluginHost host) {
    EventQueue *queue = (EventQueue *)calloc(1, sizeof *queue);
    if (!queue) return NULL;
    queue->hub = hub;
    queue->host = host;
    return queue;
}

/* Under the lock: lets those look again who wait for room or for a gate. */
static void wake(EventQueue *queue) {
    for (Waiter *waiter = queue->waiting; waiter; waiter = waiter->next) pthread_cond_signal(&waiter->change);
}

/* Under the lock, which is free meanwhile. */
static void wait_for_change(EventQueue *queue, uint64_t deadline) {
    Waiter self = {.next = queue->waiting};
    Waiter **link = &queue->waiting;
    clock_cond_init(&self.change);
    queue->waiting = &self;
    clock_cond_wait(&self.change, &queue->hub->lock, deadline);
    while (*link != &self) link = &(*link)->next;
    *link = self.next;
    pthread_cond_destroy(&self.change);
}

void queue_set(EventQueue *queue, bool *flag, int value) {
    pthread_mutex_lock(&queue->hub->lock);
    *flag = value != 0;
    wake(queue);
    pthread_mutex_unlock(&queue->hub->lock);
}

void queue_hurry(EventQueue *queue, int hurried) { queue_set(queue, &queue->hurried, hurried); }

uint32_t queue_contents(EventQueue *queue) { return atomic_load_explicit(&queue->contents, memory_order_acquire); }

/* Under the lock: the drain is to look at once. */
static void hasten(EventHub *hub) {
    if (hub->urgent) return;
    hub->urgent = 1;
    pthread_cond_signal(&hub->arrival);
}

uint64_t queue_sequence(EventQueue *queue) {
    pthread_mutex_lock(&queue->hub->lock);
    const uint64_t sequence = queue->sequence;
    if (queue->hub->first) hasten(queue->hub);
    pthread_mutex_unlock(&queue->hub->lock);
    return sequence;
}

void queue_release(EventQueue *queue) {
    EventHub *hub = queue->hub;
    pthread_mutex_lock(&hub->lock);
    queue->closed = queue->released = 1;
    const int delivered = !queue->in_ring;
    pthread_mutex_unlock(&hub->lock);
    if (delivered) free_queue(queue);
}

/* ---- push ---- */

static int has_room(const EventQueue *queue, uint32_t count, uint64_t bytes) {
    const EventHub *hub = queue->hub;
    if (queue->count == 0) return 1; /* one event, or one batch, is always taken by an empty queue */
    return count <= hub->max_events && queue->count <= hub->max_events - count && bytes <= hub->max_bytes &&
           queue->bytes <= hub->max_bytes - bytes;
}

/* Enters the queue in the ring of those that hold something. */
static void enter_ring(EventQueue *queue) {
    EventHub *hub = queue->hub;
    if (queue->in_ring) return;
    if (!hub->first) {
        hub->first = queue;
        event_fd_signal(&hub->fd);
    } else {
        hub->last->next = queue;
    }
    queue->next = NULL;
    hub->last = queue;
    queue->in_ring = 1;
}

/* Wakes the drain, or leaves it to the first lazy event's time. */
static void announce(const EventQueue *queue, int flags) {
    EventHub *hub = queue->hub;
    /* Not so late that somebody finds no room. */
    if (!(flags & QUEUE_LAZY) || ++hub->lazy == LAZY_MOST || queue->count >= hub->max_events / 2) {
        hasten(hub);
    } else if (hub->lazy == 1) {
        hub->lazy_due = clock_now() + LAZY_NS;
        pthread_cond_signal(&hub->arrival); /* for that time */
    }
}

static void append(EventQueue *queue, EventNode *first, EventNode *last, uint32_t count, uint64_t bytes,
                   uint64_t *number) {
    const int64_t now = clock_wall_ms();
    for (EventNode *node = first; node; node = node->next) {
        node->event.host = queue->host;
        node->event.sequence = ++queue->hub->sequence;
        node->event.time_ms = now;
        if (number) node->event.number = (*number)++;
    }
    queue->sequence = queue->hub->sequence;
    if (first->event.type >= CORE_EVENT_MESSAGE && first->event.type <= CORE_EVENT_STREAM_CANCEL)
        atomic_store_explicit(&queue->contents, atomic_load_explicit(&queue->contents, memory_order_relaxed) + count,
                              memory_order_release); /* only here, under the lock */
    if (queue->last)
        queue->last->next = first;
    else
        queue->first = first;
    queue->last = last;
    queue->count += count;
    queue->bytes += bytes;
    enter_ring(queue);
}

/* While many texts, or a long one, are copied the lock is not held. */
static EventNode *make_apart(EventHub *hub, const CoreEvent *event, const PluginText *texts, uint32_t count,
                             EventNode **last, uint64_t *bytes) {
    EventNodes own = {NULL, NULL, 0};
    if (count > 1 && event_nodes_have(&hub->spare, event, texts)) {
        pthread_mutex_lock(&hub->lock);
        event_nodes_split(&hub->spare, &own, count);
        pthread_mutex_unlock(&hub->lock);
    }
    EventNode *first = event_nodes_make(&own, event, texts, count, last, bytes);
    event_nodes_free(own.first); /* where texts were long */
    return first;
}

PluginStatus queue_push(EventQueue *queue, const CoreEvent *event, const PluginText *texts, uint32_t count, int flags,
                        uint32_t wait_ms, uint64_t *number, QueueGate gate, void *gate_userdata) {
    EventHub *hub = queue->hub;
    EventNode *last;
    uint64_t bytes;
    uint64_t deadline = 0; /* not computed yet */
    PluginStatus status;
    const int reuses = count == 1 && event_nodes_have(&hub->spare, event, texts);
    EventNode *first = reuses ? NULL : make_apart(hub, event, texts, count, &last, &bytes);
    if (!first && !reuses) return count > 0 ? PLUGIN_OUT_OF_MEMORY : PLUGIN_OK;
    pthread_mutex_lock(&hub->lock);
    if (reuses) first = event_nodes_make(&hub->spare, event, texts, 1, &last, &bytes);
    for (;;) {
        if (!first) {
            status = PLUGIN_OUT_OF_MEMORY;
            break;
        }
        if (queue->closed || hub->closed) {
            status = PLUGIN_CLOSED;
            break;
        }
        if ((flags & QUEUE_COALESCE) && queue->refresh_queued) {
            status = PLUGIN_OK;
            break;
        }
        const int room = (flags & (QUEUE_TERMINAL | QUEUE_COALESCE)) != 0 || has_room(queue, count, bytes);
        status = gate ? gate(gate_userdata, room) : PLUGIN_OK;
        if (status == PLUGIN_OK && room) {
            if (flags & QUEUE_COALESCE) queue->refresh_queued = 1;
            append(queue, first, last, count, bytes, number);
            announce(queue, flags);
            first = NULL;
            if (flags & QUEUE_LAST) {
                queue->closed = 1;
                wake(queue);
            }
            /* Who waits in a gate sees what a transition changed; a chunk changes nothing for others. */
            if (gate && event->type != CORE_EVENT_STREAM_DATA) wake(queue);
            break;
        }
        if (status != PLUGIN_OK && status != PLUGIN_PAUSED && status != PLUGIN_FULL) break;
        if (flags & QUEUE_DROP) {
            queue->lost += count;
            break;
        }
        if (status == PLUGIN_OK) status = PLUGIN_FULL;
        if (wait_ms == 0 || draining == hub) break;
        if (queue->hurried) {
            status = PLUGIN_CLOSED;
            break;
        }
        if (deadline == 0) deadline = clock_deadline(wait_ms);
        if (clock_now() >= deadline) break;
        hasten(hub); /* for room */
        wait_for_change(queue, deadline);
    }
    pthread_mutex_unlock(&hub->lock);
    if (first) event_nodes_free(first);
    return status;
}

/* ---- drain ---- */

/* Takes the ring's first queue out; it goes to the end again if it holds more. */
static EventQueue *leave_ring(EventHub *hub) {
    EventQueue *queue = hub->first;
    hub->first = queue->next;
    if (!hub->first) hub->last = NULL;
    queue->next = NULL;
    queue->in_ring = 0;
    return queue;
}

/* What tells of lost log lines, once the queue has nothing else left. NULL where none were lost, or no memory is. */
static EventNode *take_lost(EventQueue *queue) {
    EventNode *last;
    uint64_t bytes;
    CoreEvent event = event_of(CORE_EVENT_LOGS_LOST);
    event.number = queue->lost;
    event.host = queue->host;
    EventNode *node = event_nodes_make(&queue->hub->spare, &event, NULL, 1, &last, &bytes);
    if (!node) return NULL;
    node->event.sequence = ++queue->hub->sequence;
    node->event.time_ms = clock_wall_ms();
    queue->lost = 0;
    return node;
}

/* One event of the ring's first queue. */
static EventNode *take_event(EventHub *hub) {
    EventQueue *queue = leave_ring(hub);
    EventNode *node = queue->first;
    if (node) {
        queue->first = node->next;
        if (!queue->first) queue->last = NULL;
        queue->count--;
        queue->bytes -= event_node_bytes(node);
        if (node->event.type == CORE_EVENT_UI_REFRESH) queue->refresh_queued = 0;
        wake(queue);
    } else {
        node = take_lost(queue);
    }
    if (queue->first || (queue->lost > 0 && node)) {
        /* Not enter_ring: this is no arrival, the drain is here. */
        queue->in_ring = 1;
        if (hub->last)
            hub->last->next = queue;
        else
            hub->first = queue;
        hub->last = queue;
    } else if (queue->released) {
        free_queue(queue);
    }
    return node;
}

/* Under the lock. */
static void wait_for_events(EventHub *hub, uint64_t deadline) {
    while (!hub->urgent && !hub->closed) {
        const uint64_t until = hub->lazy > 0 && hub->lazy_due < deadline ? hub->lazy_due : deadline;
        if (clock_now() >= until) return;
        clock_cond_wait(&hub->arrival, &hub->lock, until);
    }
}

/* All events of the only queue in the ring, in one step; NULL where it is not so simple. */
static EventNode *take_all(EventHub *hub, uint32_t most, EventNode **last) {
    EventQueue *queue = hub->first;
    if (!queue || queue->next || !queue->first || queue->count > most || queue->lost > 0) return NULL;
    EventNode *first = queue->first;
    *last = queue->last;
    queue->first = queue->last = NULL;
    queue->count = 0;
    queue->bytes = 0;
    queue->refresh_queued = 0;
    wake(queue);
    leave_ring(hub);
    if (queue->released) free_queue(queue);
    return first;
}

/* Up to `most` events, one from each queue in turn. Waits while there is none. */
static EventNode *take_events(EventHub *hub, uint32_t most, uint32_t wait_ms) {
    EventNode *last;
    pthread_mutex_lock(&hub->lock);
    event_nodes_move(&hub->spare, &hub->read);
    if (wait_ms > 0) wait_for_events(hub, clock_deadline(wait_ms));
    EventNode *first = take_all(hub, most, &last);
    EventNode **next = first ? &last->next : &first;
    while (most > 0 && hub->first) {
        EventNode *node = take_event(hub);
        if (!node) continue;
        node->next = NULL;
        *next = node;
        next = &node->next;
        most--;
    }
    hub->urgent = hub->first != NULL;
    hub->lazy = 0;
    if (!hub->first && !hub->closed) event_fd_clear(&hub->fd);
    pthread_mutex_unlock(&hub->lock);
    return first;
}

uint32_t hub_drain(EventHub *hub, uint32_t most, uint32_t wait_ms, CoreVisit visit, void *userdata) {
    uint32_t count = 0;
    EventHub *outer = draining;
    EventNode *node = take_events(hub, most, wait_ms);
    draining = hub;
    while (node) {
        EventNode *next = node->next;
        visit(userdata, &node->event);
        event_nodes_give(&hub->read, node);
        node = next;
        count++;
    }
    draining = outer;
    return count;
}
