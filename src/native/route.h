/* SPDX-License-Identifier: Apache-2.0 */
/* route.h: calls from plugin to plugin. */
#ifndef PLUGIN_NATIVE_ROUTE_H
#define PLUGIN_NATIVE_ROUTE_H

#include "instance.h"

/* As the callback call_other_plugin, with texts that are checked. */
PluginStatus route_call(Instance *caller, PluginText id, PluginText message, uint32_t timeout_ms,
                        PluginReceiveText receive, void *userdata, PluginError *error);

#endif
