/* SPDX-License-Identifier: Apache-2.0 */
/*
 * handles.h: numbers that name objects and never dangle.
 *
 * A handle is kind (8 bits), generation (24) and index (32). The index leads to a slot that is never freed or moved, so any
 * number may be asked for at any time; the generation tells whether the slot still holds what the handle was made for. A
 * generation is used once: a slot that has been through all of them is given up. All functions: any thread, no lock to take
 * an object, none to give it back.
 */
#ifndef PLUGIN_NATIVE_HANDLES_H
#define PLUGIN_NATIVE_HANDLES_H

#include <stdint.h>

enum { HANDLE_INSTANCE = 1, HANDLE_REQUEST = 2, HANDLE_STREAM = 3 };

/* Called when a retired object is given back for the last time. */
typedef void (*HandleFree)(void *object);

/* Names an object; the maker's share lasts until handle_retire. 0 where no memory is left. */
uint64_t handle_new(uint32_t kind, void *object, HandleFree free_object);

/* The object, to be given back with handle_release; NULL where the handle names none of that kind, or the process is a child
   made by fork(). */
void *handle_acquire(uint64_t handle, uint32_t kind);
void handle_release(uint64_t handle);

/*
 * The object without a share of it, for one whose memory stays such an object's for ever: it may have ended by the time this
 * returns. NULL as for handle_acquire. Whoever has something that an object's end waits for, and finds then that the handle still
 * names it, may use it until it lets go of that. `*place` is where handle_names looks.
 */
typedef struct HandlePlace HandlePlace;

void *handle_peek(uint64_t handle, uint32_t kind, const HandlePlace **place);
int handle_names(uint64_t handle, const HandlePlace *place);

/*
 * For objects that are used again, where the maker's share is the only one: the handle names nothing any more, and the object
 * keeps its slot: 1. Then handle_renew publishes it under a new handle, which it returns. 0: somebody has a share, or the slot
 * has been through all generations; nothing was done.
 */
int handle_withdraw(uint64_t handle);
uint64_t handle_renew(uint64_t withdrawn);

/* The maker's share ends: no handle_acquire succeeds any more. Once. */
void handle_retire(uint64_t handle);

/* Whether the handle named something of that kind once, and does no longer. */
int handle_is_past(uint64_t handle, uint32_t kind);

/* Objects that were named and are not freed yet, for leak counts. */
uint64_t handle_count(uint32_t kind);

#endif
