/* SPDX-License-Identifier: Apache-2.0 */
#include "ui_frame.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

static int same_widget(const UiFrame *a, uint32_t index_a, const UiFrame *b, uint32_t index_b) {
    const UiWidget *one = &a->widgets[index_a];
    const UiWidget *other = &b->widgets[index_b];
    return one->json_length == other->json_length &&
           memcmp(a->json.data + one->json, b->json.data + other->json, one->json_length) == 0;
}

/* All that a front end is told of a widget is in its JSON. */
static int is_same(const UiFrame *from, const UiFrame *to, uint32_t index) {
    return to->widgets[index].repeats || same_widget(from, index, to, index);
}

int ui_same(const UiFrame *from, const UiFrame *to, int same_shape) {
    if (!same_shape)
        return from->json.length == to->json.length &&
               memcmp(from->json.data + UI_HEADER_BYTES, to->json.data + UI_HEADER_BYTES,
                      to->json.length - UI_HEADER_BYTES) == 0;
    for (uint32_t index = 0; index < to->count; index++)
        if (!is_same(from, to, index)) return 0;
    return 1;
}

/* Where a widget with its children ends in the JSON: behind the last one inside, and what closes those around that. */
static size_t end_of(const UiFrame *frame, uint32_t index) {
    uint32_t last = frame->widgets[index].end - 1;
    size_t end = ui_json_end(&frame->widgets[last], frame->widgets[last].kind);
    if (ui_is_container(frame->widgets[last].kind)) end += strlen("]}");
    for (; last != index; last = frame->widgets[last].parent) end += strlen("]}");
    return end;
}

/* A widget with its children. */
static void write_tree(UiBytes *bytes, const UiFrame *frame, uint32_t index) {
    const size_t start = frame->widgets[index].json - strlen("{");
    ui_bytes_add(bytes, frame->json.data + start, end_of(frame, index) - start);
}

/* The children of a widget, by index. */
typedef struct Children {
    uint32_t *indexes;
    uint32_t count;
} Children;

static int children_of(const UiFrame *frame, uint32_t index, Children *children) {
    const UiWidget *widget = &frame->widgets[index];
    children->count = 0;
    for (uint32_t child = index + 1; child < widget->end; child = frame->widgets[child].end) children->count++;
    children->indexes = (uint32_t *)malloc((children->count + 1) * sizeof *children->indexes);
    if (!children->indexes) return 0;
    children->count = 0;
    for (uint32_t child = index + 1; child < widget->end; child = frame->widgets[child].end)
        children->indexes[children->count++] = child;
    return 1;
}

typedef struct Patch {
    UiBytes *bytes;
    const UiFrame *from;
    const UiFrame *to;
    UiMap places; /* of `from`: id to index */
    int written;  /* changes so far */
} Patch;

static void begin_change(Patch *patch, uint64_t id) {
    ui_bytes_text(patch->bytes, patch->written++ ? ",{\"id\":" : "{\"id\":");
    ui_json_id(patch->bytes, id);
}

/* A widget's own members, all of them. */
static void write_set(Patch *patch, uint32_t index) {
    const UiWidget *widget = &patch->to->widgets[index];
    begin_change(patch, widget->id);
    ui_bytes_text(patch->bytes, ",\"set\":{");
    ui_bytes_add(patch->bytes, patch->to->json.data + widget->json, widget->json_length);
    ui_bytes_text(patch->bytes, "}}");
}

/* The same widget in the frame before, where it stood under the same parent. */
static uint32_t counterpart(const Patch *patch, uint32_t index, uint32_t parent_before) {
    const uint32_t before = ui_map_get(&patch->places, patch->to->widgets[index].id, NONE);
    return before != NONE && patch->from->widgets[before].parent == parent_before ? before : NONE;
}

/* What stands between the first and the last child that differ is replaced; who stood there before is named by its id. */
static void write_splice(Patch *patch, uint32_t before, const Children *old, uint32_t index, const Children *now) {
    const UiFrame *from = patch->from;
    const UiFrame *to = patch->to;
    uint32_t start = 0;
    uint32_t tail = 0;
    while (start < old->count && start < now->count &&
           from->widgets[old->indexes[start]].id == to->widgets[now->indexes[start]].id)
        start++;
    while (tail < old->count - start && tail < now->count - start &&
           from->widgets[old->indexes[old->count - 1 - tail]].id == to->widgets[now->indexes[now->count - 1 - tail]].id)
        tail++;
    if (start == old->count && start == now->count) return;
    begin_change(patch, to->widgets[index].id);
    ui_bytes_text(patch->bytes, ",\"splice\":[");
    ui_json_integer(patch->bytes, start);
    ui_bytes_text(patch->bytes, ",");
    ui_json_integer(patch->bytes, old->count - start - tail);
    ui_bytes_text(patch->bytes, ",[");
    for (uint32_t at = start; at < now->count - tail; at++) {
        if (at > start) ui_bytes_text(patch->bytes, ",");
        if (counterpart(patch, now->indexes[at], before) != NONE)
            ui_json_id(patch->bytes, to->widgets[now->indexes[at]].id);
        else
            write_tree(patch->bytes, to, now->indexes[at]);
    }
    ui_bytes_text(patch->bytes, "]]}");
}

/* Depth is bounded by the frame, which allows only so many containers inside each other. */
static void write_changes(Patch *patch, uint32_t before, uint32_t index) {
    Children old = {NULL, 0};
    Children now = {NULL, 0};
    if (!same_widget(patch->from, before, patch->to, index)) write_set(patch, index);
    if (!ui_is_container(patch->to->widgets[index].kind)) return;
    if (children_of(patch->from, before, &old) && children_of(patch->to, index, &now)) {
        write_splice(patch, before, &old, index, &now);
        for (uint32_t at = 0; at < now.count; at++) {
            const uint32_t same = counterpart(patch, now.indexes[at], before);
            if (same != NONE) write_changes(patch, same, now.indexes[at]);
        }
    } else {
        patch->bytes->failed = 1;
    }
    free(old.indexes);
    free(now.indexes);
}

static int find_places(Patch *patch) {
    for (uint32_t index = 0; index < patch->from->count; index++) {
        uint32_t *place = ui_map_at(&patch->places, patch->from->widgets[index].id);
        if (!place) return 0;
        *place = index;
    }
    return 1;
}

void ui_json_patch(UiBytes *bytes, const UiFrame *from, const UiFrame *to, int same_shape) {
    Patch patch = {bytes, from, to, {NULL, 0, 0}, 0};
    ui_bytes_text(bytes, "[");
    if (same_shape) {
        for (uint32_t index = 0; index < to->count; index++)
            if (!is_same(from, to, index)) write_set(&patch, index);
    } else if (find_places(&patch)) {
        write_changes(&patch, 0, 0);
    } else {
        bytes->failed = 1;
    }
    ui_map_free(&patch.places);
    ui_bytes_text(bytes, "]");
}
