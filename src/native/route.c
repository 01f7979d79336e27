/* SPDX-License-Identifier: Apache-2.0 */
#include "route.h"

#include "clock.h"
#include "handles.h"
#include "request.h"

#include <stdlib.h>

PluginHost core_find(Core *core, PluginText id) {
    PluginHost first = PLUGIN_NONE;
    PluginHost connected = PLUGIN_NONE;
    PluginHost exact = PLUGIN_NONE;
    if (id.length == PLUGIN_UNTIL_NUL) id = plugin_text(id.data);
    if (id.length == 0) return PLUGIN_NONE;
    pthread_mutex_lock(&core->lock);
    for (Instance *instance = core->first; instance && exact == PLUGIN_NONE; instance = instance->next) {
        if (text_same(instance->metadata.instance_id, id)) exact = instance->host;
        if (!text_same(instance->metadata.id, id)) continue;
        if (first == PLUGIN_NONE) first = instance->host;
        if (connected == PLUGIN_NONE && atomic_load(&instance->state) == CORE_STATE_CONNECTED)
            connected = instance->host;
    }
    pthread_mutex_unlock(&core->lock);
    if (exact != PLUGIN_NONE) return exact;
    return connected != PLUGIN_NONE ? connected : first;
}

/* What the caller's own thread works on: its deadline holds for what it asks of others too. */
static PluginRequest current_request(const Instance *caller) {
    const Turn *turn = turn_of(caller->host);
    return turn ? turn->request : PLUGIN_NONE;
}

static uint64_t earlier_deadline(PluginRequest parent, uint64_t deadline, PluginStatus *status) {
    Request *request = parent == PLUGIN_NONE ? NULL : request_acquire(NULL, parent, status);
    *status = PLUGIN_OK;
    if (!request) return deadline;
    const PluginStatus found = request_look(request);
    if (found == PLUGIN_CANCELLED || found == PLUGIN_TIMEOUT) *status = found;
    if (found == PLUGIN_PENDING && request->deadline < deadline) deadline = request->deadline;
    request_release(request);
    return deadline;
}

/* Waits for a reply that was kept. */
static PluginStatus wait_for_reply(Request *request, PluginError *error) {
    const PluginStatus status = turn_waits_for(request->instance->host);
    if (status != PLUGIN_OK)
        return error_set(error, status, "the plugin waits, directly or through others, for the one that calls it");
    request_wait(request, PLUGIN_WAIT_FOREVER, NULL, NULL, NULL);
    turn_waited();
    return PLUGIN_OK;
}

static PluginStatus call(Instance *caller, Instance *target, PluginText message, uint64_t deadline,
                         PluginRequest parent, PluginReceiveText receive, void *userdata, PluginError *error) {
    Request *request;
    PluginStatus status = request_new(target, deadline, CORE_NOTIFY_NONE, 0, parent, &request, error);
    if (status != PLUGIN_OK) return status;
    status = request_run(request, message, caller->host, error);
    if (status == PLUGIN_PENDING) status = wait_for_reply(request, error);
    if (status == PLUGIN_OK) status = request_wait(request, 0, receive, userdata, error);
    request_drop(request);
    return status;
}

PluginStatus route_call(Instance *caller, PluginText id, PluginText message, uint32_t timeout_ms,
                        PluginReceiveText receive, void *userdata, PluginError *error) {
    PluginStatus status;
    const PluginRequest parent = current_request(caller);
    const uint64_t deadline = earlier_deadline(parent, clock_deadline(timeout_ms), &status);
    if (status != PLUGIN_OK) return error_set_status(error, status);
    Instance *target = instance_acquire(core_find(caller->core, id));
    if (!target)
        return error_set(error, PLUGIN_NOT_FOUND, "there is no plugin and no instance with the id \"%.*s\"",
                         (int)(id.length < 200 ? id.length : 200), id.data);
    /* A text of a plugin's need not have a NUL behind it, and handle_message is promised one. */
    char *copy = text_dup(message);
    if (copy)
        status = call(caller, target, plugin_text_of(copy, message.length), deadline, parent, receive, userdata, error);
    else
        status = error_set_status(error, PLUGIN_OUT_OF_MEMORY);
    free(copy);
    instance_release(target);
    return status;
}
