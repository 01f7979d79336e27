/* SPDX-License-Identifier: Apache-2.0 */
/* text.h: texts that cross the boundary are checked here, once, on their way in; and errors get their words. */
#ifndef PLUGIN_NATIVE_TEXT_H
#define PLUGIN_NATIVE_TEXT_H

#include "plugin_interface.h"

#include <string.h>

#if defined(__GNUC__)
#define NATIVE_PRINTF(format_index, first_argument) __attribute__((format(printf, format_index, first_argument)))
#else
#define NATIVE_PRINTF(format_index, first_argument)
#endif

/* What text_in lets through. */
enum {
    TEXT_NUL_ALLOWED = 1 << 0 /* messages, chunks and states; everything else has no NUL inside */
};

/* Offset of the first byte that is not part of valid UTF-8 (no overlong form, no surrogate, nothing above U+10FFFF);
   `length` where all is well. */
uint64_t text_valid_until(const char *data, uint64_t length);

/*
 * Takes a text as a plugin gave it: resolves PLUGIN_UNTIL_NUL and NULL, checks length, UTF-8 and NULs. On PLUGIN_OK `*out` has data
 * and a true length, still borrowed from the plugin. `what` names the argument in the error's text.
 */
PluginStatus text_in(PluginText text, uint64_t max_bytes, int flags, const char *what, PluginText *out,
                     PluginError *error);

/* The same for a message or a chunk, with TEXT_NUL_ALLOWED; for most texts in a few instructions. */
static inline PluginStatus text_in_long(PluginText text, uint64_t max_bytes, const char *what, PluginText *out,
                                        PluginError *error) {
    if (!text.data || text.length > max_bytes || text_valid_until(text.data, text.length) != text.length)
        return text_in(text, max_bytes, TEXT_NUL_ALLOWED, what, out, error);
    *out = text;
    return PLUGIN_OK;
}

/* The same for log lines and error texts, which never fail: at most `capacity` bytes are copied to `buffer`, damaged bytes and NULs
   as U+FFFD. Returns the bytes written. */
uint64_t text_repair(PluginText text, char *buffer, uint64_t capacity);

/* 1 where two texts of true length are the same. */
static inline int text_same(PluginText a, PluginText b) {
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, (size_t)a.length) == 0);
}

/* FNV-1a, for a table of texts of true length. */
static inline uint32_t text_hash(PluginText text) {
    uint32_t hash = UINT32_C(2166136261);
    for (uint64_t at = 0; at < text.length; at++) hash = (hash ^ (unsigned char)text.data[at]) * UINT32_C(16777619);
    return hash;
}

/* Up to `capacity` of `length`, moved back to where a character begins. */
uint64_t text_cut(const char *data, uint64_t length, uint64_t capacity);

/* A copy with a NUL behind it, from malloc; NULL where no memory is left. */
char *text_dup(PluginText text);

/* Writes status and text into an error that may be NULL; returns `status`. */
PluginStatus error_set(PluginError *error, PluginStatus status, const char *format, ...) NATIVE_PRINTF(3, 4);

/* The same with a text that is not formatted. */
PluginStatus error_set_text(PluginError *error, PluginStatus status, PluginText text);

/* Status and the meaning that PLUGIN_STATUS_LIST gives it. */
PluginStatus error_set_status(PluginError *error, PluginStatus status);

/* An error with a buffer of its own, for calls that the core makes itself. */
typedef struct ErrorBuffer {
    PluginError error;
    char text[1024];
} ErrorBuffer;

void error_buffer_init(ErrorBuffer *buffer);

/* What a failed entry said, repaired; the meaning of its status where it said nothing. Borrowed from `buffer`. */
PluginText error_buffer_text(ErrorBuffer *buffer, PluginStatus status);

#endif
