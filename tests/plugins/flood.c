/* SPDX-License-Identifier: Apache-2.0 */
/* Sends 10,000 messages without waiting for room, and replies how many were taken and how many were not. */
#include "plugin_interface.h"

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    int taken = 0, full = 0;
    (void)plugin, (void)message, (void)error;
    for (int at = 0; at < 10000; at++) {
        const PluginStatus status = plugin_send_message(context, PLUGIN_MESSAGE_NORMAL, "flood");
        taken += status == PLUGIN_OK;
        full += status == PLUGIN_FULL;
    }
    return plugin_replyf(context, request, "%d %d", taken, full);
}

static void setup(PluginInterface *table) { table->handle_message = handle_message; }

PLUGIN_DEFINE(0, setup)
