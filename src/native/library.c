/* SPDX-License-Identifier: Apache-2.0 */
#include "library.h"

#include "library_file.h"
#include "text.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct CoreLibrary {
    CoreLibrary *next;
    void *handle; /* of dlopen */
    CreatePluginFn create;
    DestroyPluginFn destroy;
    struct stat file; /* which file it is, and which version of it */
    uint32_t count;   /* openers and instances */
    int keep;         /* someone closed it without `unmap`, or an instance was abandoned */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static CoreLibrary *libraries; /* those that are open */

static int same_file(const struct stat *a, const struct stat *b) {
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mtime == b->st_mtime;
}

static CoreLibrary *find_open(const struct stat *file) {
    for (CoreLibrary *library = libraries; library; library = library->next)
        if (same_file(&library->file, file)) return library;
    return NULL;
}

/* dlsym gives a data pointer; POSIX promises that its bytes are those of the function's address. */
static int find_symbol(void *handle, const char *name, void *function, size_t size) {
    void *address = dlsym(handle, name);
    memcpy(function, &address, size);
    return address != NULL;
}

static PluginStatus load(CoreLibrary *library, const char *path, PluginError *error) {
    library->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library->handle) {
        const char *reason = dlerror();
        return error_set(
            error, PLUGIN_ERROR,
            "the system cannot load it: %s. Where a library that it needs is missing, install that; where a "
            "symbol is, link with the library that has it",
            reason ? reason : "no reason given");
    }
    if (!find_symbol(library->handle, PLUGIN_CREATE_SYMBOL, &library->create, sizeof library->create)) {
        dlclose(library->handle);
        return error_set(error, PLUGIN_NOT_FOUND,
                         "the library does not export create_plugin: put PLUGIN_DEFINE(…) at the end of the plugin's "
                         "source");
    }
    find_symbol(library->handle, PLUGIN_DESTROY_SYMBOL, &library->destroy, sizeof library->destroy);
    return PLUGIN_OK;
}

CoreLibrary *core_library_open(const char *path, PluginError *error) {
    struct stat file;
    if (!path || !*path) {
        error_set(error, PLUGIN_INVALID_ARGUMENT, "the path of the library is empty");
        return NULL;
    }
    if (library_file_check(path, &file, error) != PLUGIN_OK) return NULL;
    pthread_mutex_lock(&lock);
    CoreLibrary *library = find_open(&file);
    if (library) {
        library->count++;
    } else if ((library = (CoreLibrary *)calloc(1, sizeof *library)) == NULL) {
        error_set_status(error, PLUGIN_OUT_OF_MEMORY);
    } else if (load(library, path, error) != PLUGIN_OK) {
        free(library);
        library = NULL;
    } else {
        library->file = file;
        library->count = 1;
        library->next = libraries;
        libraries = library;
    }
    pthread_mutex_unlock(&lock);
    return library;
}

static void give_back(CoreLibrary *library, int keep) {
    pthread_mutex_lock(&lock);
    library->keep |= keep;
    const int last = --library->count == 0;
    if (last) {
        CoreLibrary **link = &libraries;
        while (*link != library) link = &(*link)->next;
        *link = library->next;
        if (!library->keep) dlclose(library->handle);
    }
    pthread_mutex_unlock(&lock);
    if (last) free(library);
}

void core_library_close(CoreLibrary *library, int32_t unmap) {
    if (library) give_back(library, !unmap);
}

void library_retain(CoreLibrary *library) {
    pthread_mutex_lock(&lock);
    library->count++;
    pthread_mutex_unlock(&lock);
}

void library_release(CoreLibrary *library) { give_back(library, 0); }

void library_pin(CoreLibrary *library) {
    pthread_mutex_lock(&lock);
    library->keep = 1;
    pthread_mutex_unlock(&lock);
}

CreatePluginFn library_create(const CoreLibrary *library) { return library->create; }

DestroyPluginFn library_destroy(const CoreLibrary *library) { return library->destroy; }
