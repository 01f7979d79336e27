/* SPDX-License-Identifier: Apache-2.0 */
/* python_bytes.h: what the core hands to a receiver while the GIL is not held, kept until it is. */
#ifndef PYTHON_BYTES_H
#define PYTHON_BYTES_H

#include "python_call.h"

#include <stdlib.h>
#include <string.h>

/* Bytes that grow. What a receiver is given is borrowed, and there the GIL is not held: so it is copied. */
typedef struct Bytes {
    char *data;
    size_t length;
    size_t capacity;
    int failed; /* no memory was left */
    char small[512];
} Bytes;

static inline void bytes_begin(Bytes *self) {
    self->data = self->small;
    self->length = 0;
    self->capacity = sizeof self->small;
    self->failed = 0;
}

static inline void bytes_end(Bytes *self) {
    if (self->data != self->small) free(self->data);
}

static inline void bytes_add(Bytes *self, const char *data, uint64_t length) {
    if (length > (uint64_t)(PY_SSIZE_T_MAX / 4) - self->length) {
        self->failed = 1;
        return;
    }
    if (self->length + (size_t)length > self->capacity) {
        size_t capacity = (self->length + (size_t)length) * 2;
        char *grown = (char *)(self->data == self->small ? malloc(capacity) : realloc(self->data, capacity));
        if (!grown) {
            self->failed = 1;
            return;
        }
        if (self->data == self->small) memcpy(grown, self->small, self->length);
        self->data = grown;
        self->capacity = capacity;
    }
    if (length > 0) memcpy(self->data + self->length, data, (size_t)length);
    self->length += (size_t)length;
}

static inline void receive_bytes(void *userdata, PluginText text) {
    bytes_add((Bytes *)userdata, text.data, text.length);
}

/* The reply, or (status, error text). */
static inline PyObject *reply_or_failure(PluginStatus status, const Bytes *reply, const ErrorText *error) {
    if (reply->failed) return PyErr_NoMemory();
    return status == PLUGIN_OK ? text_to_python(reply->data, reply->length) : failure(status, error);
}

#endif
