/* SPDX-License-Identifier: Apache-2.0 */
/* NULL in the slot that is required. */
#include "plugin_interface.h"

static PluginInterface table;

PLUGIN_EXPORT PluginInterface *create_plugin(void);
PLUGIN_EXPORT PluginInterface *create_plugin(void) {
    table.struct_size = (uint32_t)sizeof table;
    table.abi_version = PLUGIN_ABI_VERSION;
    return &table;
}
