/* SPDX-License-Identifier: Apache-2.0 */
/* Counts its messages, and keeps the number as its state. */
#include "plugin_interface.h"

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    int32_t *count = plugin;
    (void)message, (void)error;
    return plugin_replyf(context, request, "%d", (int)++*count);
}

static PluginStatus save_state(void *plugin, const PluginInstanceContext *context, PluginWriteBytes write,
                               void *userdata, PluginError *error) {
    (void)context, (void)error;
    return write(userdata, plugin, sizeof(int32_t));
}

static PluginStatus load_state(void *plugin, const PluginInstanceContext *context, const void *data, uint64_t length,
                               PluginError *error) {
    (void)context, (void)error;
    if (length == sizeof(int32_t)) memcpy(plugin, data, sizeof(int32_t));
    return PLUGIN_OK;
}

static void setup(PluginInterface *table) {
    table->handle_message = handle_message;
    table->save_state = save_state;
    table->load_state = load_state;
}

PLUGIN_DEFINE(sizeof(int32_t), setup)
