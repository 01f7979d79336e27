/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How widgets get their ids. An id follows from the keys that were drawn before it, and a frame mostly draws what the one before
 * did. So as long as the keys come as they came then, the ids are those of that frame, and nothing is looked up; from the
 * first one on that differs, all are entered in a map.
 */
#include "ui_repeat.h"

#include <stdlib.h>

static const uint64_t FACTOR = UINT64_C(0x9E3779B97F4A7C15);

static inline uint64_t mix(uint64_t hash, const void *data, size_t length) {
    const char *bytes = (const char *)data;
    hash ^= length * UINT64_C(0xD6E8FEB86659FD93);
    for (size_t left = length; left >= 8; left -= 8, bytes += 8) {
        hash = (hash ^ ui_load(bytes)) * FACTOR;
        hash ^= hash >> 32;
    }
    if (length % 8 != 0) {
        hash = (hash ^ ui_load_short(bytes, length % 8)) * FACTOR;
        hash ^= hash >> 32;
    }
    hash *= UINT64_C(0xD6E8FEB86659FD93);
    return hash ^ hash >> 32;
}

uint64_t ui_mix(uint64_t hash, const void *data, size_t length) { return mix(hash, data, length); }

/* 0 is nobody's key. */
static uint64_t mixed(uint64_t hash, PluginText text) {
    hash = mix(hash, text.data, (size_t)text.length);
    return hash ? hash : 2;
}

/* How often a key was drawn before, and enters it once more. */
static uint32_t count_key(Ui *ui, uint64_t key) {
    uint32_t *count = ui_map_at(&ui->taken, key);
    if (count) return (*count)++;
    ui->failed = 1;
    return 0;
}

static void enter_name(Ui *ui, const UiName *name) {
    count_key(ui, name->key);
    if (name->id != name->key && name->id != 0) count_key(ui, name->id);
}

/* The next name of the frame before, where that frame's names were drawn so far and this is the next one; else NULL. */
static const UiName *follow(Ui *ui, uint64_t key) {
    const UiFrame *before = &ui->written;
    const uint32_t at = ui->run.next_name;
    if (!ui->follows) return NULL;
    if (at < before->name_count && before->names[at].key == key) return &before->names[at];
    ui_take_over(ui);
    ui->follows = 0;
    ui->run.limit = 0;
    ui_map_clear(&ui->taken);
    count_key(ui, UI_ROOT_ID);
    for (uint32_t name = 0; name < ui->drawn.name_count; name++) enter_name(ui, &ui->drawn.names[name]);
    return NULL;
}

/* An id of its own, for the how-manieth use of a key. Two different keys with one hash take the next free one. */
static uint64_t new_id(Ui *ui, uint64_t key) {
    const uint32_t occurrence = count_key(ui, key);
    if (occurrence == 0) return key;
    uint64_t id = mix(key, &occurrence, sizeof occurrence);
    while (!ui->failed && (id == 0 || count_key(ui, id) > 0)) id++;
    return id;
}

int ui_names_room(UiFrame *frame, uint32_t count) {
    if (frame->name_capacity - frame->name_count >= count) return 1;
    const uint32_t capacity = (frame->name_count + count) * 2 + 32;
    UiName *grown = (UiName *)realloc(frame->names, capacity * sizeof *grown);
    if (!grown) return 0;
    frame->names = grown;
    frame->name_capacity = capacity;
    return 1;
}

static void add_name(Ui *ui, uint64_t key, uint64_t id) {
    UiFrame *frame = &ui->drawn;
    if (!ui_names_room(frame, 1)) {
        ui->failed = 1;
        return;
    }
    frame->names[frame->name_count].key = key;
    frame->names[frame->name_count++].id = id;
    ui->run.next_name = frame->name_count;
}

uint64_t ui_name_widget(Ui *ui, int kind, PluginText key) {
    const uint64_t hash = mixed(ui->scopes[ui->depth - 1].seed + (uint64_t)(kind + 1) * FACTOR, key);
    const UiName *name = follow(ui, hash);
    const uint64_t id = name ? name->id : new_id(ui, hash);
    add_name(ui, hash, id);
    return id;
}

int ui_name_scope(Ui *ui, PluginText key, uint64_t *seed) {
    *seed = mixed(ui->scopes[ui->depth - 1].seed ^ UINT64_C(0x5851F42D4C957F2D), key);
    const UiName *name = follow(ui, *seed);
    const int is_first = name ? name->id != 0 : count_key(ui, *seed) == 0;
    if (ui->run.next > ui->drawn.count)
        ui->run.next_name++;
    else
        add_name(ui, *seed, is_first ? *seed : 0);
    return is_first;
}
