/* SPDX-License-Identifier: Apache-2.0 */
/* The table that plugins call the host through: checks what comes, and passes it on. */
#include "clock.h"
#include "history.h"
#include "request.h"
#include "route.h"
#include "stream.h"

#include <string.h>

/* Whose callback it is: without a share where this thread has a turn on the instance. */
typedef struct Caller {
    Instance *instance;
    const Turn *turn; /* NULL: the call comes from another thread */
} Caller;

/* PLUGIN_CLOSED where the instance is gone or may not call any more. end() gives it back. */
static PluginStatus begin(PluginHost host, Caller *caller, PluginError *error) {
    caller->turn = turn_of(host);
    caller->instance = caller->turn ? caller->turn->instance : instance_acquire(host);
    if (caller->instance && !atomic_load(&caller->instance->closed)) return PLUGIN_OK;
    if (caller->instance && !caller->turn) instance_release(caller->instance);
    return error_set(error, PLUGIN_CLOSED, "the instance is gone, or its host is");
}

static PluginStatus end(const Caller *caller, PluginStatus status) {
    if (!caller->turn) instance_release(caller->instance);
    return status;
}

/* A name or a key: no NUL inside, not empty, not beyond reason. */
static PluginStatus take_name(PluginText text, const char *what, PluginText *out, PluginError *error) {
    const PluginStatus status = text_in(text, 4096, 0, what, out, error);
    if (status == PLUGIN_OK && out->length == 0) return error_set(error, PLUGIN_INVALID_ARGUMENT, "%s is empty", what);
    return status;
}

static PluginStatus take_text(const Instance *instance, PluginText text, const char *what, PluginText *out,
                              PluginError *error) {
    return text_in_long(text, instance->core->max_text_bytes, what, out, error);
}

static PluginStatus push_failed(PluginError *error, PluginStatus status) {
    if (status == PLUGIN_OK) return PLUGIN_OK;
    if (status == PLUGIN_FULL)
        return error_set(error, status, "the queue to the front end is full; wait, or send less");
    return error_set_status(error, status);
}

/* ---- to the front end ---- */

static PluginStatus PLUGIN_CALL send_to_frontend(PluginHost host, PluginText event_name, PluginText payload,
                                                 uint32_t wait_ms, PluginError *error) {
    static const char reserved[] = "plugin-";
    Caller caller;
    CoreEvent event;
    PluginText name;
    PluginStatus status = begin(host, &caller, error);
    if (status != PLUGIN_OK) return status;
    event = event_of(CORE_EVENT_FRONTEND);
    status = take_name(event_name, "the event's name", &name, error);
    if (status == PLUGIN_OK && name.length >= sizeof reserved - 1 &&
        memcmp(name.data, reserved, sizeof reserved - 1) == 0)
        status = error_set(error, PLUGIN_INVALID_ARGUMENT, "names that begin with \"plugin-\" belong to the host");
    if (status == PLUGIN_OK) status = take_text(caller.instance, payload, "the payload", &payload, error);
    if (status == PLUGIN_OK) {
        event.name = name;
        status =
            push_failed(error, queue_push(caller.instance->queue, &event, &payload, 1, 0, wait_ms, NULL, NULL, NULL));
    }
    return end(&caller, status);
}

static PluginStatus PLUGIN_CALL send_message(PluginHost host, uint32_t kind, PluginText text, uint32_t wait_ms,
                                             PluginError *error) {
    Caller caller;
    CoreEvent event;
    PluginStatus status = begin(host, &caller, error);
    if (status != PLUGIN_OK) return status;
    event = event_of(CORE_EVENT_MESSAGE);
    event.value = kind;
    status = take_text(caller.instance, text, "the message", &text, error);
    if (status == PLUGIN_OK)
        status = push_failed(error, queue_push(caller.instance->queue, &event, &text, 1, 0, wait_ms, NULL, NULL, NULL));
    return end(&caller, status);
}

static void PLUGIN_CALL write_log(PluginHost host, uint32_t level, PluginText file, uint32_t line, PluginText text) {
    char file_buffer[512];
    char text_buffer[8192];
    Caller caller;
    CoreEvent event;
    if (begin(host, &caller, NULL) != PLUGIN_OK) return;
    event = event_of(CORE_EVENT_LOG);
    event.value = level;
    event.number = line;
    event.name = plugin_text_of(file_buffer, text_repair(file, file_buffer, sizeof file_buffer));
    const PluginText repaired = plugin_text_of(text_buffer, text_repair(text, text_buffer, sizeof text_buffer));
    queue_push(caller.instance->queue, &event, &repaired, 1, QUEUE_DROP, 0, NULL, NULL, NULL);
    end(&caller, PLUGIN_OK);
}

static PluginStatus PLUGIN_CALL refresh_ui(PluginHost host, PluginError *error) {
    Caller caller;
    CoreEvent event;
    PluginStatus status = begin(host, &caller, error);
    if (status != PLUGIN_OK) return status;
    if (caller.turn && caller.instance->frame_runs) {
        atomic_store(&caller.instance->frame_again, 1);
    } else {
        event = event_of(CORE_EVENT_UI_REFRESH);
        status = push_failed(error,
                             queue_push(caller.instance->queue, &event, NULL, 1, QUEUE_COALESCE, 0, NULL, NULL, NULL));
    }
    return end(&caller, status);
}

static PluginStatus PLUGIN_CALL request_disconnect(PluginHost host, PluginError *error) {
    Caller caller;
    CoreEvent event;
    PluginStatus status = begin(host, &caller, error);
    if (status != PLUGIN_OK) return status;
    event = event_of(CORE_EVENT_DISCONNECT_REQUEST);
    /* Asking again while it has not happened adds nothing, so that a plugin in a loop cannot fill the queue. */
    if (!atomic_exchange(&caller.instance->asked_disconnect, 1))
        status = push_failed(error,
                             queue_push(caller.instance->queue, &event, NULL, 1, QUEUE_TERMINAL, 0, NULL, NULL, NULL));
    return end(&caller, status);
}

/* ---- services ---- */

static PluginStatus PLUGIN_CALL get_app_config(PluginHost host, PluginText key, PluginReceiveText receive,
                                               void *userdata, PluginError *error) {
    Caller caller;
    PluginStatus status = begin(host, &caller, error);
    if (status != PLUGIN_OK) return status;
    const CoreServices *services = &caller.instance->core->services;
    status = take_name(key, "the key", &key, error);
    if (status == PLUGIN_OK && !receive) status = error_set(error, PLUGIN_INVALID_ARGUMENT, "the receiver is NULL");
    if (status == PLUGIN_OK && !services->get_config) status = error_set_status(error, PLUGIN_NOT_FOUND);
    if (status == PLUGIN_OK) {
        if (services_begin(caller.instance->core)) {
            status = services->get_config(services->userdata, host, key, receive, userdata, error);
            services_end(caller.instance->core);
        } else {
            status = error_set_status(error, PLUGIN_CLOSED);
        }
    }
    return end(&caller, status);
}

static PluginStatus PLUGIN_CALL set_app_config(PluginHost host, PluginText key, PluginText value, PluginError *error) {
    Caller caller;
    PluginStatus status = begin(host, &caller, error);
    if (status != PLUGIN_OK) return status;
    const CoreServices *services = &caller.instance->core->services;
    status = take_name(key, "the key", &key, error);
    if (status == PLUGIN_OK)
        status = text_in(value, caller.instance->core->max_text_bytes, 0, "the value", &value, error);
    if (status == PLUGIN_OK && !services->set_config) status = error_set_status(error, PLUGIN_UNSUPPORTED);
    if (status == PLUGIN_OK) {
        if (services_begin(caller.instance->core)) {
            status = services->set_config(services->userdata, host, key, value, error);
            services_end(caller.instance->core);
        } else {
            status = error_set_status(error, PLUGIN_CLOSED);
        }
    }
    return end(&caller, status);
}

static PluginStatus PLUGIN_CALL get_history(PluginHost host, uint32_t limit, PluginReceiveHistory receive,
                                            void *userdata, PluginError *error) {
    Caller caller;
    PluginStatus status = begin(host, &caller, error);
    if (status != PLUGIN_OK) return status;
    if (receive)
        status = history_read(caller.instance, limit, PLUGIN_NONE, receive, userdata, error);
    else
        status = error_set(error, PLUGIN_INVALID_ARGUMENT, "the receiver is NULL");
    return end(&caller, status);
}

static const void *PLUGIN_CALL get_extension(PluginHost host, PluginText name) {
    Caller caller;
    const void *extension = NULL;
    if (begin(host, &caller, NULL) != PLUGIN_OK) return NULL;
    const CoreServices *services = &caller.instance->core->services;
    if (services->get_extension && take_name(name, "the name", &name, NULL) == PLUGIN_OK &&
        services_begin(caller.instance->core)) {
        extension = services->get_extension(services->userdata, host, name);
        services_end(caller.instance->core);
    }
    end(&caller, PLUGIN_OK);
    return extension;
}

static PluginStatus PLUGIN_CALL call_other_plugin(PluginHost host, PluginText id, PluginText message,
                                                  uint32_t timeout_ms, PluginReceiveText receive, void *userdata,
                                                  PluginError *error) {
    Caller caller;
    PluginStatus status = begin(host, &caller, error);
    if (status != PLUGIN_OK) return status;
    const PluginHost known = caller.turn ? route_known(caller.instance, id) : PLUGIN_NONE;
    if (known == PLUGIN_NONE) status = take_name(id, "the plugin's id", &id, error);
    if (status == PLUGIN_OK) status = take_text(caller.instance, message, "the message", &message, error);
    if (status == PLUGIN_OK)
        status = route_call(caller.instance, caller.turn, known, id, message, timeout_ms, receive, userdata, error);
    return end(&caller, status);
}

/* ---- requests ---- */

static PluginStatus end_request(const Caller *caller, const char *call, PluginRequest handle, PluginStatus with,
                                PluginText text, PluginError *error) {
    PluginStatus status;
    Request *request = request_borrow(caller->instance, caller->turn, handle, &status);
    if (request) {
        status = request_end(request, with, text);
        /* Too late is nobody's fault; twice is. */
        if (status == PLUGIN_ENDED && request_look(request) != PLUGIN_TIMEOUT)
            instance_report(caller->instance, status, call, "the request had ended already: a request gets one reply");
        request_return(request, caller->turn);
    }
    if (status == PLUGIN_OK) return PLUGIN_OK;
    if (status == PLUGIN_ENDED) return error_set(error, status, "the request has already ended");
    if (status == PLUGIN_INVALID_HANDLE)
        return error_set(error, status, "the handle names no request of this instance");
    return error_set_status(error, status);
}

static PluginStatus PLUGIN_CALL request_reply(PluginHost host, PluginRequest request, PluginText text,
                                              PluginError *error) {
    Caller caller;
    PluginStatus status = begin(host, &caller, error);
    if (status != PLUGIN_OK) return status;
    status = take_text(caller.instance, text, "the reply", &text, error);
    if (status == PLUGIN_OK) status = end_request(&caller, "request_reply", request, PLUGIN_OK, text, error);
    return end(&caller, status);
}

static PluginStatus PLUGIN_CALL request_fail(PluginHost host, PluginRequest request, PluginStatus with, PluginText text,
                                             PluginError *error) {
    char buffer[4096];
    Caller caller;
    PluginStatus status = begin(host, &caller, error);
    if (status != PLUGIN_OK) return status;
    if (with >= 0) {
        status = error_set(error, PLUGIN_INVALID_ARGUMENT, "a request fails with a status below zero, not %d", with);
    } else {
        const uint64_t length = text_repair(text, buffer, sizeof buffer);
        const PluginText reason = length > 0 ? plugin_text_of(buffer, length) : plugin_text(core_status_text(with));
        status = end_request(&caller, "request_fail", request, with, reason, error);
    }
    return end(&caller, status);
}

static PluginStatus PLUGIN_CALL request_status(PluginHost host, PluginRequest handle) {
    Caller caller;
    PluginStatus status = begin(host, &caller, NULL);
    if (status != PLUGIN_OK) return status;
    Request *request = request_borrow(caller.instance, caller.turn, handle, &status);
    if (request) {
        status = request_standing(request);
        request_return(request, caller.turn);
    }
    return end(&caller, status);
}

static uint64_t PLUGIN_CALL request_remaining_ns(PluginHost host, PluginRequest handle) {
    uint64_t remaining = 0;
    PluginStatus status;
    Caller caller;
    if (begin(host, &caller, NULL) != PLUGIN_OK) return 0;
    Request *request = request_borrow(caller.instance, caller.turn, handle, &status);
    if (request) {
        const uint64_t now = clock_now();
        if (request_look(request) != PLUGIN_PENDING)
            remaining = 0;
        else if (request->deadline == CLOCK_NEVER)
            remaining = UINT64_MAX;
        else
            remaining = request->deadline > now ? request->deadline - now : 0;
        request_return(request, caller.turn);
    }
    end(&caller, PLUGIN_OK);
    return remaining;
}

/* ---- streams ---- */

static PluginStatus PLUGIN_CALL stream_start(PluginHost host, PluginRequest request, uint32_t kind,
                                             PluginStream *stream, PluginError *error) {
    Caller caller;
    PluginStatus status = begin(host, &caller, error);
    if (stream) *stream = PLUGIN_NONE;
    if (status != PLUGIN_OK) return status;
    if (stream)
        status = stream_new(caller.instance, request, kind, stream, error);
    else
        status = error_set(error, PLUGIN_INVALID_ARGUMENT, "the place for the stream's handle is NULL");
    return end(&caller, status);
}

static PluginStatus PLUGIN_CALL stream_data(PluginHost host, PluginStream stream, PluginText chunk, uint32_t flags,
                                            uint32_t wait_ms, PluginError *error) {
    Caller caller;
    PluginStatus status = begin(host, &caller, error);
    if (status != PLUGIN_OK) return status;
    status = take_text(caller.instance, chunk, "the chunk", &chunk, error);
    if (status == PLUGIN_OK) status = stream_send(caller.instance, stream, &chunk, 1, flags, wait_ms, error);
    return end(&caller, status);
}

static PluginStatus send_batch(Instance *instance, PluginStream stream, const PluginText *chunks, uint32_t count,
                               uint32_t flags, uint32_t wait_ms, PluginError *error) {
    PluginStatus status = PLUGIN_OK;
    if (!chunks || count == 0) return error_set(error, PLUGIN_INVALID_ARGUMENT, "the batch is empty");
    PluginText *checked = (PluginText *)malloc((size_t)count * sizeof *checked);
    if (!checked) return error_set_status(error, PLUGIN_OUT_OF_MEMORY);
    for (uint32_t index = 0; index < count && status == PLUGIN_OK; index++)
        status = take_text(instance, chunks[index], "a chunk of the batch", &checked[index], error);
    if (status == PLUGIN_OK) status = stream_send(instance, stream, checked, count, flags, wait_ms, error);
    free(checked);
    return status;
}

static PluginStatus PLUGIN_CALL stream_batch(PluginHost host, PluginStream stream, const PluginText *chunks,
                                             uint32_t count, uint32_t flags, uint32_t wait_ms, PluginError *error) {
    Caller caller;
    PluginStatus status = begin(host, &caller, error);
    if (status != PLUGIN_OK) return status;
    status = send_batch(caller.instance, stream, chunks, count, flags, wait_ms, error);
    return end(&caller, status);
}

static PluginStatus PLUGIN_CALL stream_end(PluginHost host, PluginStream stream, int32_t success, PluginText reason,
                                           PluginError *error) {
    char buffer[4096];
    Caller caller;
    PluginStatus status = begin(host, &caller, error);
    if (status != PLUGIN_OK) return status;
    const uint64_t length = success ? 0 : text_repair(reason, buffer, sizeof buffer);
    status = stream_move(caller.instance, stream, success ? PLUGIN_STREAM_COMPLETED : PLUGIN_STREAM_FAILED,
                         plugin_text_of(buffer, length), 0, error);
    return end(&caller, status);
}

static PluginStatus move(PluginHost host, PluginStream stream, int32_t state, PluginError *error) {
    Caller caller;
    PluginStatus status = begin(host, &caller, error);
    if (status != PLUGIN_OK) return status;
    status = stream_move(caller.instance, stream, state, plugin_text(""), 0, error);
    return end(&caller, status);
}

static PluginStatus PLUGIN_CALL stream_pause(PluginHost host, PluginStream stream, PluginError *error) {
    return move(host, stream, PLUGIN_STREAM_PAUSED, error);
}

static PluginStatus PLUGIN_CALL stream_resume(PluginHost host, PluginStream stream, PluginError *error) {
    return move(host, stream, PLUGIN_STREAM_ACTIVE, error);
}

static PluginStatus PLUGIN_CALL stream_cancel(PluginHost host, PluginStream stream, PluginError *error) {
    return move(host, stream, PLUGIN_STREAM_CANCELLED, error);
}

static int32_t PLUGIN_CALL stream_status(PluginHost host, PluginStream stream) {
    Caller caller;
    const PluginStatus status = begin(host, &caller, NULL);
    if (status != PLUGIN_OK) return status;
    const int32_t state = stream_state(caller.instance, stream);
    end(&caller, PLUGIN_OK);
    return state;
}

static PluginStatus PLUGIN_CALL stream_list(PluginHost host, PluginReceiveStream receive, void *userdata,
                                            PluginError *error) {
    Caller caller;
    PluginStatus status = begin(host, &caller, error);
    if (status != PLUGIN_OK) return status;
    if (receive)
        status = stream_each(caller.instance, receive, userdata);
    else
        status = error_set(error, PLUGIN_INVALID_ARGUMENT, "the receiver is NULL");
    return end(&caller, status);
}

/* ---- the table ---- */

const HostCallbacks host_callbacks = {
    .struct_size = (uint32_t)sizeof(HostCallbacks),
    .abi_version = PLUGIN_ABI_VERSION,
    .send_to_frontend = send_to_frontend,
    .send_message = send_message,
    .get_app_config = get_app_config,
    .set_app_config = set_app_config,
    .call_other_plugin = call_other_plugin,
    .log = write_log,
    .refresh_ui = refresh_ui,
    .request_disconnect = request_disconnect,
    .get_history = get_history,
    .request_reply = request_reply,
    .request_fail = request_fail,
    .request_status = request_status,
    .request_remaining_ns = request_remaining_ns,
    .stream_start = stream_start,
    .stream_data = stream_data,
    .stream_batch = stream_batch,
    .stream_end = stream_end,
    .stream_pause = stream_pause,
    .stream_resume = stream_resume,
    .stream_cancel = stream_cancel,
    .stream_status = stream_status,
    .stream_list = stream_list,
    .get_extension = get_extension,
};
