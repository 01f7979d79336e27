/* SPDX-License-Identifier: Apache-2.0 */
/* ui_map.h: a map from 64-bit hashes (never 0) to numbers, with open addressing. */
#ifndef PLUGIN_NATIVE_UI_MAP_H
#define PLUGIN_NATIVE_UI_MAP_H

#include <stddef.h>
#include <stdint.h>

typedef struct UiEntry {
    uint64_t key; /* 0: free */
    uint32_t value;
} UiEntry;

typedef struct UiMap {
    UiEntry *entries;
    uint32_t capacity; /* a power of two, or 0 */
    uint32_t count;
} UiMap;

/* Where a key is, or would be; the map has some capacity. */
static inline UiEntry *ui_map_find(const UiMap *map, uint64_t key) {
    const uint32_t mask = map->capacity - 1;
    uint32_t at = (uint32_t)(key ^ key >> 32) & mask;
    while (map->entries[at].key != 0 && map->entries[at].key != key) at = (at + 1) & mask;
    return &map->entries[at];
}

/* Makes room for more keys; 0 where no memory is left. */
int ui_map_grow(UiMap *map);

/* The value of a key, which is entered with 0 where it is not there. Valid until the next call; NULL where no memory is left. */
static inline uint32_t *ui_map_at(UiMap *map, uint64_t key) {
    if (map->count * 2 >= map->capacity && !ui_map_grow(map)) return NULL;
    UiEntry *entry = ui_map_find(map, key);
    if (entry->key == 0) {
        entry->key = key;
        entry->value = 0;
        map->count++;
    }
    return &entry->value;
}

/* `missing` where the key is not there. */
uint32_t ui_map_get(const UiMap *map, uint64_t key, uint32_t missing);

/* Forgets all keys, and keeps the memory as far as that was used. */
void ui_map_clear(UiMap *map);
void ui_map_free(UiMap *map);

#endif
