/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turn.h: entries of one instance run one at a time. Whoever wants to run one takes a turn on the instance's seat, in the order of
 * asking. A thread may hold turns on several instances, one inside the other, as a plugin calls another; waiting that could
 * never end, because the one who waits is waited for, is found before it begins.
 */
#ifndef PLUGIN_NATIVE_TURN_H
#define PLUGIN_NATIVE_TURN_H

#include "plugin_interface.h"

#include <pthread.h>
#include <stdatomic.h>

typedef struct Task Task; /* one thread, as far as turns go */
typedef struct Turn Turn;

/* Where turns on one instance are taken; part of it. Free where all is zero. */
typedef struct Seat {
    _Atomic(Task *) holder;
    _Atomic uint32_t waiting;
    struct Waiter *first;
    struct Waiter *last;
} Seat;

/* A turn; on the stack of the thread that holds it. */
struct Turn {
    Seat *seat;
    PluginHost host;           /* the instance whose entry runs */
    PluginHost caller;         /* the instance that called, or PLUGIN_NONE */
    struct Instance *instance; /* that of `host`; the turn keeps it, see instance.h */
    struct Request *request;   /* what the entry works on, or NULL; whoever took the turn keeps it */
    Turn *outer;               /* the turn of this thread that this one was taken inside */
};

/* Asked while a turn is waited for: PLUGIN_OK to go on waiting, anything else to give up with it. */
typedef PluginStatus (*TurnWanted)(void *userdata);

/*
 * Takes a turn; `turn` comes with all filled in from `host` to `request`. PLUGIN_OK; PLUGIN_CYCLE where the holder waits for this
 * thread or for `caller`; PLUGIN_TIMEOUT past `deadline`; or what `wanted` (may be NULL) says.
 */
PluginStatus turn_begin(Turn *turn, Seat *seat, uint64_t deadline, TurnWanted wanted, void *userdata);
void turn_end(Turn *turn);

/* The same where that needs no waiting: 1. */
int turn_try(Turn *turn, Seat *seat);

/* Those who wait for a turn ask again whether it is wanted. */
void seat_wake(Seat *seat);

/* Whether this thread holds a turn on any instance. */
int turn_is_any(void);

/* Whether this thread holds a turn on the instance. */
int turn_is_mine(PluginHost host);

/* This thread's innermost turn on the instance; NULL where it has none, and in a child made by fork(). */
const Turn *turn_of(PluginHost host);

/*
 * Around a wait, on this thread, for a reply that `target` has yet to give: PLUGIN_CYCLE where `target` already waits for this
 * thread. Where it is PLUGIN_OK turn_waited follows.
 */
PluginStatus turn_waits_for(PluginHost target);
void turn_waited(void);

#endif
