/* SPDX-License-Identifier: Apache-2.0 */
/* Streams the words that it is sent, from a thread of its own, one chunk each; then replies with an empty text. */
#include "plugin_interface.h"

#include <pthread.h>

typedef struct Words {
    PluginInstanceContext context;
    PluginRequest request;
    pthread_t thread;
    int runs;
    char text[1024];
} Words;

static void *work(void *argument) {
    Words *words = argument;
    PluginStream stream;
    PluginStatus status = plugin_stream_start(&words->context, words->request, &stream);
    char *rest;
    for (char *word = strtok_r(words->text, " ", &rest); word && status == PLUGIN_OK; word = strtok_r(NULL, " ", &rest))
        status = plugin_stream_data(&words->context, stream, word);
    plugin_stream_end(&words->context, stream, status == PLUGIN_OK ? NULL : "a chunk was refused");
    plugin_reply(&words->context, words->request, "");
    return NULL;
}

static void join(Words *words) {
    if (words->runs) pthread_join(words->thread, NULL);
    words->runs = 0;
}

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    Words *words = plugin;
    join(words);
    words->context = *context;
    words->request = request;
    plugin_text_copy(message, words->text, sizeof words->text);
    if (pthread_create(&words->thread, NULL, work, words)) return plugin_fail(error, PLUGIN_ERROR, "no thread");
    words->runs = 1;
    return PLUGIN_PENDING;
}

static PluginStatus on_disconnect(void *plugin, const PluginInstanceContext *context, PluginError *error) {
    (void)context, (void)error;
    join(plugin);
    return PLUGIN_OK;
}

static void setup(PluginInterface *table) {
    table->handle_message = handle_message;
    table->on_disconnect = on_disconnect;
}

PLUGIN_DEFINE(sizeof(Words), setup)
