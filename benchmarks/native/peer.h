/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peer.h: what a library without this package would offer: a function from text to text, and chunks to a callback. The
 * bindings that are measured beside the package all bind this.
 */
#ifndef BENCHMARKS_PEER_H
#define BENCHMARKS_PEER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A copy of a text, to be given back. NULL where no memory is left. */
char *answer(const char *text);
void give_back(char *text);

/* Blocks, and takes no processor. */
void sleep_us(uint64_t microseconds);

/* `chunk` is borrowed until it returns. */
typedef void (*Hear)(const char *chunk, uint64_t length);

/* Calls `hear` with `count` chunks of `length` bytes, on a thread of its own, and waits for that thread. */
void call_from_thread(Hear hear, uint64_t count, uint64_t length);

/* The same on the caller's thread. */
void call_here(Hear hear, uint64_t count, uint64_t length);

#ifdef __cplusplus
}
#endif

#endif
