/* SPDX-License-Identifier: Apache-2.0 */
/* ui_bytes.h: bytes that grow, and JSON written to them. */
#ifndef PLUGIN_NATIVE_UI_BYTES_H
#define PLUGIN_NATIVE_UI_BYTES_H

#include "plugin_interface.h"

#include <stddef.h>
#include <string.h>

/* Once memory was short, `failed` is set and nothing more is written. */
typedef struct UiBytes {
    char *data;
    size_t length;
    size_t capacity;
    size_t escaped; /* where the last string ends that something had to be escaped in; 0: none had */
    int failed;
} UiBytes;

/* Makes room for `length` more; 0 where no memory is left. */
int ui_bytes_grow(UiBytes *bytes, size_t length);

/* Forgets what was written, and keeps the memory. */
static inline void ui_bytes_clear(UiBytes *bytes) {
    bytes->length = bytes->escaped = 0;
    bytes->failed = 0;
}

/* Where `length` more can be written; NULL where no memory is left. What was written counts once the length says so. */
static inline char *ui_bytes_room(UiBytes *bytes, size_t length) {
    if (length > bytes->capacity - bytes->length && !ui_bytes_grow(bytes, length)) return NULL;
    return bytes->data + bytes->length;
}

/* These run some five times for each widget: inline, so that the length of a constant is known when they are compiled. */
static inline void ui_bytes_add(UiBytes *bytes, const char *data, size_t length) {
    char *to = length > 0 ? ui_bytes_room(bytes, length) : NULL;
    if (!to) return;
    memcpy(to, data, length);
    bytes->length += length;
}

static inline void ui_bytes_text(UiBytes *bytes, const char *text) { ui_bytes_add(bytes, text, strlen(text)); }

/* ---- eight bytes at a time ---- */

static inline uint64_t ui_load(const void *data) {
    uint64_t word;
    memcpy(&word, data, sizeof word);
    return word;
}

/* Less than eight bytes as a word, all of them in it; what is left of it are spaces. */
static inline uint64_t ui_load_short(const char *data, size_t length) {
    if (length >= 4) {
        uint32_t first, last;
        memcpy(&first, data, sizeof first);
        memcpy(&last, data + length - sizeof last, sizeof last);
        return first | (uint64_t)last << 32;
    }
    if (length == 0) return UINT64_C(0x2020202020202020);
    return UINT64_C(0x2020202020000000) | (unsigned char)data[0] | (uint64_t)(unsigned char)data[length / 2] << 8 |
           (uint64_t)(unsigned char)data[length - 1] << 16;
}

/* Whether two runs of bytes are the same. They are mostly short, so that a call would take longer. */
static inline int ui_equal(const char *a, const char *b, size_t length) {
    if (length < 8) return ui_load_short(a, length) == ui_load_short(b, length);
    for (size_t at = 0; at < length - 8; at += 8)
        if (ui_load(a + at) != ui_load(b + at)) return 0;
    return ui_load(a + length - 8) == ui_load(b + length - 8);
}

#define UI_EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Not 0 where one of the bytes may not stand in a string of JSON: a control character, a quote, a backslash. */
static inline uint64_t ui_escaped(uint64_t word) {
    /* Exchanging 0x20 and 0x22 puts the quote right behind the control characters. */
    return (((word ^ UI_EACH_BYTE(0x02)) - UI_EACH_BYTE(0x21)) | ((word ^ UI_EACH_BYTE('\\')) - UI_EACH_BYTE(1))) &
           ~word & UI_EACH_BYTE(0x80);
}

/* Whether all is ASCII without what is escaped: then it is UTF-8, and has no NUL. */
static inline int ui_is_plain(const char *data, size_t length) {
    const uint64_t high = UI_EACH_BYTE(0x80);
    size_t at = 0;
    for (; length - at >= 8; at += 8) {
        const uint64_t word = ui_load(data + at);
        if (ui_escaped(word) | (word & high)) return 0;
    }
    const uint64_t last = ui_load_short(data + at, length - at);
    return !(ui_escaped(last) | (last & high));
}

/* ---- JSON ---- */

/* A string with its quotes; a number, null where it is none; an id. */
void ui_json_string(UiBytes *bytes, PluginText text);
void ui_json_number(UiBytes *bytes, double number);
void ui_json_integer(UiBytes *bytes, int64_t number);
void ui_json_id(UiBytes *bytes, uint64_t id);

/* The hexadecimal digits of an id. */
enum { UI_ID_DIGITS = 16 };
void ui_json_digits(char *to, uint64_t id);

/* Base64, without quotes. */
void ui_json_base64(UiBytes *bytes, const void *data, uint64_t length);

#endif
