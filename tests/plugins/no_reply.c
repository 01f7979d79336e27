/* SPDX-License-Identifier: Apache-2.0 */
/* Returns PLUGIN_OK and replies nothing. */
#include "plugin_interface.h"

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    (void)plugin, (void)context, (void)request, (void)message, (void)error;
    return PLUGIN_OK;
}

static void setup(PluginInterface *table) { table->handle_message = handle_message; }

PLUGIN_DEFINE(0, setup)
