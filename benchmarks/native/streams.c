/* SPDX-License-Identifier: Apache-2.0 */
/*
 * streams: `COUNT LENGTH` is answered by a stream of so many chunks of so many bytes, of many requests at once: a thread
 * sends one chunk to each of the streams that are open, in turn.
 */
#include "plugin_interface.h"

#include <pthread.h>

enum { MOST_BYTES = 256, MOST_OPEN = 10000 };

typedef struct Open {
    PluginRequest request;
    PluginStream stream;
    unsigned left;
    unsigned length;
} Open;

typedef struct State {
    PluginInstanceContext context;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t change;
    unsigned count;
    int ending;
    Open open[MOST_OPEN];
    pthread_t thread;
    int running;
} State;

/* The beginning of a stream, one chunk, or its end. 0 where nothing more is to be sent to it. A stream does not wait for
   room to begin in, so it has another turn when the others have waited for theirs. */
static int step(const PluginInstanceContext *context, Open *open) {
    char chunk[MOST_BYTES];
    if (open->stream == PLUGIN_NONE) {
        const PluginStatus status = plugin_stream_start(context, open->request, &open->stream);
        return status == PLUGIN_OK || status == PLUGIN_FULL;
    }
    if (open->left == 0) {
        plugin_stream_end(context, open->stream, NULL);
        plugin_reply(context, open->request, "");
        return 0;
    }
    memset(chunk, 'x', open->length);
    open->left--;
    return context->callbacks->stream_data(context->host, open->stream, plugin_text_of(chunk, open->length), 0,
                                           PLUGIN_WAIT_FOREVER, NULL) == PLUGIN_OK;
}

static void *send_all(void *argument) {
    State *state = (State *)argument;
    unsigned at = 0;
    pthread_mutex_lock(&state->lock);
    while (!state->ending) {
        if (state->count == 0) {
            pthread_cond_wait(&state->change, &state->lock);
            continue;
        }
        at = at < state->count ? at : 0;
        Open open = state->open[at];
        pthread_mutex_unlock(&state->lock); /* sending may wait */
        const int goes_on = step(&state->context, &open);
        pthread_mutex_lock(&state->lock);
        state->open[at] = goes_on ? open : state->open[--state->count];
        if (goes_on) at++;
    }
    pthread_mutex_unlock(&state->lock);
    return NULL;
}

static PluginStatus initialize(void *plugin, const PluginInstanceContext *context, PluginError *error) {
    State *state = (State *)plugin;
    state->context = *context;
    pthread_mutex_init(&state->lock, NULL);
    pthread_cond_init(&state->change, NULL);
    if (pthread_create(&state->thread, NULL, send_all, state) != 0)
        return plugin_fail(error, PLUGIN_ERROR, "no thread could be started");
    state->running = 1;
    return PLUGIN_OK;
}

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    State *state = (State *)plugin;
    Open open = {.request = request, .stream = PLUGIN_NONE};
    if (sscanf(message.data, "%u %u", &open.left, &open.length) != 2 || open.length > MOST_BYTES)
        return plugin_fail(error, PLUGIN_INVALID_ARGUMENT, "say how many chunks, and of how many bytes");
    PluginStatus status = PLUGIN_PENDING;
    pthread_mutex_lock(&state->lock);
    if (state->count < MOST_OPEN)
        state->open[state->count++] = open;
    else
        status = plugin_fail(error, PLUGIN_FULL, "10000 streams are open");
    pthread_cond_signal(&state->change);
    pthread_mutex_unlock(&state->lock);
    return status;
}

static PluginStatus on_dispose(void *plugin, const PluginInstanceContext *context, PluginError *error) {
    State *state = (State *)plugin;
    (void)context, (void)error;
    pthread_mutex_lock(&state->lock);
    state->ending = 1;
    pthread_cond_signal(&state->change);
    pthread_mutex_unlock(&state->lock);
    if (state->running) pthread_join(state->thread, NULL);
    return PLUGIN_OK;
}

static void setup(PluginInterface *table) {
    table->initialize = initialize;
    table->handle_message = handle_message;
    table->on_dispose = on_dispose;
}

PLUGIN_DEFINE(sizeof(State), setup)
