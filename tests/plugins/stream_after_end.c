/* SPDX-License-Identifier: Apache-2.0 */
/* Uses a stream after its end, and replies with the statuses that this gives: data, pause, end. */
#include "plugin_interface.h"

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    PluginStream stream;
    (void)plugin, (void)message, (void)error;
    if (plugin_stream_start(context, PLUGIN_NONE, &stream) != PLUGIN_OK) return PLUGIN_ERROR;
    if (plugin_stream_end(context, stream, NULL) != PLUGIN_OK) return PLUGIN_ERROR;
    const PluginStatus data = plugin_stream_data(context, stream, "late");
    const PluginStatus pause = context->callbacks->stream_pause(context->host, stream, NULL);
    const PluginStatus end = plugin_stream_end(context, stream, NULL);
    return plugin_replyf(context, request, "%d %d %d", data, pause, end);
}

static void setup(PluginInterface *table) { table->handle_message = handle_message; }

PLUGIN_DEFINE(0, setup)
