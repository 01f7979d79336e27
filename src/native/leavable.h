/* SPDX-License-Identifier: Apache-2.0 */
/*
 * leavable.h: a call into a plugin on another thread, so that whoever waits for it can leave.
 *
 * The call is the first member of a struct of the caller's, from malloc, that also holds its arguments and results:
 *
 *     leavable_start(&own->call);
 *     while (!leavable_wait(&own->call, 50))
 *         if (… does not want to wait any longer …) break;
 *     leavable_release(&own->call);
 *
 * The struct is freed when both the caller has released it and `run` has returned; where the caller left, `run` may still
 * be using it. Threads are kept for the next call, and there are as many as calls that run at the same time.
 */
#ifndef PLUGIN_NATIVE_LEAVABLE_H
#define PLUGIN_NATIVE_LEAVABLE_H

#include <pthread.h>
#include <stdint.h>

typedef struct Leavable Leavable;
struct Leavable {
    void (*run)(Leavable *call); /* what is to be done */

    /* leavable.c alone */
    Leavable *next;
    pthread_cond_t returned;
    int done;
    int shares;
};

/* Has `run` called on another thread; on this one, before it returns, where no thread can be had. [thread: any] */
void leavable_start(Leavable *call);

/* Whether it has returned; waits for that at most so long. [thread: the caller's] */
int leavable_wait(Leavable *call, uint32_t wait_ms);

/* The caller's last word. [thread: the caller's] */
void leavable_release(Leavable *call);

#endif
