/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin_interface.h: the plugin ABI. This file is the specification.
 *
 * A plugin is a shared library beside a `config.toml`. It exports two functions, create_plugin() and destroy_plugin(),
 * and fills in one table, PluginInterface, with the entries it wants. The host calls the entries; the plugin calls the
 * host through the table HostCallbacks, which it finds in the PluginInstanceContext that comes with every entry. One
 * table is one instance: a person may have several instances of one plugin, each made by its own create_plugin() call.
 *
 * Smallest plugin, complete (compile with `cc -shared -fPIC -o libecho.so echo.c`):
 *
 *     #include "plugin_interface.h"
 *     static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
 *                                        PluginText message, PluginError *error) {
 *         (void)plugin, (void)error;
 *         return plugin_reply_text(context, request, message);
 *     }
 *     static void setup(PluginInterface *table) { table->handle_message = handle_message; }
 *     PLUGIN_DEFINE(0, setup)
 *
 * ## How to read the comments
 *
 * Each function says, where it is not plain from these rules: who owns what, how long it is valid, what NULL means, and
 * what it returns. Each carries a thread tag with two axes, who may call it and whether two calls may run at the same
 * time:
 *
 *     [thread: host, serial]      an entry. The host calls it from a thread of its own choice, each time perhaps
 *                                 another one, and never while another entry of the same instance runs. Entries of
 *                                 different instances do run at the same time, so state shared by instances needs a
 *                                 lock.
 *     [thread: host, concurrent]  create_plugin. The host may make several instances at the same time.
 *     [thread: any, concurrent]   a host callback. Any thread may call it at any time, also a thread that the plugin
 *                                 made, also several at once, also after the entry that received the context has
 *                                 returned.
 *     [thread: caller, serial]    a receiver. The other side calls it on the thread that made the call, before that
 *                                 call returns.
 *     [thread: entry, serial]     a widget. init_ui and update_ui call it, on their own thread, before they return.
 *
 * ## Ownership: four rules without exception
 *
 *   1. Nobody frees memory of the other side, and no allocation changes hands.
 *   2. What an entry is given is borrowed until the entry returns; copy what you keep.
 *   3. What a plugin gives to a callback is borrowed until the callback returns; the host copies what it keeps.
 *   4. What a callback hands back goes to a receiver, a function of the plugin's with its own `userdata`; what the
 *      receiver is given is borrowed until the receiver returns.
 *
 * Handles (PluginHost, PluginRequest, PluginStream) are numbers. They may be copied, kept and passed between threads
 * freely; one whose object is gone is recognised and answered with a status, never with a crash, and its number is not
 * used again.
 *
 * ## NULL
 *
 * A pointer argument is never NULL unless its comment says "may be NULL". `error` may be NULL in every call that a
 * plugin makes, and is never NULL in an entry. The host checks what plugins pass and answers PLUGIN_INVALID_ARGUMENT.
 *
 * ## The life of an instance
 *
 *             create_plugin         initialize             on_mount           on_connect
 *     (none) --------------> CREATED ---------> INITIALIZED -------> MOUNTED ------------> CONNECTED
 *                               |                    |                  |   <------------      |
 *                   initialize  |                    | on_mount fails   |   on_disconnect      |
 *                     fails     |                    |                  |                      | on_disconnect
 *                               |                    +---- on_dispose --+----------------------+
 *                               |                              |
 *                               |                              v
 *                               +--- destroy_plugin ------- DISPOSED
 *                                         |
 *                                         v
 *                                       (gone)
 *
 *   created      get_metadata, and nothing else. The host compares the answer with config.toml.
 *   initialized  load_state, where a state was saved, then init_ui, then on_mount.
 *   mounted      update_ui, on_connect, save_state, on_cancel.
 *   connected    the same, and set_history with handle_message; on_disconnect.
 *
 *   - After initialize failed only destroy_plugin is called: no on_dispose, for there is nothing to dispose of.
 *   - on_dispose may come without on_mount; it comes exactly once whenever initialize succeeded.
 *   - When on_mount fails, on_dispose and destroy_plugin follow. When on_connect fails, the instance stays mounted and
 *     the person may try again. A failed init_ui, on_disconnect, load_state, save_state or on_dispose is reported, and
 *     the life cycle goes on.
 *   - A connected instance is always disconnected before it is disposed of.
 *   - destroy_plugin(interface) is the last call. It frees everything and is the one to call the table's `destroy`.
 *     Only where a library does not export destroy_plugin does the host call `destroy` itself.
 *   - Requests and streams still open when on_disconnect returns are ended by the host as cancelled.
 *   - get_extension may be called in every state from `initialized` on.
 *   - A call that the machine does not allow (a reply to a request that has ended, a callback after destroy_plugin) is
 *     the plugin's error: it has no effect, it is answered with a status, and it is reported. It is not a crash.
 *
 * ## What may be called from where
 *
 * Inside create_plugin, get_metadata, destroy and destroy_plugin there is no context, so no callback. Inside every
 * other entry each callback is allowed. Three need care:
 *
 *   - refresh_ui inside update_ui or init_ui asks for one more frame after this one; it never nests.
 *   - request_disconnect only asks: on_disconnect comes later, in a turn of its own, never inside the entry that asked.
 *   - call_other_plugin runs handle_message of the other instance. When A calls B and B calls A, the call that would
 *     close the circle is answered PLUGIN_CYCLE at once, also when the circle runs over several threads.
 *
 * ## Order
 *
 * Messages, stream chunks, UI refreshes and log lines of one instance reach the front end in the order in which the
 * host accepted them. Nothing is said about the order between instances.
 *
 * ## Back-pressure
 *
 * Each instance has a bounded queue to the front end, so one that floods hurts nobody else. A call with a `wait_ms`
 * argument finds the queue full and either returns PLUGIN_FULL at once (0), or waits so long for room;
 * PLUGIN_WAIT_FOREVER waits without a limit. Nothing was taken when the answer is PLUGIN_FULL. A thread that waits in
 * such a call when the instance is disconnected or ends returns PLUGIN_CLOSED. What ends something (request_reply,
 * request_fail, stream_end, stream_cancel) always finds room. refresh_ui needs room for one only, however often it is
 * called. log drops the line when the queue is full; the host counts and tells how many.
 *
 * ## Time
 *
 * Deadlines use the host's monotonic clock. Only durations cross, in milliseconds (`_ms`) or nanoseconds (`_ns`), so
 * nobody needs to know the other's clock.
 *
 * ## What a plugin leaves alone
 *
 * The process belongs to the host: standard output and input (a terminal client may own them), signal dispositions, the
 * locale, the working directory, the environment, exit() and abort(). After create_plugin and after initialize the host
 * compares the working directory, the numeric locale and the dispositions of SIGINT, SIGTERM, SIGPIPE and SIGCHLD with
 * what they were, puts them back, and reports the plugin.
 *
 * A plugin may start threads. They are to be joined in on_disconnect or on_dispose. The library stays mapped after the
 * last instance is gone, so that a thread or a thread-local destructor that comes late does not run in unmapped memory;
 * only where the manifest says `reloadable = true` is it unmapped, and then every thread must have ended when
 * destroy_plugin returns.
 *
 * A child made by fork() without exec() has no host: there every callback answers PLUGIN_CLOSED.
 *
 * No exception, panic or longjmp may leave an entry or a receiver.
 *
 * ## Growth
 *
 * Each struct that crosses begins with `struct_size`, the size that its writer knows; PluginText, PluginChoice and
 * PluginSeries never change and have none. Fields are only appended. Read a field of a struct that the other side made
 * only if PLUGIN_HAS() says that it is there. A newer host may pass longer structs, unknown flags, message kinds and
 * log levels: ignore what you do not know. New functions come as new slots at the end of a table, or as extensions that
 * get_extension() finds by "name/revision".
 *
 * Until version 1.0 of the project PLUGIN_ABI_VERSION_NUMBER rises with each incompatible change, and host and plugin
 * need the same; from 1.0 on it only rises when that can no longer be avoided.
 */
#ifndef PLUGIN_INTERFACE_H
#define PLUGIN_INTERFACE_H

#include <stdint.h>

#ifndef PLUGIN_CDEF
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ==== Version ==================================================================================================== */

/* Upper half of `abi_version` in both tables: what tells a table of this ABI from any other memory. */
#define PLUGIN_ABI_MAGIC 0x504C

/* Lower half of `abi_version`: the revision of this file. */
#define PLUGIN_ABI_VERSION_NUMBER 1

/* What a table made with this header carries in `abi_version`. */
#define PLUGIN_ABI_VERSION 0x504C0001

/* ==== Export macros ============================================================================================== */

/* PLUGIN_CALL: the calling convention of function pointers and entry symbols. PLUGIN_EXPORT: makes a symbol visible. */
#if defined(PLUGIN_CDEF)
#define PLUGIN_CALL
#define PLUGIN_EXPORT
#elif defined(_WIN32)
#define PLUGIN_CALL   __cdecl
#define PLUGIN_EXPORT __declspec(dllexport)
#elif defined(__GNUC__)
#define PLUGIN_CALL
#define PLUGIN_EXPORT __attribute__((visibility("default")))
#else
#define PLUGIN_CALL
#define PLUGIN_EXPORT
#endif

#if defined(__GNUC__) && !defined(PLUGIN_CDEF)
#define PLUGIN_PRINTF(format_index, first_argument) __attribute__((format(printf, format_index, first_argument)))
#else
#define PLUGIN_PRINTF(format_index, first_argument)
#endif

/* ==== Status ===================================================================================================== */

/*
 * The one list of results: name, value, what it means. Zero and above is success, below zero is failure; a plugin may
 * return values below PLUGIN_STATUS_PLUGIN_FIRST as codes of its own.
 */
#define PLUGIN_STATUS_LIST(X)                                                                                          \
    X(PLUGIN_OK, 0, "done")                                                                                            \
    X(PLUGIN_PENDING, 1, "the request was kept and will be answered later")                                            \
    X(PLUGIN_ERROR, -1, "the call failed")                                                                             \
    X(PLUGIN_INVALID_ARGUMENT, -2, "an argument is NULL or out of range")                                              \
    X(PLUGIN_INVALID_TEXT, -3, "a text is not UTF-8, or has a NUL byte where none is allowed")                         \
    X(PLUGIN_INVALID_STATE, -4, "the call is not allowed in this state of the life cycle")                             \
    X(PLUGIN_INVALID_HANDLE, -5, "the handle does not name a request or stream of this instance")                      \
    X(PLUGIN_CLOSED, -6, "the instance or its host is gone")                                                           \
    X(PLUGIN_ENDED, -7, "the request or stream has already ended")                                                     \
    X(PLUGIN_CANCELLED, -8, "the request or stream was cancelled")                                                     \
    X(PLUGIN_TIMEOUT, -9, "the deadline passed")                                                                       \
    X(PLUGIN_PAUSED, -10, "the stream is paused")                                                                      \
    X(PLUGIN_FULL, -11, "the queue is full")                                                                           \
    X(PLUGIN_TOO_LARGE, -12, "a text is larger than the host allows")                                                  \
    X(PLUGIN_NOT_FOUND, -13, "there is no such plugin, key or extension")                                              \
    X(PLUGIN_NOT_CONNECTED, -14, "the instance is not connected")                                                      \
    X(PLUGIN_UNSUPPORTED, -15, "the other side does not offer this")                                                   \
    X(PLUGIN_CYCLE, -16, "plugins call each other in a circle")                                                        \
    X(PLUGIN_NO_REPLY, -17, "the entry returned without a reply")                                                      \
    X(PLUGIN_WRONG_VERSION, -18, "the plugin was built for another version of the ABI")                                \
    X(PLUGIN_OUT_OF_MEMORY, -19, "no memory is left")                                                                  \
    X(PLUGIN_NOT_PERMITTED, -20, "the person did not allow this")

/* A value of PLUGIN_STATUS_LIST, or a plugin's own. Fixed width, so that an enum's size never matters. */
typedef int32_t PluginStatus;

#define PLUGIN_STATUS_CONSTANT(name, value, meaning) name = value,
enum { PLUGIN_STATUS_LIST(PLUGIN_STATUS_CONSTANT) PLUGIN_STATUS_PLUGIN_FIRST = -1000 };
#undef PLUGIN_STATUS_CONSTANT

/*
 * Where a failing call leaves its text. The caller makes it, with a buffer of its own, and sets `struct_size`, `text`,
 * `capacity` and `length` = 0; the callee writes `status` and up to `capacity` bytes of text. plugin_fail() does so in
 * one line. Text that does not fit is cut between two characters; bytes that are not UTF-8 are shown as U+FFFD. The
 * text is for a person: it says what failed and what to do. Which plugin and which call it was, the host adds.
 */
typedef struct PluginError {
    uint32_t struct_size;
    PluginStatus status;
    char *text;        /* owned by the caller; not NUL-terminated */
    uint64_t capacity; /* bytes at `text` */
    uint64_t length;   /* bytes written; 0 where nothing was said */
} PluginError;

/* ==== Strings ==================================================================================================== */

/*
 * A borrowed UTF-8 text. Passed by value.
 *
 * From the host: `data` is never NULL, the bytes are valid UTF-8, and a NUL that does not count stands behind the last
 * one, so printf("%s") works. From a plugin: `length` may be PLUGIN_UNTIL_NUL; `data` may be NULL where `length` is 0.
 *
 * Bytes that are not UTF-8 make the call fail with PLUGIN_INVALID_TEXT, which names the offset; nothing is taken. Only
 * in log lines and error texts are they replaced by U+FFFD, because a damaged diagnosis is better than none. A NUL byte
 * inside is kept in messages, chunks and states; in names, keys, labels and UI values it is PLUGIN_INVALID_TEXT. A text
 * longer than the host's limit (16 MiB unless the host says otherwise) is PLUGIN_TOO_LARGE.
 */
typedef struct PluginText {
    const char *data;
    uint64_t length; /* bytes */
} PluginText;

/* As `length`: the text ends at its first NUL byte. */
#define PLUGIN_UNTIL_NUL UINT64_MAX

/* ==== Opaque handles ============================================================================================= */

/*
 * Numbers, not pointers: they are never dangling, and they mean the same in another process. Each holds what it names
 * (an instance, a request, a stream), so one in the place of another is PLUGIN_INVALID_HANDLE. A request
 * and a stream are good until they have ended, a host until its instance is destroyed; later uses get a status.
 */
typedef uint64_t PluginHost;    /* one instance, as seen by the plugin: first argument of every callback */
typedef uint64_t PluginRequest; /* one message that waits for its reply */
typedef uint64_t PluginStream;  /* one stream of chunks to the front end */

/* The handle that names nothing. */
#define PLUGIN_NONE 0

/* As `wait_ms` or `timeout_ms`: no limit. */
#define PLUGIN_WAIT_FOREVER 0xFFFFFFFF

/* ==== Records ==================================================================================================== */

/* Bits of PluginMetadataFFI.flags. */
enum {
    PLUGIN_METADATA_DISABLED = 1 << 0,       /* listed, but not loaded */
    PLUGIN_METADATA_REQUIRE_HISTORY = 1 << 1 /* set_history comes before each handle_message */
};

/* What is known of a plugin and of this instance of it. An empty text means "not given". */
typedef struct PluginMetadataFFI {
    uint32_t struct_size;
    uint32_t flags; /* PLUGIN_METADATA_… */
    PluginText id;
    PluginText name;
    PluginText description;
    PluginText version;
    PluginText author;
    PluginText config_path;  /* of config.toml; the plugin's own files may live beside it */
    PluginText library_path; /* of the shared library or the module */
    PluginText instance_id;  /* unique among all instances of the host, stable over restarts */
    PluginText permissions;  /* what config.toml asks for and the person gave, with a space between */
} PluginMetadataFFI;

/* One message of a conversation. Roles and states are words, as in the history's JSON form. */
typedef struct PluginHistoryMessage {
    uint32_t struct_size;
    uint32_t reserved;
    PluginText id;
    PluginText message_type; /* "normal", "success", "warning", "error" or "info" */
    PluginText status;       /* "completed", "active", "paused", "error" or "cancelled" */
    PluginText content;
    PluginText plugin_id;
    PluginText role;       /* "user", "plugin" or "system" */
    PluginText created_at; /* RFC 3339, UTC */
} PluginHistoryMessage;

/* How a message is shown. */
enum {
    PLUGIN_MESSAGE_NORMAL = 0,
    PLUGIN_MESSAGE_SUCCESS = 1,
    PLUGIN_MESSAGE_WARNING = 2,
    PLUGIN_MESSAGE_ERROR = 3,
    PLUGIN_MESSAGE_INFO = 4
};

/* How much a log line matters. */
enum { PLUGIN_LOG_TRACE = 0, PLUGIN_LOG_DEBUG = 1, PLUGIN_LOG_INFO = 2, PLUGIN_LOG_WARN = 3, PLUGIN_LOG_ERROR = 4 };

/*
 * The states of a stream. Chunks are taken in PLUGIN_STREAM_ACTIVE alone.
 *
 *     (start) --> ACTIVE <--> PAUSED        pause and resume, by the plugin or by the person
 *                   |            |
 *      final chunk  v            |          (a chunk with PLUGIN_CHUNK_FINAL)
 *              FINALIZING        |
 *                   |            |
 *                   +------------+--> COMPLETED | FAILED | CANCELLED      stream_end, stream_cancel
 */
enum {
    PLUGIN_STREAM_ACTIVE = 0,
    PLUGIN_STREAM_PAUSED = 1,
    PLUGIN_STREAM_FINALIZING = 2,
    PLUGIN_STREAM_COMPLETED = 3,
    PLUGIN_STREAM_FAILED = 4,
    PLUGIN_STREAM_CANCELLED = 5
};

/* Bits of the `flags` of stream_data and stream_batch. */
enum {
    PLUGIN_CHUNK_FINAL = 1 << 0 /* no chunk follows; stream_end is still to come */
};

/* ==== Host table ================================================================================================= */

/*
 * Receivers: functions of the plugin's, called before the callback they were given to returns, on the same thread. What
 * they are given is borrowed until they return. [thread: caller, serial]
 */
typedef void(PLUGIN_CALL *PluginReceiveText)(void *userdata, PluginText text);
typedef void(PLUGIN_CALL *PluginReceiveHistory)(void *userdata, const PluginHistoryMessage *message);
typedef void(PLUGIN_CALL *PluginReceiveStream)(void *userdata, PluginStream stream);

/*
 * What the host offers. The table itself stays valid, and the same, as long as the process lives: a thread that
 * outlives its plugin may still call through it, and is answered PLUGIN_CLOSED.
 *
 * Every callback that returns a PluginStatus can also return PLUGIN_CLOSED (the instance is gone),
 * PLUGIN_INVALID_ARGUMENT, PLUGIN_INVALID_TEXT, PLUGIN_TOO_LARGE and PLUGIN_OUT_OF_MEMORY; the comments name only what
 * is special. `error` may be NULL.
 */
typedef struct HostCallbacks {
    uint32_t struct_size;
    uint32_t abi_version;

    /*
     * Sends an event to the front end: `event` is its name, `payload` its JSON text. Names that begin with "plugin-"
     * belong to the host and are PLUGIN_INVALID_ARGUMENT; send_message, refresh_ui, the stream calls and
     * request_disconnect produce them. Returns PLUGIN_OK, PLUGIN_FULL. [thread: any, concurrent]
     */
    PluginStatus(PLUGIN_CALL *send_to_frontend)(PluginHost host, PluginText event, PluginText payload, uint32_t wait_ms,
                                                PluginError *error);

    /*
     * Adds a message from this instance to its conversation, outside of any reply. `kind` is a PLUGIN_MESSAGE_… value.
     * Returns PLUGIN_OK, PLUGIN_FULL. [thread: any, concurrent]
     */
    PluginStatus(PLUGIN_CALL *send_message)(PluginHost host, uint32_t kind, PluginText text, uint32_t wait_ms,
                                            PluginError *error);

    /*
     * Looks up a setting: `key` among the values of this instance (user.toml over the defaults of config.toml) first,
     * then among those of the application. `receive` is called once with the value: a string as it is, anything else as
     * JSON. Returns PLUGIN_OK, PLUGIN_NOT_FOUND (`receive` was not called). [thread: any, concurrent]
     */
    PluginStatus(PLUGIN_CALL *get_app_config)(PluginHost host, PluginText key, PluginReceiveText receive,
                                              void *userdata, PluginError *error);

    /*
     * Sets a setting of this instance and stores it in user.toml before it returns. `value` has the form that
     * get_app_config gives; it is checked against the [config.<key>] of the manifest. Returns PLUGIN_OK,
     * PLUGIN_INVALID_ARGUMENT (the check failed; the text says why), PLUGIN_ERROR (it could not be stored).
     * [thread: any, concurrent]
     */
    PluginStatus(PLUGIN_CALL *set_app_config)(PluginHost host, PluginText key, PluginText value, PluginError *error);

    /*
     * Sends `message` to another plugin and waits for its reply, at most `timeout_ms` and never beyond the deadline of
     * the request that this thread is handling. `plugin_id` is an instance id or a plugin id; the latter means its
     * first connected instance. `receive` is called once with the reply, before the call returns; it may be NULL.
     * Returns PLUGIN_OK, PLUGIN_NOT_FOUND, PLUGIN_NOT_CONNECTED, PLUGIN_CYCLE, PLUGIN_TIMEOUT, PLUGIN_CANCELLED, or the
     * status with which the other plugin failed; its text is in `error`. [thread: any, concurrent]
     */
    PluginStatus(PLUGIN_CALL *call_other_plugin)(PluginHost host, PluginText plugin_id, PluginText message,
                                                 uint32_t timeout_ms, PluginReceiveText receive, void *userdata,
                                                 PluginError *error);

    /*
     * Writes a log line; `level` is a PLUGIN_LOG_… value, `file` and `line` say where in the plugin (an empty text and
     * 0 where not known). Never blocks and never fails: a line that finds no room is counted as lost.
     * [thread: any, concurrent]
     */
    void(PLUGIN_CALL *log)(PluginHost host, uint32_t level, PluginText file, uint32_t line, PluginText text);

    /*
     * Asks for a new frame of the settings UI; update_ui follows soon. Many requests make one frame.
     * [thread: any, concurrent]
     */
    PluginStatus(PLUGIN_CALL *refresh_ui)(PluginHost host, PluginError *error);

    /*
     * Asks the host to disconnect this instance; on_disconnect follows in a turn of its own. [thread: any, concurrent]
     */
    PluginStatus(PLUGIN_CALL *request_disconnect)(PluginHost host, PluginError *error);

    /*
     * Reads the conversation of this instance: the newest `limit` messages, oldest first; 0 means all. `receive` is
     * called once for each. Returns PLUGIN_OK, PLUGIN_ERROR (the store could not be read). [thread: any, concurrent]
     */
    PluginStatus(PLUGIN_CALL *get_history)(PluginHost host, uint32_t limit, PluginReceiveHistory receive,
                                           void *userdata, PluginError *error);

    /*
     * Ends a request with its reply. An empty text is a reply too: it is the one to give after the answer went out as a
     * stream, whose text the conversation then keeps.
     * Returns PLUGIN_OK, PLUGIN_ENDED (it was replied to, failed, or its deadline passed), PLUGIN_CANCELLED,
     * PLUGIN_INVALID_HANDLE. [thread: any, concurrent]
     */
    PluginStatus(PLUGIN_CALL *request_reply)(PluginHost host, PluginRequest request, PluginText text,
                                             PluginError *error);

    /*
     * Ends a request as failed, with a status below zero and a text for the person. Returns as request_reply.
     * [thread: any, concurrent]
     */
    PluginStatus(PLUGIN_CALL *request_fail)(PluginHost host, PluginRequest request, PluginStatus status,
                                            PluginText text, PluginError *error);

    /*
     * Tells whether work on a request is still wanted: PLUGIN_OK, PLUGIN_CANCELLED, PLUGIN_TIMEOUT, PLUGIN_ENDED or
     * PLUGIN_INVALID_HANDLE. Costs a few nanoseconds: poll it in every loop. [thread: any, concurrent]
     */
    PluginStatus(PLUGIN_CALL *request_status)(PluginHost host, PluginRequest request);

    /*
     * Nanoseconds until the deadline of a request; UINT64_MAX where it has none, 0 where it has ended.
     * [thread: any, concurrent]
     */
    uint64_t(PLUGIN_CALL *request_remaining_ns)(PluginHost host, PluginRequest request);

    /*
     * Starts a stream and writes its handle to `*stream`. `request` is the one that it answers, so that cancelling the
     * request cancels the stream; or PLUGIN_NONE. `kind` is a PLUGIN_MESSAGE_… value. The handle is good until the
     * stream has ended. Returns PLUGIN_OK, PLUGIN_FULL, PLUGIN_INVALID_HANDLE, PLUGIN_ENDED, PLUGIN_CANCELLED.
     * [thread: any, concurrent]
     */
    PluginStatus(PLUGIN_CALL *stream_start)(PluginHost host, PluginRequest request, uint32_t kind, PluginStream *stream,
                                            PluginError *error);

    /*
     * Sends a chunk; the host numbers the chunks of a stream from 0 on. `flags` are PLUGIN_CHUNK_… bits. A paused
     * stream and a full queue both hold the sender back for up to `wait_ms`. Returns PLUGIN_OK, PLUGIN_PAUSED,
     * PLUGIN_FULL (nothing was taken), PLUGIN_CANCELLED (stop sending), PLUGIN_ENDED, PLUGIN_INVALID_STATE (after the
     * final chunk), PLUGIN_INVALID_HANDLE. [thread: any, concurrent]
     */
    PluginStatus(PLUGIN_CALL *stream_data)(PluginHost host, PluginStream stream, PluginText chunk, uint32_t flags,
                                           uint32_t wait_ms, PluginError *error);

    /*
     * Sends `count` chunks with nothing between them; all are taken or none. Otherwise as stream_data.
     * [thread: any, concurrent]
     */
    PluginStatus(PLUGIN_CALL *stream_batch)(PluginHost host, PluginStream stream, const PluginText *chunks,
                                            uint32_t count, uint32_t flags, uint32_t wait_ms, PluginError *error);

    /*
     * Ends a stream: `success` is 1 or 0, `reason` says why it failed and is ignored otherwise. Does not end its
     * request. Returns PLUGIN_OK, PLUGIN_ENDED, PLUGIN_CANCELLED, PLUGIN_INVALID_HANDLE. [thread: any, concurrent]
     */
    PluginStatus(PLUGIN_CALL *stream_end)(PluginHost host, PluginStream stream, int32_t success, PluginText reason,
                                          PluginError *error);

    /*
     * Pauses a stream. Returns PLUGIN_OK (also when it was paused), PLUGIN_ENDED, PLUGIN_INVALID_STATE.
     * [thread: any, concurrent]
     */
    PluginStatus(PLUGIN_CALL *stream_pause)(PluginHost host, PluginStream stream, PluginError *error);

    /*
     * Resumes a stream. Returns PLUGIN_OK (also when it was active), PLUGIN_ENDED, PLUGIN_INVALID_STATE.
     * [thread: any, concurrent]
     */
    PluginStatus(PLUGIN_CALL *stream_resume)(PluginHost host, PluginStream stream, PluginError *error);

    /*
     * Ends a stream as cancelled. Returns PLUGIN_OK, PLUGIN_ENDED, PLUGIN_CANCELLED (it was already).
     * [thread: any, concurrent]
     */
    PluginStatus(PLUGIN_CALL *stream_cancel)(PluginHost host, PluginStream stream, PluginError *error);

    /*
     * The state of a stream, a PLUGIN_STREAM_… value; below zero a PluginStatus. The state of the last streams that
     * ended can still be asked for; of older ones the answer is PLUGIN_INVALID_HANDLE. [thread: any, concurrent]
     */
    int32_t(PLUGIN_CALL *stream_status)(PluginHost host, PluginStream stream);

    /*
     * Calls `receive` once for each stream of this instance that has not ended, oldest first. [thread: any, concurrent]
     */
    PluginStatus(PLUGIN_CALL *stream_list)(PluginHost host, PluginReceiveStream receive, void *userdata,
                                           PluginError *error);

    /*
     * Finds an extension of the host by "name/revision": a pointer to a table that begins with `struct_size` and stays
     * valid as long as the process lives, or NULL. [thread: any, concurrent]
     */
    const void *(PLUGIN_CALL *get_extension)(PluginHost host, PluginText name);
} HostCallbacks;

/*
 * What each entry is given: the way back to the host. Valid from initialize until destroy_plugin is called, at the same
 * address. A thread that may live longer keeps a copy; in that copy `callbacks` and `host` are good for ever,
 * `metadata` is not.
 */
typedef struct PluginInstanceContext {
    uint32_t struct_size;
    uint32_t reserved;
    const HostCallbacks *callbacks;
    PluginHost host;
    const PluginMetadataFFI *metadata;
} PluginInstanceContext;

/* ==== UI table =================================================================================================== */

/*
 * The settings UI is immediate: update_ui describes the whole panel anew, top to bottom, each time, and learns from
 * each widget what the person did with it since the last frame. The plugin owns the values; it passes the present one
 * and takes over the one that the response carries.
 *
 *     if (plugin_ui_button(ui, "Connect")) { … }
 *     plugin_ui_text_edit(ui, "Port", port, sizeof port);
 *
 * update_ui runs when the panel is opened, once for each thing that the person does, and after refresh_ui; like every
 * entry, on a thread of the host's choice. A person's action is seen by exactly one frame. What a response carries is
 * borrowed until the entry returns.
 *
 * A widget is known from frame to frame by its id: the hash of its parent's id and of its key. The key is kind, label
 * (of a text that is only read: kind alone) and the how-manieth with this key under this parent; it does not change
 * when other widgets appear or vanish. In a loop whose rows look alike, push_id() gives each row a name of its own.
 *
 * A text that is not UTF-8 or has a NUL byte is drawn as an inline error, and reported. So is what cannot be shown:
 * NULL where something is to be, an image that is none, a plot of more than 100000 points, a table of more than 1000000
 * cells. NULL as `response` means "not interested".
 */

/* Bits of PluginResponse.flags. */
enum {
    PLUGIN_RESPONSE_CLICKED = 1 << 0,    /* a button was pressed, a choice made, a question answered */
    PLUGIN_RESPONSE_CHANGED = 1 << 1,    /* the value differs from the one passed in */
    PLUGIN_RESPONSE_SUBMITTED = 1 << 2,  /* Enter in a text field */
    PLUGIN_RESPONSE_LOST_FOCUS = 1 << 3, /* the person went on to another widget */
    PLUGIN_RESPONSE_HOVERED = 1 << 4     /* the pointer is over it */
};

/* What the person did with one widget since the last frame. The plugin makes it and sets `struct_size`. */
typedef struct PluginResponse {
    uint32_t struct_size;
    uint32_t flags;  /* PLUGIN_RESPONSE_… bits; 0 where nothing happened */
    uint64_t id;     /* of the widget */
    int64_t integer; /* the value now: integer; checkbox, toggle and selectable_value as 0 or 1; confirm's answer */
    double number;   /* the value now: number and slider */
    PluginText text; /* the value now: what has a text or a key as its value; borrowed until the entry returns */
} PluginResponse;

/* Bits of the `flags` of widgets; unknown bits are ignored. */
enum {
    PLUGIN_WIDGET_DISABLED = 1 << 0,  /* shown, but cannot be operated */
    PLUGIN_WIDGET_PASSWORD = 1 << 1,  /* what is typed is not shown, and not logged */
    PLUGIN_WIDGET_OPEN = 1 << 2,      /* begin_collapsing: open the first time it is drawn */
    PLUGIN_WIDGET_FOLDER = 1 << 3,    /* file_pick: a folder is picked, not a file */
    PLUGIN_WIDGET_HIDE_LABEL = 1 << 4 /* the label is not shown; it is for the id, and for who cannot see */
};

/* One choice of radio, combo_box, multi_select and begin_tabs: what the plugin works with, what a person reads. */
typedef struct PluginChoice {
    PluginText value;
    PluginText label;
} PluginChoice;

/* What a table shows. The plugin makes it and sets `struct_size`. */
typedef struct PluginTable {
    uint32_t struct_size;
    uint32_t column_count;
    uint32_t row_count;
    uint32_t reserved;
    const PluginText *columns; /* `column_count` headlines */
    const PluginText *cells;   /* `row_count` times `column_count` texts, row by row; NULL where there is no row */
    const PluginText *keys;    /* one for each row, by which a row is chosen; NULL: rows cannot be chosen */
} PluginTable;

/* How a series of a plot is drawn. */
enum { PLUGIN_SERIES_LINE = 0, PLUGIN_SERIES_POINTS = 1, PLUGIN_SERIES_BARS = 2 };

/* One series of a plot. A value that is not finite is a gap. */
typedef struct PluginSeries {
    PluginText name;
    const double *x; /* `count` values; NULL means 0, 1, 2 and so on */
    const double *y; /* `count` values */
    uint64_t count;
    uint32_t style; /* PLUGIN_SERIES_… */
    uint32_t reserved;
} PluginSeries;

/* Bits of PluginUi.flags. */
enum {
    PLUGIN_UI_DARK = 1 << 0 /* the front end shows a dark theme */
};

/* One frame being drawn. The host makes it; valid until the entry that was given it returns, on that thread alone. */
typedef struct PluginUi {
    uint32_t struct_size;
    uint32_t flags; /* PLUGIN_UI_… */
    const struct PluginUiTable *table;
    uint64_t frame_count; /* frames of this instance so far */
    double time;          /* seconds since the instance was initialized */
} PluginUi;

/* The widgets. `ui` is the frame that the entry was given. */
typedef struct PluginUiTable {
    uint32_t struct_size;
    uint32_t abi_version;

    /*
     * Text to read. `text` of markdown is CommonMark without HTML; error draws attention to what is wrong.
     * [thread: entry, serial]
     */
    void(PLUGIN_CALL *heading)(PluginUi *ui, PluginText text);
    void(PLUGIN_CALL *label)(PluginUi *ui, PluginText text);
    void(PLUGIN_CALL *markdown)(PluginUi *ui, PluginText text);
    void(PLUGIN_CALL *error)(PluginUi *ui, PluginText text);

    /*
     * A line; a gap of `points`, 1/72 inch; work of unknown length; work that is done to `fraction`, 0 to 1.
     * [thread: entry, serial]
     */
    void(PLUGIN_CALL *separator)(PluginUi *ui);
    void(PLUGIN_CALL *space)(PluginUi *ui, double points);
    void(PLUGIN_CALL *spinner)(PluginUi *ui, PluginText label);
    void(PLUGIN_CALL *progress)(PluginUi *ui, PluginText label, double fraction);

    /* Something to press. [thread: entry, serial] */
    void(PLUGIN_CALL *button)(PluginUi *ui, PluginText label, uint32_t flags, PluginResponse *response);

    /* One line of text, and several; `hint` stands in the empty field. [thread: entry, serial] */
    void(PLUGIN_CALL *text_edit_singleline)(PluginUi *ui, PluginText label, PluginText value, PluginText hint,
                                            uint32_t flags, PluginResponse *response);
    void(PLUGIN_CALL *text_edit_multiline)(PluginUi *ui, PluginText label, PluginText value, PluginText hint,
                                           uint32_t flags, PluginResponse *response);

    /*
     * A number to type: whole, or not; and one to drag. What the person enters is held between `minimum` and `maximum`;
     * `step` is the smallest change offered, 0 for any. [thread: entry, serial]
     */
    void(PLUGIN_CALL *integer)(PluginUi *ui, PluginText label, int64_t value, int64_t minimum, int64_t maximum,
                               uint32_t flags, PluginResponse *response);
    void(PLUGIN_CALL *number)(PluginUi *ui, PluginText label, double value, double minimum, double maximum, double step,
                              uint32_t flags, PluginResponse *response);
    void(PLUGIN_CALL *slider)(PluginUi *ui, PluginText label, double value, double minimum, double maximum, double step,
                              uint32_t flags, PluginResponse *response);

    /* On or off: a box, a switch, and an entry in a list. `value` is 1 or 0. [thread: entry, serial] */
    void(PLUGIN_CALL *checkbox)(PluginUi *ui, PluginText label, int32_t value, uint32_t flags,
                                PluginResponse *response);
    void(PLUGIN_CALL *toggle)(PluginUi *ui, PluginText label, int32_t value, uint32_t flags, PluginResponse *response);
    void(PLUGIN_CALL *selectable_value)(PluginUi *ui, PluginText label, int32_t value, uint32_t flags,
                                        PluginResponse *response);

    /*
     * One of `count` choices: all in sight, or in a list that opens. `value` is that of the present choice; empty, or
     * not among the choices: none is chosen, and combo_box shows `placeholder`. The response carries the value, never
     * an index. [thread: entry, serial]
     */
    void(PLUGIN_CALL *radio)(PluginUi *ui, PluginText label, PluginText value, const PluginChoice *choices,
                             uint32_t count, uint32_t flags, PluginResponse *response);
    void(PLUGIN_CALL *combo_box)(PluginUi *ui, PluginText label, PluginText value, PluginText placeholder,
                                 const PluginChoice *choices, uint32_t count, uint32_t flags, PluginResponse *response);

    /* An explanation for the widget drawn last. [thread: entry, serial] */
    void(PLUGIN_CALL *tooltip)(PluginUi *ui, PluginText text);

    /*
     * Containers: what is drawn until the matching end() stands side by side, one below the other, in `columns`
     * columns, or under a headline that folds. What is not ended when the entry returns is ended then, and reported.
     * [thread: entry, serial]
     */
    void(PLUGIN_CALL *begin_horizontal)(PluginUi *ui);
    void(PLUGIN_CALL *begin_vertical)(PluginUi *ui);
    void(PLUGIN_CALL *begin_grid)(PluginUi *ui, PluginText label, uint32_t columns);
    void(PLUGIN_CALL *begin_collapsing)(PluginUi *ui, PluginText label, uint32_t flags);
    void(PLUGIN_CALL *end)(PluginUi *ui);

    /*
     * Puts a name of the plugin's own into the ids of all that is drawn until the matching pop_id().
     * [thread: entry, serial]
     */
    void(PLUGIN_CALL *push_id)(PluginUi *ui, PluginText key);
    void(PLUGIN_CALL *pop_id)(PluginUi *ui);

    /*
     * More to read: code in a `language` ("c", "rust"; empty where none is meant); a log, of which about `rows` lines
     * are in sight (0: as the front end likes), the last ones to begin with, and in which damaged bytes are shown as
     * U+FFFD; a link to a `url` that begins with "https://", "http://" or "mailto:", and otherwise is an inline error.
     * [thread: entry, serial]
     */
    void(PLUGIN_CALL *code)(PluginUi *ui, PluginText text, PluginText language);
    void(PLUGIN_CALL *log_view)(PluginUi *ui, PluginText label, PluginText text, uint32_t rows);
    void(PLUGIN_CALL *link)(PluginUi *ui, PluginText text, PluginText url);

    /*
     * A picture: `length` bytes of a file whose `media_type` begins with "image/". `label` is for who cannot see it;
     * `width` is in points, 0 for the picture's own. [thread: entry, serial]
     */
    void(PLUGIN_CALL *image)(PluginUi *ui, PluginText label, PluginText media_type, const void *data, uint64_t length,
                             double width);

    /* `count` series over common axes. [thread: entry, serial] */
    void(PLUGIN_CALL *plot)(PluginUi *ui, PluginText label, const PluginSeries *series, uint32_t count);

    /*
     * Rows and columns of text. Where the rows have keys, one can be chosen: `value` is the key of the present one, as
     * with combo_box. [thread: entry, serial]
     */
    void(PLUGIN_CALL *table)(PluginUi *ui, PluginText label, const PluginTable *table, PluginText value, uint32_t flags,
                             PluginResponse *response);

    /*
     * Any of `count` choices. `selected` has a number for each, 1 where it is chosen and 0 where not; where the
     * response says CHANGED, the host has written the new ones there; without a response it writes nothing.
     * [thread: entry, serial]
     */
    void(PLUGIN_CALL *multi_select)(PluginUi *ui, PluginText label, const PluginChoice *choices, int32_t *selected,
                                    uint32_t count, uint32_t flags, PluginResponse *response);

    /*
     * A colour, as "#rrggbb"; empty where there is none. What is neither is shown as none, and reported.
     * [thread: entry, serial]
     */
    void(PLUGIN_CALL *color)(PluginUi *ui, PluginText label, PluginText value, uint32_t flags,
                             PluginResponse *response);

    /*
     * A day, as "2006-01-31"; empty where there is none. What is neither is shown as none, and reported. What the
     * person enters is a day that there is, between `minimum` and `maximum` where these are not empty, or none.
     * [thread: entry, serial]
     */
    void(PLUGIN_CALL *date)(PluginUi *ui, PluginText label, PluginText value, PluginText minimum, PluginText maximum,
                            uint32_t flags, PluginResponse *response);

    /*
     * A file of the host's machine, by its path; empty where there is none. `filter` names the endings that are
     * offered, such as ".png,.jpg"; empty means all. [thread: entry, serial]
     */
    void(PLUGIN_CALL *file_pick)(PluginUi *ui, PluginText label, PluginText value, PluginText filter, uint32_t flags,
                                 PluginResponse *response);

    /*
     * A container of which one page is in sight: `choices` are its tabs, `value` the present one. The plugin draws that
     * page alone, after it has looked at the response, and then calls end(). Widgets that look alike on two pages have
     * different ids. [thread: entry, serial]
     */
    void(PLUGIN_CALL *begin_tabs)(PluginUi *ui, PluginText label, PluginText value, const PluginChoice *choices,
                                  uint32_t count, uint32_t flags, PluginResponse *response);

    /*
     * A question in front of all else, as long as the plugin draws it; `accept` and `dismiss` are the words on its
     * buttons, the front end's own where they are empty. The response is CLICKED once the person has answered, with 1
     * or 0 as its `integer`. [thread: entry, serial]
     */
    void(PLUGIN_CALL *confirm)(PluginUi *ui, PluginText title, PluginText text, PluginText accept, PluginText dismiss,
                               PluginResponse *response);

    /*
     * A word that appears for a moment, wherever the person looks; `kind` is a PLUGIN_MESSAGE_… value. Each call shows
     * it once. At most 32 in a frame, of 4096 bytes each; others are left out, and reported. [thread: entry, serial]
     */
    void(PLUGIN_CALL *toast)(PluginUi *ui, uint32_t kind, PluginText text);
} PluginUiTable;

/* ==== Plugin table =============================================================================================== */

/* Bits of PluginInterface.features. */

/* handle_message never blocks and takes microseconds. The host watches, and else withdraws what it does for speed. */
#define PLUGIN_FEATURE_SHORT_CALLS 0x1

/*
 * Takes `length` bytes; may be called several times, and they are joined. Returns PLUGIN_OK or why it could not.
 * [thread: caller, serial]
 */
typedef PluginStatus(PLUGIN_CALL *PluginWriteBytes)(void *userdata, const void *data, uint64_t length);

/*
 * What the plugin offers: one table for each instance, made by create_plugin, owned by the plugin, valid until
 * destroy_plugin. The host reads it when create_plugin has returned, so entries cannot be exchanged later.
 *
 * `destroy` is required. Every other entry may be NULL, or lie beyond `struct_size`; then the host does what its
 * comment says. The first argument of each entry is `plugin_ptr`, whatever that is. An entry that fails returns a
 * status below zero and says why in `error`. All entries: [thread: host, serial].
 */
typedef struct PluginInterface {
    uint32_t struct_size;
    uint32_t abi_version; /* PLUGIN_ABI_VERSION; checked before anything of the table is used */
    uint64_t features;    /* PLUGIN_FEATURE_… bits; unknown ones are ignored */
    void *plugin_ptr;     /* the plugin's own; the host only hands it back; may be NULL */

    /*
     * Releases what `plugin_ptr` owns. Called by the plugin's destroy_plugin, or by the host where that is not
     * exported. Required. [thread: host, serial]
     */
    void(PLUGIN_CALL *destroy)(void *plugin_ptr);

    /*
     * Says what this plugin is. The texts are the plugin's and stay valid until it is destroyed; `metadata` comes
     * zeroed, with `struct_size` set. An id or a version that is given must be that of config.toml.
     * Absent: config.toml alone counts. [thread: host, serial]
     */
    PluginStatus(PLUGIN_CALL *get_metadata)(void *plugin_ptr, PluginMetadataFFI *metadata, PluginError *error);

    /* First call with a context; what can fail at the start belongs here. Absent: succeeds. [thread: host, serial] */
    PluginStatus(PLUGIN_CALL *initialize)(void *plugin_ptr, const PluginInstanceContext *context, PluginError *error);

    /* Called once, before the first update_ui; what it draws is thrown away. Absent: nothing is done.
     * [thread: host, serial] */
    PluginStatus(PLUGIN_CALL *init_ui)(void *plugin_ptr, const PluginInstanceContext *context, PluginUi *ui,
                                       PluginError *error);

    /*
     * Draws the settings. Absent: the host draws a form from the [config.<key>] of the manifest. [thread: host, serial]
     */
    PluginStatus(PLUGIN_CALL *update_ui)(void *plugin_ptr, const PluginInstanceContext *context, PluginUi *ui,
                                         PluginError *error);

    /* The instance appears among the person's contacts, and goes. Absent: succeeds. [thread: host, serial] */
    PluginStatus(PLUGIN_CALL *on_mount)(void *plugin_ptr, const PluginInstanceContext *context, PluginError *error);
    PluginStatus(PLUGIN_CALL *on_dispose)(void *plugin_ptr, const PluginInstanceContext *context, PluginError *error);

    /* The person connects and disconnects: open and close the port, the socket, the model. Absent: succeeds.
     * [thread: host, serial] */
    PluginStatus(PLUGIN_CALL *on_connect)(void *plugin_ptr, const PluginInstanceContext *context, PluginError *error);
    PluginStatus(PLUGIN_CALL *on_disconnect)(void *plugin_ptr, const PluginInstanceContext *context,
                                             PluginError *error);

    /*
     * A message for the plugin. Either answer it with request_reply (or request_fail) and return PLUGIN_OK; or return
     * PLUGIN_PENDING, keep `request`, and answer later from any thread; or return a status below zero, and the request
     * has failed. PLUGIN_OK without an answer ends the request with PLUGIN_NO_REPLY. A request ends exactly once:
     * replied, failed, cancelled or past its deadline; what comes later has no effect. Absent: "Echo from <name>:
     * <message>". [thread: host, serial]
     */
    PluginStatus(PLUGIN_CALL *handle_message)(void *plugin_ptr, const PluginInstanceContext *context,
                                              PluginRequest request, PluginText message, PluginError *error);

    /*
     * The answer is no longer wanted. Exactly one of `request` and `stream` is not PLUGIN_NONE; it has already ended:
     * the person cancelled it, or the request is past its deadline. As an entry it waits for the running one, so a
     * handle_message that takes long polls request_status. Absent: nothing is done. [thread: host, serial]
     */
    void(PLUGIN_CALL *on_cancel)(void *plugin_ptr, const PluginInstanceContext *context, PluginRequest request,
                                 PluginStream stream);

    /*
     * The conversation, oldest first, without the message that handle_message brings next; called in the same turn as
     * that, and only where config.toml says `require_history`. Borrowed until it returns. Absent: not called.
     * [thread: host, serial]
     */
    PluginStatus(PLUGIN_CALL *set_history)(void *plugin_ptr, const PluginInstanceContext *context,
                                           const PluginHistoryMessage *const *messages, uint64_t count,
                                           PluginError *error);

    /*
     * Keeps what the plugin wants to find again: save_state writes it, load_state gets the same bytes in the next life
     * of the instance. `data` is not NUL-terminated. A state that load_state does not understand is no reason to fail:
     * ignore it. Absent: nothing is kept. [thread: host, serial]
     */
    PluginStatus(PLUGIN_CALL *save_state)(void *plugin_ptr, const PluginInstanceContext *context,
                                          PluginWriteBytes write, void *userdata, PluginError *error);
    PluginStatus(PLUGIN_CALL *load_state)(void *plugin_ptr, const PluginInstanceContext *context, const void *data,
                                          uint64_t length, PluginError *error);

    /*
     * Finds an extension of the plugin by "name/revision": a table that begins with `struct_size` and is valid until
     * destroy_plugin, or NULL. Absent: there are none. [thread: host, serial]
     */
    const void *(PLUGIN_CALL *get_extension)(void *plugin_ptr, PluginText name);
} PluginInterface;

/* ==== Entry symbols ============================================================================================== */

/*
 * The two symbols of a library. create_plugin only makes the table (NULL: no memory); what can fail for other reasons
 * belongs in initialize, which can say why. destroy_plugin calls the table's `destroy` and frees the table. It may be
 * missing.
 */
#define PLUGIN_CREATE_SYMBOL  "create_plugin"
#define PLUGIN_DESTROY_SYMBOL "destroy_plugin"

typedef PluginInterface *(PLUGIN_CALL *CreatePluginFn)(void);       /* [thread: host, concurrent] */
typedef void(PLUGIN_CALL *DestroyPluginFn)(PluginInterface *table); /* [thread: host, serial] */

/* ==== Convenience ================================================================================================ */

/*
 * Everything below is written with the tables above, and is compiled into the plugin. Nothing here is part of the ABI.
 * These helpers take C strings where the tables take PluginText.
 */
#ifndef PLUGIN_CDEF

/* Whether `record`, made by the other side, is long enough to have `field`, and for a slot, whether it is filled in. */
#define PLUGIN_HAS(record, Type, field)                                                                                \
    ((record)->struct_size >= (uint32_t)(offsetof(Type, field) + sizeof((record)->field)))
#define PLUGIN_HAS_SLOT(table, Type, slot) (PLUGIN_HAS(table, Type, slot) && (table)->slot)

/* A C string as a text; NULL as the empty one. */
static inline PluginText plugin_text(const char *string) {
    PluginText text;
    text.data = string ? string : "";
    text.length = string ? (uint64_t)strlen(string) : 0;
    return text;
}

/* `length` bytes as a text. */
static inline PluginText plugin_text_of(const char *data, uint64_t length) {
    PluginText text;
    text.data = data;
    text.length = length;
    return text;
}

/* Whether a text of known length is the same as a C string. */
static inline int plugin_text_equals(PluginText text, const char *string) {
    size_t length = strlen(string);
    return text.length == length && (length == 0 || memcmp(text.data, string, length) == 0);
}

/*
 * Copies a text into a buffer and ends it with a NUL, cutting between two characters where it must. Returns the bytes
 * copied, without the NUL.
 */
static inline uint64_t plugin_text_copy(PluginText text, char *buffer, uint64_t capacity) {
    uint64_t length = text.length;
    if (capacity == 0) return 0;
    if (length >= capacity) {
        length = capacity - 1;
        while (length > 0 && ((unsigned char)text.data[length] & 0xC0u) == 0x80u) length--;
    }
    if (length > 0) memcpy(buffer, text.data, (size_t)length);
    buffer[length] = '\0';
    return length;
}

/* Says why a call failed, and returns `status`: `return plugin_fail(error, PLUGIN_ERROR, "cannot open %s", path);` */
PLUGIN_PRINTF(3, 4)
static inline PluginStatus plugin_fail(PluginError *error, PluginStatus status, const char *format, ...) {
    char text[512];
    uint64_t written;
    va_list arguments;
    if (!error) return status;
    error->status = status;
    va_start(arguments, format);
    written = vsnprintf(text, sizeof text, format, arguments) < 0 ? 0 : (uint64_t)strlen(text);
    va_end(arguments);
    if (written > error->capacity) {
        written = error->capacity;
        while (written > 0 && ((unsigned char)text[written] & 0xC0u) == 0x80u) written--;
    }
    if (written > 0) memcpy(error->text, text, (size_t)written);
    error->length = written;
    return status;
}

/* ---- replies and messages ---- */

static inline PluginStatus plugin_reply_text(const PluginInstanceContext *context, PluginRequest request,
                                             PluginText text) {
    return context->callbacks->request_reply(context->host, request, text, NULL);
}

static inline PluginStatus plugin_reply(const PluginInstanceContext *context, PluginRequest request, const char *text) {
    return plugin_reply_text(context, request, plugin_text(text));
}

/* Replies with a formatted text of any length. */
PLUGIN_PRINTF(3, 4)
static inline PluginStatus plugin_replyf(const PluginInstanceContext *context, PluginRequest request,
                                         const char *format, ...) {
    PluginStatus status = PLUGIN_ERROR;
    char *text = NULL;
    int length;
    va_list arguments;
    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) return status;
    text = (char *)malloc((size_t)length + 1);
    if (!text) return PLUGIN_OUT_OF_MEMORY;
    va_start(arguments, format);
    if (vsnprintf(text, (size_t)length + 1, format, arguments) == length)
        status = plugin_reply_text(context, request, plugin_text_of(text, (uint64_t)length));
    va_end(arguments);
    free(text);
    return status;
}

/* 1 once the work on a request is no longer wanted, for whatever reason. */
static inline int plugin_is_over(const PluginInstanceContext *context, PluginRequest request) {
    return context->callbacks->request_status(context->host, request) != PLUGIN_OK;
}

/* Adds a message to the conversation; `kind` is a PLUGIN_MESSAGE_… value. */
static inline PluginStatus plugin_send_message(const PluginInstanceContext *context, uint32_t kind, const char *text) {
    return context->callbacks->send_message(context->host, kind, plugin_text(text), 0, NULL);
}

static inline PluginStatus plugin_refresh_ui(const PluginInstanceContext *context) {
    return context->callbacks->refresh_ui(context->host, NULL);
}

/* ---- logging ---- */

PLUGIN_PRINTF(5, 6)
static inline void plugin_log_at(const PluginInstanceContext *context, uint32_t level, const char *file, uint32_t line,
                                 const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(text, sizeof text, format, arguments) >= 0)
        context->callbacks->log(context->host, level, plugin_text(file), line, plugin_text(text));
    va_end(arguments);
}

/*
 * plugin_log_info(context, "opened %s", path): the format and its arguments as for printf; a line has up to 1023 bytes.
 */
#define plugin_log_trace(context, ...) plugin_log_at(context, PLUGIN_LOG_TRACE, __FILE__, __LINE__, __VA_ARGS__)
#define plugin_log_debug(context, ...) plugin_log_at(context, PLUGIN_LOG_DEBUG, __FILE__, __LINE__, __VA_ARGS__)
#define plugin_log_info(context, ...)  plugin_log_at(context, PLUGIN_LOG_INFO, __FILE__, __LINE__, __VA_ARGS__)
#define plugin_log_warn(context, ...)  plugin_log_at(context, PLUGIN_LOG_WARN, __FILE__, __LINE__, __VA_ARGS__)
#define plugin_log_error(context, ...) plugin_log_at(context, PLUGIN_LOG_ERROR, __FILE__, __LINE__, __VA_ARGS__)

/* ---- settings ---- */

typedef struct PluginBuffer {
    char *data;
    uint64_t capacity;
} PluginBuffer;

static inline void PLUGIN_CALL plugin_receive_in_buffer(void *userdata, PluginText text) {
    const PluginBuffer *buffer = (const PluginBuffer *)userdata;
    plugin_text_copy(text, buffer->data, buffer->capacity);
}

/* Copies a setting into `buffer`, which keeps what it has where there is no such setting. */
static inline PluginStatus plugin_get_config(const PluginInstanceContext *context, const char *key, char *buffer,
                                             uint64_t capacity) {
    PluginBuffer target;
    target.data = buffer;
    target.capacity = capacity;
    return context->callbacks->get_app_config(context->host, plugin_text(key), plugin_receive_in_buffer, &target, NULL);
}

static inline PluginStatus plugin_set_config(const PluginInstanceContext *context, const char *key, const char *value) {
    return context->callbacks->set_app_config(context->host, plugin_text(key), plugin_text(value), NULL);
}

/* ---- streams ---- */

static inline PluginStatus plugin_stream_start(const PluginInstanceContext *context, PluginRequest request,
                                               PluginStream *stream) {
    return context->callbacks->stream_start(context->host, request, PLUGIN_MESSAGE_NORMAL, stream, NULL);
}

/* Sends a chunk and waits while the stream is paused or the queue is full. */
static inline PluginStatus plugin_stream_data(const PluginInstanceContext *context, PluginStream stream,
                                              const char *chunk) {
    return context->callbacks->stream_data(context->host, stream, plugin_text(chunk), 0, PLUGIN_WAIT_FOREVER, NULL);
}

/* Ends a stream: well where `reason` is NULL, as failed otherwise. */
static inline PluginStatus plugin_stream_end(const PluginInstanceContext *context, PluginStream stream,
                                             const char *reason) {
    return context->callbacks->stream_end(context->host, stream, reason == NULL, plugin_text(reason), NULL);
}

/* ---- widgets: each returns the PLUGIN_RESPONSE_… bits, so that `if (plugin_ui_button(ui, "Save"))` reads well ---- */

/* Each field by itself: cleared as a whole and then written to, it takes as long as the widget. */
static inline PluginResponse plugin_response(void) {
    const PluginResponse response = {(uint32_t)sizeof(PluginResponse), 0, 0, 0, 0, {NULL, 0}};
    return response;
}

static inline void plugin_ui_heading(PluginUi *ui, const char *text) { ui->table->heading(ui, plugin_text(text)); }
static inline void plugin_ui_label(PluginUi *ui, const char *text) { ui->table->label(ui, plugin_text(text)); }
static inline void plugin_ui_markdown(PluginUi *ui, const char *text) { ui->table->markdown(ui, plugin_text(text)); }
static inline void plugin_ui_error(PluginUi *ui, const char *text) { ui->table->error(ui, plugin_text(text)); }
static inline void plugin_ui_separator(PluginUi *ui) { ui->table->separator(ui); }
static inline void plugin_ui_space(PluginUi *ui, double points) { ui->table->space(ui, points); }
static inline void plugin_ui_spinner(PluginUi *ui, const char *label) { ui->table->spinner(ui, plugin_text(label)); }
static inline void plugin_ui_progress(PluginUi *ui, const char *label, double fraction) {
    ui->table->progress(ui, plugin_text(label), fraction);
}
static inline void plugin_ui_tooltip(PluginUi *ui, const char *text) { ui->table->tooltip(ui, plugin_text(text)); }
static inline void plugin_ui_begin_horizontal(PluginUi *ui) { ui->table->begin_horizontal(ui); }
static inline void plugin_ui_begin_vertical(PluginUi *ui) { ui->table->begin_vertical(ui); }
static inline void plugin_ui_begin_grid(PluginUi *ui, const char *label, uint32_t columns) {
    ui->table->begin_grid(ui, plugin_text(label), columns);
}
static inline void plugin_ui_begin_collapsing(PluginUi *ui, const char *label, uint32_t flags) {
    ui->table->begin_collapsing(ui, plugin_text(label), flags);
}
static inline void plugin_ui_end(PluginUi *ui) { ui->table->end(ui); }
static inline void plugin_ui_push_id(PluginUi *ui, const char *key) { ui->table->push_id(ui, plugin_text(key)); }
static inline void plugin_ui_pop_id(PluginUi *ui) { ui->table->pop_id(ui); }

static inline uint32_t plugin_ui_button(PluginUi *ui, const char *label) {
    PluginResponse response = plugin_response();
    ui->table->button(ui, plugin_text(label), 0, &response);
    return response.flags;
}

/* Edits the NUL-terminated text in `value`. */
static inline uint32_t plugin_ui_text_edit(PluginUi *ui, const char *label, char *value, uint64_t capacity) {
    PluginResponse response = plugin_response();
    ui->table->text_edit_singleline(ui, plugin_text(label), plugin_text(value), plugin_text(""), 0, &response);
    if (response.flags & PLUGIN_RESPONSE_CHANGED) plugin_text_copy(response.text, value, capacity);
    return response.flags;
}

static inline uint32_t plugin_ui_password(PluginUi *ui, const char *label, char *value, uint64_t capacity) {
    PluginResponse response = plugin_response();
    ui->table->text_edit_singleline(ui, plugin_text(label), plugin_text(value), plugin_text(""), PLUGIN_WIDGET_PASSWORD,
                                    &response);
    if (response.flags & PLUGIN_RESPONSE_CHANGED) plugin_text_copy(response.text, value, capacity);
    return response.flags;
}

static inline uint32_t plugin_ui_text_area(PluginUi *ui, const char *label, char *value, uint64_t capacity) {
    PluginResponse response = plugin_response();
    ui->table->text_edit_multiline(ui, plugin_text(label), plugin_text(value), plugin_text(""), 0, &response);
    if (response.flags & PLUGIN_RESPONSE_CHANGED) plugin_text_copy(response.text, value, capacity);
    return response.flags;
}

static inline uint32_t plugin_ui_integer(PluginUi *ui, const char *label, int64_t *value, int64_t minimum,
                                         int64_t maximum) {
    PluginResponse response = plugin_response();
    ui->table->integer(ui, plugin_text(label), *value, minimum, maximum, 0, &response);
    if (response.flags & PLUGIN_RESPONSE_CHANGED) *value = response.integer;
    return response.flags;
}

static inline uint32_t plugin_ui_number(PluginUi *ui, const char *label, double *value, double minimum,
                                        double maximum) {
    PluginResponse response = plugin_response();
    ui->table->number(ui, plugin_text(label), *value, minimum, maximum, 0, 0, &response);
    if (response.flags & PLUGIN_RESPONSE_CHANGED) *value = response.number;
    return response.flags;
}

static inline uint32_t plugin_ui_slider(PluginUi *ui, const char *label, double *value, double minimum,
                                        double maximum) {
    PluginResponse response = plugin_response();
    ui->table->slider(ui, plugin_text(label), *value, minimum, maximum, 0, 0, &response);
    if (response.flags & PLUGIN_RESPONSE_CHANGED) *value = response.number;
    return response.flags;
}

static inline uint32_t plugin_ui_checkbox(PluginUi *ui, const char *label, int32_t *value) {
    PluginResponse response = plugin_response();
    ui->table->checkbox(ui, plugin_text(label), *value, 0, &response);
    if (response.flags & PLUGIN_RESPONSE_CHANGED) *value = (int32_t)response.integer;
    return response.flags;
}

static inline uint32_t plugin_ui_toggle(PluginUi *ui, const char *label, int32_t *value) {
    PluginResponse response = plugin_response();
    ui->table->toggle(ui, plugin_text(label), *value, 0, &response);
    if (response.flags & PLUGIN_RESPONSE_CHANGED) *value = (int32_t)response.integer;
    return response.flags;
}

static inline uint32_t plugin_ui_selectable_value(PluginUi *ui, const char *label, int32_t *value) {
    PluginResponse response = plugin_response();
    ui->table->selectable_value(ui, plugin_text(label), *value, 0, &response);
    if (response.flags & PLUGIN_RESPONSE_CHANGED) *value = (int32_t)response.integer;
    return response.flags;
}

/* One choice, from C strings. */
static inline PluginChoice plugin_choice(const char *value, const char *label) {
    PluginChoice choice;
    choice.value = plugin_text(value);
    choice.label = plugin_text(label);
    return choice;
}

static inline uint32_t plugin_ui_radio(PluginUi *ui, const char *label, char *value, uint64_t capacity,
                                       const PluginChoice *choices, uint32_t count) {
    PluginResponse response = plugin_response();
    ui->table->radio(ui, plugin_text(label), plugin_text(value), choices, count, 0, &response);
    if (response.flags & PLUGIN_RESPONSE_CHANGED) plugin_text_copy(response.text, value, capacity);
    return response.flags;
}

static inline uint32_t plugin_ui_combo_box(PluginUi *ui, const char *label, char *value, uint64_t capacity,
                                           const char *placeholder, const PluginChoice *choices, uint32_t count) {
    PluginResponse response = plugin_response();
    ui->table->combo_box(ui, plugin_text(label), plugin_text(value), plugin_text(placeholder), choices, count, 0,
                         &response);
    if (response.flags & PLUGIN_RESPONSE_CHANGED) plugin_text_copy(response.text, value, capacity);
    return response.flags;
}

static inline void plugin_ui_code(PluginUi *ui, const char *text, const char *language) {
    ui->table->code(ui, plugin_text(text), plugin_text(language));
}
static inline void plugin_ui_log_view(PluginUi *ui, const char *label, const char *text, uint32_t rows) {
    ui->table->log_view(ui, plugin_text(label), plugin_text(text), rows);
}
static inline void plugin_ui_link(PluginUi *ui, const char *text, const char *url) {
    ui->table->link(ui, plugin_text(text), plugin_text(url));
}
static inline void plugin_ui_plot(PluginUi *ui, const char *label, const PluginSeries *series, uint32_t count) {
    ui->table->plot(ui, plugin_text(label), series, count);
}
static inline void plugin_ui_toast(PluginUi *ui, uint32_t kind, const char *text) {
    ui->table->toast(ui, kind, plugin_text(text));
}

/* One series of `count` values over 0, 1, 2 and so on. */
static inline PluginSeries plugin_series(const char *name, const double *y, uint64_t count) {
    PluginSeries series;
    memset(&series, 0, sizeof series);
    series.name = plugin_text(name);
    series.y = y;
    series.count = count;
    return series;
}

/* Rows that cannot be chosen. `cells` has `row_count` times `column_count` texts. */
static inline void plugin_ui_table(PluginUi *ui, const char *label, const PluginText *columns, uint32_t column_count,
                                   const PluginText *cells, uint32_t row_count) {
    PluginTable table;
    memset(&table, 0, sizeof table);
    table.struct_size = (uint32_t)sizeof table;
    table.column_count = column_count;
    table.row_count = row_count;
    table.columns = columns;
    table.cells = cells;
    ui->table->table(ui, plugin_text(label), &table, plugin_text(""), 0, NULL);
}

static inline uint32_t plugin_ui_multi_select(PluginUi *ui, const char *label, const PluginChoice *choices,
                                              int32_t *selected, uint32_t count) {
    PluginResponse response = plugin_response();
    ui->table->multi_select(ui, plugin_text(label), choices, selected, count, 0, &response);
    return response.flags;
}

static inline uint32_t plugin_ui_color(PluginUi *ui, const char *label, char *value, uint64_t capacity) {
    PluginResponse response = plugin_response();
    ui->table->color(ui, plugin_text(label), plugin_text(value), 0, &response);
    if (response.flags & PLUGIN_RESPONSE_CHANGED) plugin_text_copy(response.text, value, capacity);
    return response.flags;
}

static inline uint32_t plugin_ui_date(PluginUi *ui, const char *label, char *value, uint64_t capacity) {
    PluginResponse response = plugin_response();
    ui->table->date(ui, plugin_text(label), plugin_text(value), plugin_text(""), plugin_text(""), 0, &response);
    if (response.flags & PLUGIN_RESPONSE_CHANGED) plugin_text_copy(response.text, value, capacity);
    return response.flags;
}

static inline uint32_t plugin_ui_file_pick(PluginUi *ui, const char *label, char *value, uint64_t capacity,
                                           const char *filter) {
    PluginResponse response = plugin_response();
    ui->table->file_pick(ui, plugin_text(label), plugin_text(value), plugin_text(filter), 0, &response);
    if (response.flags & PLUGIN_RESPONSE_CHANGED) plugin_text_copy(response.text, value, capacity);
    return response.flags;
}

static inline uint32_t plugin_ui_begin_tabs(PluginUi *ui, const char *label, char *value, uint64_t capacity,
                                            const PluginChoice *choices, uint32_t count) {
    PluginResponse response = plugin_response();
    ui->table->begin_tabs(ui, plugin_text(label), plugin_text(value), choices, count, 0, &response);
    if (response.flags & PLUGIN_RESPONSE_CHANGED) plugin_text_copy(response.text, value, capacity);
    return response.flags;
}

/* 1 once the person has accepted, 0 once it was dismissed, -1 as long as there is no answer. */
static inline int plugin_ui_confirm(PluginUi *ui, const char *title, const char *text, const char *accept,
                                    const char *dismiss) {
    PluginResponse response = plugin_response();
    ui->table->confirm(ui, plugin_text(title), plugin_text(text), plugin_text(accept), plugin_text(dismiss), &response);
    return response.flags & PLUGIN_RESPONSE_CLICKED ? response.integer != 0 : -1;
}

/* ---- the two entry symbols ---- */

static inline void PLUGIN_CALL plugin_destroy_nothing(void *plugin_ptr) { (void)plugin_ptr; }

/* Makes a table with `state_size` bytes of zeroed state behind `plugin_ptr`, and lets `setup` fill in the entries. */
static inline PluginInterface *plugin_create(size_t state_size, void (*setup)(PluginInterface *table)) {
    PluginInterface *table = (PluginInterface *)calloc(1, sizeof *table);
    if (!table) return NULL;
    table->struct_size = (uint32_t)sizeof *table;
    table->abi_version = PLUGIN_ABI_VERSION;
    table->destroy = plugin_destroy_nothing;
    if (state_size > 0) {
        table->plugin_ptr = calloc(1, state_size);
        if (!table->plugin_ptr) {
            free(table);
            return NULL;
        }
    }
    setup(table);
    return table;
}

/* Lets `destroy` release what the state points to, then frees the state and the table. */
static inline void plugin_destroy(PluginInterface *table) {
    if (!table) return;
    table->destroy(table->plugin_ptr);
    free(table->plugin_ptr);
    free(table);
}

/*
 * Exports create_plugin and destroy_plugin: PLUGIN_DEFINE(sizeof(struct state), setup). Each instance has a zeroed
 * state of that size, which entries get as their first argument; 0 for none. `setup` fills in the entries; where the
 * state holds what must be released, it sets `destroy`, which releases that and leaves the state itself alone.
 */
#ifdef __cplusplus
#define PLUGIN_EXTERN_C extern "C"
#else
#define PLUGIN_EXTERN_C extern
#endif
#define PLUGIN_DEFINE(state_size, setup)                                                                               \
    PLUGIN_EXTERN_C PLUGIN_EXPORT PluginInterface *PLUGIN_CALL create_plugin(void);                                    \
    PLUGIN_EXTERN_C PLUGIN_EXPORT void PLUGIN_CALL destroy_plugin(PluginInterface *table);                             \
    PLUGIN_EXTERN_C PLUGIN_EXPORT PluginInterface *PLUGIN_CALL create_plugin(void) {                                   \
        return plugin_create(state_size, setup);                                                                       \
    }                                                                                                                  \
    PLUGIN_EXTERN_C PLUGIN_EXPORT void PLUGIN_CALL destroy_plugin(PluginInterface *table) { plugin_destroy(table); }

#endif /* PLUGIN_CDEF */

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PLUGIN_INTERFACE_H */
