/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include "clock.h"
#include "handles.h"
#include "stream.h"

#include <stdlib.h>
#include <string.h>

/* ---- making and freeing ---- */

static void free_request(void *object) {
    Request *request = (Request *)object;
    Instance *instance = request->instance;
    pthread_cond_destroy(&request->change);
    free(request->text);
    free(request);
    instance_release(instance);
}

static void link_request(Request *request) {
    Instance *instance = request->instance;
    request->next = instance->first_request;
    if (request->next) request->next->before = request;
    instance->first_request = request;
}

static void unlink_request(Request *request) {
    if (request->before)
        request->before->next = request->next;
    else
        request->instance->first_request = request->next;
    if (request->next) request->next->before = request->before;
    request->before = request->next = NULL;
}

/* The parent is told, so that cancelling it cancels this one. */
static void tell_parent(PluginRequest parent, PluginRequest child) {
    PluginStatus status;
    Request *request = parent == PLUGIN_NONE ? NULL : request_acquire(NULL, parent, &status);
    if (!request) return;
    pthread_mutex_lock(&request->instance->lock);
    request->child = child;
    pthread_mutex_unlock(&request->instance->lock);
    request_release(request);
}

PluginStatus request_new(Instance *instance, uint64_t deadline, int notify, uint64_t bits, PluginRequest parent,
                         Request **made, PluginError *error) {
    Request *request = (Request *)calloc(1, sizeof *request);
    if (!request) return error_set_status(error, PLUGIN_OUT_OF_MEMORY);
    request->instance = instance_acquire(instance->host);
    if (!request->instance) {
        free(request);
        return error_set(error, PLUGIN_CLOSED, "the instance is gone: it was ended");
    }
    request->deadline = deadline;
    request->notify = notify;
    atomic_init(&request->state, bits | PLUGIN_PENDING);
    clock_cond_init(&request->change);
    request->handle = handle_new(HANDLE_REQUEST, request, free_request);
    if (request->handle == PLUGIN_NONE) {
        free_request(request);
        return error_set_status(error, PLUGIN_OUT_OF_MEMORY);
    }
    pthread_mutex_lock(&instance->lock);
    const int closed = atomic_load(&instance->closed); /* request_end_all, which follows, may have been here */
    if (!closed) link_request(request);
    pthread_mutex_unlock(&instance->lock);
    if (closed) {
        handle_retire(request->handle);
        return error_set(error, PLUGIN_CLOSED, "the instance was ended");
    }
    tell_parent(parent, request->handle);
    *made = request;
    return PLUGIN_OK;
}

void request_drop(Request *request) {
    request_end(request, PLUGIN_CANCELLED, plugin_text("nobody waits for the reply any more"));
    handle_retire(request->handle);
}

/* ---- how it stands ---- */

static int32_t status_in(uint64_t state) { return (int32_t)(uint32_t)state; }

static int32_t status_of(const Request *request) { return status_in(atomic_load(&request->state)); }

int request_is_open(const Request *request) { return status_of(request) == PLUGIN_PENDING; }

int request_mark(Request *request, uint64_t bits) {
    uint64_t state = atomic_load(&request->state);
    do {
        if (status_in(state) != PLUGIN_PENDING) return 0;
    } while (!atomic_compare_exchange_weak(&request->state, &state, state | bits));
    return 1;
}

int request_unmark(Request *request, uint64_t bits) {
    uint64_t state = atomic_load(&request->state);
    do {
        if (status_in(state) != PLUGIN_PENDING) return 0;
    } while (!atomic_compare_exchange_weak(&request->state, &state, state & ~bits));
    return 1;
}

static PluginStatus already(int32_t status) { return status == PLUGIN_CANCELLED ? PLUGIN_CANCELLED : PLUGIN_ENDED; }

Request *request_acquire(const Instance *instance, PluginRequest handle, PluginStatus *status) {
    Request *request = (Request *)handle_acquire(handle, HANDLE_REQUEST);
    *status = PLUGIN_OK;
    if (!request) {
        *status = handle_is_past(handle, HANDLE_REQUEST) ? PLUGIN_ENDED : PLUGIN_INVALID_HANDLE;
    } else if (instance && request->instance != instance) {
        *status = PLUGIN_INVALID_HANDLE;
        request_release(request);
        request = NULL;
    }
    return request;
}

PluginStatus request_standing(const Instance *instance, PluginRequest handle) {
    PluginStatus status;
    Request *request = request_acquire(instance, handle, &status);
    if (!request) return status;
    status = request_look(request);
    request_release(request);
    if (status == PLUGIN_PENDING) return PLUGIN_OK;
    return status == PLUGIN_TIMEOUT ? PLUGIN_TIMEOUT : already(status);
}

void request_release(Request *request) { handle_release(request->handle); }

/* ---- its deadline ---- */

void request_watch(Request *request) {
    Core *core = request->instance->core;
    if (request->deadline == CLOCK_NEVER || !handle_acquire(request->handle, HANDLE_REQUEST)) return;
    pthread_mutex_lock(&core->lock);
    /* Whoever ends it looks at WATCHED in the same step, and then waits for this lock. */
    const int wanted = !(atomic_load(&request->state) & REQUEST_WATCHED) && request_mark(request, REQUEST_WATCHED);
    if (wanted) {
        request->before_watched = NULL;
        request->next_watched = core->first_watched;
        if (core->first_watched) core->first_watched->before_watched = request;
        core->first_watched = request;
        if (request->deadline < core->next_deadline) {
            core->next_deadline = request->deadline;
            pthread_cond_signal(&core->due);
        }
    }
    pthread_mutex_unlock(&core->lock);
    if (!wanted) request_release(request);
}

/* Out of the core's list of watched requests. */
static void unwatch(Request *request) {
    Core *core = request->instance->core;
    pthread_mutex_lock(&core->lock);
    if (request->before_watched)
        request->before_watched->next_watched = request->next_watched;
    else
        core->first_watched = request->next_watched;
    if (request->next_watched) request->next_watched->before_watched = request->before_watched;
    pthread_mutex_unlock(&core->lock);
    request_release(request);
}

/* ---- what is told of it ---- */

/* Of a gate: STARTED is queued already. */
enum { TOLD_ALREADY = 1000 };

static PluginStatus started_gate(void *userdata, int room) {
    Request *request = (Request *)userdata;
    const uint64_t state = atomic_load(&request->state);
    if (status_in(state) != PLUGIN_PENDING) return PLUGIN_ENDED;
    if (state & REQUEST_TOLD) return TOLD_ALREADY;
    return !room || request_mark(request, REQUEST_TOLD) ? PLUGIN_OK : PLUGIN_ENDED;
}

PluginStatus request_tell(Request *request, int flags, uint32_t wait_ms) {
    CoreEvent event;
    if (atomic_load(&request->state) & REQUEST_TOLD) return PLUGIN_OK;
    memset(&event, 0, sizeof event);
    event.type = CORE_EVENT_REQUEST_STARTED;
    event.request = request->handle;
    const PluginStatus status = queue_push(request->instance->queue, &event, &request->message, 1, flags | QUEUE_LAZY,
                                           wait_ms, NULL, started_gate, request);
    return status == TOLD_ALREADY ? PLUGIN_OK : status;
}

static void push_ended(Request *request, PluginStatus status, PluginText text, int taken) {
    CoreEvent event;
    memset(&event, 0, sizeof event);
    event.type = CORE_EVENT_REQUEST_ENDED;
    event.request = request->handle;
    event.value = status;
    event.number = (uint64_t)taken;
    queue_push(request->instance->queue, &event, &text, 1, QUEUE_TERMINAL | (taken ? QUEUE_LAZY : 0), 0, NULL, NULL,
               NULL);
}

/* ---- the end ---- */

/* What follows when nobody wants the answer any more: its streams, and what its handler waits for, end too. */
static void cancel_what_follows(Request *request, PluginRequest child) {
    PluginStatus status;
    stream_cancel_all(request->instance, request->handle);
    Request *waited_for = child == PLUGIN_NONE ? NULL : request_acquire(NULL, child, &status);
    if (waited_for) {
        request_end(waited_for, PLUGIN_CANCELLED, plugin_text("the request that it was made for has ended"));
        request_release(waited_for);
    }
    if (atomic_load(&request->instance->seat.waiting) > 0) seat_wake(&request->instance->seat);
}

/* The step in which it ends: 1, and how it stood in `*state`; 0 where it had ended. */
static int claim_end(Request *request, PluginStatus status, uint64_t *state) {
    *state = atomic_load(&request->state);
    do {
        if (status_in(*state) != PLUGIN_PENDING) return 0;
    } while (
        !atomic_compare_exchange_weak(&request->state, state, (*state & ~(uint64_t)UINT32_MAX) | (uint32_t)status));
    return 1;
}

/* Ends it where it has not ended: 1. `tell`: the plugin gets an on_cancel where it has seen the request. */
static int finish(Request *request, PluginStatus status, PluginText text, int tell) {
    Instance *instance = request->instance;
    uint64_t state;
    if (status_of(request) != PLUGIN_PENDING) return 0;
    char *copy = text.length > 0 ? text_dup(text) : NULL;
    if (text.length > 0 && !copy) {
        status = PLUGIN_OUT_OF_MEMORY;
        text.length = 0;
    }
    if (!claim_end(request, status, &state)) {
        free(copy);
        return 0;
    }
    request->text = copy;
    request->text_length = text.length;
    pthread_mutex_lock(&instance->lock);
    const PluginRequest child = request->child;
    unlink_request(request);
    atomic_fetch_or(&request->state, REQUEST_READY);
    pthread_cond_broadcast(&request->change);
    pthread_mutex_unlock(&instance->lock);
    if (state & REQUEST_WATCHED) unwatch(request);
    if (status == PLUGIN_CANCELLED || status == PLUGIN_TIMEOUT) {
        cancel_what_follows(request, child);
        if (tell && (state & REQUEST_ENTERED) && HAS(instance, on_cancel))
            cancel_queue(instance, request->handle, PLUGIN_NONE);
    }
    if (state & REQUEST_TOLD)
        push_ended(request, status, text, (state & REQUEST_DIRECT) && !(state & REQUEST_STREAMED));
    return 1;
}

PluginStatus request_look(Request *request) {
    const int32_t status = status_of(request);
    if (status != PLUGIN_PENDING || !clock_is_past(request->deadline)) return status;
    finish(request, PLUGIN_TIMEOUT, plugin_text("no reply came in time"), 1);
    return status_of(request);
}

PluginStatus request_end(Request *request, PluginStatus status, PluginText text) {
    const int32_t found = request_look(request);
    if (found != PLUGIN_PENDING) return already(found);
    return finish(request, status, text, 1) ? PLUGIN_OK : already(status_of(request));
}

void request_end_all(Instance *instance) {
    for (;;) {
        pthread_mutex_lock(&instance->lock);
        Request *request = instance->first_request;
        /* One that is just being freed has ended, so it is not in the list. */
        if (request) request = (Request *)handle_acquire(request->handle, HANDLE_REQUEST);
        pthread_mutex_unlock(&instance->lock);
        if (!request) return;
        finish(request, PLUGIN_CANCELLED, plugin_text("the plugin was disconnected"), 0);
        request_release(request);
    }
}

/* ---- on_cancel ---- */

void cancel_requeue(Core *core, Cancelled *cancelled) {
    pthread_mutex_lock(&core->lock);
    cancelled->next = NULL;
    if (core->last_cancelled)
        core->last_cancelled->next = cancelled;
    else
        core->first_cancelled = cancelled;
    core->last_cancelled = cancelled;
    pthread_cond_signal(&core->due);
    pthread_mutex_unlock(&core->lock);
}

void cancel_queue(Instance *instance, PluginRequest request, PluginStream stream) {
    Cancelled *cancelled = (Cancelled *)calloc(1, sizeof *cancelled);
    if (!cancelled) return; /* the plugin polls request_status too */
    cancelled->host = instance->host;
    cancelled->request = request;
    cancelled->stream = stream;
    cancel_requeue(instance->core, cancelled);
}
