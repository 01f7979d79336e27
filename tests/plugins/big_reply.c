/* SPDX-License-Identifier: Apache-2.0 */
/* Tries to reply with 64 MiB, then replies with the status that this gave. */
#include "plugin_interface.h"

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    const uint64_t size = UINT64_C(64) << 20;
    char *text = malloc(size);
    (void)plugin, (void)message, (void)error;
    if (!text) return PLUGIN_OUT_OF_MEMORY;
    memset(text, 'x', size);
    const PluginStatus status = plugin_reply_text(context, request, plugin_text_of(text, size));
    free(text);
    return plugin_replyf(context, request, "%d", status);
}

static void setup(PluginInterface *table) { table->handle_message = handle_message; }

PLUGIN_DEFINE(0, setup)
