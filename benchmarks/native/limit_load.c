/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "limit.h"
#include "loop_clock.h"
#include "plugin_interface.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef struct Loaded {
    void *library;
    PluginInterface *table;
} Loaded;

static void load(const char *path, Loaded *loaded) {
    static const PluginInstanceContext context = {.struct_size = sizeof context};
    CreatePluginFn create;
    loaded->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void *symbol = loaded->library ? dlsym(loaded->library, PLUGIN_CREATE_SYMBOL) : NULL;
    if (!symbol) abort();
    memcpy(&create, &symbol, sizeof create);
    loaded->table = create();
    if (loaded->table->initialize(loaded->table->plugin_ptr, &context, NULL) != PLUGIN_OK) abort();
}

static void unload(const Loaded *loaded) {
    DestroyPluginFn destroy;
    void *symbol = dlsym(loaded->library, PLUGIN_DESTROY_SYMBOL);
    memcpy(&destroy, &symbol, sizeof destroy);
    destroy(loaded->table);
    dlclose(loaded->library);
}

uint64_t limit_load(uint64_t count, const char *paths) {
    Loaded *all = (Loaded *)calloc((size_t)count, sizeof *all);
    char *lines = strdup(paths);
    char *rest = lines;
    if (!all || !lines) abort();
    const uint64_t begin = now_ns();
    for (uint64_t at = 0; at < count; at++) load(strsep(&rest, "\n"), &all[at]);
    const uint64_t taken = now_ns() - begin;
    for (uint64_t at = 0; at < count; at++) unload(&all[at]);
    free(lines);
    free(all);
    return taken;
}
