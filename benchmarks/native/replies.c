/* SPDX-License-Identifier: Apache-2.0 */
/* replies: replies with its message. With SHORT it promises that it never blocks. */
#include "plugin_interface.h"

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    (void)plugin, (void)error;
    return plugin_reply_text(context, request, message);
}

static void setup(PluginInterface *table) {
#ifdef SHORT
    table->features = PLUGIN_FEATURE_SHORT_CALLS;
#endif
    table->handle_message = handle_message;
}

PLUGIN_DEFINE(0, setup)
