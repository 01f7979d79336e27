/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opens: `open COUNT` begins so many streams that stay open. `push COUNT` sends so many chunks to the first of them,
 * `turn COUNT` begins and ends so many more; the reply is the nanoseconds that took. All are to find room at once.
 */
#include "loop_clock.h"
#include "plugin_interface.h"

typedef struct State {
    PluginStream first;
} State;

static PluginStatus open_streams(State *state, const PluginInstanceContext *context, unsigned count) {
    PluginStatus status = PLUGIN_OK;
    for (unsigned done = 0; done < count && status == PLUGIN_OK; done++) {
        PluginStream stream;
        status = plugin_stream_start(context, PLUGIN_NONE, &stream);
        if (status == PLUGIN_OK && state->first == PLUGIN_NONE) state->first = stream;
    }
    return status;
}

static PluginStatus push(State *state, const PluginInstanceContext *context, unsigned count) {
    PluginStatus status = PLUGIN_OK;
    for (unsigned done = 0; done < count && status == PLUGIN_OK; done++)
        status = context->callbacks->stream_data(context->host, state->first, plugin_text("a chunk"), 0, 0, NULL);
    return status;
}

static PluginStatus turn(State *state, const PluginInstanceContext *context, unsigned count) {
    PluginStatus status = PLUGIN_OK;
    (void)state;
    for (unsigned done = 0; done < count && status == PLUGIN_OK; done++) {
        PluginStream stream;
        status = plugin_stream_start(context, PLUGIN_NONE, &stream);
        if (status == PLUGIN_OK) status = plugin_stream_end(context, stream, NULL);
    }
    return status;
}

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    char what[8];
    char reply[24];
    unsigned count;
    if (sscanf(message.data, "%7s %u", what, &count) != 2)
        return plugin_fail(error, PLUGIN_INVALID_ARGUMENT, "say what, and how often");
    const uint64_t begin = now_ns();
    PluginStatus status = (what[0] == 'o' ? open_streams : what[0] == 'p' ? push : turn)(plugin, context, count);
    const uint64_t taken = now_ns() - begin;
    if (status != PLUGIN_OK) return status;
    snprintf(reply, sizeof reply, "%llu", (unsigned long long)taken);
    return plugin_reply(context, request, reply);
}

static void setup(PluginInterface *table) { table->handle_message = handle_message; }

PLUGIN_DEFINE(sizeof(State), setup)
