/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

#include "core.h"

#include <errno.h>
#include <stdatomic.h>
#include <time.h>

#define NS_PER_S UINT64_C(1000000000)

uint64_t clock_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

uint64_t clock_coarse(void) {
#ifdef CLOCK_MONOTONIC_COARSE
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
#else
    return clock_now();
#endif
}

int clock_is_past_at(uint64_t deadline, uint64_t coarse) {
    return deadline != CLOCK_NEVER && coarse + CLOCK_LAG_NS >= deadline && clock_now() >= deadline;
}

int clock_is_past(uint64_t deadline) { return deadline != CLOCK_NEVER && clock_is_past_at(deadline, clock_coarse()); }

int64_t clock_wall_ms(void) {
    struct timespec now;
#ifdef CLOCK_REALTIME_COARSE
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
#else
    clock_gettime(CLOCK_REALTIME, &now);
#endif
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

uint64_t clock_deadline(uint32_t wait_ms) {
    return wait_ms == PLUGIN_WAIT_FOREVER ? CLOCK_NEVER : clock_now() + (uint64_t)wait_ms * 1000000;
}

uint64_t clock_deadline_after(uint64_t coarse, uint32_t wait_ms) {
    if (wait_ms < 1000 || wait_ms == PLUGIN_WAIT_FOREVER) return clock_deadline(wait_ms);
    return coarse + (uint64_t)wait_ms * 1000000;
}

void clock_cond_init(pthread_cond_t *condition) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
#ifndef __APPLE__ /* has no such attribute; its waits are converted below */
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
#endif
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

static int wait_by_clock(pthread_cond_t *condition, pthread_mutex_t *lock, uint64_t deadline) {
    if (deadline == CLOCK_NEVER) return pthread_cond_wait(condition, lock) != 0;
#ifdef __APPLE__
    uint64_t now = clock_now();
    if (now >= deadline) return 1;
    struct timespec left = {(time_t)((deadline - now) / NS_PER_S), (long)((deadline - now) % NS_PER_S)};
    return pthread_cond_timedwait_relative_np(condition, lock, &left) == ETIMEDOUT;
#else
    struct timespec until = {(time_t)(deadline / NS_PER_S), (long)(deadline % NS_PER_S)};
    return pthread_cond_timedwait(condition, lock, &until) == ETIMEDOUT;
#endif
}

/* ---- yielding ---- */

static _Atomic(const CoreYield *) yielding;

void core_set_yield(const CoreYield *yield) { atomic_store_explicit(&yielding, yield, memory_order_release); }

void *yield_begin(void) {
    const CoreYield *yield = atomic_load_explicit(&yielding, memory_order_acquire);
    return yield ? yield->begin() : NULL;
}

void yield_end(void *begun) {
    if (begun) atomic_load_explicit(&yielding, memory_order_acquire)->end(begun);
}

int clock_cond_wait(pthread_cond_t *condition, pthread_mutex_t *lock, uint64_t deadline) {
    void *begun = yield_begin();
    const int late = wait_by_clock(condition, lock, deadline);
    if (begun) {
        pthread_mutex_unlock(lock);
        yield_end(begun);
        pthread_mutex_lock(lock);
    }
    return late;
}
