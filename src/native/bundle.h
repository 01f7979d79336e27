/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle.h: messages on their way into the conversation, packed as MessagePack: an array of
 *
 *     [sequence, time_ms, request, who, kind, failed, text]
 *
 * with `who` 0 for the person and 1 for the plugin, `kind` a PLUGIN_MESSAGE_… value, and the text as bytes. They are stored so,
 * many at once, and looked at when somebody reads the conversation: host/bundles.py.
 */
#ifndef PLUGIN_NATIVE_BUNDLE_H
#define PLUGIN_NATIVE_BUNDLE_H

#include "core.h"

#include <stddef.h>

/* All of one instance. Used by one thread; `bundle_end` before it is forgotten. */
typedef struct Bundle {
    PluginHost host;
    uint64_t sequence; /* of the last event in it */
    int64_t time_ms;   /* of that event */
    uint32_t count;    /* of messages */
    char *data;
    size_t length;
    size_t room;
} Bundle;

/* Whether an event brings a message that is whole: one that streams in is none. */
int bundle_takes(const CoreEvent *event);

/* Adds the message that an event brings; the bundle is empty, zeros, or of the same instance. 0 where no memory is left. */
int bundle_add(Bundle *bundle, const CoreEvent *event);

/* Frees what it holds; it is empty then. */
void bundle_end(Bundle *bundle);

#endif
