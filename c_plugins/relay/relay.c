/* SPDX-License-Identifier: Apache-2.0 */
/* relay: calls other plugins. It has no state, so it needs no lock and no cleaning up. */
#include "plugin_interface.h"

typedef struct Answer {
    const PluginInstanceContext *context;
    PluginRequest request;
} Answer;

/* The other plugin's reply is lent until this returns: it is passed on at once. */
static void take_answer(void *userdata, PluginText text) {
    const Answer *answer = (const Answer *)userdata;
    plugin_reply_text(answer->context, answer->request, text);
}

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    char target[256] = "";
    char timeout[32] = "30000";
    Answer answer = {context, request};
    (void)plugin;
    plugin_get_config(context, "target", target, sizeof target);
    plugin_get_config(context, "timeout_ms", timeout, sizeof timeout);
    if (!target[0]) {
        const char *blank = (const char *)memchr(message.data, ' ', (size_t)message.length);
        const uint64_t length = blank ? (uint64_t)(blank - message.data) : message.length;
        if (length == 0 || length >= sizeof target)
            return plugin_fail(error, PLUGIN_INVALID_ARGUMENT, "say whom to call and with what: `echo hello`");
        plugin_text_copy(plugin_text_of(message.data, length), target, sizeof target);
        message = blank ? plugin_text_of(blank + 1, message.length - length - 1) : plugin_text("");
    }
    plugin_log_debug(context, "calls %s", target);
    return context->callbacks->call_other_plugin(context->host, plugin_text(target), message,
                                                 (uint32_t)strtoul(timeout, NULL, 10), take_answer, &answer, error);
}

static void setup(PluginInterface *table) { table->handle_message = handle_message; }

PLUGIN_DEFINE(0, setup)
