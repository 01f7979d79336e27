/* SPDX-License-Identifier: Apache-2.0 */
/* route.h: calls from plugin to plugin. */
#ifndef PLUGIN_NATIVE_ROUTE_H
#define PLUGIN_NATIVE_ROUTE_H

#include "instance.h"

/* The instance that a call to this id, as the plugin gave it, went to before, while nothing has changed since; under the caller's
   turn. PLUGIN_NONE: it is not known, and whether the id is one neither. */
PluginHost route_known(Instance *caller, PluginText id);

/*
 * As the callback call_other_plugin, with texts that are checked. `turn` is this thread's on `caller`, or NULL; `target` is what
 * route_known said, or PLUGIN_NONE.
 */
PluginStatus route_call(Instance *caller, const Turn *turn, PluginHost target, PluginText id, PluginText message,
                        uint32_t timeout_ms, PluginReceiveText receive, void *userdata, PluginError *error);

#endif
