/* SPDX-License-Identifier: Apache-2.0 */
/* Its message names two file descriptors: says to the first that it has begun, and replies with a byte from the second. Another
   message is replied with itself. */
#include "plugin_interface.h"

#include <unistd.h>

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    char byte[2] = "";
    int begun, source;
    (void)plugin;
    if (sscanf(message.data, "%d %d", &begun, &source) != 2) return plugin_reply_text(context, request, message);
    if (write(begun, "x", 1) != 1 || read(source, byte, 1) != 1)
        return plugin_fail(error, PLUGIN_ERROR, "there is nothing to read");
    return plugin_reply(context, request, byte);
}

static void setup(PluginInterface *table) { table->handle_message = handle_message; }

PLUGIN_DEFINE(0, setup)
