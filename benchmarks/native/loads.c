/* SPDX-License-Identifier: Apache-2.0 */
/* loads: keeps the context that it is initialized with, as every plugin does that calls back. */
#include "plugin_interface.h"

static PluginStatus initialize(void *plugin, const PluginInstanceContext *context, PluginError *error) {
    (void)error;
    *(PluginInstanceContext *)plugin = *context;
    return PLUGIN_OK;
}

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    (void)plugin, (void)error;
    return plugin_reply_text(context, request, message);
}

static void setup(PluginInterface *table) {
    table->initialize = initialize;
    table->handle_message = handle_message;
}

PLUGIN_DEFINE(sizeof(PluginInstanceContext), setup)
