/* SPDX-License-Identifier: Apache-2.0 */
/* Throws in get_metadata. */
#include "plugin_interface.hpp"

using namespace plugin_interfaces;

struct Throws final : PluginHandler {
    Status get_metadata(PluginMetadataFFI &) override { throw Failure(-1234, "nobody knows what this is"); }
};

PLUGIN_EXPORT_HANDLER(Throws)
