/* SPDX-License-Identifier: Apache-2.0 */
/* event_node.h: copies of events, as they stand in a queue. */
#ifndef PLUGIN_NATIVE_EVENT_NODE_H
#define PLUGIN_NATIVE_EVENT_NODE_H

#include "core.h"

#include <stdatomic.h>

/* So long are the texts of an event that a node of that one size has room for. */
enum { SHORT_EVENT = 78 };

/* Its name and its text stand behind it, each with a NUL. */
typedef struct EventNode {
    struct EventNode *next;
    CoreEvent event;
} EventNode;

/*
 * Nodes to be used again. Those of short texts have one size, and are: one thread makes them and another frees them, for which
 * malloc takes long. Whoever has them guards them; but whether there is one may be asked by anybody.
 */
typedef struct EventNodes {
    _Atomic(EventNode *) first;
    EventNode *last;
    uint32_t count;
} EventNodes;

/*
 * A list of `count`, which differ in their texts (`texts` may be NULL: none), and of which only the last has `value`, the others 0.
 * They are taken from `nodes` as far as possible. `*bytes` is what their texts take. NULL where no memory is left, or
 * `count` is 0.
 */
EventNode *event_nodes_make(EventNodes *nodes, const CoreEvent *event, const PluginText *texts, uint32_t count,
                            EventNode **last, uint64_t *bytes);

/* All from this one on; there may be none. */
void event_nodes_free(EventNode *node);

/* One that nobody needs any more is added, or freed. */
void event_nodes_give(EventNodes *nodes, EventNode *node);

/* Takes all that `from` has; what would be too much is freed. */
void event_nodes_move(EventNodes *nodes, EventNodes *from);

/* Moves up to `count` to `to`, which has none. */
void event_nodes_split(EventNodes *nodes, EventNodes *to, uint32_t count);

/* What its texts take. */
static inline uint64_t event_node_bytes(const EventNode *node) {
    return node->event.name.length + node->event.text.length;
}

/* Whether one is there, just now, for an event with this text, which may be NULL. */
static inline int event_nodes_have(const EventNodes *nodes, const CoreEvent *event, const PluginText *text) {
    return event->name.length + (text ? text->length : 0) <= SHORT_EVENT &&
           atomic_load_explicit(&nodes->first, memory_order_relaxed) != NULL;
}

#endif
