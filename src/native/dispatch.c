/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a request to handle_message and its end back to the embedder. */
#include "clock.h"
#include "due.h"
#include "handles.h"
#include "history.h"
#include "request.h"

#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

/* ---- running ---- */

/* handle_message is slow that takes longer than this. The clock for it may be 10 ms coarse. */
#define SLOW_NS UINT64_C(5000000)

/* And that is never forgiven. */
#define VERY_SLOW_NS UINT64_C(200000000)

/* How long core_send waits for another entry, which may hang. */
enum { DIRECT_WAIT_MS = 20 };

/* Under the locks of turns: looks, but ends nothing. */
static PluginStatus still_wanted(void *userdata) {
    return request_is_open((Request *)userdata) ? PLUGIN_OK : PLUGIN_ENDED;
}

/* ---- who is quick ---- */

static int is_quick(const Instance *instance) {
    return atomic_load(&instance->is_short) || atomic_load(&instance->quick_calls) >= QUICK_CALLS ||
           !HAS(instance, handle_message);
}

/* Under a turn: handle_message took so long. */
static void note_call(Instance *instance, uint64_t took_ns) {
    const uint32_t calls = atomic_load(&instance->quick_calls);
    if (took_ns <= SLOW_NS) {
        if (calls < TRUSTED_CALLS) atomic_store(&instance->quick_calls, calls + 1);
        return;
    }
    if (took_ns <= VERY_SLOW_NS && calls == TRUSTED_CALLS) {
        atomic_store(&instance->quick_calls, QUICK_CALLS);
        return;
    }
    atomic_store(&instance->quick_calls, 0);
    if (atomic_exchange(&instance->is_short, 0))
        instance_report(instance, PLUGIN_TIMEOUT, "handle_message",
                        "it took about %" PRIu64 " ms, and the plugin has promised PLUGIN_FEATURE_SHORT_CALLS; it is "
                        "called as any other from now on: leave the promise out, or keep the request and reply later",
                        took_ns / 1000000);
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

static PluginStatus run_handle_message(Request *request, PluginText message, uint64_t now, ErrorBuffer *said) {
    Instance *instance = request->instance;
    if (!HAS(instance, handle_message)) return echo(request, message);
    if ((instance->metadata.flags & PLUGIN_METADATA_REQUIRE_HISTORY) && HAS(instance, set_history)) {
        const PluginStatus status = history_set(instance, request->handle, said);
        if (status < 0) return status;
        now = clock_coarse();
    }
    const PluginStatus status = instance->entries.handle_message(instance->entries.plugin_ptr, &instance->context,
                                                                 request->handle, message, &said->error);
    note_call(instance, clock_coarse() - now);
    return status;
}

/* A plugin that is short may run while the embedder's lock is held. */
static PluginStatus call_handle_message(Request *request, PluginText message, uint64_t now, ErrorBuffer *said) {
    void *begun = atomic_load(&request->instance->is_short) ? NULL : yield_begin();
    const PluginStatus status = run_handle_message(request, message, now, said);
    yield_end(begun);
    return status;
}

/* What handle_message returned: ends the request where that is its end. PLUGIN_PENDING where the plugin kept it. */
static PluginStatus conclude(Request *request, PluginStatus returned, ErrorBuffer *said) {
    if (!request_is_open(request)) return PLUGIN_OK;
    if (returned < 0) {
        request_end(request, returned, error_buffer_text(said, returned));
    } else if (returned == PLUGIN_PENDING) {
        due_watch(request);
        if (request_look(request) == PLUGIN_PENDING) {
            atomic_store(&request->instance->quick_calls, 0);
            return PLUGIN_PENDING;
        }
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

static const char not_connected[] = "the plugin is not connected: connect it first";

static int is_connected(const Instance *instance) { return atomic_load(&instance->state) == CORE_STATE_CONNECTED; }

PluginStatus request_run_in_turn(Request *request, PluginText message, uint64_t now) {
    ErrorBuffer said;
    error_buffer_init(&said);
    return conclude(request, call_handle_message(request, message, now, &said), &said);
}

/* The same of one that was sent some time ago: it may have ended while it waited. */
static PluginStatus run_if_open(Request *request, PluginText message, PluginError *error) {
    if (request_look(request) == PLUGIN_PENDING && request_mark(request, REQUEST_ENTERED))
        return request_run_in_turn(request, message, clock_coarse());
    const PluginStatus found = request_look(request);
    return error_set_status(error, found == PLUGIN_OK ? PLUGIN_ENDED : found);
}

PluginStatus request_run(Request *request, PluginText message, PluginHost caller, PluginError *error) {
    Instance *instance = request->instance;
    Turn turn;
    if (!is_connected(instance)) return refuse(request, PLUGIN_NOT_CONNECTED, plugin_text(not_connected), error);
    turn.host = instance->host;
    turn.caller = caller;
    turn.instance = instance;
    turn.request = request;
    PluginStatus status = turn_begin(&turn, &instance->seat, request->deadline, still_wanted, request);
    if (status != PLUGIN_OK) return refuse_turn(request, status, error);
    if (atomic_load(&instance->ending) || !is_connected(instance))
        status = refuse(request, PLUGIN_NOT_CONNECTED, plugin_text(not_connected), error);
    else
        status = run_if_open(request, message, error);
    turn_end(&turn);
    return status;
}

/* Gives the reply, or the reason, of a request that is READY. */
static PluginStatus hand_over(Request *request, PluginReceiveText receive, void *userdata, PluginError *error) {
    const PluginStatus status = request_status_in(atomic_load(&request->state));
    const PluginText text = plugin_text_of(request->text, request->text_length);
    if (status != PLUGIN_OK) return error_set_text(error, status, text);
    if (receive) receive(userdata, text);
    return PLUGIN_OK;
}

static int is_ready(Request *request) { return (atomic_load(&request->state) & REQUEST_READY) != 0; }

/* Waits until it is READY, or `deadline` is over. */
static void wait_until_ready(Request *request, uint64_t deadline) {
    if (!request_mark(request, REQUEST_WAITED)) {
        while (!is_ready(request)) sched_yield(); /* another thread is just saying how it ended */
        return;
    }
    pthread_mutex_lock(&request->instance->lock);
    while (!is_ready(request) && !clock_cond_wait(&request->change, &request->instance->lock, deadline)) {
    }
    pthread_mutex_unlock(&request->instance->lock);
}

PluginStatus request_wait(Request *request, uint32_t wait_ms, PluginReceiveText receive, void *userdata,
                          PluginError *error) {
    if (wait_ms > 0 && request_look(request) == PLUGIN_PENDING) {
        const uint64_t until = clock_deadline(wait_ms);
        wait_until_ready(request, until < request->deadline ? until : request->deadline);
    }
    if (!is_ready(request) && request_look(request) == PLUGIN_PENDING) return PLUGIN_PENDING;
    if (!is_ready(request)) wait_until_ready(request, CLOCK_NEVER);
    return hand_over(request, receive, userdata, error);
}

/* ---- for the embedder ---- */

static PluginStatus find_request(PluginRequest handle, Request **request, PluginError *error) {
    PluginStatus status;
    *request = request_acquire(NULL, handle, &status);
    return *request ? PLUGIN_OK : error_set_status(error, status);
}

static PluginStatus check_message(const Instance *instance, PluginText message, PluginText *checked,
                                  PluginError *error) {
    return text_in_long(message, instance->core->max_text_bytes, "the message", checked, error);
}

/* STARTED was not taken: why there is no request. */
static PluginStatus untold(const Request *request, PluginStatus status, PluginError *error) {
    if (status == PLUGIN_FULL && clock_is_past(request->deadline))
        return error_set(error, PLUGIN_TIMEOUT, "the queue of events was full until the deadline: drain it");
    if (status == PLUGIN_FULL)
        return error_set(error, status, "the queue of events is full, and this thread must not wait: drain it");
    /* Nobody waits in a queue whose instance is being disconnected; the request may have been ended before that was seen. */
    if (status == PLUGIN_ENDED || (status == PLUGIN_CLOSED && !atomic_load(&request->instance->closed)))
        return error_set(error, PLUGIN_CANCELLED, "the plugin was disconnected");
    return error_set_status(error, status);
}

/* Tells of a request that was made, and watches its deadline: who is told does not wait in core_request_wait. */
static PluginStatus tell_and_watch(Request *request, uint32_t wait_ms, PluginError *error) {
    const int now = request->notify == CORE_NOTIFY_NOW;
    const PluginStatus status = request_tell(request, now ? QUEUE_TERMINAL : 0, now ? 0 : wait_ms);
    if (status != PLUGIN_OK) return untold(request, status, error);
    due_watch(request);
    return PLUGIN_OK;
}

static PluginStatus make_request(Instance *instance, PluginText message, uint32_t timeout_ms, int32_t notify,
                                 PluginRequest *handle, PluginError *error) {
    Request *request;
    PluginText checked;
    PluginStatus status = check_message(instance, message, &checked, error);
    if (status == PLUGIN_OK) status = request_new(instance, clock_deadline(timeout_ms), notify, 0, &request, error);
    if (status != PLUGIN_OK) return status;
    const PluginRequest made = request->handle;
    request->message = checked;
    status = notify == CORE_NOTIFY_NONE ? PLUGIN_OK : tell_and_watch(request, timeout_ms, error);
    if (status == PLUGIN_OK)
        *handle = made;
    else
        request_drop(request);
    return status;
}

PluginStatus core_request_new(PluginHost host, PluginText message, uint32_t timeout_ms, int32_t notify,
                              PluginRequest *request, PluginError *error) {
    Instance *instance;
    *request = PLUGIN_NONE;
    PluginStatus status = instance_find(host, &instance, error);
    if (status != PLUGIN_OK) return status;
    status = make_request(instance, message, timeout_ms, notify, request, error);
    instance_release(instance);
    return status;
}

PluginStatus core_request_run(PluginRequest handle, PluginText message, PluginError *error) {
    Request *request;
    PluginText checked;
    PluginStatus status = find_request(handle, &request, error);
    if (status != PLUGIN_OK) return status;
    status = check_message(request->instance, message, &checked, error);
    if (status == PLUGIN_OK)
        status = request_run(request, checked, PLUGIN_NONE, error);
    else
        request_end(request, status, plugin_text("the message cannot be sent"));
    request_release(request);
    return status;
}

PluginStatus core_request_wait(PluginRequest handle, uint32_t wait_ms, PluginReceiveText receive, void *userdata,
                               PluginError *error) {
    Request *request;
    PluginStatus status = find_request(handle, &request, error);
    if (status != PLUGIN_OK) return status;
    status = request_wait(request, wait_ms, receive, userdata, error);
    request_release(request);
    return status;
}

PluginStatus core_request_take(PluginRequest handle, PluginReceiveText receive, void *userdata, PluginError *error) {
    Request *request;
    PluginStatus status = find_request(handle, &request, error);
    if (status != PLUGIN_OK) return status;
    if (request_is_open(request) || (atomic_load(&request->state) & REQUEST_BEHIND))
        status = PLUGIN_PENDING;
    else
        status = request_wait(request, 0, receive, userdata, error);
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
    request_drop(request);
    request_release(request);
}

/* ---- the direct way ---- */

typedef struct Sending {
    PluginText message;
    uint64_t now; /* of clock_coarse, when it had its turn */
    uint64_t deadline;
    int32_t notify;
    PluginReceiveText receive;
    void *userdata;
    PluginRequest *kept;
} Sending;

/* handle_message has returned: what core_send gives its caller. */
static PluginStatus give_end(Request *request, const Sending *sending, PluginError *error) {
    uint64_t state = atomic_load(&request->state);
    if (request_status_in(state) == PLUGIN_PENDING) {
        if (request->notify != CORE_NOTIFY_NONE) request_tell(request, QUEUE_TERMINAL, 0);
        request_unmark(request, REQUEST_DIRECT);
        state = atomic_load(&request->state);
    }
    if ((state & REQUEST_DIRECT) && !(state & REQUEST_BEHIND)) {
        if (!(state & REQUEST_READY)) wait_until_ready(request, CLOCK_NEVER);
        return hand_over(request, sending->receive, sending->userdata, error);
    }
    *sending->kept = request->handle;
    request_detach(request);
    return PLUGIN_PENDING;
}

/* Queues STARTED, where that is wanted. */
static PluginStatus tell_of_sending(Request *request, const Sending *sending, PluginError *error) {
    request->message = sending->message;
    if (sending->notify == CORE_NOTIFY_NONE || atomic_load(&request->instance->core->untold)) return PLUGIN_OK;
    const PluginStatus status =
        request_tell(request, sending->notify == CORE_NOTIFY_NOW ? QUEUE_TERMINAL : 0, DIRECT_WAIT_MS);
    if (status == PLUGIN_OK) return PLUGIN_OK;
    request_unmark(request, REQUEST_ENTERED); /* it never will be */
    request_end(request, PLUGIN_CANCELLED, plugin_text(""));
    return status == PLUGIN_FULL ? CORE_NOT_DIRECT : untold(request, status, error);
}

/* Under a turn. */
static PluginStatus send_in_turn(Instance *instance, Turn *turn, Sending *sending, PluginError *error) {
    if (!is_connected(instance) || atomic_load(&instance->ending))
        return error_set(error, PLUGIN_NOT_CONNECTED, "%s", not_connected);
    if (!is_quick(instance)) return CORE_NOT_DIRECT;
    PluginStatus status = check_message(instance, sending->message, &sending->message, error);
    if (status != PLUGIN_OK) return status;
    status = request_reuse(instance, sending->deadline, sending->notify, REQUEST_DIRECT | REQUEST_ENTERED, NULL,
                           &turn->request, error);
    if (status != PLUGIN_OK) return status;
    status = tell_of_sending(turn->request, sending, error);
    if (status != PLUGIN_OK) return status;
    request_run_in_turn(turn->request, sending->message, sending->now);
    return give_end(turn->request, sending, error);
}

/* It is busy, or gone. */
static PluginStatus send_after_waiting(PluginHost host, Turn *turn, Sending *sending, PluginError *error) {
    Instance *instance;
    PluginStatus status = instance_find(host, &instance, error);
    if (status != PLUGIN_OK) return status;
    turn->instance = instance;
    if (!is_connected(instance)) {
        status = error_set(error, PLUGIN_NOT_CONNECTED, "%s", not_connected);
    } else if (!is_quick(instance)) {
        status = CORE_NOT_DIRECT;
    } else {
        status = turn_begin(turn, &instance->seat, clock_deadline(DIRECT_WAIT_MS), NULL, NULL);
        if (status == PLUGIN_OK) {
            sending->now = clock_coarse();
            status = send_in_turn(instance, turn, sending, error);
            turn_end(turn);
        } else {
            status = status == PLUGIN_TIMEOUT ? CORE_NOT_DIRECT : error_set_status(error, status);
        }
    }
    instance_release(instance);
    return status;
}

PluginStatus core_send(PluginHost host, PluginText message, uint32_t timeout_ms, int32_t notify,
                       PluginReceiveText receive, void *userdata, PluginRequest *request, PluginError *error) {
    Turn turn = {.host = host};
    Sending sending = {.message = message, .notify = notify, .receive = receive, .userdata = userdata, .kept = request};
    *request = PLUGIN_NONE;
    sending.now = clock_coarse();
    sending.deadline = clock_deadline_after(sending.now, timeout_ms);
    Instance *instance = instance_enter(host, &turn);
    if (!instance) return send_after_waiting(host, &turn, &sending, error);
    const PluginStatus status = send_in_turn(instance, &turn, &sending, error);
    turn_end(&turn);
    return status;
}
