/* SPDX-License-Identifier: Apache-2.0 */
/* Overrides nothing. */
#include "plugin_interface.hpp"

struct Bare final : plugin_interfaces::PluginHandler {};

PLUGIN_EXPORT_HANDLER(Bare)
