/* SPDX-License-Identifier: Apache-2.0 */
/* event_node.h: copies of events, as they stand in a queue. */
#ifndef PLUGIN_NATIVE_EVENT_NODE_H
#define PLUGIN_NATIVE_EVENT_NODE_H

#include "core.h"

/* From malloc; its name and its text stand behind it, each with a NUL. */
typedef struct EventNode {
    struct EventNode *next;
    CoreEvent event;
} EventNode;

/*
 * A list of `count`, which differ in their texts (`texts` may be NULL: none), and of which only the last has `value`, the others 0.
 * `*bytes` is what their texts take. NULL where no memory is left, or `count` is 0.
 */
EventNode *event_nodes_make(const CoreEvent *event, const PluginText *texts, uint32_t count, EventNode **last,
                            uint64_t *bytes);

/* All from this one on; there may be none. */
void event_nodes_free(EventNode *node);

/* What its texts take. */
static inline uint64_t event_node_bytes(const EventNode *node) {
    return node->event.name.length + node->event.text.length;
}

#endif
