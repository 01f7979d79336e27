/* SPDX-License-Identifier: Apache-2.0 */
/* host.h: a small host around the core, for the tests: a plugin from a table that the test fills in, and the events that came. */
#ifndef TEST_HOST_H
#define TEST_HOST_H

#include "check.h"
#include "core.h"

#include <pthread.h>
#include <stdlib.h>

enum { EVENTS_MAX = 20000, EVENTS_FIRST = 64 };

typedef struct Seen {
    uint32_t type;
    uint64_t sequence;
    PluginHost host;
    PluginRequest request;
    PluginStream stream;
    uint64_t number;
    int64_t value;
    char text[200];
} Seen;

typedef struct Events {
    uint32_t count;
    Seen *seen;
    uint32_t room;
} Events;

static inline void see(void *userdata, const CoreEvent *event) {
    Events *events = (Events *)userdata;
    if (events->count == EVENTS_MAX) return;
    if (events->count == events->room) {
        events->room += events->room + EVENTS_FIRST;
        events->seen = (Seen *)realloc(events->seen, events->room * sizeof(Seen));
    }
    Seen *seen = &events->seen[events->count++];
    seen->type = event->type;
    seen->sequence = event->sequence;
    seen->host = event->host;
    seen->request = event->request;
    seen->stream = event->stream;
    seen->number = event->number;
    seen->value = event->value;
    plugin_text_copy(event->text, seen->text, sizeof seen->text);
}

/* All that is queued. To be freed. */
static inline Events drain_all(Core *core) {
    Events events = {0, NULL, 0};
    while (core_drain(core, 256, 0, see, &events) > 0) {
    }
    return events;
}

static inline void events_free(Events *events) { free(events->seen); }

static inline const Seen *find_event(const Events *events, uint32_t type) {
    for (uint32_t index = 0; index < events->count; index++)
        if (events->seen[index].type == type) return &events->seen[index];
    return NULL;
}

static inline uint32_t count_events(const Events *events, uint32_t type) {
    uint32_t count = 0;
    for (uint32_t index = 0; index < events->count; index++) count += events->seen[index].type == type;
    return count;
}

/* How a request ended, once core_tick has found that it is past its deadline. What else was queued is dropped. */
static inline int64_t tick_until_ended(Core *core) {
    int64_t status = PLUGIN_PENDING;
    while (status == PLUGIN_PENDING) {
        core_tick(core, 50);
        Events events = drain_all(core);
        const Seen *ended = find_event(&events, CORE_EVENT_REQUEST_ENDED);
        if (ended) status = ended->value;
        events_free(&events);
    }
    return status;
}

/* A PluginError with room for its text. */
typedef struct Said {
    PluginError error;
    char text[512];
} Said;

static inline PluginError *said_clear(Said *said) {
    memset(said, 0, sizeof *said);
    said->error.struct_size = (uint32_t)sizeof said->error;
    said->error.text = said->text;
    said->error.capacity = sizeof said->text - 1;
    return &said->error;
}

/* Receives a text into a char[256]. */
static inline void receive(void *userdata, PluginText text) { plugin_text_copy(text, (char *)userdata, 256); }

static inline PluginMetadataFFI metadata_of(const char *id, const char *instance_id) {
    PluginMetadataFFI metadata;
    memset(&metadata, 0, sizeof metadata);
    metadata.struct_size = (uint32_t)sizeof metadata;
    metadata.id = metadata.name = plugin_text(id);
    metadata.version = plugin_text("1.0.0");
    metadata.instance_id = plugin_text(instance_id);
    return metadata;
}

/* A message whichever way it takes, and the wait for its reply. */
static inline PluginStatus send_and_wait(PluginHost host, PluginText message, uint32_t timeout_ms,
                                         PluginReceiveText give, void *userdata, PluginError *error) {
    PluginRequest request;
    PluginStatus status = core_request_new(host, message, timeout_ms, CORE_NOTIFY_NONE, &request, error);
    if (status != PLUGIN_OK) return status;
    status = core_request_run(request, message, error);
    if (status >= 0) status = core_request_wait(request, PLUGIN_WAIT_FOREVER, give, userdata, error);
    core_request_release(request);
    return status;
}

typedef void (*Setup)(PluginInterface *table);

/* An instance, created and no more. */
static inline PluginHost make(Core *core, Setup setup, const char *id) {
    PluginHost host = PLUGIN_NONE;
    Said said;
    const PluginMetadataFFI metadata = metadata_of(id, id);
    PluginInterface *table = plugin_create(64, setup);
    CHECK_EQUAL(PLUGIN_OK, core_instance_from_table(core, table, plugin_destroy, &metadata, &host, said_clear(&said)));
    return host;
}

/* An instance, mounted and connected. */
static inline PluginHost start(Core *core, Setup setup, const char *id) {
    const PluginHost host = make(core, setup, id);
    Said said;
    CHECK_EQUAL(PLUGIN_OK, core_instance_initialize(host, NULL, 0, said_clear(&said)));
    CHECK_EQUAL(PLUGIN_OK, core_instance_connect(host, said_clear(&said)));
    return host;
}

#endif
