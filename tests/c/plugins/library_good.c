/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin without entries. */
#include "plugin_interface.h"

static void setup(PluginInterface *table) { (void)table; }

PLUGIN_DEFINE(0, setup)
