/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"
#include "due.h"
#include "instance.h"

#include <stdlib.h>

/* How long core_close waits for an entry that still runs. */
enum { CLOSE_WAIT_MS = 5000 };

Core *core_new(const CoreOptions *options) {
    static const CoreOptions defaults;
    const CoreOptions *given = options ? options : &defaults;
    Core *core = (Core *)calloc(1, sizeof *core);
    if (!core) return NULL;
    core->max_text_bytes = given->max_text_bytes ? given->max_text_bytes : UINT64_C(16) << 20;
    core->services = given->services;
    core->next_deadline = CLOCK_NEVER;
    core->hub = hub_new(given->queue_events ? given->queue_events : 1024,
                        given->queue_bytes ? given->queue_bytes : UINT64_C(8) << 20);
    if (!core->hub) {
        free(core);
        return NULL;
    }
    pthread_mutex_init(&core->lock, NULL);
    clock_cond_init(&core->due);
    clock_cond_init(&core->served);
    atomic_init(&core->shares, 1);
    return core;
}

/* ---- shares ---- */

void core_share(Core *core) { atomic_fetch_add(&core->shares, 1); }

void core_unshare(Core *core) {
    if (atomic_fetch_sub(&core->shares, 1) != 1) return;
    due_free(core);
    directory_free(&core->directory);
    hub_free(core->hub);
    pthread_cond_destroy(&core->due);
    pthread_cond_destroy(&core->served);
    pthread_mutex_destroy(&core->lock);
    free(core);
}

/* ---- services ---- */

int services_begin(Core *core) {
    pthread_mutex_lock(&core->lock);
    const int serves = !core->silent;
    if (serves) core->serving++;
    pthread_mutex_unlock(&core->lock);
    return serves;
}

void services_end(Core *core) {
    pthread_mutex_lock(&core->lock);
    if (--core->serving == 0) pthread_cond_broadcast(&core->served);
    pthread_mutex_unlock(&core->lock);
}

/* ---- the end ---- */

/* Any instance that has not ended, or PLUGIN_NONE. */
static PluginHost next_host(Core *core) {
    pthread_mutex_lock(&core->lock);
    core->closed = 1;
    const PluginHost host = core->directory.last ? core->directory.last->host : PLUGIN_NONE;
    pthread_mutex_unlock(&core->lock);
    return host;
}

void core_close(Core *core) {
    PluginHost host;
    PluginHost refused = PLUGIN_NONE;
    while ((host = next_host(core)) != PLUGIN_NONE && host != refused)
        if (core_instance_end(host, CLOSE_WAIT_MS, NULL) == PLUGIN_INVALID_STATE) refused = host;
    hub_close(core->hub);
    pthread_mutex_lock(&core->lock);
    pthread_cond_broadcast(&core->due);
    pthread_mutex_unlock(&core->lock);
}

void core_free(Core *core) {
    if (!core) return;
    core_close(core);
    pthread_mutex_lock(&core->lock);
    core->silent = 1;
    while (core->serving > 0) clock_cond_wait(&core->served, &core->lock, CLOCK_NEVER);
    pthread_mutex_unlock(&core->lock);
    core_unshare(core);
}

uint32_t core_instance_count(Core *core) {
    pthread_mutex_lock(&core->lock);
    const uint32_t count = core->directory.count;
    pthread_mutex_unlock(&core->lock);
    return count;
}

/* ---- events ---- */

void core_tell_requests(Core *core, int32_t wanted) { atomic_store(&core->untold, !wanted); }

uint32_t core_drain(Core *core, uint32_t most, uint32_t wait_ms, CoreVisit visit, void *userdata) {
    return hub_drain(core->hub, most, wait_ms, visit, userdata);
}

uint64_t core_instance_sequence(PluginHost host) {
    Instance *instance = instance_acquire(host);
    if (!instance) return 0;
    const uint64_t sequence = queue_sequence(instance->queue);
    instance_release(instance);
    return sequence;
}

int32_t core_event_fd(Core *core) { return hub_fd(core->hub); }
