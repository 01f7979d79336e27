/* SPDX-License-Identifier: Apache-2.0 */
/* due.h: what core_tick does: it ends requests past their deadline, and runs on_cancel. Both lists are the core's. */
#ifndef PLUGIN_NATIVE_DUE_H
#define PLUGIN_NATIVE_DUE_H

#include "request.h"

/* From now on core_tick watches the request's deadline, where it has one; until it ends. */
void due_watch(Request *request);

/* Of one that ended WATCHED, by whoever ended it. */
void due_unwatch(Request *request);

/* Queues an on_cancel, of a request or of a stream. */
void due_on_cancel(Instance *instance, PluginRequest request, PluginStream stream);

/* Of a core that nobody has any more: what is queued is not run. */
void due_free(Core *core);

#endif
