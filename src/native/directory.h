/* SPDX-License-Identifier: Apache-2.0 */
/*
 * directory.h: the instances of a core that have not ended, and which of them an id names. What is here stands under the core's
 * lock. A search costs the same whatever their number; an instance that connects or disconnects looks for its place by age.
 */
#ifndef PLUGIN_NATIVE_DIRECTORY_H
#define PLUGIN_NATIVE_DIRECTORY_H

#include "plugin_interface.h"

struct Instance;

/* Of those with the same id the oldest comes first. */
typedef struct IdEntry {
    struct IdEntry *next; /* in its bucket */
    PluginText id;        /* borrowed from whoever is entered */
} IdEntry;

typedef struct IdMap {
    IdEntry **buckets;
    uint32_t capacity; /* a power of two, or 0 */
    uint32_t count;
} IdMap;

/* Oldest first. */
typedef struct Line {
    struct Instance *first;
    struct Instance *last;
} Line;

/* The instances of one plugin id. */
typedef struct Siblings {
    IdEntry entry; /* in Directory.plugins */
    Line lines[2]; /* those that are not connected, and those that are */
    char id[];
} Siblings;

/* An instance's part. */
typedef struct Listing {
    IdEntry entry;          /* in Directory.instances */
    Siblings *siblings;     /* NULL: not listed */
    uint64_t age;           /* number of those that were entered before */
    struct Instance *elder; /* in its line */
    struct Instance *younger;
    struct Instance *before; /* in Directory.last … */
    struct Instance *next;
} Listing;

typedef struct Directory {
    IdMap instances;
    IdMap plugins;
    struct Instance *last; /* to be entered, of all */
    uint32_t count;
    uint64_t entered;
} Directory;

/* Takes the lock. PLUGIN_CLOSED once the core is closed, PLUGIN_OUT_OF_MEMORY; both with a text. */
PluginStatus directory_enter(struct Instance *instance, PluginError *error);

/* Takes the lock; does nothing where the instance is not listed. */
void directory_leave(struct Instance *instance);

/* Changes Instance.state, under a turn; takes the lock where it becomes, or was, connected. */
void directory_set_state(struct Instance *instance, int32_t state);

/* Of a core without instances. */
void directory_free(Directory *directory);

#endif
