/* SPDX-License-Identifier: Apache-2.0 */
#include "history.h"

#include <stdlib.h>
#include <string.h>

PluginStatus history_read(Instance *instance, uint32_t limit, PluginRequest before, PluginReceiveHistory receive,
                          void *userdata, PluginError *error) {
    Core *core = instance->core;
    const CoreServices *services = &core->services;
    if (!services->get_history) return PLUGIN_OK;
    if (!services_begin(core)) return error_set_status(error, PLUGIN_CLOSED);
    const PluginStatus status =
        services->get_history(services->userdata, instance->host, limit, before, receive, userdata, error);
    services_end(core);
    return status;
}

/* Copies of what the store hands out, which it lends for one call each. */
typedef struct Conversation {
    PluginHistoryMessage **messages;
    uint64_t count;
    uint64_t capacity;
    int failed; /* no memory was left */
} Conversation;

enum { TEXTS = 7 };

/* A message and its texts in one block. */
static PluginHistoryMessage *copy_message(const PluginHistoryMessage *message) {
    const PluginText given[TEXTS] = {message->id,        message->message_type, message->status,    message->content,
                                     message->plugin_id, message->role,         message->created_at};
    size_t bytes = sizeof *message;
    for (int index = 0; index < TEXTS; index++) bytes += (size_t)given[index].length + 1;
    PluginHistoryMessage *copy = (PluginHistoryMessage *)calloc(1, bytes);
    if (!copy) return NULL;
    PluginText *const texts[TEXTS] = {&copy->id,        &copy->message_type, &copy->status,    &copy->content,
                                      &copy->plugin_id, &copy->role,         &copy->created_at};
    char *at = (char *)(copy + 1);
    copy->struct_size = (uint32_t)sizeof *copy;
    for (int index = 0; index < TEXTS; index++) {
        if (given[index].length > 0) memcpy(at, given[index].data, (size_t)given[index].length);
        texts[index]->data = at;
        texts[index]->length = given[index].length;
        at += given[index].length + 1;
    }
    return copy;
}

static void collect(void *userdata, const PluginHistoryMessage *message) {
    Conversation *conversation = (Conversation *)userdata;
    if (conversation->failed) return;
    if (conversation->count == conversation->capacity) {
        const uint64_t capacity = conversation->capacity ? conversation->capacity * 2 : 64;
        PluginHistoryMessage **grown =
            (PluginHistoryMessage **)realloc(conversation->messages, (size_t)capacity * sizeof *grown);
        if (!grown) {
            conversation->failed = 1;
            return;
        }
        conversation->messages = grown;
        conversation->capacity = capacity;
    }
    PluginHistoryMessage *copy = copy_message(message);
    if (copy)
        conversation->messages[conversation->count++] = copy;
    else
        conversation->failed = 1;
}

PluginStatus history_set(Instance *instance, PluginRequest before, ErrorBuffer *said) {
    Conversation conversation = {NULL, 0, 0, 0};
    PluginStatus status = history_read(instance, 0, before, collect, &conversation, &said->error);
    if (status >= 0 && conversation.failed) status = PLUGIN_OUT_OF_MEMORY;
    if (status >= 0) {
        const PluginHistoryMessage *none = NULL;
        const PluginHistoryMessage *const *messages =
            conversation.count > 0 ? (const PluginHistoryMessage *const *)conversation.messages : &none;
        status = instance->entries.set_history(instance->entries.plugin_ptr, &instance->context, messages,
                                               conversation.count, &said->error);
    }
    for (uint64_t index = 0; index < conversation.count; index++) free(conversation.messages[index]);
    free(conversation.messages);
    return status < 0 ? status : PLUGIN_OK;
}
