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
    int32_t status; /* PLUGIN_PENDING until it has ended; guarded by the instance's lock, as all up to is_watched */
    int entered;    /* handle_message was given it */
    char *text;     /* the reply, or why it failed; NULL is empty */
    uint64_t text_length;
    PluginRequest child; /* the request that its handler waits for in call_other_plugin, or PLUGIN_NONE */
    pthread_cond_t change;
    struct Request *before; /* in the instance's list while it has not ended */
    struct Request *next;
    int is_watched; /* in the core's list of those whose deadline core_tick watches, with a share; under the core's lock */
    struct Request *before_watched;
    struct Request *next_watched;
} Request;

/* One on_cancel that is to be run; of a request or of a stream. */
typedef struct Cancelled {
    struct Cancelled *next;
    PluginHost host;
    PluginRequest request;
    PluginStream stream;
    uint64_t not_before; /* when to try (again) */
} Cancelled;

/* A request of this instance, ended or not; NULL `instance`: of any. Else NULL, and `*status` says why: PLUGIN_ENDED where it was
   one once, or PLUGIN_INVALID_HANDLE. */
Request *request_acquire(const Instance *instance, PluginRequest handle, PluginStatus *status);
void request_release(Request *request);

/* Ends it; `text` is copied. PLUGIN_OK, or how it had ended: PLUGIN_CANCELLED or PLUGIN_ENDED. Past its deadline it ends as
   PLUGIN_TIMEOUT whatever is asked, and the answer is PLUGIN_ENDED. */
PluginStatus request_end(Request *request, PluginStatus status, PluginText text);

/* PLUGIN_PENDING, or the status it ended with; ends it where its deadline has passed. */
PluginStatus request_look(Request *request);

/* What request_status answers: PLUGIN_OK, PLUGIN_CANCELLED, PLUGIN_TIMEOUT, PLUGIN_ENDED or PLUGIN_INVALID_HANDLE. */
PluginStatus request_standing(const Instance *instance, PluginRequest handle);

/* Makes one that is this module's caller's, as core_request_new; `parent` is the one whose handler asks, or PLUGIN_NONE. */
PluginStatus request_new(Instance *instance, uint64_t deadline, int notify, PluginRequest parent, PluginRequest *handle,
                         PluginError *error);

/* As core_request_run; `caller` is the instance whose plugin asks, or PLUGIN_NONE. */
PluginStatus request_run(Request *request, PluginText message, PluginHost caller, PluginError *error);

/* Ends all that an instance has open, as cancelled, without on_cancel. */
void request_end_all(Instance *instance);

/* Queues an on_cancel for core_tick. */
void cancel_queue(Instance *instance, PluginRequest request, PluginStream stream);

/* Puts one back whose turn has not come. */
void cancel_requeue(Core *core, Cancelled *cancelled);

/* From now on core_tick watches its deadline, where it has one. */
void request_watch(Request *request);

/* Ends the watched requests whose deadline has passed, and sets when the next is due. */
void request_expire(Core *core);

#endif
