/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guard.h: finds and undoes what a plugin did to the process (header, "What a plugin leaves alone").
 *
 * guard_take before a call into a plugin and guard_check after it, on the same thread:
 *
 *     Guard guard;
 *     char text[512];
 *     guard_take(&guard);
 *     … the call …
 *     if (guard_check(&guard, text, sizeof text)) … report `text` …
 *
 * What is watched belongs to the process, and several plugins may be starting at the same time, some for long. So no
 * lock is held during the call. Instead there is one reference, taken when a guarded call begins and no other is
 * running, and the process is compared with it whenever a guarded call begins or returns. A difference is put right at
 * once and noted against the calls that were running then: against one alone that is certain, against several each
 * of them is told, with words that say so. A call that began after the change, or returned before it, is never blamed.
 *
 * The host itself must not change what is watched while guarded calls run; it would be put back. For signals only the
 * handler counts, not its flags and mask, which the host's own event loop may set at any time.
 */
#ifndef PLUGIN_NATIVE_GUARD_H
#define PLUGIN_NATIVE_GUARD_H

#include <locale.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif

/* What guard_check says was changed. */
enum {
    GUARD_DIRECTORY = 1 << 0,
    GUARD_NUMERIC = 1 << 1,       /* LC_NUMERIC of the process */
    GUARD_THREAD_LOCALE = 1 << 2, /* uselocale() of the calling thread */
    GUARD_SIGINT = 1 << 3,
    GUARD_SIGTERM = 1 << 4,
    GUARD_SIGPIPE = 1 << 5,
    GUARD_SIGCHLD = 1 << 6
};

typedef struct Guard {
    uint64_t begun; /* number of the last difference that was noted before */
    locale_t locale;
} Guard;

void guard_take(Guard *guard);

/*
 * GUARD_… bits of what was changed since guard_take, 0 for nothing; all has been put back where that was possible, and
 * `text`, of `capacity` bytes with its NUL, says what was changed and what to do. Exactly once for each guard_take.
 */
uint32_t guard_check(const Guard *guard, char *text, size_t capacity);

#endif
