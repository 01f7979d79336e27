/* SPDX-License-Identifier: Apache-2.0 */
/* works: computes so many rounds as its message says, and replies with the result. */
#include "plugin_interface.h"
#include "rounds.h"

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    char text[24];
    (void)plugin, (void)error;
    snprintf(text, sizeof text, "%llx", (unsigned long long)compute((uint64_t)strtoul(message.data, NULL, 10)));
    return plugin_reply(context, request, text);
}

static void setup(PluginInterface *table) { table->handle_message = handle_message; }

PLUGIN_DEFINE(0, setup)
