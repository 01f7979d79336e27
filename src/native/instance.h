/* SPDX-License-Identifier: Apache-2.0 */
/*
 * instance.h: what the modules of the core share: the core itself, an instance, and how an entry is run.
 *
 * An instance is reached through its handle: instance_acquire, use, instance_release. It is freed when its life has ended and the
 * last share is given back, so that a thread inside a callback never stands on freed memory.
 *
 * A turn is as good as a share: the end of an instance takes a turn itself, and its handle names nothing any more before that is
 * given up. So instance_enter needs no share, and neither does a callback on the thread that runs the entry.
 */
#ifndef PLUGIN_NATIVE_INSTANCE_H
#define PLUGIN_NATIVE_INSTANCE_H

#include "core.h"
#include "directory.h"
#include "queue.h"
#include "text.h"
#include "turn.h"
#include "ui.h"

#include <pthread.h>
#include <stdatomic.h>

/* How many streams that have ended are remembered for stream_status. */
enum { ENDED_STREAMS = 64 };

/* After so many quick calls in a row core_send runs handle_message on its caller's thread. */
enum { QUICK_CALLS = 32 };

/* After so many one slow call is forgiven: the system may have had another use for the processor. */
enum { TRUSTED_CALLS = 64 };

typedef struct Instance Instance;

struct Core {
    uint64_t max_text_bytes;
    CoreServices services;
    EventHub *hub;
    _Atomic uint64_t changes; /* of what core_find tells */
    pthread_mutex_t lock;     /* guards what follows */
    pthread_cond_t due;       /* something for core_tick */
    pthread_cond_t served;    /* the last service call returned */
    Directory directory;
    uint32_t serving;       /* service calls that are running */
    int closed;             /* no new instance */
    int silent;             /* no more service calls */
    uint64_t next_deadline; /* of watched requests; may be too early, never too late */
    struct Request *first_watched;
    struct Cancelled *first_cancelled; /* for on_cancel, oldest first */
    struct Cancelled *last_cancelled;
    _Atomic int untold;      /* requests that core_send brings to their end are not told of */
    _Atomic uint32_t shares; /* the embedder's, and one for each Instance */
};

/* Where a plugin's calls to an id went, as long as core->changes is the same. */
typedef struct Route {
    uint64_t changes;
    PluginHost target;
    uint32_t length;
    char id[44];
} Route;

enum { ROUTES = 4 };

/* One that is remembered. */
typedef struct EndedStream {
    PluginStream stream;
    int32_t state;
} EndedStream;

/* Those of an instance. */
typedef struct Streams {
    struct Stream *first; /* that have not ended, oldest first */
    struct Stream *last;
    EndedStream ended[ENDED_STREAMS];
    uint32_t next_ended;
} Streams;

struct Instance {
    Seat seat; /* the head, see lasting.h: instance_enter may meet an instance that is gone */
    Core *core;
    PluginHost host;
    CoreLibrary *library; /* NULL where the table was made in this process */
    DestroyPluginFn destroy;
    PluginInterface *table;  /* the plugin's */
    PluginInterface entries; /* as it was when it came; what it does not have is NULL */
    PluginMetadataFFI metadata;
    char *texts; /* of `metadata` */
    PluginInstanceContext context;
    EventQueue *queue;
    Ui *ui; /* NULL until the first frame; used under a turn */
    uint64_t born_ns;
    _Atomic(struct Request *) spare; /* for requests that begin and end in a turn; set under a turn */
    Route *routes;                   /* ROUTES of them, NULL until the first call; used under a turn */
    _Atomic int32_t state;
    _Atomic uint32_t quick_calls; /* of handle_message in a row, up to TRUSTED_CALLS; set under a turn */
    int frame_runs;               /* update_ui or init_ui runs; under a turn */
    atomic_bool frame_again;      /* refresh_ui was called inside it */
    atomic_bool asked_disconnect;
    atomic_bool closed; /* callbacks are PLUGIN_CLOSED */
    atomic_bool ending;
    atomic_bool over;     /* its end is done, or it was given up */
    atomic_bool is_short; /* it promised short calls, and kept the promise so far */
    pthread_mutex_t lock; /* guards the lists of requests and streams, and how requests stand */
    struct Request *first_request;
    Streams *streams; /* NULL until the first begins */
    Listing listing;
};

/* Whether the plugin has an entry. */
#define HAS(instance, entry) ((instance)->entries.entry != NULL)

/* NULL where the handle names none. What is acquired may be closed: callbacks ask callback_begin instead. */
Instance *instance_acquire(PluginHost host);
void instance_release(Instance *instance);

/* Takes a turn where that needs no waiting, and so the instance, without a share; `turn` comes with its caller. NULL: it is
   busy, or the handle names none. */
Instance *instance_enter(PluginHost host, Turn *turn);

/* The instance of a host handle, from outside the plugin; PLUGIN_CLOSED with a text where it is gone. */
PluginStatus instance_find(PluginHost host, Instance **instance, PluginError *error);

/* Whether create_plugin gave a table that this host can use. */
PluginStatus instance_check_table(const PluginInterface *table, PluginError *error);

/* Makes and names an Instance around a table that is checked; core.h says the rest. */
PluginStatus instance_make(Core *core, PluginInterface *table, DestroyPluginFn destroy, CoreLibrary *library,
                           const PluginMetadataFFI *metadata, PluginHost *host, PluginError *error);

/* Takes a turn for the embedder: nothing to give up for but the deadline. Errors have their text. */
PluginStatus instance_turn(Instance *instance, Turn *turn, uint64_t deadline, PluginError *error);

/* The same without a deadline; PLUGIN_CLOSED as soon as the instance's end has begun, also while it waits. */
PluginStatus instance_open_turn(Instance *instance, Turn *turn, PluginError *error);

/* Events about the instance. */
void instance_tell_state(Instance *instance, int32_t state);
/* Sets the state and tells of it. */
void instance_set_state(Instance *instance, int32_t state);
void instance_report(Instance *instance, PluginStatus status, const char *call, const char *format, ...)
    NATIVE_PRINTF(4, 5);

/* An entry that failed where the life cycle goes on. */
void instance_report_failure(Instance *instance, const char *entry, PluginStatus status, ErrorBuffer *said);

/* An entry failed: its own words, or the meaning of its status, into `error`; returns the status. */
PluginStatus instance_entry_failed(const char *entry, PluginStatus status, ErrorBuffer *said, PluginError *error);

/* Seconds since it was made. */
double instance_age(const Instance *instance);

/* Runs init_ui, under a turn. */
PluginStatus instance_init_ui(Instance *instance, ErrorBuffer *said);

/* The table that every plugin is given. */
extern const HostCallbacks host_callbacks;

/* Around a call of CoreServices: 0 where the embedder no longer serves. */
int services_begin(Core *core);
void services_end(Core *core);

void core_share(Core *core);
void core_unshare(Core *core);

#endif
