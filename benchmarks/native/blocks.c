/* SPDX-License-Identifier: Apache-2.0 */
/* blocks: sleeps for so many microseconds as its message says. */
#define _GNU_SOURCE
#include "peer.h"
#include "plugin_interface.h"

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    (void)plugin, (void)error;
    sleep_us((uint64_t)strtoul(message.data, NULL, 10));
    return plugin_reply(context, request, "");
}

static void setup(PluginInterface *table) { table->handle_message = handle_message; }

PLUGIN_DEFINE(0, setup)
