/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends a message from a thread of its own during each phase. late_message() does the same whenever somebody calls it,
 * and gives the status: the library stays in memory after its last instance.
 */
#include "plugin_interface.h"

#include <pthread.h>

static PluginInstanceContext kept;

typedef struct Call {
    const char *text;
    PluginStatus status;
} Call;

static void *send(void *argument) {
    Call *call = argument;
    call->status = plugin_send_message(&kept, PLUGIN_MESSAGE_NORMAL, call->text);
    return NULL;
}

static PluginStatus from_thread(const char *text) {
    Call call = {text, PLUGIN_ERROR};
    pthread_t thread;
    if (pthread_create(&thread, NULL, send, &call)) return PLUGIN_ERROR;
    pthread_join(thread, NULL);
    return call.status;
}

static PluginStatus initialize(void *plugin, const PluginInstanceContext *context, PluginError *error) {
    (void)plugin, (void)error;
    kept = *context;
    return from_thread("initialize");
}

#define PHASE(name)                                                                                                    \
    static PluginStatus name(void *plugin, const PluginInstanceContext *context, PluginError *error) {                 \
        (void)plugin, (void)context, (void)error;                                                                      \
        return from_thread(#name);                                                                                     \
    }
PHASE(on_mount)
PHASE(on_connect)
PHASE(on_disconnect)
PHASE(on_dispose)

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    (void)plugin, (void)message, (void)error;
    const PluginStatus status = from_thread("handle_message");
    return status == PLUGIN_OK ? plugin_reply(context, request, "") : status;
}

PLUGIN_EXPORT int32_t late_message(void);
PLUGIN_EXPORT int32_t late_message(void) { return from_thread("late"); }

static void setup(PluginInterface *table) {
    table->initialize = initialize;
    table->on_mount = on_mount;
    table->on_connect = on_connect;
    table->on_disconnect = on_disconnect;
    table->on_dispose = on_dispose;
    table->handle_message = handle_message;
}

PLUGIN_DEFINE(0, setup)
