/* SPDX-License-Identifier: Apache-2.0 */
/* request.h: messages that wait for their reply. A request ends exactly once; whoever comes second learns how it ended. */
#ifndef PLUGIN_NATIVE_REQUEST_H
#define PLUGIN_NATIVE_REQUEST_H

#include "instance.h"

typedef struct Request {
    Instance *instance; /* with a share of it */
    PluginRequest handle;
    uint64_t deadline;
    int notify;
    int32_t status;  /* PLUGIN_PENDING until it has ended; guarded by the instance's lock, as all that follows */
    int entered;     /* handle_message was given it */
    int used_stream; /* it was answered, in part at least, as a stream */
    char *text;      /* the reply, or why it failed; NULL is empty */
    uint64_t text_length;
    uint64_t child; /* the request that its handler waits for in call_other_plugin, or PLUGIN_NONE */
    pthread_cond_t change;
    struct Request *before; /* in the instance's list while it has not ended */
    struct Request *next;
    struct Request *next_kept; /* in the core's list of those whose deadline core_tick watches */
    _Atomic int is_kept;
} Request;

/* One on_cancel that is to be run; of a request or of a stream. */
typedef struct Cancelled {
    struct Cancelled *next;
    PluginHost host;
    PluginRequest request;
    PluginStream stream;
} Cancelled;

/* NULL where there is none, or where it is another instance's (`instance` NULL: any). */
Request *request_acquire(const Instance *instance, PluginRequest handle);
void request_release(Request *request);

/*
 * Ends a request; `text` is copied. PLUGIN_OK; or how it stood already: PLUGIN_CANCELLED, PLUGIN_ENDED. Past its deadline it
 * ends as PLUGIN_TIMEOUT whatever is asked, and the answer is PLUGIN_ENDED.
 */
PluginStatus request_end(Request *request, PluginStatus status, PluginText text);

/* PLUGIN_PENDING, or how it ended; looks at the deadline. */
PluginStatus request_look(Request *request);

/* Ends all that an instance has open, as cancelled, without on_cancel. */
void request_end_all(Instance *instance);

/* Queues an on_cancel for core_tick. */
void cancel_queue(Instance *instance, PluginRequest request, PluginStream stream);

/* Ends kept requests that are past their deadline, as of core_tick; returns when the next is due. */
uint64_t request_expire(Core *core, uint64_t now);

#endif
