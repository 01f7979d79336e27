/* SPDX-License-Identifier: Apache-2.0 */
/* ui_map.h: a map from 64-bit hashes (never 0) to numbers, with open addressing. */
#ifndef PLUGIN_NATIVE_UI_MAP_H
#define PLUGIN_NATIVE_UI_MAP_H

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

/* The value of a key, which is entered with 0 where it is not there. Valid until the next call; NULL where no memory is left. */
uint32_t *ui_map_at(UiMap *map, uint64_t key);

/* `missing` where the key is not there. */
uint32_t ui_map_get(const UiMap *map, uint64_t key, uint32_t missing);

/* Forgets all keys, and keeps the memory as far as that was used. */
void ui_map_clear(UiMap *map);
void ui_map_free(UiMap *map);

#endif
