/* SPDX-License-Identifier: Apache-2.0 */
#include "ui_frame.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- bytes ---- */

int ui_bytes_grow(UiBytes *bytes, size_t length) {
    const size_t capacity = (bytes->length + length) * 2 + 256;
    char *grown = (char *)realloc(bytes->data, capacity);
    if (!grown) {
        bytes->failed = 1;
        return 0;
    }
    bytes->data = grown;
    bytes->capacity = capacity;
    return 1;
}

/* ---- values ---- */

/* How a byte that may not stand in a JSON string is written. */
static const char *escape_of(unsigned char byte, char *buffer) {
    switch (byte) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        snprintf(buffer, 8, "\\u%04x", (unsigned)byte);
        return buffer;
    }
}

void ui_json_string(UiBytes *bytes, PluginText text) {
    char buffer[8];
    uint64_t start = 0;
    ui_bytes_text(bytes, "\"");
    for (uint64_t at = 0; at < text.length; at++) {
        const unsigned char byte = (unsigned char)text.data[at];
        if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
        const char *escape = escape_of(byte, buffer);
        ui_bytes_add(bytes, text.data + start, (size_t)(at - start));
        ui_bytes_text(bytes, escape);
        start = at + 1;
    }
    ui_bytes_add(bytes, text.data + start, (size_t)(text.length - start));
    ui_bytes_text(bytes, "\"");
}

void ui_json_number(UiBytes *bytes, double number) {
    char buffer[40];
    if (!isfinite(number)) {
        ui_bytes_text(bytes, "null");
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(buffer, sizeof buffer, "%.*g", digits, number);
        if (strtod(buffer, NULL) == number) break;
    }
    /* The locale's decimal point, of however many bytes, is the only thing that is none of these. */
    const size_t whole = strspn(buffer, "0123456789+-e");
    ui_bytes_add(bytes, buffer, whole);
    if (!buffer[whole]) return;
    ui_bytes_text(bytes, ".");
    ui_bytes_text(bytes, buffer + whole + strcspn(buffer + whole, "0123456789"));
}

void ui_json_integer(UiBytes *bytes, int64_t number) {
    char buffer[24];
    snprintf(buffer, sizeof buffer, "%" PRId64, number);
    ui_bytes_text(bytes, buffer);
}

void ui_json_id(UiBytes *bytes, uint64_t id) {
    char buffer[18];
    buffer[0] = buffer[17] = '"';
    for (int at = 16; at > 0; at--, id >>= 4) buffer[at] = "0123456789abcdef"[id & 15];
    ui_bytes_add(bytes, buffer, sizeof buffer);
}

void ui_json_base64(UiBytes *bytes, const void *data, uint64_t length) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *from = (const unsigned char *)data;
    char buffer[4096];
    size_t used = 0;
    for (uint64_t at = 0; at < length; at += 3) {
        const uint64_t left = length - at;
        const uint32_t bits =
            (uint32_t)from[at] << 16 | (left > 1 ? (uint32_t)from[at + 1] << 8 : 0) | (left > 2 ? from[at + 2] : 0u);
        buffer[used++] = digits[bits >> 18];
        buffer[used++] = digits[bits >> 12 & 63];
        buffer[used++] = left > 1 ? digits[bits >> 6 & 63] : '=';
        buffer[used++] = left > 2 ? digits[bits & 63] : '=';
        if (used == sizeof buffer) {
            ui_bytes_add(bytes, buffer, used);
            used = 0;
        }
    }
    ui_bytes_add(bytes, buffer, used);
}

/* ---- trees ---- */

void ui_json_tree(UiBytes *bytes, const UiFrame *frame, uint32_t index) {
    const UiWidget *widget = &frame->widgets[index];
    ui_bytes_text(bytes, "{");
    ui_bytes_add(bytes, frame->json.data + widget->json, widget->json_length);
    if (ui_is_container(widget->kind)) {
        ui_bytes_text(bytes, ",\"children\":[");
        for (uint32_t child = index + 1; child < widget->end; child = frame->widgets[child].end) {
            if (child > index + 1) ui_bytes_text(bytes, ",");
            ui_json_tree(bytes, frame, child);
        }
        ui_bytes_text(bytes, "]");
    }
    ui_bytes_text(bytes, "}");
}

/* ---- maps ---- */

static uint32_t *find(const UiMap *map, uint64_t key, uint64_t **place) {
    uint32_t at = (uint32_t)(key ^ key >> 32) & (map->capacity - 1);
    while (map->keys[at] != 0 && map->keys[at] != key) at = (at + 1) & (map->capacity - 1);
    *place = &map->keys[at];
    return &map->values[at];
}

static int grow(UiMap *map) {
    UiMap wide = {NULL, NULL, map->capacity ? map->capacity * 2 : 64, map->count};
    wide.keys = (uint64_t *)calloc(wide.capacity, sizeof *wide.keys);
    wide.values = (uint32_t *)calloc(wide.capacity, sizeof *wide.values);
    if (!wide.keys || !wide.values) {
        free(wide.keys);
        free(wide.values);
        return 0;
    }
    for (uint32_t at = 0; at < map->capacity; at++) {
        uint64_t *place;
        if (map->keys[at] == 0) continue;
        *find(&wide, map->keys[at], &place) = map->values[at];
        *place = map->keys[at];
    }
    ui_map_free(map);
    *map = wide;
    return 1;
}

int ui_map_set(UiMap *map, uint64_t key, uint32_t value) {
    uint64_t *place;
    if (map->count * 2 >= map->capacity && !grow(map)) return 0;
    *find(map, key, &place) = value;
    if (*place == 0) map->count++;
    *place = key;
    return 1;
}

uint32_t ui_map_get(const UiMap *map, uint64_t key, uint32_t missing) {
    uint64_t *place;
    if (map->capacity == 0) return missing;
    const uint32_t *value = find(map, key, &place);
    return *place == key ? *value : missing;
}

void ui_map_clear(UiMap *map) {
    if (map->count > 0) memset(map->keys, 0, map->capacity * sizeof *map->keys);
    map->count = 0;
}

void ui_map_free(UiMap *map) {
    free(map->keys);
    free(map->values);
    memset(map, 0, sizeof *map);
}
