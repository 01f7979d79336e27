/* SPDX-License-Identifier: Apache-2.0 */
/* clock.h: the one clock of deadlines, and condition variables that wait by it. */
#ifndef PLUGIN_NATIVE_CLOCK_H
#define PLUGIN_NATIVE_CLOCK_H

#include "plugin_interface.h"

#include <pthread.h>

/* A deadline in nanoseconds of the monotonic clock; CLOCK_NEVER: none. */
#define CLOCK_NEVER UINT64_MAX

uint64_t clock_now(void);

/* Unix time in milliseconds, for what a person reads. */
int64_t clock_wall_ms(void);

/* The deadline that lies `wait_ms` from now; PLUGIN_WAIT_FOREVER: CLOCK_NEVER. */
uint64_t clock_deadline(uint32_t wait_ms);

/* A condition variable that waits by the monotonic clock. */
void clock_cond_init(pthread_cond_t *condition);

/* Waits until signalled or past `deadline`; 1 where the deadline has passed. */
int clock_cond_wait(pthread_cond_t *condition, pthread_mutex_t *lock, uint64_t deadline);

#endif
