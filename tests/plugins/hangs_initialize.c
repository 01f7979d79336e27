/* SPDX-License-Identifier: Apache-2.0 */
/* initialize has the person press Ctrl-C, and does not return until somebody calls let_go(). */
#include "plugin_interface.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

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

static PluginStatus initialize(void *plugin, const PluginInstanceContext *context, PluginError *error) {
    (void)plugin, (void)context, (void)error;
    pthread_mutex_lock(&lock);
    if (!may_go) kill(getpid(), SIGINT);
    while (!may_go) pthread_cond_wait(&change, &lock);
    pthread_mutex_unlock(&lock);
    return PLUGIN_OK;
}

static void setup(PluginInterface *table) { table->initialize = initialize; }

PLUGIN_DEFINE(0, setup)
