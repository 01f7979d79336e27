/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a request to handle_message and its end back to the embedder. */
#include "clock.h"
#include "handles.h"
#include "history.h"
#include "request.h"

#include <stdlib.h>
#include <string.h>

/* ---- running ---- */

/* Under the locks of turns: looks, but ends nothing. */
static PluginStatus still_wanted(void *userdata) {
    Request *request = (Request *)userdata;
    pthread_mutex_lock(&request->instance->lock);
    const int32_t status = request->status;
    pthread_mutex_unlock(&request->instance->lock);
    return status == PLUGIN_PENDING ? PLUGIN_OK : PLUGIN_ENDED;
}

/* The plugin has no handle_message: says what it would have been given. */
static PluginStatus echo(Request *request, PluginText message) {
    const PluginText name = request->instance->metadata.name;
    const size_t room = (size_t)(name.length + message.length) + sizeof "Echo from : ";
    char *text = (char *)malloc(room);
    if (!text) return PLUGIN_OUT_OF_MEMORY;
    const int head = snprintf(text, room, "Echo from %s: ", name.data);
    memcpy(text + head, message.data, (size_t)message.length);
    request_end(request, PLUGIN_OK, plugin_text_of(text, (uint64_t)head + message.length));
    free(text);
    return PLUGIN_OK;
}

static PluginStatus call_handle_message(Request *request, PluginText message, ErrorBuffer *said) {
    Instance *instance = request->instance;
    if (!HAS(instance, handle_message)) return echo(request, message);
    pthread_mutex_lock(&instance->lock);
    request->entered = 1;
    pthread_mutex_unlock(&instance->lock);
    if ((instance->metadata.flags & PLUGIN_METADATA_REQUIRE_HISTORY) && HAS(instance, set_history)) {
        const PluginStatus status = history_set(instance, request->handle, said);
        if (status < 0) return status;
    }
    return instance->entries.handle_message(instance->entries.plugin_ptr, &instance->context, request->handle, message,
                                            &said->error);
}

/* What handle_message returned: ends the request where that is its end. PLUGIN_PENDING where the plugin kept it. */
static PluginStatus conclude(Request *request, PluginStatus returned, ErrorBuffer *said) {
    if (returned < 0) {
        request_end(request, returned, error_buffer_text(said, returned));
    } else if (returned == PLUGIN_PENDING) {
        request_watch(request);
        if (request_look(request) == PLUGIN_PENDING) return PLUGIN_PENDING;
    } else {
        request_end(request, PLUGIN_NO_REPLY,
                    plugin_text("handle_message returned PLUGIN_OK without a reply: call request_reply, or return "
                                "PLUGIN_PENDING and reply later"));
    }
    return PLUGIN_OK;
}

/* It could not run: it has ended with that status. */
static PluginStatus refuse(Request *request, PluginStatus status, PluginText text, PluginError *error) {
    request_end(request, status, text);
    return error_set_text(error, status, text);
}

static PluginStatus refuse_turn(Request *request, PluginStatus status, PluginError *error) {
    switch (status) {
    case PLUGIN_CYCLE:
        return refuse(request, status,
                      plugin_text("the plugin waits, directly or through others, for the one that calls it"), error);
    case PLUGIN_TIMEOUT:
        return refuse(request, status, plugin_text("the plugin was busy until the deadline"), error);
    case PLUGIN_ENDED: { /* while it waited */
        const PluginStatus found = request_look(request);
        return error_set_status(error, found == PLUGIN_OK ? PLUGIN_ENDED : found);
    }
    default:
        return refuse(request, status, plugin_text(core_status_text(status)), error);
    }
}

static int is_connected(const Instance *instance) { return atomic_load(&instance->state) == CORE_STATE_CONNECTED; }

PluginStatus request_run(Request *request, PluginText message, PluginHost caller, PluginError *error) {
    static const char not_connected[] = "the plugin is not connected: connect it first";
    Instance *instance = request->instance;
    ErrorBuffer said;
    Turn turn;
    if (!is_connected(instance)) return refuse(request, PLUGIN_NOT_CONNECTED, plugin_text(not_connected), error);
    turn.host = instance->host;
    turn.caller = caller;
    turn.request = request->handle;
    PluginStatus status = turn_begin(&turn, &instance->seat, request->deadline, still_wanted, request);
    if (status != PLUGIN_OK) return refuse_turn(request, status, error);
    if (atomic_load(&instance->ending) || !is_connected(instance)) {
        turn_end(&turn);
        return refuse(request, PLUGIN_NOT_CONNECTED, plugin_text(not_connected), error);
    }
    status = request_look(request);
    if (status == PLUGIN_PENDING) {
        error_buffer_init(&said);
        status = call_handle_message(request, message, &said);
        status = conclude(request, status, &said);
    } else {
        status = error_set_status(error, status == PLUGIN_OK ? PLUGIN_ENDED : status);
    }
    turn_end(&turn);
    return status;
}

/* ---- for the embedder ---- */

static PluginStatus find_request(PluginRequest handle, Request **request, PluginError *error) {
    PluginStatus status;
    *request = request_acquire(NULL, handle, &status);
    return *request ? PLUGIN_OK : error_set_status(error, status);
}

/* Who is to be told does not wait in core_request_wait, so the deadline needs somebody to look at it. */
static void watch(PluginRequest handle) {
    PluginStatus status;
    Request *request = request_acquire(NULL, handle, &status);
    if (!request) return;
    request_watch(request);
    request_release(request);
}

PluginStatus core_request_new(PluginHost host, uint32_t timeout_ms, int32_t notify, PluginRequest *request,
                              PluginError *error) {
    Instance *instance;
    *request = PLUGIN_NONE;
    PluginStatus status = instance_find(host, &instance, error);
    if (status != PLUGIN_OK) return status;
    status = request_new(instance, clock_deadline(timeout_ms), notify, PLUGIN_NONE, request, error);
    if (status == PLUGIN_OK && notify) watch(*request);
    instance_release(instance);
    return status;
}

PluginStatus core_request_run(PluginRequest handle, PluginText message, PluginError *error) {
    Request *request;
    PluginText checked;
    PluginStatus status = find_request(handle, &request, error);
    if (status != PLUGIN_OK) return status;
    status =
        text_in(message, request->instance->core->max_text_bytes, TEXT_NUL_ALLOWED, "the message", &checked, error);
    if (status == PLUGIN_OK)
        status = request_run(request, checked, PLUGIN_NONE, error);
    else
        request_end(request, status, plugin_text("the message cannot be sent"));
    request_release(request);
    return status;
}

/* Gives the reply, or the reason, of a request that has ended. */
static PluginStatus hand_over(Request *request, PluginReceiveText receive, void *userdata, PluginError *error) {
    const PluginText text = plugin_text_of(request->text ? request->text : "", request->text_length);
    if (request->status != PLUGIN_OK) return error_set_text(error, request->status, text);
    if (receive) receive(userdata, text);
    return PLUGIN_OK;
}

PluginStatus core_request_wait(PluginRequest handle, uint32_t wait_ms, PluginReceiveText receive, void *userdata,
                               PluginError *error) {
    Request *request;
    PluginStatus status = find_request(handle, &request, error);
    if (status != PLUGIN_OK) return status;
    Instance *instance = request->instance;
    if (wait_ms > 0 && request_look(request) == PLUGIN_PENDING) {
        const uint64_t until = clock_deadline(wait_ms);
        const uint64_t deadline = until < request->deadline ? until : request->deadline;
        pthread_mutex_lock(&instance->lock);
        while (request->status == PLUGIN_PENDING && !clock_cond_wait(&request->change, &instance->lock, deadline)) {
        }
        pthread_mutex_unlock(&instance->lock);
    }
    status = request_look(request);
    if (status != PLUGIN_PENDING) status = hand_over(request, receive, userdata, error);
    request_release(request);
    return status;
}

PluginStatus core_request_cancel(PluginRequest handle, PluginError *error) {
    Request *request;
    PluginStatus status = find_request(handle, &request, error);
    if (status != PLUGIN_OK) return status;
    status = request_end(request, PLUGIN_CANCELLED, plugin_text("the person cancelled it"));
    request_release(request);
    return status == PLUGIN_OK ? PLUGIN_OK : error_set_status(error, PLUGIN_ENDED);
}

void core_request_release(PluginRequest handle) {
    PluginStatus status;
    Request *request = request_acquire(NULL, handle, &status);
    if (!request) return;
    request_end(request, PLUGIN_CANCELLED, plugin_text("nobody waits for the reply any more"));
    handle_retire(handle);
    request_release(request);
}

PluginStatus core_send(PluginHost host, PluginText message, uint32_t timeout_ms, PluginReceiveText receive,
                       void *userdata, PluginError *error) {
    PluginRequest request;
    PluginStatus status = core_request_new(host, timeout_ms, 0, &request, error);
    if (status != PLUGIN_OK) return status;
    status = core_request_run(request, message, error);
    if (status >= 0) status = core_request_wait(request, PLUGIN_WAIT_FOREVER, receive, userdata, error);
    core_request_release(request);
    return status;
}
