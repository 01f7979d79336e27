/* SPDX-License-Identifier: Apache-2.0 */
/* clock.h: the one clock of deadlines, and condition variables that wait by it. */
#ifndef PLUGIN_NATIVE_CLOCK_H
#define PLUGIN_NATIVE_CLOCK_H

#include "plugin_interface.h"

#include <pthread.h>

/* A deadline in nanoseconds of the monotonic clock; CLOCK_NEVER: none. */
#define CLOCK_NEVER UINT64_MAX

uint64_t clock_now(void);

/* The same as of the system's last tick, at most CLOCK_LAG_NS ago, for a fraction of the price; where there is no such clock,
   clock_now. */
#define CLOCK_LAG_NS UINT64_C(20000000)
uint64_t clock_coarse(void);

/* Whether a deadline has passed: exact, although it asks the coarse clock where that is enough. */
int clock_is_past(uint64_t deadline);

/* The same where clock_coarse has just said `coarse`. */
int clock_is_past_at(uint64_t deadline, uint64_t coarse);

/* Unix time in milliseconds, for what a person reads: as of the system's last tick, as clock_coarse. */
int64_t clock_wall_ms(void);

/* The deadline that lies `wait_ms` from now; PLUGIN_WAIT_FOREVER: CLOCK_NEVER. */
uint64_t clock_deadline(uint32_t wait_ms);

/* The same, counted from what clock_coarse said just now: of a second or more it may lie that much earlier, of less it is exact. */
uint64_t clock_deadline_after(uint64_t coarse, uint32_t wait_ms);

/* A condition variable that waits by the monotonic clock. */
void clock_cond_init(pthread_cond_t *condition);

/*
 * Waits until signalled or past `deadline`, or for no reason; 1 where the deadline has passed. All that waits in the core waits
 * here, between yield_begin and yield_end, but for threads of its own that have nothing to do; so `lock` may be free for a moment
 * after the wait.
 */
int clock_cond_wait(pthread_cond_t *condition, pthread_mutex_t *lock, uint64_t deadline);

/*
 * Around what may take long on this thread, as CoreYield tells. yield_end may wait, so no lock of the core is held there.
 */
void *yield_begin(void);
void yield_end(void *begun);

#endif
