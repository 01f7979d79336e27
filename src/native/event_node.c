/* SPDX-License-Identifier: Apache-2.0 */
#include "event_node.h"

#include "watched.h"

#include <stdlib.h>
#include <string.h>

/* What one that is used again has behind it, and how many of these are kept. */
enum { SHORT_ROOM = SHORT_EVENT + 2, KEPT_NODES = 512 };

static int is_short(uint64_t texts) { return texts <= SHORT_EVENT; }

/* All but where the next one stands. */
static void hide(EventNode *node) { ASAN_POISON_MEMORY_REGION(&node->event, sizeof node->event + SHORT_ROOM); }
static void show(EventNode *node) { ASAN_UNPOISON_MEMORY_REGION(&node->event, sizeof node->event + SHORT_ROOM); }

/* NULL where there is none. */
static EventNode *take(EventNodes *nodes) {
    EventNode *node = atomic_load_explicit(&nodes->first, memory_order_relaxed);
    if (!node) return NULL;
    atomic_store_explicit(&nodes->first, node->next, memory_order_relaxed);
    nodes->count--;
    show(node);
    return node;
}

static EventNode *allocate(EventNodes *nodes, uint64_t texts) {
    EventNode *node = is_short(texts) ? take(nodes) : NULL;
    if (node) return node;
    return (EventNode *)malloc(sizeof *node + (is_short(texts) ? SHORT_ROOM : (size_t)texts + 2));
}

static char *place_text(PluginText *text, char *at) {
    if (text->length > 0) memcpy(at, text->data, (size_t)text->length);
    at[text->length] = '\0';
    text->data = at;
    return at + text->length + 1;
}

static EventNode *make_node(EventNodes *nodes, const CoreEvent *event, const PluginText *text) {
    EventNode *node = allocate(nodes, event->name.length + (text ? text->length : 0));
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

EventNode *event_nodes_make(EventNodes *nodes, const CoreEvent *event, const PluginText *texts, uint32_t count,
                            EventNode **last, uint64_t *bytes) {
    EventNode *first = NULL;
    *bytes = 0;
    *last = NULL;
    for (uint32_t index = 0; index < count; index++) {
        EventNode *node = make_node(nodes, event, texts ? &texts[index] : NULL);
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

void event_nodes_give(EventNodes *nodes, EventNode *node) {
    if (!is_short(event_node_bytes(node)) || nodes->count >= KEPT_NODES) {
        free(node);
        return;
    }
    hide(node);
    node->next = atomic_load_explicit(&nodes->first, memory_order_relaxed);
    if (!node->next) nodes->last = node;
    atomic_store_explicit(&nodes->first, node, memory_order_relaxed);
    nodes->count++;
}

void event_nodes_move(EventNodes *nodes, EventNodes *from) {
    EventNode *first = atomic_load_explicit(&from->first, memory_order_relaxed);
    if (!first) return;
    if (nodes->count + from->count <= KEPT_NODES) {
        from->last->next = atomic_load_explicit(&nodes->first, memory_order_relaxed);
        if (!from->last->next) nodes->last = from->last;
        atomic_store_explicit(&nodes->first, first, memory_order_relaxed);
        nodes->count += from->count;
    } else {
        event_nodes_free(first);
    }
    atomic_store_explicit(&from->first, NULL, memory_order_relaxed);
    from->count = 0;
}

void event_nodes_split(EventNodes *nodes, EventNodes *to, uint32_t count) {
    EventNode *first = atomic_load_explicit(&nodes->first, memory_order_relaxed);
    EventNode *last = NULL;
    EventNode *rest = first;
    for (; rest && to->count < count; rest = rest->next) {
        last = rest;
        to->count++;
    }
    if (!last) return;
    last->next = NULL;
    to->last = last;
    atomic_store_explicit(&to->first, first, memory_order_relaxed);
    atomic_store_explicit(&nodes->first, rest, memory_order_relaxed);
    nodes->count -= to->count;
}
