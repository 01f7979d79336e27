/* SPDX-License-Identifier: Apache-2.0 */
/* handle_message does not return until somebody calls let_go(). */
#include "plugin_interface.h"

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t change = PTHREAD_COND_INITIALIZER;
static int may_go;

PLUGIN_EXPORT void let_go(void);
PLUGIN_EXPORT void let_go(void) {
    pthread_mutex_lock(&lock);
    may_go = 1;
    pthread_cond_broadcast(&change);
    pthread_mutex_unlock(&lock);
}

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    (void)plugin, (void)message, (void)error;
    plugin_send_message(context, PLUGIN_MESSAGE_NORMAL, "hangs");
    pthread_mutex_lock(&lock);
    while (!may_go) pthread_cond_wait(&change, &lock);
    pthread_mutex_unlock(&lock);
    return plugin_reply(context, request, "late");
}

static void setup(PluginInterface *table) { table->handle_message = handle_message; }

PLUGIN_DEFINE(0, setup)
