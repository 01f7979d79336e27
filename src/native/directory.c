/* SPDX-License-Identifier: Apache-2.0 */
#include "directory.h"

#include "instance.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* ---- ids ---- */

enum { LEAST = 16 };

static IdEntry **bucket_of(const IdMap *map, PluginText id) {
    const uint32_t hash = text_hash(id);
    return &map->buckets[(hash ^ hash >> 16) & (map->capacity - 1)];
}

static IdEntry *map_find(const IdMap *map, PluginText id) {
    if (map->capacity == 0) return NULL;
    IdEntry *entry = *bucket_of(map, id);
    while (entry && !text_same(entry->id, id)) entry = entry->next;
    return entry;
}

/* Behind those with the same id. */
static void append(IdMap *map, IdEntry *entry) {
    IdEntry **end = bucket_of(map, entry->id);
    while (*end) end = &(*end)->next;
    *end = entry;
    entry->next = NULL;
}

/* 0 where no memory is left. One that cannot grow is slower, and no worse. */
static int make_room(IdMap *map) {
    if (map->count < map->capacity) return 1;
    IdMap wide = {NULL, map->capacity ? map->capacity * 2 : LEAST, map->count};
    wide.buckets = (IdEntry **)calloc(wide.capacity, sizeof *wide.buckets);
    if (!wide.buckets) return map->capacity > 0;
    for (uint32_t at = 0; at < map->capacity; at++) {
        for (IdEntry *entry = map->buckets[at], *next; entry; entry = next) {
            next = entry->next;
            append(&wide, entry);
        }
    }
    free(map->buckets);
    *map = wide;
    return 1;
}

static void map_add(IdMap *map, IdEntry *entry) {
    append(map, entry);
    map->count++;
}

static void map_remove(IdMap *map, IdEntry *entry) {
    IdEntry **link = bucket_of(map, entry->id);
    while (*link != entry) link = &(*link)->next;
    *link = entry->next;
    map->count--;
}

/* ---- lines ---- */

static Line *line_of(const Instance *instance) {
    return &instance->listing.siblings->lines[atomic_load(&instance->state) == CORE_STATE_CONNECTED];
}

/* Most connect in the order of age, or come back to the front. */
static void line_up(Instance *instance) {
    Line *line = line_of(instance);
    Listing *own = &instance->listing;
    Instance *elder = line->last;
    if (elder && own->age < line->first->listing.age) elder = NULL;
    while (elder && own->age < elder->listing.age) elder = elder->listing.elder;
    own->elder = elder;
    own->younger = elder ? elder->listing.younger : line->first;
    *(own->elder ? &own->elder->listing.younger : &line->first) = instance;
    *(own->younger ? &own->younger->listing.elder : &line->last) = instance;
}

static void step_out(Instance *instance) {
    Line *line = line_of(instance);
    const Listing *own = &instance->listing;
    *(own->elder ? &own->elder->listing.younger : &line->first) = own->younger;
    *(own->younger ? &own->younger->listing.elder : &line->last) = own->elder;
}

/* ---- siblings ---- */

static Siblings *find_siblings(const Directory *directory, PluginText id) {
    return (Siblings *)map_find(&directory->plugins, id); /* whose entry comes first */
}

/* Those that are there, or an empty one; NULL where no memory is left. */
static Siblings *take_siblings(Directory *directory, PluginText id) {
    Siblings *siblings = find_siblings(directory, id);
    if (siblings || !make_room(&directory->plugins)) return siblings;
    siblings = (Siblings *)calloc(1, sizeof *siblings + (size_t)id.length);
    if (!siblings) return NULL;
    if (id.length > 0) memcpy(siblings->id, id.data, (size_t)id.length);
    siblings->entry.id = plugin_text_of(siblings->id, id.length);
    map_add(&directory->plugins, &siblings->entry);
    return siblings;
}

static void drop_where_empty(Directory *directory, Siblings *siblings) {
    if (siblings->lines[0].first || siblings->lines[1].first) return;
    map_remove(&directory->plugins, &siblings->entry);
    free(siblings);
}

/* ---- instances ---- */

static PluginStatus enter(Core *core, Instance *instance) {
    Directory *directory = &core->directory;
    Listing *own = &instance->listing;
    if (core->closed) return PLUGIN_CLOSED;
    if (!make_room(&directory->instances)) return PLUGIN_OUT_OF_MEMORY;
    own->siblings = take_siblings(directory, instance->metadata.id);
    if (!own->siblings) return PLUGIN_OUT_OF_MEMORY;
    own->entry.id = instance->metadata.instance_id;
    own->age = directory->entered++;
    map_add(&directory->instances, &own->entry);
    line_up(instance);
    own->before = directory->last;
    if (own->before) own->before->listing.next = instance;
    directory->last = instance;
    directory->count++;
    atomic_fetch_add(&core->changes, 1);
    return PLUGIN_OK;
}

PluginStatus directory_enter(Instance *instance, PluginError *error) {
    pthread_mutex_lock(&instance->core->lock);
    const PluginStatus status = enter(instance->core, instance);
    pthread_mutex_unlock(&instance->core->lock);
    if (status == PLUGIN_CLOSED) return error_set(error, status, "the host is closed and loads nothing any more");
    return status == PLUGIN_OK ? PLUGIN_OK : error_set_status(error, status);
}

static void leave(Core *core, Instance *instance) {
    Directory *directory = &core->directory;
    Listing *own = &instance->listing;
    map_remove(&directory->instances, &own->entry);
    step_out(instance);
    drop_where_empty(directory, own->siblings);
    own->siblings = NULL;
    if (own->before) own->before->listing.next = own->next;
    *(own->next ? &own->next->listing.before : &directory->last) = own->before;
    directory->count--;
    atomic_fetch_add(&core->changes, 1);
}

void directory_leave(Instance *instance) {
    Core *core = instance->core;
    pthread_mutex_lock(&core->lock);
    if (instance->listing.siblings) leave(core, instance);
    pthread_mutex_unlock(&core->lock);
}

void directory_set_state(Instance *instance, int32_t state) {
    Core *core = instance->core;
    const int was_connected = atomic_load(&instance->state) == CORE_STATE_CONNECTED;
    if (was_connected == (state == CORE_STATE_CONNECTED)) { /* no id names another one for that */
        atomic_store(&instance->state, state);
        return;
    }
    pthread_mutex_lock(&core->lock);
    if (instance->listing.siblings) step_out(instance);
    atomic_store(&instance->state, state);
    if (instance->listing.siblings) line_up(instance);
    atomic_fetch_add(&core->changes, 1);
    pthread_mutex_unlock(&core->lock);
}

void directory_free(Directory *directory) {
    free(directory->instances.buckets);
    free(directory->plugins.buckets);
}

/* ---- finding ---- */

static const Instance *find(const Directory *directory, PluginText id) {
    const IdEntry *exact = map_find(&directory->instances, id);
    if (exact) return (const Instance *)((const char *)exact - offsetof(Instance, listing.entry));
    const Siblings *siblings = find_siblings(directory, id);
    if (!siblings) return NULL;
    return siblings->lines[1].first ? siblings->lines[1].first : siblings->lines[0].first;
}

PluginHost core_find(Core *core, PluginText id) {
    if (id.length == PLUGIN_UNTIL_NUL) id = plugin_text(id.data);
    if (id.length == 0) return PLUGIN_NONE;
    pthread_mutex_lock(&core->lock);
    const Instance *instance = find(&core->directory, id);
    const PluginHost host = instance ? instance->host : PLUGIN_NONE;
    pthread_mutex_unlock(&core->lock);
    return host;
}
