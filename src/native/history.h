/* SPDX-License-Identifier: Apache-2.0 */
/* history.h: the conversation, from the embedder's store to a plugin. */
#ifndef PLUGIN_NATIVE_HISTORY_H
#define PLUGIN_NATIVE_HISTORY_H

#include "instance.h"

/* Reads it and calls set_history, under a turn. `before` is the request whose message is left out. */
PluginStatus history_set(Instance *instance, PluginRequest before, ErrorBuffer *said);

/* As the callback get_history; `limit` 0: all. */
PluginStatus history_read(Instance *instance, uint32_t limit, PluginRequest before, PluginReceiveHistory receive,
                          void *userdata, PluginError *error);

#endif
