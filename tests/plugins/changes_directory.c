/* SPDX-License-Identifier: Apache-2.0 */
/* Changes the working directory of the process, which it is to leave alone. */
#include "plugin_interface.h"

#include <unistd.h>

static PluginStatus initialize(void *plugin, const PluginInstanceContext *context, PluginError *error) {
    (void)plugin, (void)context, (void)error;
    return chdir("/") ? PLUGIN_ERROR : PLUGIN_OK;
}

static void setup(PluginInterface *table) { table->initialize = initialize; }

PLUGIN_DEFINE(0, setup)
