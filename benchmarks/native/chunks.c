/* SPDX-License-Identifier: Apache-2.0 */
/* chunks: `COUNT LENGTH` is answered by a stream of so many chunks of so many bytes, sent by a thread of its own. */
#include "plugin_interface.h"

#include <pthread.h>

enum { MOST_BYTES = 4096 };

typedef struct State {
    PluginInstanceContext context;
    PluginRequest request;
    PluginStream stream;
    pthread_t thread;
    int running;
    unsigned count;
    unsigned length;
    char chunk[MOST_BYTES];
} State;

static void *send_all(void *argument) {
    State *state = (State *)argument;
    const PluginInstanceContext *context = &state->context;
    PluginStatus status = PLUGIN_OK;
    for (unsigned done = 0; done < state->count && status == PLUGIN_OK; done++)
        status = context->callbacks->stream_data(
            context->host, state->stream, plugin_text_of(state->chunk, state->length), 0, PLUGIN_WAIT_FOREVER, NULL);
    if (status == PLUGIN_OK) {
        plugin_stream_end(context, state->stream, NULL);
        plugin_reply(context, state->request, "");
    }
    return NULL;
}

static void join(State *state) {
    if (state->running) pthread_join(state->thread, NULL);
    state->running = 0;
}

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    State *state = (State *)plugin;
    join(state);
    if (sscanf(message.data, "%u %u", &state->count, &state->length) != 2 || state->length > MOST_BYTES)
        return plugin_fail(error, PLUGIN_INVALID_ARGUMENT, "say how many chunks, and of how many bytes");
    memset(state->chunk, 'x', state->length);
    state->context = *context;
    state->request = request;
    PluginStatus status =
        context->callbacks->stream_start(context->host, request, PLUGIN_MESSAGE_NORMAL, &state->stream, error);
    if (status != PLUGIN_OK) return status;
    if (pthread_create(&state->thread, NULL, send_all, state) != 0)
        return plugin_fail(error, PLUGIN_ERROR, "no thread could be started");
    state->running = 1;
    return PLUGIN_PENDING;
}

static void destroy(void *plugin) { join((State *)plugin); }

static void setup(PluginInterface *table) {
    table->handle_message = handle_message;
    table->destroy = destroy;
}

PLUGIN_DEFINE(sizeof(State), setup)
