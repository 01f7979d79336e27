/* SPDX-License-Identifier: Apache-2.0 */
#include "route.h"

#include "clock.h"
#include "handles.h"
#include "request.h"

#include <stdlib.h>
#include <string.h>

/* ---- where a call goes ---- */

/* Where what is known of an id stands; NULL where it is too long for that, or not known how long it is. */
static Route *route_of(Instance *caller, PluginText id) {
    if (!caller->routes || !id.data || id.length == 0 || id.length > sizeof caller->routes[0].id) return NULL;
    return &caller->routes[(id.length ^ (unsigned char)id.data[0] ^ (unsigned char)id.data[id.length - 1]) % ROUTES];
}

PluginHost route_known(Instance *caller, PluginText id) {
    const Route *route = route_of(caller, id);
    if (!route || route->length != id.length || memcmp(route->id, id.data, route->length) != 0) return PLUGIN_NONE;
    return route->changes == atomic_load(&caller->core->changes) ? route->target : PLUGIN_NONE;
}

/* Looks for it, and remembers; under the caller's turn. */
static PluginHost find_and_remember(Instance *caller, PluginText id) {
    const uint64_t changes = atomic_load(&caller->core->changes); /* before the look: a change during that counts */
    if (!caller->routes) caller->routes = (Route *)calloc(ROUTES, sizeof *caller->routes);
    const PluginHost target = core_find(caller->core, id);
    Route *route = route_of(caller, id);
    if (!route) return target;
    route->target = target;
    route->changes = changes;
    route->length = (uint32_t)id.length;
    memcpy(route->id, id.data, route->length);
    return target;
}

/* ---- how long it may take ---- */

/* The deadline of what the caller's own thread works on holds for what it asks of others too. */
static PluginStatus earlier_deadline(Request *parent, uint64_t now, uint64_t *deadline) {
    const PluginStatus found = parent ? request_look_at(parent, now) : PLUGIN_OK;
    if (found == PLUGIN_CANCELLED || found == PLUGIN_TIMEOUT) return found;
    if (found == PLUGIN_PENDING && parent->deadline < *deadline) *deadline = parent->deadline;
    return PLUGIN_OK;
}

/* ---- the call ---- */

typedef struct Call {
    Instance *caller;
    Request *parent; /* what the caller's own thread works on, or NULL */
    PluginText message;
    uint64_t now; /* of clock_coarse */
    uint64_t deadline;
    PluginReceiveText receive;
    void *userdata;
} Call;

/* Waits for a reply that was kept, of a request that is the caller's. */
static PluginStatus take_kept(Request *request, const Call *call, PluginError *error) {
    PluginStatus status = turn_waits_for(request->instance->host);
    if (status == PLUGIN_OK) {
        if (call->parent) request_tell_parent(call->parent, request);
        request_wait(request, PLUGIN_WAIT_FOREVER, NULL, NULL, NULL);
        turn_waited();
        status = request_wait(request, 0, call->receive, call->userdata, error);
    } else {
        status = error_set(error, status, "the plugin waits, directly or through others, for the one that calls it");
    }
    request_drop(request);
    return status;
}

/* The reply, taken out of the request's memory: another thread may use that as soon as the turn is over. */
typedef struct Reply {
    PluginText text;
    char *memory; /* to be freed, or NULL */
    char small[SMALL_TEXT];
} Reply;

static void take_reply(void *userdata, PluginText text) {
    Reply *reply = (Reply *)userdata;
    reply->memory = text.length < sizeof reply->small ? NULL : text_dup(text);
    reply->text = plugin_text_of(reply->memory ? reply->memory : reply->small, text.length);
    if (!reply->memory && text.length < sizeof reply->small) memcpy(reply->small, text.data, (size_t)text.length + 1);
    if (!reply->memory && text.length >= sizeof reply->small) reply->text.data = NULL;
}

static PluginStatus give_reply(Reply *reply, const Call *call, PluginError *error) {
    if (!reply->text.data) return error_set_status(error, PLUGIN_OUT_OF_MEMORY);
    if (call->receive) call->receive(call->userdata, reply->text);
    if (reply->memory) free(reply->memory);
    return PLUGIN_OK;
}

/* Of a target that is free: in its turn, which this ends. */
static PluginStatus call_in_turn(Instance *target, Turn *turn, const Call *call, PluginError *error) {
    Reply reply;
    PluginStatus status;
    if (atomic_load(&target->ending) || atomic_load(&target->state) != CORE_STATE_CONNECTED) {
        turn_end(turn);
        return error_set(error, PLUGIN_NOT_CONNECTED, "the plugin is not connected: connect it first");
    }
    /* Asked once more behind the step in which the turn was taken: either this sees that the caller ends, or its end the request
       that it works on, and so this one. */
    if (call->parent && atomic_load(&call->caller->ending)) {
        turn_end(turn);
        return error_set_status(error, PLUGIN_CANCELLED);
    }
    status = request_reuse(target, call->deadline, CORE_NOTIFY_NONE, REQUEST_DIRECT | REQUEST_ENTERED, call->parent,
                           &turn->request, error);
    if (status != PLUGIN_OK) {
        turn_end(turn);
        return status;
    }
    Request *request = turn->request;
    request_run_in_turn(request, call->message, call->now);
    if (request_unmark(request, REQUEST_DIRECT)) {
        request_detach(request);
        turn_end(turn);
        return take_kept(request, call, error);
    }
    status = request_wait(request, 0, take_reply, &reply, error);
    turn_end(turn);
    return status == PLUGIN_OK ? give_reply(&reply, call, error) : status;
}

/* Of one that is busy, or gone. */
static PluginStatus call_after_waiting(PluginHost host, const Call *call, PluginError *error) {
    Request *request;
    PluginStatus status;
    Instance *target = instance_acquire(host);
    if (!target) return error_set(error, PLUGIN_NOT_FOUND, "the plugin is just being ended");
    status = request_new(target, call->deadline, CORE_NOTIFY_NONE, 0, &request, error);
    if (status == PLUGIN_OK) {
        if (call->parent) request_tell_parent(call->parent, request);
        status = request_run(request, call->message, call->caller->host, error);
        if (status == PLUGIN_PENDING) {
            status = take_kept(request, call, error);
        } else {
            if (status == PLUGIN_OK) status = request_wait(request, 0, call->receive, call->userdata, error);
            request_drop(request);
        }
    }
    instance_release(target);
    return status;
}

static PluginStatus call_host(PluginHost host, const Call *call, PluginError *error) {
    Turn turn = {.host = host, .caller = call->caller->host};
    Instance *target = instance_enter(host, &turn);
    return target ? call_in_turn(target, &turn, call, error) : call_after_waiting(host, call, error);
}

PluginStatus route_call(Instance *caller, const Turn *turn, PluginHost target, PluginText id, PluginText message,
                        uint32_t timeout_ms, PluginReceiveText receive, void *userdata, PluginError *error) {
    char small[SMALL_TEXT];
    Call call = {.caller = caller, .parent = turn ? turn->request : NULL, .receive = receive, .userdata = userdata};
    call.now = clock_coarse();
    call.deadline = clock_deadline_after(call.now, timeout_ms);
    PluginStatus status = earlier_deadline(call.parent, call.now, &call.deadline);
    if (status != PLUGIN_OK) return error_set_status(error, status);
    if (target == PLUGIN_NONE) target = turn ? find_and_remember(caller, id) : core_find(caller->core, id);
    if (target == PLUGIN_NONE)
        return error_set(error, PLUGIN_NOT_FOUND, "there is no plugin and no instance with the id \"%.*s\"",
                         (int)(id.length < 200 ? id.length : 200), id.data);
    /* A text of a plugin's need not have a NUL behind it, and handle_message is promised one. */
    char *copy = message.length < sizeof small ? small : (char *)malloc((size_t)message.length + 1);
    if (!copy) return error_set_status(error, PLUGIN_OUT_OF_MEMORY);
    if (message.length > 0) memcpy(copy, message.data, (size_t)message.length);
    copy[message.length] = '\0';
    call.message = plugin_text_of(copy, message.length);
    status = call_host(target, &call, error);
    if (copy != small) free(copy);
    return status;
}
