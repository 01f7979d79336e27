/* SPDX-License-Identifier: Apache-2.0 */
/* Replies twice, and says in a message what the host said to the second. */
#include "plugin_interface.h"

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    char said[32];
    (void)plugin, (void)message, (void)error;
    plugin_reply(context, request, "first");
    snprintf(said, sizeof said, "%d", plugin_reply(context, request, "second"));
    return plugin_send_message(context, PLUGIN_MESSAGE_NORMAL, said);
}

static void setup(PluginInterface *table) { table->handle_message = handle_message; }

PLUGIN_DEFINE(0, setup)
