/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin that the Makefile links so that it cannot be unmapped. */
#include "plugin_interface.h"

static void setup(PluginInterface *table) { (void)table; }

PLUGIN_DEFINE(0, setup)
