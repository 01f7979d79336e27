/* SPDX-License-Identifier: Apache-2.0 */
/* Fails with a text that is not UTF-8. */
#include "plugin_interface.h"

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    (void)plugin, (void)context, (void)request, (void)message;
    return plugin_fail(error, -1234, "broken \xff text");
}

static void setup(PluginInterface *table) { table->handle_message = handle_message; }

PLUGIN_DEFINE(0, setup)
