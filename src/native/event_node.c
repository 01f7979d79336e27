/* SPDX-License-Identifier: Apache-2.0 */
#include "event_node.h"

#include <stdlib.h>
#include <string.h>

static char *place_text(PluginText *text, char *at) {
    if (text->length > 0) memcpy(at, text->data, (size_t)text->length);
    at[text->length] = '\0';
    text->data = at;
    return at + text->length + 1;
}

static EventNode *make_node(const CoreEvent *event, const PluginText *text) {
    const size_t texts = (size_t)(event->name.length + (text ? text->length : 0));
    EventNode *node = (EventNode *)malloc(sizeof *node + texts + 2);
    if (!node) return NULL;
    node->next = NULL;
    node->event = *event;
    node->event.struct_size = (uint32_t)sizeof node->event;
    if (text)
        node->event.text = *text;
    else
        node->event.text.length = 0;
    place_text(&node->event.text, place_text(&node->event.name, (char *)(node + 1)));
    return node;
}

void event_nodes_free(EventNode *node) {
    while (node) {
        EventNode *next = node->next;
        free(node);
        node = next;
    }
}

EventNode *event_nodes_make(const CoreEvent *event, const PluginText *texts, uint32_t count, EventNode **last,
                            uint64_t *bytes) {
    EventNode *first = NULL;
    *bytes = 0;
    *last = NULL;
    for (uint32_t index = 0; index < count; index++) {
        EventNode *node = make_node(event, texts ? &texts[index] : NULL);
        if (!node) {
            event_nodes_free(first);
            return NULL;
        }
        if (index + 1 < count) node->event.value = 0;
        if (*last)
            (*last)->next = node;
        else
            first = node;
        *last = node;
        *bytes += event_node_bytes(node);
    }
    return first;
}
