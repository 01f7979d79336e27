/* SPDX-License-Identifier: Apache-2.0 */
/* Says that it is another plugin than its config.toml says. */
#include "plugin_interface.h"

static PluginStatus get_metadata(void *plugin, PluginMetadataFFI *metadata, PluginError *error) {
    (void)plugin, (void)error;
    metadata->id = plugin_text("somebody_else");
    return PLUGIN_OK;
}

static void setup(PluginInterface *table) { table->get_metadata = get_metadata; }

PLUGIN_DEFINE(0, setup)
