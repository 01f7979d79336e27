/* SPDX-License-Identifier: Apache-2.0 */
#include "library.h"

#include "library_format.h"
#include "text.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As many as make each list short with thousands of libraries. */
enum { BUCKETS = 1024 };

/* A path in an error is cut to its end, so that the advice after it is not what is lost. */
enum { SHOWN_PATH = 400 };

/* What tells one build of a file from the next. */
typedef struct Identity {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified;
} Identity;

struct CoreLibrary {
    CoreLibrary *next_of_file; /* in the same bucket of `by_file` */
    CoreLibrary *next_of_path; /* in the same bucket of `by_path` */
    void *handle;
    CreatePluginFn create;
    DestroyPluginFn destroy;
    char *path;      /* absolute */
    char *opened_by; /* the same file, by a path that no other build has */
    size_t dots;     /* "/." in it */
    Identity identity;
    uint32_t shares; /* 0: nobody has it, but it stays mapped */
    int keep;        /* is never unmapped */
};

static struct {
    pthread_once_t once;
    /* Held while a library is mapped or unmapped; recursive, since its constructors are the plugin's code. Taken before
       `lock`, which is never held while foreign code runs. */
    pthread_mutex_t loading;
    pthread_mutex_t lock; /* guards both tables and all `shares` and `keep` */
    CoreLibrary *by_file[BUCKETS];
    CoreLibrary *by_path[BUCKETS];
} libraries = {.once = PTHREAD_ONCE_INIT, .lock = PTHREAD_MUTEX_INITIALIZER};

static void prepare(void) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&libraries.loading, &attributes);
    pthread_mutexattr_destroy(&attributes);
}

/* ---- the file ---- */

static const char *shown(const char *path, char *buffer, size_t capacity) {
    const size_t length = strlen(path);
    if (length < SHOWN_PATH) return path;
    const char *tail = path + (length - SHOWN_PATH);
    while (((unsigned char)*tail & 0xC0) == 0x80) tail++;
    snprintf(buffer, capacity, "…%s", tail);
    return buffer;
}

static Identity identity_of(const struct stat *found) {
    Identity identity;
    memset(&identity, 0, sizeof identity);
    identity.device = found->st_dev;
    identity.inode = found->st_ino;
    identity.size = found->st_size;
#ifdef __APPLE__
    identity.modified = found->st_mtimespec;
#else
    identity.modified = found->st_mtim;
#endif
    return identity;
}

static int same_identity(const Identity *a, const Identity *b) {
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->modified.tv_sec == b->modified.tv_sec && a->modified.tv_nsec == b->modified.tv_nsec;
}

static PluginStatus cannot_open(const char *name, int reason, PluginError *error) {
    if (reason == ENOENT || reason == ENOTDIR)
        return error_set(error, PLUGIN_NOT_FOUND,
                         "cannot load %s: there is no such file; build the plugin, or check the `library` of "
                         "config.toml",
                         name);
    if (reason == EACCES || reason == EPERM)
        return error_set(error, PLUGIN_ERROR, "cannot load %s: it may not be read; give this user the right to (chmod)",
                         name);
    return error_set(error, PLUGIN_ERROR, "cannot load %s: it cannot be opened (%s)", name, strerror(reason));
}

/* ---- the tables; all under the lock ---- */

static CoreLibrary **bucket_of_file(const Identity *identity) {
    return &libraries.by_file[((uint64_t)identity->inode ^ (uint64_t)identity->device) % BUCKETS];
}

static CoreLibrary **bucket_of_path(const char *path) {
    return &libraries.by_path[text_hash(plugin_text(path)) % BUCKETS];
}

static void list(CoreLibrary *library) {
    CoreLibrary **of_file = bucket_of_file(&library->identity);
    CoreLibrary **of_path = bucket_of_path(library->path);
    library->next_of_file = *of_file;
    library->next_of_path = *of_path;
    *of_file = *of_path = library;
}

static void unlist(CoreLibrary *library) {
    CoreLibrary **link = bucket_of_file(&library->identity);
    while (*link != library) link = &(*link)->next_of_file;
    *link = library->next_of_file;
    link = bucket_of_path(library->path);
    while (*link != library) link = &(*link)->next_of_path;
    *link = library->next_of_path;
}

/* ---- looking at the file ---- */

/* The library of this identity with one more share, or NULL. */
static CoreLibrary *find(const Identity *identity) {
    pthread_mutex_lock(&libraries.lock);
    CoreLibrary *library = *bucket_of_file(identity);
    while (library && !same_identity(&library->identity, identity)) library = library->next_of_file;
    if (library) library->shares++;
    pthread_mutex_unlock(&libraries.lock);
    return library;
}

/* Looks at the file without running anything of it. `*known` is the library of it that there is already, with one more
   share: what it is made of was looked at then. */
static PluginStatus check_file(const char *path, const char *name, Identity *identity, CoreLibrary **known,
                               PluginError *error) {
    struct stat found;
    /* A pipe is not waited for. */
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0) return cannot_open(name, errno, error);
    PluginStatus status;
    if (fstat(file, &found) != 0) {
        status = cannot_open(name, errno, error);
    } else if (!S_ISREG(found.st_mode)) {
        status =
            error_set(error, PLUGIN_ERROR, "cannot load %s: it is %s, not a file; check the `library` of config.toml",
                      name, S_ISDIR(found.st_mode) ? "a folder" : "a device or pipe");
    } else {
        *identity = identity_of(&found);
        *known = find(identity);
        status = *known ? PLUGIN_OK : library_format_check(file, (uint64_t)found.st_size, name, error);
    }
    close(file);
    return status;
}

/* ---- mapping ---- */

static const char *remedy(const char *reason) {
    if (strstr(reason, "undefined symbol") || strstr(reason, "symbol not found"))
        return "link the plugin with the library that has this symbol";
    if (strstr(reason, "cannot open shared object file") || strstr(reason, "Library not loaded"))
        return "install the library that it needs, or put it beside the plugin and link with -Wl,-rpath,'$ORIGIN'";
    if (strstr(reason, "version `")) return "it was built on a newer system: build it on this one";
    if (strstr(reason, "failed to map")) return "its file system may be mounted noexec: copy it to another one";
    if (strstr(reason, "position-independent executable")) return "it is a program: link it with `cc -shared`";
    return "build the plugin again on this machine";
}

/* Maps the file and finds its symbols; all of `library` but the counts. Under `loading`. */
static PluginStatus map(CoreLibrary *library, const char *name, PluginError *error) {
    struct stat found;
    library->handle = dlopen(library->opened_by, RTLD_NOW | RTLD_LOCAL);
    if (!library->handle) {
        const char *reason = dlerror();
        if (!reason) reason = "the dynamic linker gave no reason";
        return error_set(error, PLUGIN_ERROR, "cannot load %s: %.500s; %s", name, reason, remedy(reason));
    }
    const Identity now = stat(library->path, &found) == 0 ? identity_of(&found) : (Identity){0};
    if (!same_identity(&now, &library->identity)) {
        dlclose(library->handle);
        return error_set(error, PLUGIN_ERROR, "cannot load %s: it changed while it was loaded; load it again", name);
    }
    /* POSIX has it that an object pointer from dlsym converts to a function pointer; ISO C has no cast for that. */
    void *create = dlsym(library->handle, PLUGIN_CREATE_SYMBOL);
    void *destroy = dlsym(library->handle, PLUGIN_DESTROY_SYMBOL);
    memcpy(&library->create, &create, sizeof create);
    memcpy(&library->destroy, &destroy, sizeof destroy);
    if (create) return PLUGIN_OK;
    dlclose(library->handle);
    return error_set(error, PLUGIN_ERROR,
                     "cannot load %s: it does not export " PLUGIN_CREATE_SYMBOL
                     ", so it is not a plugin, or hides the symbol; export it with PLUGIN_DEFINE of "
                     "plugin_interface.h (in C++ as extern \"C\")",
                     name);
}

/*
 * The dynamic linker knows libraries by the path that they were opened by, and would give an earlier build that is still
 * mapped. So each build of a file is opened by a path of its own: with one more "/." in it than those before. 0 where no
 * memory is left.
 */
static int choose_path(CoreLibrary *library) {
    size_t dots = 0;
    pthread_mutex_lock(&libraries.lock);
    for (const CoreLibrary *other = *bucket_of_path(library->path); other; other = other->next_of_path)
        if (other->dots >= dots && strcmp(other->path, library->path) == 0) dots = other->dots + 1;
    pthread_mutex_unlock(&libraries.lock);
    const size_t folder = (size_t)(strrchr(library->path, '/') - library->path);
    const size_t rest = strlen(library->path + folder) + 1;
    char *own = (char *)malloc(folder + 2 * dots + rest);
    if (!own) return 0;
    memcpy(own, library->path, folder);
    for (size_t dot = 0; dot < dots; dot++) memcpy(own + folder + 2 * dot, "/.", 2);
    memcpy(own + folder + 2 * dots, library->path + folder, rest);
    library->opened_by = own;
    library->dots = dots;
    return 1;
}

/* It also knows files by device and number, which one has kept that was written over while it was in use. */
static PluginStatus check_new(const CoreLibrary *library, const char *name, PluginError *error) {
    PluginStatus status = PLUGIN_OK;
    pthread_mutex_lock(&libraries.lock);
    for (const CoreLibrary *other = *bucket_of_file(&library->identity); other && status == PLUGIN_OK;
         other = other->next_of_file)
        if (other->handle == library->handle)
            status = error_set(error, PLUGIN_INVALID_STATE,
                               "cannot load %s: it was written over while an earlier build of it was in memory; put a "
                               "new file in its place (plugin-interfaces build does), or restart the host",
                               name);
    pthread_mutex_unlock(&libraries.lock);
    if (status != PLUGIN_OK) dlclose(library->handle);
    return status;
}

static void destroy_record(CoreLibrary *library) {
    free(library->path);
    free(library->opened_by);
    free(library);
}

/* Under `loading`. */
static CoreLibrary *open_file(const char *path, const char *name, PluginError *error) {
    Identity identity;
    CoreLibrary *library = NULL;
    if (check_file(path, name, &identity, &library, error) != PLUGIN_OK) return NULL;
    if (library) return library;
    library = (CoreLibrary *)calloc(1, sizeof *library);
    if (!library) {
        error_set_status(error, PLUGIN_OUT_OF_MEMORY);
        return NULL;
    }
    library->identity = identity;
    library->shares = 1;
    library->path = realpath(path, NULL); /* a name without a slash would be searched for elsewhere */
    if (!library->path) {
        cannot_open(name, errno, error);
        destroy_record(library);
        return NULL;
    }
    if (!choose_path(library)) {
        error_set_status(error, PLUGIN_OUT_OF_MEMORY);
        destroy_record(library);
        return NULL;
    }
    if (map(library, name, error) != PLUGIN_OK || check_new(library, name, error) != PLUGIN_OK) {
        destroy_record(library);
        return NULL;
    }
    pthread_mutex_lock(&libraries.lock);
    list(library);
    pthread_mutex_unlock(&libraries.lock);
    return library;
}

CoreLibrary *core_library_open(const char *path, PluginError *error) {
    char buffer[SHOWN_PATH + 8];
    if (!path || !*path) {
        error_set(error, PLUGIN_INVALID_ARGUMENT, "no path of a library was given");
        return NULL;
    }
    pthread_once(&libraries.once, prepare);
    pthread_mutex_lock(&libraries.loading);
    CoreLibrary *library = open_file(path, shown(path, buffer, sizeof buffer), error);
    pthread_mutex_unlock(&libraries.loading);
    return library;
}

/* ---- shares ---- */

/* Takes it off the tables if nobody has it; it may be gone already, so `library` is compared only. */
static CoreLibrary *take_unused(const CoreLibrary *library, const Identity *identity) {
    pthread_mutex_lock(&libraries.lock);
    CoreLibrary *found = *bucket_of_file(identity);
    while (found && found != library) found = found->next_of_file;
    if (found && (found->shares > 0 || found->keep)) found = NULL;
    if (found) unlist(found);
    pthread_mutex_unlock(&libraries.lock);
    return found;
}

static void unmap_unused(const CoreLibrary *unused, const Identity *identity) {
    pthread_mutex_lock(&libraries.loading);
    CoreLibrary *library = take_unused(unused, identity);
    if (library) {
        dlclose(library->handle);
        /* Some libraries cannot be unmapped (unique symbols of C++, thread-local destructors that are due). The path
           would give this build for ever, so it is remembered. */
        void *still = dlopen(library->opened_by, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
        if (still == library->handle) {
            pthread_mutex_lock(&libraries.lock);
            library->keep = 1;
            list(library);
            pthread_mutex_unlock(&libraries.lock);
        } else {
            if (still) dlclose(still);
            destroy_record(library);
        }
    }
    pthread_mutex_unlock(&libraries.loading);
}

static void give_back(CoreLibrary *library, int keep) {
    pthread_mutex_lock(&libraries.lock);
    if (keep) library->keep = 1;
    const int unused = --library->shares == 0 && !library->keep;
    const Identity identity = library->identity; /* from the next line on somebody else may free it */
    pthread_mutex_unlock(&libraries.lock);
    if (unused) unmap_unused(library, &identity);
}

void core_library_close(CoreLibrary *library, int32_t unmap) {
    if (library) give_back(library, !unmap);
}

void library_release(CoreLibrary *library) { give_back(library, 0); }

void library_retain(CoreLibrary *library) {
    pthread_mutex_lock(&libraries.lock);
    library->shares++;
    pthread_mutex_unlock(&libraries.lock);
}

void library_pin(CoreLibrary *library) {
    pthread_mutex_lock(&libraries.lock);
    library->keep = 1;
    pthread_mutex_unlock(&libraries.lock);
}

/* ---- questions ---- */

CreatePluginFn library_create(const CoreLibrary *library) { return library->create; }

DestroyPluginFn library_destroy(const CoreLibrary *library) { return library->destroy; }

const char *library_path(const CoreLibrary *library) { return library->path; }

uint32_t library_count(void) {
    uint32_t count = 0;
    pthread_mutex_lock(&libraries.lock);
    for (size_t bucket = 0; bucket < BUCKETS; bucket++)
        for (const CoreLibrary *library = libraries.by_file[bucket]; library; library = library->next_of_file)
            count += library->shares > 0;
    pthread_mutex_unlock(&libraries.lock);
    return count;
}
