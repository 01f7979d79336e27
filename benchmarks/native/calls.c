/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calls: `COUNT LENGTH ID` calls the plugin with that id so often, with a message of so many bytes, and replies with the
 * nanoseconds that this took. `COUNT LENGTH ID MANY` calls ID0, ID1, and so on up to so many, each in turn.
 */
#include "loop_clock.h"
#include "plugin_interface.h"

enum { MOST_BYTES = 4096, MOST_ID = 64, MOST_DIGITS = 10 };

static void receive(void *userdata, PluginText reply) { *(uint64_t *)userdata += reply.length; }

/* The id of the one whose turn it is. */
static PluginText target(char *id, size_t length, unsigned many, unsigned turn) {
    if (many > 0) snprintf(id + length, MOST_DIGITS + 1, "%u", turn % many);
    return plugin_text(id);
}

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    char text[MOST_BYTES];
    char id[MOST_ID + MOST_DIGITS + 1];
    char reply[24];
    unsigned count, length, many = 0;
    uint64_t received = 0;
    PluginStatus status = PLUGIN_OK;
    (void)plugin;
    if (sscanf(message.data, "%u %u %64s %u", &count, &length, id, &many) < 3 || length > MOST_BYTES)
        return plugin_fail(error, PLUGIN_INVALID_ARGUMENT, "say how often, with how many bytes, and whom");
    memset(text, 'x', length);
    const size_t letters = strlen(id);
    const uint64_t begin = now_ns();
    for (unsigned done = 0; done < count && status == PLUGIN_OK; done++)
        status = context->callbacks->call_other_plugin(context->host, target(id, letters, many, done),
                                                       plugin_text_of(text, length), PLUGIN_WAIT_FOREVER, receive,
                                                       &received, error);
    const uint64_t taken = now_ns() - begin;
    if (status != PLUGIN_OK) return status;
    if (received != (uint64_t)count * length) return plugin_fail(error, PLUGIN_ERROR, "the replies are others");
    snprintf(reply, sizeof reply, "%llu", (unsigned long long)taken);
    return plugin_reply(context, request, reply);
}

static void setup(PluginInterface *table) { table->handle_message = handle_message; }

PLUGIN_DEFINE(0, setup)
