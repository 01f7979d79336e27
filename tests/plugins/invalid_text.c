/* SPDX-License-Identifier: Apache-2.0 */
/* Tries to reply with bytes that are not UTF-8, then replies with what the host said to that. */
#include "plugin_interface.h"

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    (void)plugin, (void)message;
    if (context->callbacks->request_reply(context->host, request, plugin_text("abc\xff"), error) != PLUGIN_INVALID_TEXT)
        return PLUGIN_ERROR;
    return plugin_reply_text(context, request, plugin_text_of(error->text, error->length));
}

static void setup(PluginInterface *table) { table->handle_message = handle_message; }

PLUGIN_DEFINE(0, setup)
