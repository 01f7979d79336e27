/* SPDX-License-Identifier: Apache-2.0 */
/* request.h: messages that wait for their reply. A request ends exactly once; whoever comes second learns how it ended. */
#ifndef PLUGIN_NATIVE_REQUEST_H
#define PLUGIN_NATIVE_REQUEST_H

#include "instance.h"

/*
 * How a request stands is one word: the status that it ended with in the lower half, PLUGIN_PENDING while it is open, and these
 * bits. Whoever ends it does so in one step, and no bit but READY is set or cleared afterwards: so what the bits say at the
 * end is agreed between the one who ends it, the one who sent it and those who start streams.
 */
#define REQUEST_READY   (UINT64_C(1) << 32) /* the reply, or the reason, stands in `text` */
#define REQUEST_ENTERED (UINT64_C(1) << 33) /* handle_message was given it */
#define REQUEST_TOLD    (UINT64_C(1) << 34) /* CORE_EVENT_REQUEST_STARTED is queued */
#define REQUEST_DIRECT  (UINT64_C(1) << 35) /* its sender is inside core_send and takes the end, unless it is BEHIND */
#define REQUEST_BEHIND                                                                                                 \
    (UINT64_C(1) << 36) /* its end comes behind other events: streams answer it, or the plugin sent something first */
#define REQUEST_WATCHED  (UINT64_C(1) << 37) /* in the core's list of those whose deadline core_tick watches */
#define REQUEST_LINKED   (UINT64_C(1) << 38) /* in its instance's list of those that are open */
#define REQUEST_WAITED   (UINT64_C(1) << 39) /* somebody waits for `change` */
#define REQUEST_PARENT   (UINT64_C(1) << 40) /* its handler waits for `child` */
#define REQUEST_STREAMED (UINT64_C(1) << 41) /* streams answer it */

enum { SMALL_TEXT = 256, KEPT_TEXT = 65536 };

/* A request, and after that another one in the same memory, under another handle. */
typedef struct Request {
    /* The head, see lasting.h: it may be read when the request is gone, as the state of a parent is. */
    _Atomic uint64_t state;
    /* The one whose handler has called for this one, on the same thread, and has not got it back. */
    _Atomic(struct Request *) parent;
    _Atomic PluginRequest handle;
    char *text;                 /* the reply, or why it failed, with a NUL. Written by whoever ended it, before READY */
    _Atomic uint64_t text_room; /* of `text`, which is `small`, or from malloc */
    pthread_cond_t change;      /* it is READY; with the instance's lock */
    /* Of one request alone. */
    Instance *instance; /* with a share of it */
    uint64_t deadline;
    int notify;         /* CORE_NOTIFY_… */
    uint32_t contents;  /* queue_contents when it became TOLD */
    PluginText message; /* the sender's; until it is TOLD */
    uint64_t text_length;
    PluginRequest child; /* the request that its handler waits for; under the instance's lock, as the list */
    struct Request *before;
    struct Request *next;
    struct Request *before_watched; /* under the core's lock */
    struct Request *next_watched;
    char small[SMALL_TEXT];
} Request;

/* A request of this instance, ended or not; NULL `instance`: of any. Else NULL, and `*status` says why: PLUGIN_ENDED where it was
   one once, or PLUGIN_INVALID_HANDLE. */
Request *request_acquire(const Instance *instance, PluginRequest handle, PluginStatus *status);
void request_release(Request *request);

/* The same without a share where it is what `turn` is for, this thread's turn on the instance, or NULL. */
Request *request_borrow(const Instance *instance, const Turn *turn, PluginRequest handle, PluginStatus *status);
void request_return(Request *request, const Turn *turn);

/* Ends it; `text` is copied. PLUGIN_OK, or how it had ended: PLUGIN_CANCELLED or PLUGIN_ENDED. Past its deadline it ends as
   PLUGIN_TIMEOUT whatever is asked, and the answer is PLUGIN_ENDED. */
PluginStatus request_end(Request *request, PluginStatus status, PluginText text);

/* PLUGIN_PENDING, or the status it ended with; ends it where its deadline has passed. */
PluginStatus request_look(Request *request);

/* The same where clock_coarse has just said `coarse`. */
PluginStatus request_look_at(Request *request, uint64_t coarse);

/* The same as request_status answers: PLUGIN_OK, PLUGIN_CANCELLED, PLUGIN_TIMEOUT or PLUGIN_ENDED. */
PluginStatus request_standing(Request *request);

/*
 * Makes one, open, with the REQUEST_… bits, that is the caller's until request_drop. Nothing is told of it.
 */
PluginStatus request_new(Instance *instance, uint64_t deadline, int notify, uint64_t bits, Request **request,
                         PluginError *error);

/*
 * The same for one that begins and ends in a turn on the instance, which the caller has: in the memory of the last one, so it
 * needs no lock. It is the instance's; request_detach makes it the caller's until request_drop. `parent` is the one whose handler
 * asks, on this thread, or NULL.
 */
PluginStatus request_reuse(Instance *instance, uint64_t deadline, int notify, uint64_t bits, Request *parent,
                           Request **request, PluginError *error);
void request_detach(Request *request);

/* The instance ends; under its last turn. */
void request_forget_spare(Instance *instance);

/* The handler of `parent` waits for `child`, which was detached: what cancels that one cancels this one. */
void request_tell_parent(Request *parent, Request *child);

/* Ends it where it has not ended, and its handle names nothing any more. */
void request_drop(Request *request);

static inline int32_t request_status_in(uint64_t state) { return (int32_t)(uint32_t)state; }

/* Whether it has not ended; unlike request_look this ends nothing. */
static inline int request_is_open(const Request *request) {
    return request_status_in(atomic_load(&request->state)) == PLUGIN_PENDING;
}

/* Sets bits while it is open: 1, or 0 where it has ended. */
int request_mark(Request *request, uint64_t bits);

/* Clears them in the same way. */
int request_unmark(Request *request, uint64_t bits);

/*
 * Queues CORE_EVENT_REQUEST_STARTED with `message`, where that was not done. `flags` and `wait_ms` as in queue_push. PLUGIN_OK,
 * PLUGIN_ENDED, or what queue_push says.
 */
PluginStatus request_tell(Request *request, int flags, uint32_t wait_ms);

/* As core_request_run; `caller` is the instance whose plugin asks, or PLUGIN_NONE. */
PluginStatus request_run(Request *request, PluginText message, PluginHost caller, PluginError *error);

/* As core_request_run, under a turn, of one that is ENTERED. `now` is of clock_coarse, not long ago. */
PluginStatus request_run_in_turn(Request *request, PluginText message, uint64_t now);

/* As core_request_wait. */
PluginStatus request_wait(Request *request, uint32_t wait_ms, PluginReceiveText receive, void *userdata,
                          PluginError *error);

/* Ends all that an instance has open, as cancelled, without on_cancel. */
void request_end_all(Instance *instance);

#endif
