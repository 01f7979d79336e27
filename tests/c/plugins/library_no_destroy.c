/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin that leaves it to the host to call its table's `destroy`. */
#include "plugin_interface.h"

static PluginInterface table;

PLUGIN_EXPORT PluginInterface *PLUGIN_CALL create_plugin(void);
PLUGIN_EXPORT PluginInterface *PLUGIN_CALL create_plugin(void) {
    table.struct_size = (uint32_t)sizeof table;
    table.abi_version = PLUGIN_ABI_VERSION;
    table.destroy = plugin_destroy_nothing;
    return &table;
}
