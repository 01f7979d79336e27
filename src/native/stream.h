/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream.h: streams of chunks to the front end. The state of a stream changes under the hub's lock, in one step with the event that
 * tells of it.
 */
#ifndef PLUGIN_NATIVE_STREAM_H
#define PLUGIN_NATIVE_STREAM_H

#include "instance.h"

/*
 * A stream, and after that another one in the same memory, under another handle. One that is told of ends only under the hub's
 * lock: so a chunk, which is queued under that, needs no share of it.
 */
typedef struct Stream {
    /* The head, see lasting.h: who has peeked at the handle reads it, and then whether the handle still names the stream. */
    _Atomic(Instance *) instance; /* with a share of it */
    _Atomic PluginRequest request;
    _Atomic PluginStream handle;
    _Atomic int32_t state; /* changes under the hub's lock */
    _Atomic int is_told;   /* its start is queued; under the hub's lock */
    /* Of one stream alone. */
    uint64_t next_chunk;
    bool is_held;          /* as if the queue had no room for it; under the hub's lock */
    int is_linked;         /* in the instance's list; under its lock */
    struct Stream *before; /* in the instance's list while it has not ended */
    struct Stream *next;
} Stream;

PluginStatus stream_new(Instance *instance, PluginRequest request, uint32_t kind, PluginStream *stream,
                        PluginError *error);
PluginStatus stream_send(Instance *instance, PluginStream handle, const PluginText *chunks, uint32_t count,
                         uint32_t flags, uint32_t wait_ms, PluginError *error);

/* Moves a stream to PLUGIN_STREAM_ACTIVE, PAUSED, COMPLETED, FAILED or CANCELLED. `reason` as in stream_end. `by_person`: it need
   not wait for room, and on_cancel follows a cancellation. */
PluginStatus stream_move(Instance *instance, PluginStream handle, int32_t state, PluginText reason, int by_person,
                         PluginError *error);

/* As core_stream_hold. */
PluginStatus stream_hold(Instance *instance, PluginStream handle, int held, PluginError *error);

/* Its state, or a PluginStatus. */
int32_t stream_state(Instance *instance, PluginStream handle);

PluginStatus stream_each(Instance *instance, PluginReceiveStream receive, void *userdata);

/* Cancels those that answer `request`; PLUGIN_NONE: all of the instance. */
void stream_cancel_all(Instance *instance, PluginRequest request);

#endif
