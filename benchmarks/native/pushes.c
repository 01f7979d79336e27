/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pushes: `COUNT LENGTH` is answered by a stream of so many chunks of so many bytes, and the reply says how many
 * nanoseconds it took to send them. All are to find room at once.
 */
#include "loop_clock.h"
#include "plugin_interface.h"

enum { MOST_BYTES = 4096 };

static PluginStatus push(const PluginInstanceContext *context, PluginStream stream, unsigned count, PluginText chunk,
                         uint64_t *taken, PluginError *error) {
    PluginStatus status = PLUGIN_OK;
    const uint64_t begin = now_ns();
    for (unsigned done = 0; done < count && status == PLUGIN_OK; done++)
        status = context->callbacks->stream_data(context->host, stream, chunk, 0, 0, error);
    *taken = now_ns() - begin;
    return status;
}

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    char chunk[MOST_BYTES];
    char reply[24];
    unsigned count, length;
    uint64_t taken;
    PluginStream stream;
    (void)plugin;
    if (sscanf(message.data, "%u %u", &count, &length) != 2 || length > MOST_BYTES)
        return plugin_fail(error, PLUGIN_INVALID_ARGUMENT, "say how many chunks, and of how many bytes");
    memset(chunk, 'x', length);
    PluginStatus status = plugin_stream_start(context, request, &stream);
    if (status != PLUGIN_OK) return status;
    status = push(context, stream, count, plugin_text_of(chunk, length), &taken, error);
    if (status != PLUGIN_OK) return status;
    plugin_stream_end(context, stream, NULL);
    snprintf(reply, sizeof reply, "%llu", (unsigned long long)taken);
    return plugin_reply(context, request, reply);
}

static void setup(PluginInterface *table) { table->handle_message = handle_message; }

PLUGIN_DEFINE(0, setup)
