/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limit.h: the least that each path can take, in C alone. Each function does its work `count` times in a loop of its
 * own and returns the nanoseconds that took.
 */
#ifndef BENCHMARKS_LIMIT_H
#define BENCHMARKS_LIMIT_H

#include <stdint.h>

/* A call of `answer`, found in a library: a copy of the text, which is then freed. */
uint64_t limit_message(uint64_t count, const char *text);

/* `count` chunks of `length` bytes, each copied and pushed to a queue by a thread, walked and freed in batches of 256 by
   another, in turn: what both take. How the two are woken is not counted. */
uint64_t limit_queue(uint64_t count, uint64_t length);

/* Of the same, what the thread takes that pushes. */
uint64_t limit_push(uint64_t count, uint64_t length);

/* The same call, whose function is looked up among 64 by a name of seven letters, in a hash table. */
uint64_t limit_hop(uint64_t count, uint64_t length);

/* `count` libraries opened, each its plugin made and initialized; `paths` are lines. Closing them is not counted. */
uint64_t limit_load(uint64_t count, const char *paths);

/* `count` pieces of work of so many rounds, on two threads; on one. */
uint64_t limit_work(uint64_t count, uint64_t rounds);
uint64_t limit_work_alone(uint64_t count, uint64_t rounds);

/* A frame of `widgets` widgets, those of widgets.c, written as JSON. */
uint64_t limit_json(uint64_t count, uint64_t widgets);

/* The JSON that it writes, into `buffer` where that has room; returns its length. */
uint64_t limit_json_text(uint64_t widgets, char *buffer, uint64_t capacity);

/* The same widgets in an arena: an id hashed from kind and label, and a copy of the texts, of each. */
uint64_t limit_build(uint64_t count, uint64_t widgets);

#endif
