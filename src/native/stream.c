/* SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"

#include "due.h"
#include "handles.h"
#include "lasting.h"
#include "request.h"

#include <stdlib.h>
#include <string.h>

/* Of a gate: all is as asked for already, so there is nothing to tell. */
enum { NO_CHANGE = 1000 };

/* Of a gate: the handle does not name the stream any more. */
enum { NAMES_NONE = 1001 };

static Lasting memory = LASTING(Stream, next_chunk);

/* NULL where no memory is left. */
static Stream *take_memory(void) {
    int is_new;
    Stream *stream = (Stream *)lasting_take(&memory, &is_new);
    if (!stream) return NULL;
    stream->next_chunk = 0;
    stream->is_held = false;
    stream->is_linked = 0;
    stream->before = stream->next = NULL;
    return stream;
}

static void free_stream(void *object) {
    Stream *stream = (Stream *)object;
    Instance *instance = stream->instance;
    lasting_give(&memory, stream);
    instance_release(instance);
}

static int has_ended(int32_t state) { return state >= PLUGIN_STREAM_COMPLETED; }

/* What a call on a stream that has ended is answered. */
static PluginStatus ended_status(int32_t state) {
    return state == PLUGIN_STREAM_CANCELLED ? PLUGIN_CANCELLED : PLUGIN_ENDED;
}

/* ---- the instance's list, and what it remembers ---- */

/* Room for the list, and for what is remembered when it ends; 0 where no memory is left. */
static int make_memory(Instance *instance) {
    pthread_mutex_lock(&instance->lock);
    if (!instance->streams) instance->streams = (Streams *)calloc(1, sizeof *instance->streams);
    const int made = instance->streams != NULL;
    pthread_mutex_unlock(&instance->lock);
    return made;
}

/* Under the instance's lock. */
static Stream *first_of(const Instance *instance) { return instance->streams ? instance->streams->first : NULL; }

static void link_stream(Stream *stream) {
    Instance *instance = stream->instance;
    pthread_mutex_lock(&instance->lock);
    stream->before = instance->streams->last;
    if (stream->before)
        stream->before->next = stream;
    else
        instance->streams->first = stream;
    instance->streams->last = stream;
    stream->is_linked = 1;
    pthread_mutex_unlock(&instance->lock);
}

/* Once; whoever comes second finds that it was done. */
static void unlink_stream(Stream *stream, int32_t state) {
    Instance *instance = stream->instance;
    pthread_mutex_lock(&instance->lock);
    if (!stream->is_linked) {
        pthread_mutex_unlock(&instance->lock);
        return;
    }
    Streams *streams = instance->streams;
    stream->is_linked = 0;
    if (stream->before)
        stream->before->next = stream->next;
    else
        streams->first = stream->next;
    if (stream->next)
        stream->next->before = stream->before;
    else
        streams->last = stream->before;
    streams->ended[streams->next_ended].stream = stream->handle;
    streams->ended[streams->next_ended].state = state;
    streams->next_ended = (streams->next_ended + 1) % ENDED_STREAMS;
    pthread_mutex_unlock(&instance->lock);
    handle_retire(stream->handle);
}

/* The state of one of the last that ended; PLUGIN_INVALID_HANDLE where it is not among them. */
static int32_t remembered(Instance *instance, PluginStream handle) {
    int32_t state = PLUGIN_INVALID_HANDLE;
    pthread_mutex_lock(&instance->lock);
    const Streams *streams = instance->streams;
    for (int index = 0; streams && index < ENDED_STREAMS && handle != PLUGIN_NONE; index++)
        if (streams->ended[index].stream == handle) state = streams->ended[index].state;
    pthread_mutex_unlock(&instance->lock);
    return state;
}

/* NULL where it is none of the instance's that is alive; `*status` says why. */
static Stream *acquire(Instance *instance, PluginStream handle, PluginStatus *status) {
    Stream *stream = (Stream *)handle_acquire(handle, HANDLE_STREAM);
    if (stream && stream->instance == instance) return stream;
    if (stream) handle_release(handle);
    const int32_t state = stream ? PLUGIN_INVALID_HANDLE : remembered(instance, handle);
    if (state >= 0)
        *status = ended_status(state);
    else
        *status = !stream && handle_is_past(handle, HANDLE_STREAM) ? PLUGIN_ENDED : PLUGIN_INVALID_HANDLE;
    return NULL;
}

static PluginStatus stream_error(PluginError *error, PluginStatus status) {
    switch (status) {
    case PLUGIN_OK:
        return PLUGIN_OK;
    case PLUGIN_ENDED:
        return error_set(error, status, "the stream has already ended");
    case PLUGIN_CANCELLED:
        return error_set(error, status, "the stream was cancelled");
    case PLUGIN_PAUSED:
        return error_set(error, status, "the stream is paused");
    case PLUGIN_INVALID_STATE:
        return error_set(error, status, "the final chunk of the stream was sent already");
    case PLUGIN_INVALID_HANDLE:
        return error_set(error, status, "the handle names no stream of this instance");
    default:
        return error_set_status(error, status);
    }
}

static void fill_event(CoreEvent *event, const Stream *stream, uint32_t type) {
    *event = event_of(type);
    event->stream = atomic_load_explicit(&stream->handle, memory_order_relaxed);
    event->request = atomic_load_explicit(&stream->request, memory_order_relaxed);
}

/* ---- start ---- */

typedef struct StartGate {
    Stream *stream;
    Request *request; /* NULL: it answers none */
} StartGate;

/* What a stream for a request that has ended is answered. */
static PluginStatus refused(PluginStatus status) { return status == PLUGIN_CANCELLED ? status : PLUGIN_ENDED; }

/* With the request open, and the bit set that keeps it from ending as if nothing answered it but its reply. */
static PluginStatus start_gate(void *userdata, int room) {
    const StartGate *gate = (const StartGate *)userdata;
    if (has_ended(atomic_load(&gate->stream->state))) return ended_status(atomic_load(&gate->stream->state));
    if (!room) return PLUGIN_OK;
    if (gate->request && !request_mark(gate->request, REQUEST_BEHIND | REQUEST_STREAMED))
        return refused(request_look(gate->request));
    gate->stream->is_told = 1;
    return PLUGIN_OK;
}

/* The request that a stream is to answer, told of before anything of the stream is. */
static Request *find_answered(const Instance *instance, PluginRequest handle, PluginStatus *status) {
    Request *request = request_acquire(instance, handle, status);
    if (!request) return NULL;
    *status = request_look(request);
    if (*status == PLUGIN_PENDING)
        *status = request->notify == CORE_NOTIFY_NONE ? PLUGIN_OK : request_tell(request, QUEUE_TERMINAL, 0);
    else
        *status = refused(*status);
    if (*status == PLUGIN_ENDED) *status = refused(request_look(request));
    if (*status == PLUGIN_OK) return request;
    request_release(request);
    return NULL;
}

static Stream *make_stream(Instance *instance, PluginRequest request, PluginStatus *status) {
    *status = PLUGIN_OUT_OF_MEMORY;
    Stream *stream = make_memory(instance) ? take_memory() : NULL;
    if (!stream) return NULL;
    if (instance_acquire(instance->host)) {
        /* Whoever reads one of these finds that the handle of the stream that was here before names nothing. */
        atomic_store_explicit(&stream->instance, instance, memory_order_release);
        atomic_store_explicit(&stream->request, request, memory_order_release);
        atomic_store_explicit(&stream->state, PLUGIN_STREAM_ACTIVE, memory_order_release);
        atomic_store_explicit(&stream->is_told, 0, memory_order_release);
        stream->handle = handle_new(HANDLE_STREAM, stream, free_stream);
        if (stream->handle != PLUGIN_NONE) return stream;
        instance_release(instance);
    } else {
        *status = PLUGIN_CLOSED;
    }
    lasting_give(&memory, stream);
    return NULL;
}

PluginStatus stream_new(Instance *instance, PluginRequest request_handle, uint32_t kind, PluginStream *handle,
                        PluginError *error) {
    Request *request = NULL;
    PluginStatus status;
    CoreEvent event;
    *handle = PLUGIN_NONE;
    if (request_handle != PLUGIN_NONE) {
        request = find_answered(instance, request_handle, &status);
        if (!request) return error_set_status(error, status);
    }
    Stream *stream = make_stream(instance, request_handle, &status);
    if (!stream) {
        if (request) request_release(request);
        return error_set_status(error, status);
    }
    const PluginStream name = stream->handle;
    StartGate gate = {stream, request};
    fill_event(&event, stream, CORE_EVENT_STREAM_START);
    event.value = kind;
    if (request && request->notify != CORE_NOTIFY_NONE) event.number = CORE_REQUEST_TOLD;
    handle_acquire(name, HANDLE_STREAM); /* it may end as soon as it can be found */
    link_stream(stream);
    status = queue_push(instance->queue, &event, NULL, 1, 0, 0, NULL, start_gate, &gate);
    if (status == PLUGIN_OK) {
        *handle = name;
        /* Its sender may be inside core_send, where nobody looks at the deadline. */
        if (request) due_watch(request);
        if (atomic_load(&instance->closed)) stream_cancel_all(instance, PLUGIN_NONE);
    } else {
        atomic_store(&stream->state, PLUGIN_STREAM_FAILED);
        unlink_stream(stream, PLUGIN_STREAM_FAILED);
    }
    handle_release(name);
    if (request) request_release(request);
    return status == PLUGIN_OK ? PLUGIN_OK : error_set_status(error, status);
}

/* ---- chunks ---- */

typedef struct SendGate {
    Stream *stream; /* as handle_peek gave it */
    const HandlePlace *place;
    const Instance *instance;
    const CoreEvent *event;
} SendGate;

static PluginStatus send_gate(void *userdata, int room) {
    const SendGate *gate = (const SendGate *)userdata;
    Stream *stream = gate->stream;
    const int32_t state = atomic_load(&stream->state);
    const int fits = atomic_load(&stream->is_told) && atomic_load(&stream->instance) == gate->instance &&
                     atomic_load(&stream->request) == gate->event->request;
    /* Last: what was read is the stream's then, and one that has not ended does not end before the lock is given back. */
    if (!handle_names(gate->event->stream, gate->place) || !fits) return NAMES_NONE;
    if (state == PLUGIN_STREAM_PAUSED) return PLUGIN_PAUSED;
    if (state == PLUGIN_STREAM_FINALIZING) return PLUGIN_INVALID_STATE;
    if (has_ended(state)) return ended_status(state);
    if (stream->is_held) return PLUGIN_FULL;
    if (room && (gate->event->value & PLUGIN_CHUNK_FINAL)) atomic_store(&stream->state, PLUGIN_STREAM_FINALIZING);
    return PLUGIN_OK;
}

/* Why nothing can be sent by this handle. */
static PluginStatus refusal(Instance *instance, PluginStream handle) {
    PluginStatus status;
    Stream *stream = acquire(instance, handle, &status);
    if (!stream) return status;
    const int32_t state = atomic_load(&stream->state);
    handle_release(handle);
    return has_ended(state) ? ended_status(state)
                            : PLUGIN_INVALID_HANDLE; /* not told of yet: a number that was made up */
}

PluginStatus stream_send(Instance *instance, PluginStream handle, const PluginText *chunks, uint32_t count,
                         uint32_t flags, uint32_t wait_ms, PluginError *error) {
    const HandlePlace *place;
    CoreEvent event;
    Stream *stream = (Stream *)handle_peek(handle, HANDLE_STREAM, &place);
    if (!stream) {
        const PluginStatus status = refusal(instance, handle);
        if (status == PLUGIN_ENDED)
            instance_report(instance, status, "stream_data", "a chunk came after the end of its stream");
        return stream_error(error, status);
    }
    fill_event(&event, stream, CORE_EVENT_STREAM_DATA);
    event.stream = handle; /* it may be another one's by now, and then nothing is queued */
    event.value = flags;
    SendGate gate = {stream, place, instance, &event};
    const PluginStatus status =
        queue_push(instance->queue, &event, chunks, count, 0, wait_ms, &stream->next_chunk, send_gate, &gate);
    return stream_error(error, status == NAMES_NONE ? refusal(instance, handle) : status);
}

/* ---- transitions ---- */

typedef struct MoveGate {
    Stream *stream;
    int32_t state;
} MoveGate;

static PluginStatus move_gate(void *userdata, int room) {
    const MoveGate *gate = (const MoveGate *)userdata;
    const int32_t state = atomic_load(&gate->stream->state);
    if (has_ended(state)) return ended_status(state);
    if (!gate->stream->is_told) { /* its start will find that, and nothing was told of it */
        if (has_ended(gate->state)) atomic_store(&gate->stream->state, gate->state);
        return NO_CHANGE;
    }
    if (!has_ended(gate->state)) {
        if (state == gate->state) return NO_CHANGE;
        if (state == PLUGIN_STREAM_FINALIZING) return PLUGIN_INVALID_STATE;
    }
    if (room) atomic_store(&gate->stream->state, gate->state);
    return PLUGIN_OK;
}

static uint32_t type_of(int32_t state) {
    switch (state) {
    case PLUGIN_STREAM_ACTIVE:
        return CORE_EVENT_STREAM_RESUME;
    case PLUGIN_STREAM_PAUSED:
        return CORE_EVENT_STREAM_PAUSE;
    case PLUGIN_STREAM_CANCELLED:
        return CORE_EVENT_STREAM_CANCEL;
    default:
        return CORE_EVENT_STREAM_END;
    }
}

PluginStatus stream_move(Instance *instance, PluginStream handle, int32_t state, PluginText reason, int by_person,
                         PluginError *error) {
    PluginStatus status;
    CoreEvent event;
    Stream *stream = acquire(instance, handle, &status);
    if (!stream) return stream_error(error, status);
    MoveGate gate = {stream, state};
    fill_event(&event, stream, type_of(state));
    event.value = state == PLUGIN_STREAM_FAILED ? PLUGIN_ERROR : PLUGIN_OK;
    const int flags = by_person || has_ended(state) ? QUEUE_TERMINAL : 0;
    status = queue_push(instance->queue, &event, &reason, 1, flags, PLUGIN_WAIT_FOREVER, NULL, move_gate, &gate);
    if (status == PLUGIN_OK && has_ended(state)) {
        unlink_stream(stream, state);
        if (by_person && state == PLUGIN_STREAM_CANCELLED && HAS(instance, on_cancel))
            due_on_cancel(instance, PLUGIN_NONE, handle);
    }
    handle_release(handle);
    return stream_error(error, status == NO_CHANGE ? PLUGIN_OK : status);
}

void stream_cancel_all(Instance *instance, PluginRequest request) {
    for (;;) {
        PluginStream handle = PLUGIN_NONE;
        pthread_mutex_lock(&instance->lock);
        for (Stream *stream = first_of(instance); stream && handle == PLUGIN_NONE; stream = stream->next)
            if ((request == PLUGIN_NONE || stream->request == request) && !has_ended(atomic_load(&stream->state)))
                handle = stream->handle;
        pthread_mutex_unlock(&instance->lock);
        if (handle == PLUGIN_NONE) return;
        const PluginStatus status = stream_move(instance, handle, PLUGIN_STREAM_CANCELLED, plugin_text(""), 0, NULL);
        if (status == PLUGIN_CLOSED || status == PLUGIN_OUT_OF_MEMORY) return; /* nobody is told any more */
    }
}

/* ---- holding ---- */

PluginStatus stream_hold(Instance *instance, PluginStream handle, int held, PluginError *error) {
    PluginStatus status;
    Stream *stream = acquire(instance, handle, &status);
    if (!stream) return stream_error(error, status);
    queue_set(instance->queue, &stream->is_held, held);
    handle_release(handle);
    return PLUGIN_OK;
}

/* ---- questions ---- */

int32_t stream_state(Instance *instance, PluginStream handle) {
    PluginStatus status;
    Stream *stream = acquire(instance, handle, &status);
    if (!stream) return remembered(instance, handle);
    const int32_t state = atomic_load(&stream->state);
    handle_release(handle);
    return state;
}

PluginStatus stream_each(Instance *instance, PluginReceiveStream receive, void *userdata) {
    uint32_t count = 0;
    pthread_mutex_lock(&instance->lock);
    for (Stream *stream = first_of(instance); stream; stream = stream->next) count++;
    PluginStream *handles = (PluginStream *)malloc(((size_t)count + 1) * sizeof *handles);
    count = 0;
    for (Stream *stream = first_of(instance); stream && handles; stream = stream->next)
        handles[count++] = stream->handle;
    pthread_mutex_unlock(&instance->lock);
    if (!handles) return PLUGIN_OUT_OF_MEMORY;
    /* Without the lock: the receiver may call back. */
    for (uint32_t index = 0; index < count; index++) receive(userdata, handles[index]);
    free(handles);
    return PLUGIN_OK;
}

/* ---- from the person's side ---- */

static PluginStatus move_by_person(PluginHost host, PluginStream stream, int32_t state, PluginError *error) {
    Instance *instance;
    PluginStatus status = instance_find(host, &instance, error);
    if (status != PLUGIN_OK) return status;
    status = stream_move(instance, stream, state, plugin_text(""), 1, error);
    instance_release(instance);
    return status;
}

PluginStatus core_stream_pause(PluginHost host, PluginStream stream, PluginError *error) {
    return move_by_person(host, stream, PLUGIN_STREAM_PAUSED, error);
}

PluginStatus core_stream_resume(PluginHost host, PluginStream stream, PluginError *error) {
    return move_by_person(host, stream, PLUGIN_STREAM_ACTIVE, error);
}

PluginStatus core_stream_hold(PluginHost host, PluginStream stream, int32_t held, PluginError *error) {
    Instance *instance;
    PluginStatus status = instance_find(host, &instance, error);
    if (status != PLUGIN_OK) return status;
    status = stream_hold(instance, stream, held, error);
    instance_release(instance);
    return status;
}

PluginStatus core_stream_cancel(PluginHost host, PluginStream stream, PluginError *error) {
    return move_by_person(host, stream, PLUGIN_STREAM_CANCELLED, error);
}
