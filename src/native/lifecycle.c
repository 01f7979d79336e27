/* SPDX-License-Identifier: Apache-2.0 */
/* The edges of the life cycle, each an entry or two under one turn. */
#include "clock.h"
#include "guard.h"
#include "handles.h"
#include "instance.h"
#include "library.h"
#include "request.h"
#include "stream.h"

#include <string.h>

/* ---- creation ---- */

static void destroy_table(PluginInterface *table, DestroyPluginFn destroy) {
    if (destroy)
        destroy(table);
    else
        table->destroy(table->plugin_ptr);
}

PluginStatus core_instance_new(Core *core, CoreLibrary *library, const PluginMetadataFFI *metadata, PluginHost *host,
                               PluginError *error) {
    Guard guard;
    char changed[512];
    *host = PLUGIN_NONE;
    guard_take(&guard);
    PluginInterface *table = library_create(library)();
    const uint32_t changes = guard_check(&guard, changed, sizeof changed);
    PluginStatus status = instance_check_table(table, error);
    if (status != PLUGIN_OK) return status;
    library_retain(library);
    status = instance_make(core, table, library_destroy(library), library, metadata, host, error);
    if (status != PLUGIN_OK) {
        destroy_table(table, library_destroy(library));
        library_release(library);
        return status;
    }
    Instance *instance = instance_acquire(*host);
    if (!instance) return error_set_status(error, PLUGIN_CLOSED);
    if (changes) instance_report(instance, PLUGIN_ERROR, "create_plugin", "%s", changed);
    instance_release(instance);
    return PLUGIN_OK;
}

/* ---- a turn with the right state ---- */

static const char *state_name(int32_t state) {
    static const char *const names[] = {"created", "initialized", "mounted", "connected", "disposed", "gone"};
    return state >= 0 && state <= CORE_STATE_GONE ? names[state] : "unknown";
}

/* Acquires the instance and a turn on it, and checks that it is in `state`; leave() undoes both. */
static PluginStatus enter(PluginHost host, int32_t state, const char *entry, Instance **instance, Turn *turn,
                          PluginError *error) {
    PluginStatus status = instance_find(host, instance, error);
    if (status != PLUGIN_OK) return status;
    status = instance_open_turn(*instance, turn, error);
    if (status == PLUGIN_OK) {
        const int32_t found = atomic_load(&(*instance)->state);
        if (found == state) return PLUGIN_OK;
        turn_end(turn);
        status = error_set(error, PLUGIN_INVALID_STATE, "%s needs an instance that is %s, and this one is %s", entry,
                           state_name(state), state_name(found));
    }
    instance_release(*instance);
    return status;
}

static void leave(Instance *instance, Turn *turn) {
    turn_end(turn);
    instance_release(instance);
}

/* Runs an entry of the life cycle that may be absent. Its failure is in `said`. */
static PluginStatus run(PluginStatus (*entry)(void *, const PluginInstanceContext *, PluginError *), Instance *instance,
                        ErrorBuffer *said) {
    error_buffer_init(said);
    return entry ? entry(instance->entries.plugin_ptr, &instance->context, &said->error) : PLUGIN_OK;
}

static void run_and_report(PluginStatus (*entry)(void *, const PluginInstanceContext *, PluginError *),
                           Instance *instance, const char *name) {
    ErrorBuffer said;
    const PluginStatus status = run(entry, instance, &said);
    if (status < 0) instance_report_failure(instance, name, status, &said);
}

/* No callback of the instance works from here on, and nobody waits in one. */
static void close_callbacks(Instance *instance) {
    atomic_store(&instance->closed, 1);
    request_end_all(instance);
    stream_cancel_all(instance, PLUGIN_NONE);
    queue_hurry(instance->queue, 1);
}

/* ---- initialize ---- */

static PluginStatus call_initialize(Instance *instance, PluginError *error) {
    Guard guard;
    ErrorBuffer said;
    char changed[512];
    guard_take(&guard);
    const PluginStatus status = run(instance->entries.initialize, instance, &said);
    if (guard_check(&guard, changed, sizeof changed))
        instance_report(instance, PLUGIN_ERROR, "initialize", "%s", changed);
    if (status < 0) return instance_entry_failed("initialize", status, &said, error);
    return PLUGIN_OK;
}

static void call_load_state(Instance *instance, const void *data, uint64_t length) {
    ErrorBuffer said;
    if (!data || !HAS(instance, load_state)) return;
    error_buffer_init(&said);
    const PluginStatus status =
        instance->entries.load_state(instance->entries.plugin_ptr, &instance->context, data, length, &said.error);
    if (status < 0) instance_report_failure(instance, "load_state", status, &said);
}

static PluginStatus call_on_mount(Instance *instance, PluginError *error) {
    ErrorBuffer said;
    const PluginStatus status = run(instance->entries.on_mount, instance, &said);
    if (status >= 0) return PLUGIN_OK;
    run_and_report(instance->entries.on_dispose, instance, "on_dispose");
    return instance_entry_failed("on_mount", status, &said, error);
}

PluginStatus core_instance_initialize(PluginHost host, const void *state, uint64_t state_length, PluginError *error) {
    Instance *instance;
    Turn turn;
    PluginStatus status = enter(host, CORE_STATE_CREATED, "initialize", &instance, &turn, error);
    if (status != PLUGIN_OK) return status;
    status = call_initialize(instance, error);
    if (status == PLUGIN_OK && atomic_load(&instance->over))
        status = error_set(error, PLUGIN_CLOSED, "initialize took too long: the instance was given up meanwhile");
    if (status == PLUGIN_OK) {
        ErrorBuffer said;
        instance_set_state(instance, CORE_STATE_INITIALIZED);
        call_load_state(instance, state, state_length);
        const PluginStatus drawn = instance_init_ui(instance, &said);
        if (drawn < 0) instance_report_failure(instance, "init_ui", drawn, &said);
        status = call_on_mount(instance, error);
    }
    if (status == PLUGIN_OK) {
        instance_set_state(instance, CORE_STATE_MOUNTED);
    } else {
        close_callbacks(instance);
        instance_set_state(instance, CORE_STATE_DISPOSED);
    }
    leave(instance, &turn);
    return status;
}

/* ---- connect and disconnect ---- */

PluginStatus core_instance_connect(PluginHost host, PluginError *error) {
    Instance *instance;
    Turn turn;
    ErrorBuffer said;
    PluginStatus status = enter(host, CORE_STATE_MOUNTED, "connect", &instance, &turn, error);
    if (status != PLUGIN_OK) return status;
    status = run(instance->entries.on_connect, instance, &said);
    if (status >= 0) {
        status = PLUGIN_OK;
        atomic_store(&instance->asked_disconnect, 0);
        instance_set_state(instance, CORE_STATE_CONNECTED);
    } else {
        instance_entry_failed("on_connect", status, &said, error);
        request_end_all(instance);
        stream_cancel_all(instance, PLUGIN_NONE);
    }
    leave(instance, &turn);
    return status;
}

/* Under a turn, connected. A thread that waits for room, or in a paused stream, is let go: on_disconnect may want to join it. */
static void disconnect(Instance *instance) {
    queue_hurry(instance->queue, 1);
    run_and_report(instance->entries.on_disconnect, instance, "on_disconnect");
    request_end_all(instance);
    stream_cancel_all(instance, PLUGIN_NONE);
    instance_set_state(instance, CORE_STATE_MOUNTED);
}

PluginStatus core_instance_disconnect(PluginHost host, PluginError *error) {
    Instance *instance;
    Turn turn;
    const PluginStatus status = enter(host, CORE_STATE_CONNECTED, "disconnect", &instance, &turn, error);
    if (status != PLUGIN_OK) return status;
    disconnect(instance);
    queue_hurry(instance->queue, 0);
    atomic_store(&instance->asked_disconnect, 0);
    leave(instance, &turn);
    return PLUGIN_OK;
}

/* ---- state ---- */

PluginStatus core_instance_save_state(PluginHost host, PluginWriteBytes write, void *userdata, PluginError *error) {
    Instance *instance;
    Turn turn;
    PluginStatus status = instance_find(host, &instance, error);
    if (status != PLUGIN_OK) return status;
    status = instance_open_turn(instance, &turn, error);
    if (status != PLUGIN_OK) {
        instance_release(instance);
        return status;
    }
    const int32_t state = atomic_load(&instance->state);
    if (state != CORE_STATE_MOUNTED && state != CORE_STATE_CONNECTED) {
        status = error_set(error, PLUGIN_INVALID_STATE,
                           "save_state needs an instance that is mounted, and this one is %s", state_name(state));
    } else if (!HAS(instance, save_state)) {
        status = error_set(error, PLUGIN_UNSUPPORTED, "the plugin keeps no state");
    } else {
        ErrorBuffer said;
        error_buffer_init(&said);
        status = instance->entries.save_state(instance->entries.plugin_ptr, &instance->context, write, userdata,
                                              &said.error);
        status = status < 0 ? instance_entry_failed("save_state", status, &said, error) : PLUGIN_OK;
    }
    leave(instance, &turn);
    return status;
}

/* ---- the end ---- */

/* From whatever state to destroyed, under a turn. */
static void dispose_and_destroy(Instance *instance) {
    int32_t state = atomic_load(&instance->state);
    if (state == CORE_STATE_CONNECTED) {
        disconnect(instance);
        state = CORE_STATE_MOUNTED;
    }
    if (state == CORE_STATE_MOUNTED || state == CORE_STATE_INITIALIZED)
        run_and_report(instance->entries.on_dispose, instance, "on_dispose");
    close_callbacks(instance);
    instance_set_state(instance, CORE_STATE_DISPOSED);
    destroy_table(instance->table, instance->destroy);
    instance_set_state(instance, CORE_STATE_GONE);
}

/* What the plugin or the embedder has under way is ended, so that the entry that runs has no reason to go on. */
static void hurry(Instance *instance) {
    queue_hurry(instance->queue, 1);
    request_end_all(instance);
    stream_cancel_all(instance, PLUGIN_NONE);
    seat_wake(&instance->seat);
}

/* The handle names nothing any more. 1 for the first who says so, 0 for others. */
static int finish(Instance *instance) {
    if (atomic_exchange(&instance->over, 1)) return 0;
    directory_leave(instance);
    handle_retire(instance->host);
    return 1;
}

/*
 * An entry hangs, and the instance goes without it. Takes the caller's share: that of the first is kept, so that context and
 * table stay where the entry may still look for them.
 */
static PluginStatus give_up(Instance *instance, PluginError *error) {
    static const char text[] = "an entry did not return in time; the instance is abandoned, and its library stays in "
                               "memory: restart the host to be rid of it";
    Instance *own = instance_acquire(instance->host); /* the one that is kept may be given back by the end, see below */
    if (finish(instance)) {
        close_callbacks(instance);
        if (instance->library) library_pin(instance->library);
        instance_report(instance, PLUGIN_TIMEOUT, "destroy", "%s", text);
        /* Told, not set: an end that waits for its turn still has to know from where to go on. */
        instance_tell_state(instance, CORE_STATE_GONE);
    } else {
        instance_release(instance);
    }
    if (own) instance_release(own);
    return error_set(error, PLUGIN_TIMEOUT, "%s", text);
}

/* Under a turn: all that is left of its life. */
static PluginStatus end_in_order(Instance *instance, Turn *turn, PluginError *error) {
    CoreLibrary *library = instance->library;
    directory_leave(instance);
    dispose_and_destroy(instance);
    request_forget_spare(instance);
    const int first = finish(instance); /* before the turn ends: see instance.h */
    turn_end(turn);
    if (!first) { /* given up meanwhile: the share that was kept goes too, the library's stays */
        instance_release(instance);
        instance_release(instance);
        return error_set(error, PLUGIN_TIMEOUT, "the instance was given up before its end was done");
    }
    instance_release(instance);
    if (library) library_release(library);
    return PLUGIN_OK;
}

PluginStatus core_instance_end(PluginHost host, uint32_t wait_ms, PluginError *error) {
    Instance *instance;
    Turn turn;
    PluginStatus status = instance_find(host, &instance, error);
    if (status != PLUGIN_OK) return status;
    if (turn_is_mine(host)) {
        instance_release(instance);
        return error_set(error, PLUGIN_INVALID_STATE, "an instance cannot be ended from inside one of its own entries");
    }
    if (atomic_exchange(&instance->ending, 1)) {
        instance_release(instance);
        return error_set(error, PLUGIN_CLOSED, "the instance is being ended already");
    }
    hurry(instance);
    status = instance_turn(instance, &turn, clock_deadline(wait_ms), error);
    if (status == PLUGIN_OK) return end_in_order(instance, &turn, error);
    if (status == PLUGIN_INVALID_STATE) { /* a circle: the embedder can try again from elsewhere */
        atomic_store(&instance->ending, 0);
        queue_hurry(instance->queue, 0);
        instance_release(instance);
        return status;
    }
    return give_up(instance, error);
}

PluginStatus core_instance_abandon(PluginHost host, PluginError *error) {
    Instance *instance;
    const PluginStatus status = instance_find(host, &instance, error);
    if (status != PLUGIN_OK) return status;
    atomic_store(&instance->ending, 1);
    hurry(instance);
    return give_up(instance, error);
}
