/* SPDX-License-Identifier: Apache-2.0 */
#include "limit.h"
#include "loop_clock.h"
#include "rows.h"

#include <stdlib.h>
#include <string.h>

static Row rows[MOST_WIDGETS];

/* Called before the clock starts. */
static void prepare(void) {
    if (rows[0].label[0] == '\0') make_rows(rows);
}

/* ---- bytes that grow ---- */

typedef struct Bytes {
    char *data;
    size_t length;
    size_t capacity;
} Bytes;

static void reserve(Bytes *bytes, size_t more) {
    if (bytes->capacity - bytes->length >= more) return;
    bytes->capacity = (bytes->length + more) * 2 + 1024;
    bytes->data = (char *)realloc(bytes->data, bytes->capacity);
    if (!bytes->data) abort();
}

static void add(Bytes *bytes, const void *data, size_t length) {
    reserve(bytes, length);
    memcpy(bytes->data + bytes->length, data, length);
    bytes->length += length;
}

/* ---- JSON ---- */

#define ADD(bytes, literal) add(bytes, literal, sizeof(literal) - 1)

static void add_id(Bytes *bytes, uint64_t id) {
    char digits[16];
    for (int at = 15; at >= 0; at--, id >>= 4) digits[at] = "0123456789abcdef"[id & 15];
    add(bytes, digits, sizeof digits);
}

/* A text with what JSON wants escaped; of each byte it is asked, as it must be. */
static void add_text(Bytes *bytes, const char *text) {
    ADD(bytes, "\"");
    for (; *text; text++) {
        reserve(bytes, 2);
        if (*text == '"' || *text == '\\') bytes->data[bytes->length++] = '\\';
        bytes->data[bytes->length++] = *text;
    }
    ADD(bytes, "\"");
}

static void add_widget(Bytes *bytes, uint32_t at) {
    const Row *row = &rows[at];
    if (at > 0) ADD(bytes, ",");
    ADD(bytes, "{\"id\":\"");
    add_id(bytes, at);
    switch (at % ROW_KINDS) {
    case ROW_LABEL:
        ADD(bytes, "\",\"kind\":\"label\",\"text\":");
        add_text(bytes, row->label);
        break;
    case ROW_BUTTON:
        ADD(bytes, "\",\"kind\":\"button\",\"label\":");
        add_text(bytes, row->label);
        break;
    case ROW_TEXT:
        ADD(bytes, "\",\"kind\":\"text_edit_singleline\",\"label\":");
        add_text(bytes, row->label);
        ADD(bytes, ",\"value\":");
        add_text(bytes, row->value);
        break;
    default:
        ADD(bytes, "\",\"kind\":\"toggle\",\"label\":");
        add_text(bytes, row->label);
        if (at & 1)
            ADD(bytes, ",\"value\":true");
        else
            ADD(bytes, ",\"value\":false");
    }
    ADD(bytes, "}");
}

static void write_frame(Bytes *bytes, uint64_t widgets) {
    ADD(bytes, "{\"revision\":1,\"tree\":{\"id\":\"");
    add_id(bytes, 1);
    ADD(bytes, "\",\"kind\":\"vertical\",\"children\":[");
    for (uint32_t at = 0; at < widgets; at++) add_widget(bytes, at);
    ADD(bytes, "]}}");
}

uint64_t limit_json(uint64_t count, uint64_t widgets) {
    prepare();
    const uint64_t begin = now_ns();
    for (uint64_t done = 0; done < count; done++) {
        Bytes bytes = {NULL, 0, 0};
        write_frame(&bytes, widgets);
        free(bytes.data);
    }
    return now_ns() - begin;
}

uint64_t limit_json_text(uint64_t widgets, char *buffer, uint64_t capacity) {
    Bytes bytes = {NULL, 0, 0};
    prepare();
    write_frame(&bytes, widgets);
    const uint64_t length = bytes.length;
    if (length <= capacity) memcpy(buffer, bytes.data, (size_t)length);
    free(bytes.data);
    return length;
}

/* ---- the arena ---- */

typedef struct Widget {
    uint64_t id;
    uint32_t kind;
    uint32_t label;
    uint32_t value;
    uint32_t on;
} Widget;

/* FNV-1a, with the kind for a seed. */
static uint64_t hash(uint32_t kind, const char *text) {
    uint64_t value = 14695981039346656037u ^ kind;
    for (; *text; text++) value = (value ^ (unsigned char)*text) * 1099511628211u;
    return value;
}

static uint32_t keep(Bytes *texts, const char *text) {
    const uint32_t at = (uint32_t)texts->length;
    add(texts, text, strlen(text) + 1);
    return at;
}

static void build_frame(Bytes *texts, Bytes *arena, uint64_t widgets) {
    for (uint32_t at = 0; at < widgets; at++) {
        Widget widget = {hash(at % ROW_KINDS, rows[at].label), at % ROW_KINDS, 0, 0, at & 1};
        widget.label = keep(texts, rows[at].label);
        if (widget.kind == ROW_TEXT) widget.value = keep(texts, rows[at].value);
        add(arena, &widget, sizeof widget);
    }
}

uint64_t limit_build(uint64_t count, uint64_t widgets) {
    Bytes texts = {NULL, 0, 0};
    Bytes arena = {NULL, 0, 0};
    prepare();
    const uint64_t begin = now_ns();
    for (uint64_t done = 0; done < count; done++) {
        texts.length = arena.length = 0; /* the memory is that of the frame before */
        build_frame(&texts, &arena, widgets);
    }
    const uint64_t taken = now_ns() - begin;
    free(texts.data);
    free(arena.data);
    return taken;
}
