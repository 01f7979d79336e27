/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin that calls a function that no library has. */
#include "plugin_interface.h"

void a_function_that_is_nowhere(void);

static void setup(PluginInterface *table) {
    (void)table;
    a_function_that_is_nowhere();
}

PLUGIN_DEFINE(0, setup)
