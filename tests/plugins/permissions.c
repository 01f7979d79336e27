/* SPDX-License-Identifier: Apache-2.0 */
/* Tells which permissions it was given, and may not do anything else. */
#include "plugin_interface.h"

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    (void)plugin;
    if (!plugin_text_equals(message, "permissions"))
        return plugin_fail(error, PLUGIN_NOT_PERMITTED, "allow the network first");
    return plugin_reply(context, request, context->metadata->permissions.data);
}

static void setup(PluginInterface *table) { table->handle_message = handle_message; }

PLUGIN_DEFINE(0, setup)
