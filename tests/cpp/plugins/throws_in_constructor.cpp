/* SPDX-License-Identifier: Apache-2.0 */
/* Cannot be made. */
#include "plugin_interface.hpp"

using namespace plugin_interfaces;

struct Throws final : PluginHandler {
    Throws() { throw Failure(PLUGIN_NOT_FOUND, "there is no model on this machine"); }
    Status get_metadata(PluginMetadataFFI &) override { return PLUGIN_OK; }
    Status initialize(const Context &) override { return PLUGIN_OK; }
};

PLUGIN_EXPORT_HANDLER(Throws)
