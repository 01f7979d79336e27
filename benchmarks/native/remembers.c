/* SPDX-License-Identifier: Apache-2.0 */
/* remembers: is given the conversation before each message, and replies with how many messages that had. */
#include "plugin_interface.h"

typedef struct State {
    unsigned long long count;
} State;

static PluginStatus set_history(void *plugin, const PluginInstanceContext *context,
                                const PluginHistoryMessage *const *messages, uint64_t count, PluginError *error) {
    (void)context, (void)messages, (void)error;
    ((State *)plugin)->count = count;
    return PLUGIN_OK;
}

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    char reply[24];
    (void)message, (void)error;
    snprintf(reply, sizeof reply, "%llu", ((State *)plugin)->count);
    return plugin_reply(context, request, reply);
}

static void setup(PluginInterface *table) {
    table->set_history = set_history;
    table->handle_message = handle_message;
}

PLUGIN_DEFINE(sizeof(State), setup)
