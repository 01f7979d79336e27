/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include "clock.h"
#include "due.h"
#include "handles.h"
#include "lasting.h"
#include "stream.h"

#include <stdlib.h>
#include <string.h>

/* ---- how it stands ---- */

static int32_t status_of(const Request *request) { return request_status_in(atomic_load(&request->state)); }

int request_mark(Request *request, uint64_t bits) {
    uint64_t state = atomic_load(&request->state);
    do {
        if (request_status_in(state) != PLUGIN_PENDING) return 0;
    } while (!atomic_compare_exchange_weak(&request->state, &state, state | bits));
    return 1;
}

int request_unmark(Request *request, uint64_t bits) {
    uint64_t state = atomic_load(&request->state);
    do {
        if (request_status_in(state) != PLUGIN_PENDING) return 0;
    } while (!atomic_compare_exchange_weak(&request->state, &state, state & ~bits));
    return 1;
}

/* What a call that comes too late is answered. */
static PluginStatus already(int32_t status) { return status == PLUGIN_CANCELLED ? PLUGIN_CANCELLED : PLUGIN_ENDED; }

static int is_unwanted(int32_t status) { return status == PLUGIN_CANCELLED || status == PLUGIN_TIMEOUT; }

/* ---- making and freeing ---- */

static Lasting memory = LASTING(Request, instance);

/* NULL where no memory is left. */
static Request *take_memory(void) {
    int is_new;
    Request *request = (Request *)lasting_take(&memory, &is_new);
    if (request && is_new) {
        request->text = request->small;
        atomic_init(&request->text_room, SMALL_TEXT);
        clock_cond_init(&request->change);
    }
    return request;
}

static void keep_text_small(Request *request, uint64_t most) {
    if (atomic_load_explicit(&request->text_room, memory_order_relaxed) <= most) return;
    free(request->text);
    request->text = request->small;
    atomic_store_explicit(&request->text_room, SMALL_TEXT, memory_order_relaxed);
}

static void give_memory(Request *request) {
    keep_text_small(request, SMALL_TEXT);
    lasting_give(&memory, request);
}

static void free_request(void *object) {
    Request *request = (Request *)object;
    Instance *instance = request->instance;
    give_memory(request);
    instance_release(instance);
}

/* Under the instance's lock. */
static void link_request(Request *request) {
    Instance *instance = request->instance;
    request->before = NULL;
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

/* Sets it up for a message, before it has a name. */
static void begin(Request *request, uint64_t deadline, int notify, uint64_t bits, Request *parent) {
    request->deadline = deadline;
    request->notify = notify;
    request->child = PLUGIN_NONE;
    request->text_length = 0;
    atomic_store_explicit(&request->parent, parent, memory_order_relaxed);
    atomic_store_explicit(&request->state, bits | PLUGIN_PENDING, memory_order_release);
}

static PluginStatus make(Instance *instance, uint64_t deadline, int notify, uint64_t bits, Request *parent,
                         Request **made, PluginError *error) {
    Request *request = take_memory();
    if (!request) return error_set_status(error, PLUGIN_OUT_OF_MEMORY);
    request->instance = instance_acquire(instance->host);
    if (!request->instance) {
        give_memory(request);
        return error_set(error, PLUGIN_CLOSED, "the instance is gone: it was ended");
    }
    begin(request, deadline, notify, bits, parent);
    request->handle = handle_new(HANDLE_REQUEST, request, free_request);
    if (request->handle == PLUGIN_NONE) {
        free_request(request);
        return error_set_status(error, PLUGIN_OUT_OF_MEMORY);
    }
    *made = request;
    return PLUGIN_OK;
}

PluginStatus request_new(Instance *instance, uint64_t deadline, int notify, uint64_t bits, Request **made,
                         PluginError *error) {
    const PluginStatus status = make(instance, deadline, notify, bits | REQUEST_LINKED, NULL, made, error);
    if (status != PLUGIN_OK) return status;
    pthread_mutex_lock(&instance->lock);
    const int closed = atomic_load(&instance->closed); /* request_end_all, which follows, may have been here */
    if (!closed) link_request(*made);
    pthread_mutex_unlock(&instance->lock);
    if (!closed) return PLUGIN_OK;
    handle_retire((*made)->handle);
    return error_set(error, PLUGIN_CLOSED, "the instance was ended");
}

PluginStatus request_reuse(Instance *instance, uint64_t deadline, int notify, uint64_t bits, Request *parent,
                           Request **reused, PluginError *error) {
    Request *request = atomic_load_explicit(&instance->spare, memory_order_relaxed);
    if (request && handle_withdraw(request->handle)) {
        keep_text_small(request, KEPT_TEXT);
        begin(request, deadline, notify, bits, parent);
        atomic_store_explicit(&request->handle, handle_renew(request->handle), memory_order_release);
        *reused = request;
        return PLUGIN_OK;
    }
    if (request) handle_retire(request->handle); /* somebody still looks at it */
    instance->spare = NULL;
    const PluginStatus status = make(instance, deadline, notify, bits, parent, reused, error);
    if (status == PLUGIN_OK) instance->spare = *reused;
    return status;
}

void request_detach(Request *request) {
    Instance *instance = request->instance;
    instance->spare = NULL;
    pthread_mutex_lock(&instance->lock);
    if (request_mark(request, REQUEST_LINKED)) link_request(request);
    pthread_mutex_unlock(&instance->lock);
    request_look(request); /* request_end_all may have been here just before */
}

void request_forget_spare(Instance *instance) {
    Request *request = instance->spare;
    instance->spare = NULL;
    if (request) handle_retire(request->handle);
}

void request_drop(Request *request) {
    request_end(request, PLUGIN_CANCELLED, plugin_text("nobody waits for the reply any more"));
    handle_retire(request->handle);
}

/* ---- shares ---- */

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

void request_release(Request *request) { handle_release(request->handle); }

Request *request_borrow(const Instance *instance, const Turn *turn, PluginRequest handle, PluginStatus *status) {
    if (!turn || !turn->request || turn->request->handle != handle) return request_acquire(instance, handle, status);
    *status = PLUGIN_OK;
    return turn->request;
}

void request_return(Request *request, const Turn *turn) {
    if (!turn || turn->request != request) request_release(request);
}

/* ---- what is told of it ---- */

/* Of a gate: STARTED is queued already. */
enum { TOLD_ALREADY = 1000 };

static PluginStatus started_gate(void *userdata, int room) {
    Request *request = (Request *)userdata;
    const uint64_t state = atomic_load(&request->state);
    if (request_status_in(state) != PLUGIN_PENDING) return PLUGIN_ENDED;
    if (state & REQUEST_TOLD) return TOLD_ALREADY;
    request->contents = queue_contents(request->instance->queue);
    return !room || request_mark(request, REQUEST_TOLD) ? PLUGIN_OK : PLUGIN_ENDED;
}

PluginStatus request_tell(Request *request, int flags, uint32_t wait_ms) {
    CoreEvent event;
    if (atomic_load(&request->state) & REQUEST_TOLD) return PLUGIN_OK;
    event = event_of(CORE_EVENT_REQUEST_STARTED);
    event.request = request->handle;
    const PluginStatus status = queue_push(request->instance->queue, &event, &request->message, 1, flags | QUEUE_LAZY,
                                           wait_ms, NULL, started_gate, request);
    return status == TOLD_ALREADY ? PLUGIN_OK : status;
}

/* Whether this thread is inside its handle_message, and whoever called that is about to be given the end. */
static int runs_here(const Request *request) {
    const Turn *turn = turn_of(request->instance->host);
    return turn && turn->request == request;
}

/* `state`: how it stood when it ended. */
static void push_ended(Request *request, PluginStatus status, PluginText text, uint64_t state) {
    const int in_order = !(state & REQUEST_BEHIND);
    const int taken = in_order && (state & REQUEST_DIRECT);
    const int lazy = taken || (in_order && runs_here(request));
    CoreEvent event = event_of(CORE_EVENT_REQUEST_ENDED);
    event.request = request->handle;
    event.value = status;
    event.number = (taken ? CORE_REQUEST_TAKEN : 0u) | (state & REQUEST_STREAMED ? CORE_REQUEST_STREAMED : 0u);
    queue_push(request->instance->queue, &event, &text, 1, QUEUE_TERMINAL | (lazy ? QUEUE_LAZY : 0), 0, NULL, NULL,
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

/* BEHIND, where the plugin has sent something since the request was told of: the reply must not overtake that. */
static uint64_t place_in_order(const Request *request, uint64_t state) {
    const int overtakes = (state & REQUEST_TOLD) && queue_contents(request->instance->queue) != request->contents;
    return overtakes ? REQUEST_BEHIND : 0;
}

/* The step in which it ends: 1, and `*state` has the bits that it ends with; 0 where it had ended. */
static int claim_end(Request *request, PluginStatus status, uint64_t *state) {
    uint64_t found = atomic_load(&request->state);
    do {
        if (request_status_in(found) != PLUGIN_PENDING) return 0;
        *state = found | place_in_order(request, found);
    } while (
        !atomic_compare_exchange_weak(&request->state, &found, (*state & ~(uint64_t)UINT32_MAX) | (uint32_t)status));
    return 1;
}

/* What else is to be done under the lock, by whoever ended it: the child that its handler waits for. */
static PluginRequest settle(Request *request, uint64_t state) {
    Instance *instance = request->instance;
    pthread_mutex_lock(&instance->lock);
    const PluginRequest child = request->child;
    if (state & REQUEST_LINKED) unlink_request(request);
    if (state & REQUEST_WAITED) pthread_cond_broadcast(&request->change);
    pthread_mutex_unlock(&instance->lock);
    return child;
}

/* Memory for a text that is longer than there is room for; NULL where there is room, or no memory. Nobody but the one who ends it
   changes the room, so what was read here is still true for that one. */
static char *make_room(const Request *request, PluginText text) {
    if (text.length < atomic_load_explicit(&request->text_room, memory_order_relaxed)) return NULL;
    return (char *)malloc((size_t)text.length + 1);
}

static void place_text(Request *request, PluginText text, char *room) {
    if (room) {
        if (request->text != request->small) free(request->text);
        request->text = room;
        atomic_store_explicit(&request->text_room, text.length + 1, memory_order_relaxed);
    }
    if (text.length > 0) memcpy(request->text, text.data, (size_t)text.length);
    request->text[text.length] = '\0';
    request->text_length = text.length;
}

/* Ends it where it has not ended: 1. `tell`: the plugin gets an on_cancel where it has seen the request. */
static int finish(Request *request, PluginStatus status, PluginText text, int tell) {
    PluginRequest child = PLUGIN_NONE;
    uint64_t state;
    char *room = make_room(request, text);
    if (!room && text.length >= atomic_load_explicit(&request->text_room, memory_order_relaxed)) {
        status = PLUGIN_OUT_OF_MEMORY;
        text.length = 0;
    }
    if (!claim_end(request, status, &state)) {
        free(room);
        return 0;
    }
    place_text(request, text, room);
    /* Nobody else changes it any more. */
    atomic_store_explicit(&request->state, (state & ~(uint64_t)UINT32_MAX) | (uint32_t)status | REQUEST_READY,
                          memory_order_release);
    if (state & (REQUEST_LINKED | REQUEST_WAITED | REQUEST_PARENT)) child = settle(request, state);
    if (state & REQUEST_WATCHED) due_unwatch(request);
    if (is_unwanted(status)) {
        cancel_what_follows(request, child);
        if (tell && (state & REQUEST_ENTERED) && HAS(request->instance, on_cancel))
            due_on_cancel(request->instance, request->handle, PLUGIN_NONE);
    }
    if (state & REQUEST_TOLD) push_ended(request, status, text, state);
    return 1;
}

/* Whether the one whose handler has called for it is not wanted any more. */
static int parent_is_unwanted(const Request *request) {
    const Request *parent = atomic_load_explicit(&request->parent, memory_order_acquire);
    return parent && is_unwanted(status_of(parent));
}

/* `coarse`: what clock_coarse has just said, or NULL. */
static PluginStatus look(Request *request, const uint64_t *coarse) {
    const uint64_t state = atomic_load(&request->state);
    if (request_status_in(state) != PLUGIN_PENDING) return request_status_in(state);
    if ((state & REQUEST_DIRECT) &&
        atomic_load(&request->instance->ending)) /* request_end_all finds those that are linked */
        finish(request, PLUGIN_CANCELLED, plugin_text("the plugin was disconnected"), 0);
    else if (parent_is_unwanted(request))
        finish(request, PLUGIN_CANCELLED, plugin_text("the request that it was made for has ended"), 1);
    else if (coarse ? clock_is_past_at(request->deadline, *coarse) : clock_is_past(request->deadline))
        finish(request, PLUGIN_TIMEOUT, plugin_text("no reply came in time"), 1);
    else
        return PLUGIN_PENDING;
    return status_of(request);
}

PluginStatus request_look(Request *request) { return look(request, NULL); }

PluginStatus request_look_at(Request *request, uint64_t coarse) { return look(request, &coarse); }

PluginStatus request_standing(Request *request) {
    const int32_t status = request_look(request);
    if (status == PLUGIN_PENDING) return PLUGIN_OK;
    return status == PLUGIN_TIMEOUT ? PLUGIN_TIMEOUT : already(status);
}

PluginStatus request_end(Request *request, PluginStatus status, PluginText text) {
    const int32_t found = request_look(request);
    if (found != PLUGIN_PENDING) return already(found);
    return finish(request, status, text, 1) ? PLUGIN_OK : already(status_of(request));
}

/* Any that is open, with a share; NULL where there is none. One that is just being freed has ended, so it is not in the list. */
static Request *acquire_open(Instance *instance) {
    pthread_mutex_lock(&instance->lock);
    Request *request = instance->first_request;
    if (request) request = (Request *)handle_acquire(request->handle, HANDLE_REQUEST);
    pthread_mutex_unlock(&instance->lock);
    if (request) return request;
    Request *spare = atomic_load(&instance->spare); /* its memory stays a request's, so it may be looked at */
    request = spare ? (Request *)handle_acquire(spare->handle, HANDLE_REQUEST) : NULL;
    if (!request || (request->instance == instance && request_is_open(request))) return request;
    request_release(request);
    return NULL;
}

void request_end_all(Instance *instance) {
    Request *request;
    while ((request = acquire_open(instance)) != NULL) {
        finish(request, PLUGIN_CANCELLED, plugin_text("the plugin was disconnected"), 0);
        request_release(request);
    }
}

void request_tell_parent(Request *parent, Request *child) {
    Instance *instance = parent->instance;
    pthread_mutex_lock(&instance->lock);
    parent->child = child->handle;
    const int linked = (atomic_load(&parent->state) & REQUEST_LINKED) != 0;
    const int open = request_mark(parent, REQUEST_PARENT | REQUEST_LINKED);
    if (open && !linked) link_request(parent);
    pthread_mutex_unlock(&instance->lock);
    /* Whoever ends the parent from here on finds the child. */
    if (is_unwanted(request_look(parent)))
        request_end(child, PLUGIN_CANCELLED, plugin_text("the request that it was made for has ended"));
    atomic_store(&child->parent, NULL);
}
