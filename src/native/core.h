/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core.h: what the native core offers to whoever embeds it: the Python package, through cffi, and the tests in C.
 *
 * The core keeps instances, takes them through their life, serialises their entries, routes calls between them, and
 * queues what they send to the front end. It knows nothing of Python. Every function may be called from any thread,
 * concurrently, without the GIL, unless its comment says otherwise. A PluginHost names an instance here just as it does
 * for a plugin; one that is gone is answered PLUGIN_CLOSED. `error` may be NULL.
 */
#ifndef PLUGIN_CORE_H
#define PLUGIN_CORE_H

#include "plugin_interface.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ==== The core ======== */

typedef struct Core Core;

/*
 * What the core asks of its embedder, on behalf of a plugin's callback. Called on the thread that made the callback,
 * with no lock of the core held except the turn of the instance whose entry that thread runs. A NULL slot answers
 * PLUGIN_NOT_FOUND (get_config, get_extension as NULL), PLUGIN_UNSUPPORTED (set_config) or no message (get_history).
 */
typedef struct CoreServices {
    void *userdata;
    PluginStatus (*get_config)(void *userdata, PluginHost host, PluginText key, PluginReceiveText receive,
                               void *receive_userdata, PluginError *error);
    PluginStatus (*set_config)(void *userdata, PluginHost host, PluginText key, PluginText value, PluginError *error);
    /* `before` is the request whose message is not to be among them, or PLUGIN_NONE. `limit` as in HostCallbacks. */
    PluginStatus (*get_history)(void *userdata, PluginHost host, uint32_t limit, PluginRequest before,
                                PluginReceiveHistory receive, void *receive_userdata, PluginError *error);
    const void *(*get_extension)(void *userdata, PluginHost host, PluginText name);
} CoreServices;

/* Limits; a zero means the default. */
typedef struct CoreOptions {
    uint64_t max_text_bytes; /* one text from a plugin or to it; 16 MiB */
    uint32_t queue_events;   /* of one instance's queue; 1024 */
    uint64_t queue_bytes;    /* of texts in one instance's queue; 8 MiB. One event is always taken by an empty queue. */
    CoreServices services;   /* copied; `userdata` lives until core_free */
} CoreOptions;

/* NULL where no memory is left. `options` may be NULL. */
Core *core_new(const CoreOptions *options);

/* Ends every instance that is left (core_instance_end), wakes all who wait, and refuses what comes. May be called
 * twice. */
void core_close(Core *core);

/* Closes where that was not done, and frees. No other call on `core` may be running or follow. */
void core_free(Core *core);

/* Number of instances that have not ended. */
uint32_t core_instance_count(Core *core);

/*
 * For an embedder whose threads hold a lock that others need meanwhile, as Python's do. `begin` lets go of it where this thread
 * holds it and returns what `end` needs to take it again, or NULL where there is nothing to take: then `end` is not
 * called. They are called around each wait of the core's, and around each handle_message of a plugin that has not
 * promised short calls (PLUGIN_FEATURE_SHORT_CALLS) or has broken that promise. `begin` does not wait for another thread
 * of the core's; `end` may, no lock of the core is held there. One for the process, set while no
 * thread is in the core; `yield` is not copied.
 */
typedef struct CoreYield {
    void *(*begin)(void);
    void (*end)(void *begun);
} CoreYield;

void core_set_yield(const CoreYield *yield);

/* ==== Libraries ======== */

typedef struct CoreLibrary CoreLibrary;

/*
 * Opens a shared library: a regular file of this machine's format (told apart: missing, not a library, truncated, built
 * for another machine), loaded with RTLD_NOW | RTLD_LOCAL, exporting create_plugin. NULL on failure, with the reason
 * and what to do in `error`. Opening one file twice gives the same library, counted. A file that has replaced one whose
 * build is still mapped is PLUGIN_INVALID_STATE: the system cannot hold both under one path.
 */
CoreLibrary *core_library_open(const char *path, PluginError *error);

/* Gives one core_library_open back. With the last, the library is unmapped if every opener asked for `unmap`, else
 * stays mapped. */
void core_library_close(CoreLibrary *library, int32_t unmap);

/* ==== Instances ======== */

enum {
    CORE_STATE_CREATED = 0,
    CORE_STATE_INITIALIZED = 1,
    CORE_STATE_MOUNTED = 2,
    CORE_STATE_CONNECTED = 3,
    CORE_STATE_DISPOSED = 4, /* also after a failed initialize: only destroy_plugin is left */
    CORE_STATE_GONE = 5
};

/*
 * Makes an instance from a library's create_plugin. Checks the table (NULL, magic, version, length, required slots, in
 * this order; nothing of a table that fails is called) and compares get_metadata with `metadata`. `metadata` is copied.
 * On PLUGIN_OK `*host` names the instance, in CORE_STATE_CREATED. The library stays open as long as the instance is
 * there.
 */
PluginStatus core_instance_new(Core *core, CoreLibrary *library, const PluginMetadataFFI *metadata, PluginHost *host,
                               PluginError *error);

/* The same from a table that was made in this process. `destroy` may be NULL: then the table's own is called.
   On failure the table is still the caller's, and nothing of it was called but get_metadata. */
PluginStatus core_instance_from_table(Core *core, PluginInterface *table, DestroyPluginFn destroy,
                                      const PluginMetadataFFI *metadata, PluginHost *host, PluginError *error);

/* The edges of the life cycle, each waiting for its turn on the instance. A wrong state is PLUGIN_INVALID_STATE and
 * calls nothing. */
PluginStatus core_instance_initialize(PluginHost host, const void *state, uint64_t state_length,
                                      PluginError *error); /* initialize, load_state if state, init_ui, on_mount */
PluginStatus core_instance_connect(PluginHost host, PluginError *error);
PluginStatus core_instance_disconnect(PluginHost host, PluginError *error);
PluginStatus core_instance_save_state(PluginHost host, PluginWriteBytes write, void *userdata, PluginError *error);

/* Disconnects where connected, disposes, destroys; afterwards `host` is PLUGIN_CLOSED. Reports what fails on the way
   and goes on. Waits at most `wait_ms` for an entry that is still running; then PLUGIN_TIMEOUT, and the instance stays,
   closed for callbacks ("abandoned"), its library mapped for ever. What waits for a turn of its own gives up as
   PLUGIN_CLOSED. From inside an entry of the same instance: PLUGIN_INVALID_STATE. */
PluginStatus core_instance_end(PluginHost host, uint32_t wait_ms, PluginError *error);

/* Abandons it at once, also where core_instance_end is at it on another thread and an entry of its end hangs: that call
   goes on when the entry returns, and answers PLUGIN_TIMEOUT. Returns PLUGIN_TIMEOUT, as if that had waited in vain. */
PluginStatus core_instance_abandon(PluginHost host, PluginError *error);

/* Whether this thread runs an entry of an instance, of whatever core: a call that it hands to another thread and waits
   for cannot be recognised as part of a circle. */
int32_t core_inside_entry(void);

/* A CORE_STATE_… value; CORE_STATE_GONE for a handle that names nothing. */
int32_t core_instance_state(PluginHost host);

/* Which slots the plugin filled in: bit n is entry n in the order of PluginInterface, get_metadata being 0. */
uint32_t core_instance_entries(PluginHost host);

/* The plugin's table, for get_extension and tests; valid until core_instance_end. NULL for a handle that names nothing.
 */
const PluginInterface *core_instance_table(PluginHost host);

/* The handle of an id, as call_other_plugin finds it: the oldest instance with that instance id, else the oldest that is
   connected, else the oldest, of that plugin id. PLUGIN_NONE where there is none. It takes as long beside many instances
   as beside few. */
PluginHost core_find(Core *core, PluginText id);

/* ==== Requests ======== */

/* How the events of a request are queued. */
enum {
    CORE_NOTIFY_NONE = 0, /* none: whoever made it asks core_request_wait */
    CORE_NOTIFY_WAIT = 1, /* STARTED waits for room in a full queue, up to the request's deadline */
    CORE_NOTIFY_NOW = 2   /* STARTED is taken always: for the thread that drains, which must not wait for itself */
};

/*
 * A request made by the embedder. `message` is what it will be run with; it is checked here. The handle counts as held
 * until core_request_release; the plugin may end it at any time. `timeout_ms` starts now. `notify` is a CORE_NOTIFY_…
 * value; with any but NONE a CORE_EVENT_REQUEST_STARTED with the message is queued before this returns, so messages stand
 * in the queue in the order of sending; a CORE_EVENT_REQUEST_ENDED is queued when it ends, and core_tick watches its
 * deadline from now on, also while handle_message runs. Where there is no request there is no event: PLUGIN_TIMEOUT (no
 * room for STARTED up to the deadline), PLUGIN_FULL (no room, on a thread inside a drain), PLUGIN_INVALID_TEXT,
 * PLUGIN_TOO_LARGE, PLUGIN_CLOSED, PLUGIN_CANCELLED (the instance was disconnected meanwhile).
 */
PluginStatus core_request_new(PluginHost host, PluginText message, uint32_t timeout_ms, int32_t notify,
                              PluginRequest *request, PluginError *error);

/* Waits for a turn on the instance (at most to the deadline; a cancelled request gives up waiting), runs set_history
   where asked for, and handle_message. PLUGIN_OK: it has ended, see core_request_wait. PLUGIN_PENDING: the plugin kept
   it. Otherwise why it could not run (it has ended with that status too). */
PluginStatus core_request_run(PluginRequest request, PluginText message, PluginError *error);

/* Waits until the request has ended, for at most `wait_ms`. Then: PLUGIN_OK and `receive` (may be NULL) is given the
   reply; or the status it failed with and the text in `error`. PLUGIN_PENDING: it has not ended yet. The deadline is
   enforced here and in core_tick. */
PluginStatus core_request_wait(PluginRequest request, uint32_t wait_ms, PluginReceiveText receive, void *userdata,
                               PluginError *error);

/* As core_request_wait without a wait, but PLUGIN_PENDING also where streams answer it, or where the plugin has sent something else
   before the reply: then that comes by events too, in this order. */
PluginStatus core_request_take(PluginRequest request, PluginReceiveText receive, void *userdata, PluginError *error);

/* The person cancels: ends the request and its streams as cancelled; on_cancel follows (by core_tick, where it was kept
   or still runs). PLUGIN_ENDED where it had ended. */
PluginStatus core_request_cancel(PluginRequest request, PluginError *error);
void core_request_release(PluginRequest request);

/* Of core_send alone: the message is not handled inside the call, and nothing was done. */
enum { CORE_NOT_DIRECT = 2 };

/*
 * The direct way of a message to a plugin that is quick: new + run + wait + release in one call, on this thread, which
 * waits for no reply. A plugin is quick that has ended its last 32 requests inside handle_message, each within 5 ms,
 * whichever way they came; or that has promised short calls, until it breaks the promise: that is reported. One that
 * took up to 200 ms is forgiven, once in 32, where 64 before it were quick: the processor may have been elsewhere.
 *
 *   PLUGIN_OK         it was replied to: `receive` (may be NULL) was given the reply, under the instance's turn.
 *   below zero        it failed, or could not be sent; the text is in `error`.
 *   PLUGIN_PENDING    the plugin has kept it, or streams answer it, or it has sent something else before the reply (a
 *                     message, an event) and is told of: `*request` is the caller's now, as from
 *                     core_request_new, and ends or has ended in the other way, by an event or core_request_wait.
 *   CORE_NOT_DIRECT   the plugin is not quick, or busy with another entry or the queue full, for more than 20 ms:
 *                     nothing was done. Take core_request_new and core_request_run, on a thread that may hang.
 *
 * But for PLUGIN_PENDING, `*request` is PLUGIN_NONE. With `notify` other than NONE the events are the same as ever:
 * STARTED before handle_message, ENDED at the end, as CORE_REQUEST_TAKEN where the caller of core_send is given that end.
 * Not told of at all is a message that was never given to the plugin: no text, no instance, not connected, a circle.
 * Where core_tell_requests says so, only those requests are told of that end in PLUGIN_PENDING: STARTED is queued
 * before the first event of a stream that answers it, and before core_send returns.
 *
 * core_tick does not watch the deadline while handle_message runs and there is no stream; it is enforced when that
 * replies, asks, or returns.
 */
PluginStatus core_send(PluginHost host, PluginText message, uint32_t timeout_ms, int32_t notify,
                       PluginReceiveText receive, void *userdata, PluginRequest *request, PluginError *error);

/* Whether events tell of requests whose end core_send gives to its caller. They do (1) until this says 0: for an
   embedder that keeps no conversation and has no listeners. */
void core_tell_requests(Core *core, int32_t wanted);

/* ==== Streams, from the side of those who read ======== */

PluginStatus core_stream_pause(PluginHost host, PluginStream stream, PluginError *error);
PluginStatus core_stream_resume(PluginHost host, PluginStream stream, PluginError *error);
PluginStatus core_stream_cancel(PluginHost host, PluginStream stream, PluginError *error); /* on_cancel follows */

/* While `held` is 1 the stream takes no chunk, as if the queue had no room: whoever reads it is slower than the plugin, which
   waits or is told PLUGIN_FULL. Other streams go on. */
PluginStatus core_stream_hold(PluginHost host, PluginStream stream, int32_t held, PluginError *error);

/* ==== Events ======== */

enum {
    CORE_EVENT_MESSAGE = 1,       /* value = PLUGIN_MESSAGE_…, text */
    CORE_EVENT_FRONTEND = 2,      /* name = event, text = payload */
    CORE_EVENT_STREAM_START = 3,  /* stream, request or 0, value = PLUGIN_MESSAGE_…, number = CORE_REQUEST_… */
    CORE_EVENT_STREAM_DATA = 4,   /* stream, request, number = chunk's number, value = PLUGIN_CHUNK_…, text */
    CORE_EVENT_STREAM_END = 5,    /* stream, request, value = status (PLUGIN_OK, PLUGIN_ERROR), text = reason */
    CORE_EVENT_STREAM_PAUSE = 6,  /* stream, request */
    CORE_EVENT_STREAM_RESUME = 7, /* stream, request */
    CORE_EVENT_STREAM_CANCEL = 8, /* stream, request */
    CORE_EVENT_LOG = 9,           /* value = PLUGIN_LOG_…, name = file, number = line, text */
    CORE_EVENT_LOGS_LOST = 10,    /* number = lines lost since the last such event */
    CORE_EVENT_UI_REFRESH = 11,
    CORE_EVENT_DISCONNECT_REQUEST = 12,
    CORE_EVENT_REQUEST_ENDED = 13,  /* request, value = status, text = reply or reason, number = CORE_REQUEST_… */
    CORE_EVENT_REPORT = 14,         /* the plugin broke a rule, or an entry failed where the life cycle goes on:
                                      value = status, name = the call, text = what and what to do */
    CORE_EVENT_STATE = 15,          /* value = CORE_STATE_… */
    CORE_EVENT_REQUEST_STARTED = 16 /* request, text = the message; before all else that tells of the request */
};

/* Bits of the `number` of events that are about requests. */
enum {
    CORE_REQUEST_TAKEN = 1,    /* of an end: core_send gives it to its caller */
    CORE_REQUEST_STREAMED = 2, /* of an end: streams have answered the request */
    CORE_REQUEST_TOLD = 4      /* of a stream's start: events tell of its request; of one between plugins they do not */
};

typedef struct CoreEvent {
    uint32_t struct_size;
    uint32_t type;
    uint64_t sequence; /* of the core, from 1 on; within one instance it grows in the order of acceptance */
    int64_t time_ms;   /* Unix time; on Linux as of the system's last tick, some milliseconds ago */
    PluginHost host;
    PluginRequest request;
    PluginStream stream;
    uint64_t number;
    int64_t value;
    PluginText name;
    PluginText text;
} CoreEvent;

typedef void (*CoreVisit)(void *userdata, const CoreEvent *event);

/*
 * Hands up to `most` queued events to `visit`, round about the instances, in order within each; an event is borrowed
 * until `visit` returns. Waits up to `wait_ms` while there is none; and up to 2 ms while there are none but those that
 * nobody waits for: STATE but for CORE_STATE_GONE, REQUEST_STARTED, and REQUEST_ENDED where core_send gives that end to
 * its caller, or the core_request_run that is about to return could. Returns how many; 0 after core_close when all are
 * drained. One thread drains at a time. A send that would wait on a thread that is inside a drain is PLUGIN_FULL at
 * once (it would wait for itself).
 */
uint32_t core_drain(Core *core, uint32_t most, uint32_t wait_ms, CoreVisit visit, void *userdata);

/* The sequence number of the last event that the instance's queue has taken; 0 where there was none, or the handle names
   nothing. For who waits until that was drained: a drain that is waiting returns at once. */
uint64_t core_instance_sequence(PluginHost host);

/* A file descriptor that is readable while events are queued; for event loops. Owned by the core. */
int32_t core_event_fd(Core *core);

/*
 * Does what is due: ends requests past their deadline, runs on_cancel. Call it from a thread that may run entries, not
 * the one that drains. Waits up to `wait_ms` while nothing is due. Returns 1, and 0 after core_close.
 */
int32_t core_tick(Core *core, uint32_t wait_ms);

/* ==== UI ======== */

/* What the person did with a widget, as the front end tells it. */
typedef struct CoreUiEvent {
    uint64_t id;       /* of the widget */
    uint64_t revision; /* of the frame in which the person saw it; 0: not known */
    uint32_t flags;    /* PLUGIN_RESPONSE_… bits */
    uint32_t reserved;
    int64_t integer;
    double number;
    PluginText text; /* of a multi_select: the chosen values, each followed by a NUL byte; that of the last may miss */
} CoreUiEvent;

/*
 * Runs update_ui, once with `event` where one is given and then, if that may have changed what is shown or refresh_ui
 * was called inside, once more; at most 8 times. Hands the result to `receive` as JSON (schema: docs/ui.md):
 *     {"revision": n, "tree": {…}}                     where `base` is 0 or not the previous revision
 *     {"revision": n, "base": b, "patch": […]}         where it is; an unchanged frame keeps its revision and has an
 *                                                      empty patch
 * and behind these "toasts": […] where there are some, from all of the runs, and in no later frame.
 *
 * An event for a widget that is not in the last frame is PLUGIN_NOT_FOUND; a value that the widget cannot have (out of
 * range, no such choice, no day, NUL byte, disabled) is PLUGIN_INVALID_ARGUMENT; update_ui was not called then. An event
 * whose widget update_ui does not draw any more, or disabled, is PLUGIN_NOT_FOUND too: nobody has seen it. A failing
 * update_ui keeps what it drew and adds an error widget. PLUGIN_UNSUPPORTED: the plugin draws none.
 */
PluginStatus core_ui_update(PluginHost host, const CoreUiEvent *event, uint32_t ui_flags, uint64_t base,
                            PluginReceiveText receive, void *userdata, PluginError *error);

/* ==== Texts ======== */

/* The meaning of a status as PLUGIN_STATUS_LIST has it; "the plugin's own status" below PLUGIN_STATUS_PLUGIN_FIRST. */
const char *core_status_text(PluginStatus status);

#ifdef __cplusplus
}
#endif

#endif
