/* SPDX-License-Identifier: Apache-2.0 */
/* A table of a later version of the ABI. */
#include "plugin_interface.h"

static void setup(PluginInterface *table) { table->abi_version = PLUGIN_ABI_VERSION + 7; }

PLUGIN_DEFINE(0, setup)
