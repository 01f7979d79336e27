/* SPDX-License-Identifier: Apache-2.0 */
/* "COUNT ID TEXT": a thread of its own calls the plugin with that id so often, one call after the other, and ends. Replies with the
   last reply. */
#include "plugin_interface.h"

#include <pthread.h>
#include <stdlib.h>

typedef struct Work {
    const PluginInstanceContext *context;
    PluginRequest request;
    int count;
    PluginText id;
    PluginText text;
    PluginStatus status;
    PluginError *error;
} Work;

static void pass_on(void *userdata, PluginText text) {
    const Work *work = userdata;
    if (work->count == 0) plugin_reply_text(work->context, work->request, text);
}

static void *call(void *argument) {
    Work *work = argument;
    while (work->count > 0 && work->status == PLUGIN_OK) {
        work->count--;
        work->status = work->context->callbacks->call_other_plugin(work->context->host, work->id, work->text, 10000,
                                                                   pass_on, work, work->error);
    }
    return NULL;
}

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    Work work = {.context = context, .request = request, .status = PLUGIN_OK, .error = error};
    char *end;
    pthread_t thread;
    (void)plugin;
    work.count = (int)strtol(message.data, &end, 10);
    const char *space = *end == ' ' ? strchr(end + 1, ' ') : NULL;
    if (!space) return plugin_fail(error, PLUGIN_INVALID_ARGUMENT, "send: <count> <plugin id> <text>");
    work.id = plugin_text_of(end + 1, (uint64_t)(space - end - 1));
    work.text = plugin_text(space + 1);
    if (pthread_create(&thread, NULL, call, &work)) return PLUGIN_ERROR;
    pthread_join(thread, NULL);
    return work.status;
}

static void setup(PluginInterface *table) { table->handle_message = handle_message; }

PLUGIN_DEFINE(0, setup)
