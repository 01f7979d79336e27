/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include "core.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- UTF-8 ---- */

/* Length of the character at `bytes`, or 0 where it is damaged (Unicode 15, table 3-7). */
static uint64_t character_length(const unsigned char *bytes, uint64_t left) {
    unsigned char first = bytes[0];
    unsigned char low = 0x80, high = 0xBF;
    uint64_t length;
    if (first < 0x80) return 1;
    if (first < 0xC2) return 0;
    if (first < 0xE0) {
        length = 2;
    } else if (first < 0xF0) {
        length = 3;
        if (first == 0xE0) low = 0xA0;
        if (first == 0xED) high = 0x9F;
    } else if (first < 0xF5) {
        length = 4;
        if (first == 0xF0) low = 0x90;
        if (first == 0xF4) high = 0x8F;
    } else {
        return 0;
    }
    if (left < length || bytes[1] < low || bytes[1] > high) return 0;
    for (uint64_t i = 2; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80) return 0;
    }
    return length;
}

#define HIGH_BITS UINT64_C(0x8080808080808080)

static uint64_t word_at(const unsigned char *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/* Whether 64 bytes are ASCII. */
static int is_ascii_64(const unsigned char *bytes) {
#ifdef __GNUC__
    typedef uint64_t Pair __attribute__((vector_size(16))); /* what every processor of 64 bits has a register for */
    Pair pairs[4];
    memcpy(pairs, bytes, sizeof pairs);
    const Pair all = pairs[0] | pairs[1] | pairs[2] | pairs[3];
    return !((all[0] | all[1]) & HIGH_BITS);
#else
    uint64_t all = 0;
    for (int at = 0; at < 64; at += 8) all |= word_at(bytes + at);
    return !(all & HIGH_BITS);
#endif
}

/* How many bytes of ASCII there are; many at a time, for most text is that. */
static uint64_t ascii_run(const unsigned char *bytes, uint64_t length) {
    const unsigned char *at = bytes;
    const unsigned char *const end = bytes + length;
    while (end - at >= 64 && is_ascii_64(at)) at += 64;
    while (end - at >= 8 && !(word_at(at) & HIGH_BITS)) at += 8;
    while (at < end && *at < 0x80) at++;
    return (uint64_t)(at - bytes);
}

uint64_t text_valid_until(const char *data, uint64_t length) {
    const unsigned char *bytes = (const unsigned char *)data;
    uint64_t i = ascii_run(bytes, length);
    while (i < length) {
        const uint64_t step = character_length(bytes + i, length - i);
        if (step == 0) return i;
        i += step;
        if (i < length && bytes[i] < 0x80) i += ascii_run(bytes + i, length - i);
    }
    return length;
}

uint64_t text_cut(const char *data, uint64_t length, uint64_t capacity) {
    if (length <= capacity) return length;
    while (capacity > 0 && ((unsigned char)data[capacity] & 0xC0) == 0x80) capacity--;
    return capacity;
}

uint64_t text_repair(PluginText text, char *buffer, uint64_t capacity) {
    static const char replacement[] = "\xEF\xBF\xBD";
    uint64_t written = 0, i = 0;
    if (!text.data) return 0;
    /* A length that only the NUL knows is not looked for beyond what fits. */
    uint64_t length =
        text.length == PLUGIN_UNTIL_NUL ? (uint64_t)strnlen(text.data, (size_t)capacity + 1) : text.length;
    while (i < length) {
        uint64_t step = character_length((const unsigned char *)text.data + i, length - i);
        int damaged = step == 0 || text.data[i] == '\0';
        uint64_t size = damaged ? sizeof replacement - 1 : step;
        if (written + size > capacity) break;
        memcpy(buffer + written, damaged ? replacement : text.data + i, (size_t)size);
        written += size;
        i += damaged ? 1 : step;
    }
    return written;
}

/* ---- taking texts in ---- */

PluginStatus text_in(PluginText text, uint64_t max_bytes, int flags, const char *what, PluginText *out,
                     PluginError *error) {
    if (!text.data) {
        if (text.length != 0)
            return error_set(error, PLUGIN_INVALID_ARGUMENT, "%s is NULL with a length that is not 0", what);
        out->data = "";
        out->length = 0;
        return PLUGIN_OK;
    }
    uint64_t length = text.length;
    if (length == PLUGIN_UNTIL_NUL) length = (uint64_t)strnlen(text.data, (size_t)max_bytes + 1);
    if (length > max_bytes)
        return error_set(
            error, PLUGIN_TOO_LARGE,
            "%s is longer than the %llu bytes that the host takes; send it in parts, or raise the limit of the host",
            what, (unsigned long long)max_bytes);
    uint64_t valid = text_valid_until(text.data, length);
    if (valid != length)
        return error_set(error, PLUGIN_INVALID_TEXT, "%s is not UTF-8: byte 0x%02X at offset %llu", what,
                         (unsigned)(unsigned char)text.data[valid], (unsigned long long)valid);
    if (!(flags & TEXT_NUL_ALLOWED) && length > 0) {
        const char *nul = (const char *)memchr(text.data, 0, (size_t)length);
        if (nul)
            return error_set(error, PLUGIN_INVALID_TEXT, "%s has a NUL byte at offset %llu, where none is allowed",
                             what, (unsigned long long)(nul - text.data));
    }
    out->data = text.data;
    out->length = length;
    return PLUGIN_OK;
}

char *text_dup(PluginText text) {
    char *copy = (char *)malloc((size_t)text.length + 1);
    if (!copy) return NULL;
    if (text.length > 0) memcpy(copy, text.data, (size_t)text.length);
    copy[text.length] = '\0';
    return copy;
}

/* ---- errors ---- */

PluginStatus error_set_text(PluginError *error, PluginStatus status, PluginText text) {
    if (!error || !PLUGIN_HAS(error, PluginError, length)) return status;
    error->status = status;
    error->length = error->text ? text_repair(text, error->text, error->capacity) : 0;
    return status;
}

PluginStatus error_set(PluginError *error, PluginStatus status, const char *format, ...) {
    char text[1024];
    va_list arguments;
    if (!error) return status;
    va_start(arguments, format);
    int written = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return error_set_text(error, status, plugin_text(written < 0 ? "" : text));
}

const char *core_status_text(PluginStatus status) {
    if (status < PLUGIN_STATUS_PLUGIN_FIRST) return "the plugin's own status";
    switch (status) {
#define STATUS_CASE(name, value, meaning)                                                                              \
    case name:                                                                                                         \
        return meaning;
        PLUGIN_STATUS_LIST(STATUS_CASE)
#undef STATUS_CASE
    default:
        return "a status that this host does not know";
    }
}

PluginStatus error_set_status(PluginError *error, PluginStatus status) {
    return error_set_text(error, status, plugin_text(core_status_text(status)));
}

void error_buffer_init(ErrorBuffer *buffer) {
    buffer->error.struct_size = (uint32_t)sizeof buffer->error;
    buffer->error.status = PLUGIN_OK;
    buffer->error.text = buffer->text;
    buffer->error.capacity = sizeof buffer->text - 1;
    buffer->error.length = 0;
}

PluginText error_buffer_text(ErrorBuffer *buffer, PluginStatus status) {
    /* The plugin wrote these fields; nothing of them is believed. */
    uint64_t length = buffer->error.length;
    if (buffer->error.text != buffer->text || length == 0) return plugin_text(core_status_text(status));
    if (length > sizeof buffer->text - 1) length = sizeof buffer->text - 1;
    char repaired[sizeof buffer->text];
    length = text_repair(plugin_text_of(buffer->text, length), repaired, sizeof repaired - 1);
    memcpy(buffer->text, repaired, (size_t)length);
    buffer->text[length] = '\0';
    return plugin_text_of(buffer->text, length);
}
