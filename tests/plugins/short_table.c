/* SPDX-License-Identifier: Apache-2.0 */
/* A table that ends before the required part does. */
#include "plugin_interface.h"

static void setup(PluginInterface *table) { table->struct_size = (uint32_t)offsetof(PluginInterface, destroy); }

PLUGIN_DEFINE(0, setup)
