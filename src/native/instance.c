/* SPDX-License-Identifier: Apache-2.0 */
#include "instance.h"

#include "clock.h"
#include "handles.h"
#include "lasting.h"
#include "library.h"
#include "request.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* ---- memory ---- */

/* Whoever peeked at a handle may still try to take a turn, and finds afterwards that the instance is another one. */
static Lasting memory = LASTING(Instance, core);

/* Zeroed, but for its seat; NULL where no memory is left. */
static Instance *take_memory(void) {
    int is_new;
    Instance *instance = (Instance *)lasting_take(&memory, &is_new);
    if (!instance) return NULL;
    if (!is_new) memset((char *)instance + offsetof(Instance, core), 0, sizeof *instance - offsetof(Instance, core));
    return instance;
}

/* ---- shares ---- */

Instance *instance_acquire(PluginHost host) { return (Instance *)handle_acquire(host, HANDLE_INSTANCE); }

void instance_release(Instance *instance) { handle_release(instance->host); }

Instance *instance_enter(PluginHost host, Turn *turn) {
    const HandlePlace *place;
    Instance *instance = (Instance *)handle_peek(host, HANDLE_INSTANCE, &place);
    if (!instance) return NULL;
    turn->host = host;
    turn->instance = instance;
    turn->request = NULL;
    if (!turn_try(turn, &instance->seat)) return NULL;
    if (handle_names(host, place)) return instance;
    turn_end(turn);
    return NULL;
}

PluginStatus instance_find(PluginHost host, Instance **instance, PluginError *error) {
    *instance = instance_acquire(host);
    if (*instance) return PLUGIN_OK;
    return error_set(error, PLUGIN_CLOSED, "the instance is gone: it was ended, or never there");
}

static void free_instance(void *object) {
    Instance *instance = (Instance *)object;
    Core *core = instance->core;
    if (instance->queue) queue_release(instance->queue);
    ui_free(instance->ui);
    free(instance->routes);
    free(instance->streams);
    pthread_mutex_destroy(&instance->lock);
    free(instance->texts);
    lasting_give(&memory, instance);
    core_unshare(core);
}

/* ---- the table ---- */

PluginStatus instance_check_table(const PluginInterface *table, PluginError *error) {
    const uint32_t required = (uint32_t)(offsetof(PluginInterface, destroy) + sizeof table->destroy);
    if (!table)
        return error_set(error, PLUGIN_OUT_OF_MEMORY, "create_plugin returned NULL: it could not make its table");
    if (table->abi_version >> 16 != PLUGIN_ABI_MAGIC)
        return error_set(
            error, PLUGIN_WRONG_VERSION,
            "what create_plugin returned is no PluginInterface of this ABI: its abi_version is 0x%08x; rebuild the "
            "plugin against plugin_interface.h and set abi_version to PLUGIN_ABI_VERSION (PLUGIN_DEFINE does)",
            table->abi_version);
    if (table->abi_version != PLUGIN_ABI_VERSION)
        return error_set(error, PLUGIN_WRONG_VERSION,
                         "the plugin was built for version %u of the ABI, and this host has version %u: build it again "
                         "with this host's plugin_interface.h",
                         table->abi_version & 0xFFFFu, (unsigned)PLUGIN_ABI_VERSION_NUMBER);
    if (table->struct_size < required)
        return error_set(
            error, PLUGIN_INVALID_ARGUMENT,
            "the plugin's table has a struct_size of %u, and its required part takes %u: set struct_size to "
            "sizeof(PluginInterface)",
            table->struct_size, required);
    if (!table->destroy)
        return error_set(error, PLUGIN_INVALID_ARGUMENT, "the required entry `destroy` of the plugin's table is NULL");
    return PLUGIN_OK;
}

/* The slots that the plugin's table is long enough for; the rest stays NULL. */
static void copy_table(PluginInterface *entries, const PluginInterface *table) {
    const size_t known = table->struct_size < sizeof *entries ? table->struct_size : sizeof *entries;
    /* A slot that the table has only in part is not there. */
    const size_t slots = (known - offsetof(PluginInterface, destroy)) / sizeof table->destroy;
    memset(entries, 0, sizeof *entries);
    memcpy(entries, table, offsetof(PluginInterface, destroy) + slots * sizeof table->destroy);
}

/* ---- metadata ---- */

/* The texts of a PluginMetadataFFI, in order. */
static PluginText *metadata_text(PluginMetadataFFI *metadata, int index) {
    PluginText *const texts[] = {&metadata->id,           &metadata->name,        &metadata->description,
                                 &metadata->version,      &metadata->author,      &metadata->config_path,
                                 &metadata->library_path, &metadata->instance_id, &metadata->permissions};
    return index < (int)(sizeof texts / sizeof *texts) ? texts[index] : NULL;
}

/* `library_path` where that is the path that the library has anyway, as long as the plugin's code is there; else NULL. */
static const PluginText *path_of_library(const Instance *instance) {
    const PluginText *path = &instance->metadata.library_path;
    return instance->library && text_same(*path, plugin_text(library_path(instance->library))) ? path : NULL;
}

/* Copies metadata with its texts, each with a NUL, into one block. */
static PluginStatus copy_metadata(Instance *instance, const PluginMetadataFFI *metadata, PluginError *error) {
    static const char *const names[] = {"id",          "name",         "description", "version",    "author",
                                        "config_path", "library_path", "instance_id", "permissions"};
    PluginText *text;
    uint64_t bytes = 0;
    instance->metadata = *metadata;
    instance->metadata.struct_size = (uint32_t)sizeof instance->metadata;
    for (int index = 0; (text = metadata_text(&instance->metadata, index)) != NULL; index++) {
        const PluginStatus status = text_in(*text, 65536, 0, names[index], text, error);
        if (status != PLUGIN_OK) return status;
        bytes += text->length + 1;
    }
    const PluginText *shared = path_of_library(instance);
    if (shared) bytes -= shared->length + 1;
    char *at = instance->texts = (char *)malloc((size_t)bytes);
    if (!at) return error_set_status(error, PLUGIN_OUT_OF_MEMORY);
    for (int index = 0; (text = metadata_text(&instance->metadata, index)) != NULL; index++) {
        if (text == shared) {
            text->data = library_path(instance->library);
            continue;
        }
        if (text->length > 0) memcpy(at, text->data, (size_t)text->length);
        at[text->length] = '\0';
        text->data = at;
        at += text->length + 1;
    }
    return PLUGIN_OK;
}

/* What the plugin says of itself must be what config.toml says, where it says it. */
static PluginStatus compare_metadata(Instance *instance, PluginError *error) {
    static const char *const names[] = {"id", "version"};
    PluginMetadataFFI own;
    ErrorBuffer said;
    if (!HAS(instance, get_metadata)) return PLUGIN_OK;
    memset(&own, 0, sizeof own);
    own.struct_size = (uint32_t)sizeof own;
    error_buffer_init(&said);
    PluginStatus status = instance->entries.get_metadata(instance->entries.plugin_ptr, &own, &said.error);
    if (status < 0) return instance_entry_failed("get_metadata", status, &said, error);
    PluginText *const given[] = {&own.id, &own.version};
    const PluginText wanted[] = {instance->metadata.id, instance->metadata.version};
    for (int index = 0; index < 2; index++) {
        PluginText text;
        status = text_in(*given[index], 65536, 0, names[index], &text, error);
        if (status != PLUGIN_OK) return status;
        if (text.length > 0 && wanted[index].length > 0 && !text_same(text, wanted[index]))
            return error_set(
                error, PLUGIN_INVALID_ARGUMENT,
                "get_metadata says that the %s is \"%.*s\", and config.toml says \"%s\": make them the same",
                names[index], (int)(text.length < 200 ? text.length : 200), text.data, wanted[index].data);
    }
    return PLUGIN_OK;
}

/* ---- making ---- */

static PluginStatus fill_instance(Instance *instance, const PluginMetadataFFI *metadata, PluginError *error) {
    instance->host = handle_new(HANDLE_INSTANCE, instance, free_instance);
    if (instance->host == PLUGIN_NONE) return error_set_status(error, PLUGIN_OUT_OF_MEMORY);
    instance->queue = queue_new(instance->core->hub, instance->host);
    if (!instance->queue) return error_set_status(error, PLUGIN_OUT_OF_MEMORY);
    PluginStatus status = copy_metadata(instance, metadata, error);
    if (status == PLUGIN_OK) status = compare_metadata(instance, error);
    if (status == PLUGIN_OK) status = directory_enter(instance, error);
    return status;
}

PluginStatus instance_make(Core *core, PluginInterface *table, DestroyPluginFn destroy, CoreLibrary *library,
                           const PluginMetadataFFI *metadata, PluginHost *host, PluginError *error) {
    *host = PLUGIN_NONE;
    PluginStatus status = instance_check_table(table, error);
    if (status != PLUGIN_OK) return status;
    Instance *instance = take_memory();
    if (!instance) return error_set_status(error, PLUGIN_OUT_OF_MEMORY);
    core_share(core);
    instance->core = core;
    instance->table = table;
    instance->destroy = destroy;
    instance->library = library;
    instance->born_ns = clock_now();
    copy_table(&instance->entries, table);
    const int is_short = (instance->entries.features & PLUGIN_FEATURE_SHORT_CALLS) != 0;
    atomic_init(&instance->is_short, is_short != 0);
    atomic_init(&instance->quick_calls, is_short ? TRUSTED_CALLS : 0);
    pthread_mutex_init(&instance->lock, NULL);
    status = fill_instance(instance, metadata, error);
    if (status != PLUGIN_OK) {
        if (instance->host != PLUGIN_NONE)
            handle_retire(instance->host);
        else
            free_instance(instance);
        return status;
    }
    instance->context.struct_size = (uint32_t)sizeof instance->context;
    instance->context.callbacks = &host_callbacks;
    instance->context.host = instance->host;
    instance->context.metadata = &instance->metadata;
    *host = instance->host;
    return PLUGIN_OK;
}

PluginStatus core_instance_from_table(Core *core, PluginInterface *table, DestroyPluginFn destroy,
                                      const PluginMetadataFFI *metadata, PluginHost *host, PluginError *error) {
    return instance_make(core, table, destroy, NULL, metadata, host, error);
}

/* ---- what is known of it ---- */

int32_t core_inside_entry(void) { return turn_is_any(); }

int32_t core_instance_state(PluginHost host) {
    Instance *instance = instance_acquire(host);
    if (!instance) return CORE_STATE_GONE;
    const int32_t state = atomic_load(&instance->state);
    instance_release(instance);
    return state;
}

uint32_t core_instance_entries(PluginHost host) {
    Instance *instance = instance_acquire(host);
    if (!instance) return 0;
    const PluginInterface *table = &instance->entries;
    const int has[] = {table->get_metadata != NULL, table->initialize != NULL,    table->init_ui != NULL,
                       table->update_ui != NULL,    table->on_mount != NULL,      table->on_dispose != NULL,
                       table->on_connect != NULL,   table->on_disconnect != NULL, table->handle_message != NULL,
                       table->on_cancel != NULL,    table->set_history != NULL,   table->save_state != NULL,
                       table->load_state != NULL,   table->get_extension != NULL};
    uint32_t bits = 0;
    for (uint32_t bit = 0; bit < sizeof has / sizeof *has; bit++) bits |= (uint32_t)has[bit] << bit;
    instance_release(instance);
    return bits;
}

const PluginInterface *core_instance_table(PluginHost host) {
    Instance *instance = instance_acquire(host);
    if (!instance) return NULL;
    const PluginInterface *table = instance->table;
    instance_release(instance);
    return table;
}

double instance_age(const Instance *instance) { return (double)(clock_now() - instance->born_ns) / 1e9; }

/* ---- turns, events and errors ---- */

static PluginStatus take_turn(Instance *instance, Turn *turn, uint64_t deadline, TurnWanted wanted,
                              PluginError *error) {
    turn->host = instance->host;
    turn->caller = PLUGIN_NONE;
    turn->instance = instance;
    turn->request = NULL;
    const PluginStatus status = turn_begin(turn, &instance->seat, deadline, wanted, instance);
    if (status == PLUGIN_CYCLE)
        return error_set(error, PLUGIN_INVALID_STATE,
                         "this thread is inside an entry of the same instance, or one that it waits for is: call from "
                         "another thread");
    if (status == PLUGIN_TIMEOUT) return error_set(error, status, "an entry of the instance is still running");
    if (status == PLUGIN_CLOSED) return error_set(error, status, "the instance is being ended");
    return status == PLUGIN_OK ? PLUGIN_OK : error_set_status(error, status);
}

PluginStatus instance_turn(Instance *instance, Turn *turn, uint64_t deadline, PluginError *error) {
    return take_turn(instance, turn, deadline, NULL, error);
}

static PluginStatus still_open(void *userdata) {
    return atomic_load(&((Instance *)userdata)->ending) ? PLUGIN_CLOSED : PLUGIN_OK;
}

PluginStatus instance_open_turn(Instance *instance, Turn *turn, PluginError *error) {
    const PluginStatus status = take_turn(instance, turn, CLOCK_NEVER, still_open, error);
    if (status != PLUGIN_OK || still_open(instance) == PLUGIN_OK) return status;
    turn_end(turn);
    return error_set(error, PLUGIN_CLOSED, "the instance is being ended");
}

void instance_tell_state(Instance *instance, int32_t state) {
    CoreEvent event = event_of(CORE_EVENT_STATE);
    event.value = state;
    /* Whoever made the step knows of it by the call's return; of the last one not all who wait for it are there. */
    const int flags = QUEUE_TERMINAL | (state == CORE_STATE_GONE ? QUEUE_LAST : QUEUE_LAZY);
    queue_push(instance->queue, &event, NULL, 1, flags, 0, NULL, NULL, NULL);
}

void instance_set_state(Instance *instance, int32_t state) {
    directory_set_state(instance, state);
    instance_tell_state(instance, state);
}

static void push_report(Instance *instance, PluginStatus status, const char *call, PluginText text) {
    CoreEvent event = event_of(CORE_EVENT_REPORT);
    event.value = status;
    event.name = plugin_text(call);
    queue_push(instance->queue, &event, &text, 1, QUEUE_DROP, 0, NULL, NULL, NULL);
}

void instance_report(Instance *instance, PluginStatus status, const char *call, const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length >= 0) push_report(instance, status, call, plugin_text(text));
}

void instance_report_failure(Instance *instance, const char *entry, PluginStatus status, ErrorBuffer *said) {
    push_report(instance, status, entry, error_buffer_text(said, status));
}

PluginStatus instance_entry_failed(const char *entry, PluginStatus status, ErrorBuffer *said, PluginError *error) {
    const PluginText text = error_buffer_text(said, status);
    return error_set(error, status, "%s failed: %.*s", entry, (int)text.length, text.data);
}
