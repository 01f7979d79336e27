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

PluginStatus request_new(Instance *instance, uint64_t deadline, int notify, PluginRequest parent, PluginRequest *handle,
                         PluginError *error) {
    Request *request = (Request *)calloc(1, sizeof *request);
    if (!request) return error_set_status(error, PLUGIN_OUT_OF_MEMORY);
    request->instance = instance_acquire(instance->host);
    if (!request->instance) {
        free(request);
        return error_set(error, PLUGIN_CLOSED, "the instance is gone: it was ended");
    }
    request->deadline = deadline;
    request->notify = notify;
    request->status = PLUGIN_PENDING;
    clock_cond_init(&request->change);
    *handle = request->handle = handle_new(HANDLE_REQUEST, request, free_request);
    if (request->handle == PLUGIN_NONE) {
        free_request(request);
        return error_set_status(error, PLUGIN_OUT_OF_MEMORY);
    }
    pthread_mutex_lock(&instance->lock);
    link_request(request);
    pthread_mutex_unlock(&instance->lock);
    tell_parent(parent, request->handle);
    return PLUGIN_OK;
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

/* ---- the end ---- */

void request_watch(Request *request) {
    Core *core = request->instance->core;
    if (request->deadline == CLOCK_NEVER || !handle_acquire(request->handle, HANDLE_REQUEST)) return;
    pthread_mutex_lock(&core->lock);
    /* Whoever ends it sets its status before it looks at is_watched: either this sees the one or that the other. */
    pthread_mutex_lock(&request->instance->lock);
    const int wanted = request->status == PLUGIN_PENDING && !request->is_watched;
    pthread_mutex_unlock(&request->instance->lock);
    if (wanted) {
        request->is_watched = 1;
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
    const int was_watched = request->is_watched;
    if (was_watched) {
        if (request->before_watched)
            request->before_watched->next_watched = request->next_watched;
        else
            core->first_watched = request->next_watched;
        if (request->next_watched) request->next_watched->before_watched = request->before_watched;
        request->is_watched = 0;
    }
    pthread_mutex_unlock(&core->lock);
    if (was_watched) request_release(request);
}

static void push_ended(Request *request, PluginStatus status, PluginText text) {
    CoreEvent event;
    memset(&event, 0, sizeof event);
    event.type = CORE_EVENT_REQUEST_ENDED;
    event.request = request->handle;
    event.value = status;
    queue_push(request->instance->queue, &event, &text, 1, QUEUE_TERMINAL, 0, NULL, NULL, NULL);
}

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

/* Ends it where it has not ended: 1. `tell`: the plugin gets an on_cancel where it has seen the request. */
static int finish(Request *request, PluginStatus status, PluginText text, int tell) {
    Instance *instance = request->instance;
    char *copy = text.length > 0 ? text_dup(text) : NULL;
    if (text.length > 0 && !copy) {
        status = PLUGIN_OUT_OF_MEMORY;
        text.length = 0;
    }
    pthread_mutex_lock(&instance->lock);
    if (request->status != PLUGIN_PENDING) {
        pthread_mutex_unlock(&instance->lock);
        free(copy);
        return 0;
    }
    request->status = status;
    request->text = copy;
    request->text_length = text.length;
    const PluginRequest child = request->child;
    const int entered = request->entered;
    unlink_request(request);
    pthread_cond_broadcast(&request->change);
    pthread_mutex_unlock(&instance->lock);
    unwatch(request);
    if (status == PLUGIN_CANCELLED || status == PLUGIN_TIMEOUT) {
        cancel_what_follows(request, child);
        if (tell && entered && HAS(instance, on_cancel)) cancel_queue(instance, request->handle, PLUGIN_NONE);
    }
    if (request->notify) push_ended(request, status, text);
    return 1;
}

static int32_t status_of(Request *request) {
    pthread_mutex_lock(&request->instance->lock);
    const int32_t status = request->status;
    pthread_mutex_unlock(&request->instance->lock);
    return status;
}

PluginStatus request_look(Request *request) {
    const int32_t status = status_of(request);
    if (status != PLUGIN_PENDING || request->deadline == CLOCK_NEVER || clock_now() < request->deadline) return status;
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
