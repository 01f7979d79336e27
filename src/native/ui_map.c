/* SPDX-License-Identifier: Apache-2.0 */
#include "ui_map.h"

#include <stdlib.h>
#include <string.h>

enum { LEAST = 64 };

int ui_map_grow(UiMap *map) {
    UiMap wide = {NULL, map->capacity ? map->capacity * 2 : LEAST, map->count};
    wide.entries = (UiEntry *)calloc(wide.capacity, sizeof *wide.entries);
    if (!wide.entries) return 0;
    for (uint32_t at = 0; at < map->capacity; at++)
        if (map->entries[at].key != 0) *ui_map_find(&wide, map->entries[at].key) = map->entries[at];
    ui_map_free(map);
    *map = wide;
    return 1;
}

uint32_t ui_map_get(const UiMap *map, uint64_t key, uint32_t missing) {
    if (map->capacity == 0) return missing;
    const UiEntry *entry = ui_map_find(map, key);
    return entry->key == key ? entry->value : missing;
}

void ui_map_clear(UiMap *map) {
    if (map->count == 0) return;
    /* What one large frame needed is not cleared for each small one that follows. */
    if (map->capacity > LEAST && map->count < map->capacity / 16) {
        ui_map_free(map);
        return;
    }
    memset(map->entries, 0, map->capacity * sizeof *map->entries);
    map->count = 0;
}

void ui_map_free(UiMap *map) {
    free(map->entries);
    memset(map, 0, sizeof *map);
}
