/* SPDX-License-Identifier: Apache-2.0 */
/* Changes the working directory in create_plugin, before there is an instance. */
#include "plugin_interface.h"

#include <unistd.h>

static void setup(PluginInterface *table) {
    if (chdir("/")) table->plugin_ptr = NULL;
}

PLUGIN_DEFINE(0, setup)
