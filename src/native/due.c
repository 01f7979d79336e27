/* SPDX-License-Identifier: Apache-2.0 */
#include "due.h"

#include "clock.h"
#include "handles.h"

#include <stdlib.h>

/* How long an on_cancel whose instance is busy waits before it tries again. */
#define RETRY_NS UINT64_C(10000000)

/* ---- deadlines ---- */

void due_watch(Request *request) {
    Core *core = request->instance->core;
    if (request->deadline == CLOCK_NEVER || !handle_acquire(request->handle, HANDLE_REQUEST)) return;
    pthread_mutex_lock(&core->lock);
    /* Whoever ends it looks at WATCHED in the same step, and then waits for this lock. */
    const int wanted = !(atomic_load(&request->state) & REQUEST_WATCHED) && request_mark(request, REQUEST_WATCHED);
    if (wanted) {
        request->before_watched = NULL;
        request->next_watched = core->first_watched;
        if (core->first_watched) core->first_watched->before_watched = request;
        core->first_watched = request;
        if (request->deadline < core->next_deadline) {
            core->next_deadline = request->deadline;
            pthread_cond_signal(&core->due);
        }
    }
    pthread_mutex_unlock(&core->lock);
    if (!wanted) request_release(request);
}

void due_unwatch(Request *request) {
    Core *core = request->instance->core;
    pthread_mutex_lock(&core->lock);
    if (request->before_watched)
        request->before_watched->next_watched = request->next_watched;
    else
        core->first_watched = request->next_watched;
    if (request->next_watched) request->next_watched->before_watched = request->before_watched;
    pthread_mutex_unlock(&core->lock);
    request_release(request);
}

/* Ends the watched requests whose deadline has passed, and sets when the next is due. */
static void expire(Core *core) {
    const uint64_t now = clock_now();
    for (;;) {
        Request *late = NULL;
        uint64_t next = CLOCK_NEVER;
        pthread_mutex_lock(&core->lock);
        for (Request *request = core->first_watched; request && !late; request = request->next_watched) {
            if (request->deadline > now)
                next = request->deadline < next ? request->deadline : next;
            else
                late = (Request *)handle_acquire(request->handle, HANDLE_REQUEST);
        }
        if (!late) core->next_deadline = next;
        pthread_mutex_unlock(&core->lock);
        if (!late) return;
        request_look(late);
        request_release(late);
    }
}

/* ---- on_cancel ---- */

/* One that is to be run; of a request or of a stream. */
typedef struct Cancelled {
    struct Cancelled *next;
    PluginHost host;
    PluginRequest request;
    PluginStream stream;
    uint64_t not_before; /* when to try (again) */
} Cancelled;

/* At the end of the list; also one that was in it before. */
static void append(Core *core, Cancelled *cancelled) {
    pthread_mutex_lock(&core->lock);
    cancelled->next = NULL;
    if (core->last_cancelled)
        core->last_cancelled->next = cancelled;
    else
        core->first_cancelled = cancelled;
    core->last_cancelled = cancelled;
    pthread_cond_signal(&core->due);
    pthread_mutex_unlock(&core->lock);
}

void due_on_cancel(Instance *instance, PluginRequest request, PluginStream stream) {
    Cancelled *cancelled = (Cancelled *)calloc(1, sizeof *cancelled);
    if (!cancelled) return; /* the plugin polls request_status too */
    cancelled->host = instance->host;
    cancelled->request = request;
    cancelled->stream = stream;
    append(instance->core, cancelled);
}

void due_free(Core *core) {
    while (core->first_cancelled) {
        Cancelled *cancelled = core->first_cancelled;
        core->first_cancelled = cancelled->next;
        free(cancelled);
    }
}

/* Takes the first on_cancel that may be tried now out of the list; NULL where there is none, and `*next` is when there will be. */
static Cancelled *take_cancelled(Core *core, uint64_t now, uint64_t *next) {
    Cancelled *before = NULL;
    *next = CLOCK_NEVER;
    for (Cancelled *cancelled = core->first_cancelled; cancelled; cancelled = cancelled->next) {
        if (cancelled->not_before <= now) {
            if (before)
                before->next = cancelled->next;
            else
                core->first_cancelled = cancelled->next;
            if (core->last_cancelled == cancelled) core->last_cancelled = before;
            cancelled->next = NULL;
            return cancelled;
        }
        if (cancelled->not_before < *next) *next = cancelled->not_before;
        before = cancelled;
    }
    return NULL;
}

/* PLUGIN_TIMEOUT: an entry of the instance is running. It is not waited for, others may be due. */
static PluginStatus run_on_cancel(const Cancelled *cancelled) {
    Turn turn;
    Instance *instance = instance_acquire(cancelled->host);
    if (!instance) return PLUGIN_CLOSED;
    const PluginStatus status = instance_turn(instance, &turn, 0, NULL);
    if (status == PLUGIN_OK) {
        const int32_t state = atomic_load(&instance->state);
        if ((state == CORE_STATE_MOUNTED || state == CORE_STATE_CONNECTED) && !atomic_load(&instance->closed))
            instance->entries.on_cancel(instance->entries.plugin_ptr, &instance->context, cancelled->request,
                                        cancelled->stream);
        turn_end(&turn);
    }
    instance_release(instance);
    return status;
}

/* ---- the tick ---- */

/* Waits until something is due; the on_cancel to run, or NULL. */
static Cancelled *wait_until_due(Core *core, uint32_t wait_ms, int *open) {
    const uint64_t until = clock_deadline(wait_ms);
    uint64_t next;
    pthread_mutex_lock(&core->lock);
    Cancelled *cancelled = take_cancelled(core, clock_now(), &next);
    while (!cancelled && !core->closed && clock_now() < core->next_deadline && clock_now() < until) {
        if (core->next_deadline < next) next = core->next_deadline;
        clock_cond_wait(&core->due, &core->lock, next < until ? next : until);
        cancelled = take_cancelled(core, clock_now(), &next);
    }
    *open = !core->closed;
    pthread_mutex_unlock(&core->lock);
    return cancelled;
}

int32_t core_tick(Core *core, uint32_t wait_ms) {
    int open;
    Cancelled *cancelled = wait_until_due(core, wait_ms, &open);
    if (cancelled && run_on_cancel(cancelled) == PLUGIN_TIMEOUT) {
        cancelled->not_before = clock_now() + RETRY_NS;
        append(core, cancelled);
        cancelled = NULL;
    }
    free(cancelled);
    expire(core);
    return open;
}
