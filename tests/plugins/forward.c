/* SPDX-License-Identifier: Apache-2.0 */
/* Sends "id text" on to the plugin with that id, and replies with its reply. */
#include "plugin_interface.h"

typedef struct Reply {
    const PluginInstanceContext *context;
    PluginRequest request;
} Reply;

static void pass_on(void *userdata, PluginText text) {
    const Reply *reply = userdata;
    plugin_reply_text(reply->context, reply->request, text);
}

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    Reply reply = {context, request};
    (void)plugin;
    const char *space = strchr(message.data, ' ');
    if (!space) return plugin_fail(error, PLUGIN_INVALID_ARGUMENT, "send: <plugin id> <text>");
    const PluginText id = plugin_text_of(message.data, (uint64_t)(space - message.data));
    return context->callbacks->call_other_plugin(context->host, id, plugin_text(space + 1), 10000, pass_on, &reply,
                                                 error);
}

#ifndef FEATURES
#define FEATURES 0
#endif

static void setup(PluginInterface *table) {
    table->features = FEATURES;
    table->handle_message = handle_message;
}

PLUGIN_DEFINE(0, setup)
