/* SPDX-License-Identifier: Apache-2.0 */
/*
 * queue.h: events on their way to the front end. Each instance has a bounded queue; all queues of a core hang on one hub, which
 * hands their events out, one from each in turn, so that an instance that floods fills its own queue and nothing else.
 *
 * The hub's lock also guards the state of streams: a QueueGate runs under it, so that a transition and the event that tells of it
 * are one step, and events stand in the queue in the order of the transitions.
 */
#ifndef PLUGIN_NATIVE_QUEUE_H
#define PLUGIN_NATIVE_QUEUE_H

#include "core.h"

#include <stdbool.h>

typedef struct EventHub EventHub;
typedef struct EventQueue EventQueue;

/* How an event meets a full queue. */
enum {
    QUEUE_TERMINAL = 1 << 0, /* always taken: it ends something, so there are few */
    QUEUE_DROP = 1 << 1,     /* counted as lost: log lines */
    QUEUE_COALESCE = 1 << 2, /* taken always, but not while one like it is queued: UI refreshes */
    QUEUE_LAST = 1 << 3,     /* closes the queue behind it */
    QUEUE_LAZY = 1 << 4 /* nobody waits for it: alone it wakes the drain within 2 ms, and once for all of that time */
};

/*
 * Asked under the hub's lock whether an event may pass. `room`: the queue could take it. PLUGIN_OK with room: the event is
 * queued, so the gate changes its state now; PLUGIN_OK without room, PLUGIN_FULL and PLUGIN_PAUSED: wait; any other: refused.
 */
typedef PluginStatus (*QueueGate)(void *userdata, int room);

EventHub *hub_new(uint32_t max_events, uint64_t max_bytes);

/* Refuses what comes, wakes all who wait. What is queued can still be drained. */
void hub_close(EventHub *hub);
void hub_free(EventHub *hub);
uint32_t hub_drain(EventHub *hub, uint32_t most, uint32_t wait_ms, CoreVisit visit, void *userdata);
int32_t hub_fd(EventHub *hub);

EventQueue *queue_new(EventHub *hub, PluginHost host);

/* While `hurried` is 1 nobody waits: a push that would is PLUGIN_CLOSED, and so are those that wait already. */
void queue_hurry(EventQueue *queue, int hurried);

/* Sets what gates look at, under the hub's lock, and lets those look again who wait. */
void queue_set(EventQueue *queue, bool *flag, int value);

/* The sequence number of the last event that it has taken; 0 where there was none. Who asks waits for that, so the drain
 * is woken. */
uint64_t queue_sequence(EventQueue *queue);

/* How many messages, steps of streams and events of the plugin's own it has taken; goes round. No lock. */
uint32_t queue_contents(EventQueue *queue);

/* The owner lets go of its queue; it is freed when what it holds is delivered. No push may be running. */
void queue_release(EventQueue *queue);

/* An event with nothing but its type. Field by field: set to zero as a whole it takes several times as long. */
static inline CoreEvent event_of(uint32_t type) {
    CoreEvent event;
    event.struct_size = 0;
    event.type = type;
    event.sequence = 0;
    event.time_ms = 0;
    event.host = PLUGIN_NONE;
    event.request = PLUGIN_NONE;
    event.stream = PLUGIN_NONE;
    event.number = 0;
    event.value = 0;
    event.name = event.text = plugin_text_of("", 0);
    return event;
}

/*
 * Queues copies of `count` events: all or none. They differ in their texts, and only the last has `value`, the others 0.
 * Their `host`, `sequence` and `time_ms` are filled in here, and `number` from `*number` on, which is advanced, where that
 * is not NULL. `gate` may be NULL.
 * PLUGIN_OK, PLUGIN_FULL, PLUGIN_PAUSED, PLUGIN_CLOSED, PLUGIN_OUT_OF_MEMORY, or what the gate says.
 */
PluginStatus queue_push(EventQueue *queue, const CoreEvent *event, const PluginText *texts, uint32_t count, int flags,
                        uint32_t wait_ms, uint64_t *number, QueueGate gate, void *gate_userdata);

#endif
