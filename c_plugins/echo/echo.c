/* SPDX-License-Identifier: Apache-2.0 */
/* echo: the smallest useful plugin. It sends each message back. */
#include "plugin_interface.h"

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    (void)plugin, (void)error;
    return plugin_reply_text(context, request, message);
}

static void setup(PluginInterface *table) { table->handle_message = handle_message; }

PLUGIN_DEFINE(0, setup)
