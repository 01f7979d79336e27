/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lasting.h: memory that stays what it is. What is given back is used again for the next object of its kind, for nothing else, and
 * is never freed: so whoever still has the address of an object that is gone may look at its head, and find out.
 */
#ifndef PLUGIN_NATIVE_LASTING_H
#define PLUGIN_NATIVE_LASTING_H

#include "watched.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

/* One for each kind. */
typedef struct Lasting {
    pthread_mutex_t lock;
    void *first; /* to be used again */
    size_t size;
    size_t head; /* so many bytes stay as they are when an object is given back */
} Lasting;

/* `member` is the first behind the head, aligned for a pointer, with room for one from there on. */
#define LASTING(type, member)                                                                                          \
    { PTHREAD_MUTEX_INITIALIZER, NULL, sizeof(type), offsetof(type, member) }

/* Where the next one stands. */
static inline void **lasting_link(const Lasting *lasting, void *object) {
    return (void **)((char *)object + lasting->head);
}

/* `*is_new`: it is all zero; else its head is as it was, and the rest means nothing. NULL where no memory is left. */
static inline void *lasting_take(Lasting *lasting, int *is_new) {
    pthread_mutex_lock(&lasting->lock);
    void *object = lasting->first;
    if (object) lasting->first = *lasting_link(lasting, object);
    pthread_mutex_unlock(&lasting->lock);
    *is_new = !object;
    if (!object) return calloc(1, lasting->size);
    ASAN_UNPOISON_MEMORY_REGION(object, lasting->size);
    return object;
}

static inline void lasting_give(Lasting *lasting, void *object) {
    void **link = lasting_link(lasting, object);
    ASAN_POISON_MEMORY_REGION(link + 1, lasting->size - lasting->head - sizeof *link);
    pthread_mutex_lock(&lasting->lock);
    *link = lasting->first;
    lasting->first = object;
    pthread_mutex_unlock(&lasting->lock);
}

#endif
