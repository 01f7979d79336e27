/* SPDX-License-Identifier: Apache-2.0 */
/* create_plugin gives NULL. */
#include "plugin_interface.h"

PLUGIN_EXPORT PluginInterface *create_plugin(void);
PLUGIN_EXPORT PluginInterface *create_plugin(void) { return NULL; }
