/* SPDX-License-Identifier: Apache-2.0 */
/*
 * paths.c: what the core does for each message, event, chunk, call, frame and instance, again and again, so that
 * guard.py can count its instructions.
 *
 *     paths LIBRARY [PATH…]    runs these paths, or all; LIBRARY is the plugin that `load` loads
 *
 * Prints a line for each: name, how often it was counted, what one time is. Under callgrind each
 * path leaves a dump with its name. All runs on one thread, with the same texts each time.
 */
#include "core.h"

#include <inttypes.h>
#include <valgrind/callgrind.h>

/* Long enough that no machine is too slow, and not for ever: a deadline costs something. */
enum { HOUR_MS = 3600000 };

enum { WIDGETS = 1000, BURST = 64 };

/* Not counted: afterwards what is made once is there, and buffers have grown. */
enum { WARM_UP = 8 };

typedef struct Path {
    const char *name;
    uint32_t times;
    const char *what;
    void (*run)(void);
} Path;

static const Path *running;
static const char *library_file;
static char text_64[65];
static char text_4k[4097];

/* A path that fails would be a short one. */
static void must(int holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "paths: %s: %s\n", running->name, what);
    exit(1);
}

/*
 * What is counted is what lies between two dumps. guard.py leaves out what the functions of this file take themselves, so
 * `once` may look at what came of its calls.
 */
static void measure(void (*once)(void *), void *data) {
    for (uint32_t time = 0; time < WARM_UP; time++) once(data);
    CALLGRIND_DUMP_STATS_AT("before");
    for (uint32_t time = 0; time < running->times; time++) once(data);
    CALLGRIND_DUMP_STATS_AT(running->name);
}

static void count_event(void *userdata, const CoreEvent *event) {
    (void)event;
    (*(uint32_t *)userdata)++;
}

static uint32_t drain(Core *core) {
    uint32_t count = 0;
    while (core_drain(core, BURST, 0, count_event, &count) > 0) {
    }
    return count;
}

static void receive_length(void *userdata, PluginText text) { *(uint64_t *)userdata = text.length; }

/* ---- instances ---- */

static PluginMetadataFFI metadata_of(const char *id) {
    PluginMetadataFFI metadata;
    memset(&metadata, 0, sizeof metadata);
    metadata.struct_size = (uint32_t)sizeof metadata;
    metadata.id = metadata.name = metadata.instance_id = plugin_text(id);
    metadata.version = plugin_text("1.0.0");
    return metadata;
}

static PluginHost connect(Core *core, const char *id, void (*setup)(PluginInterface *table)) {
    const PluginMetadataFFI metadata = metadata_of(id);
    PluginHost host = PLUGIN_NONE;
    must(core_instance_from_table(core, plugin_create(0, setup), plugin_destroy, &metadata, &host, NULL) == PLUGIN_OK &&
             core_instance_initialize(host, NULL, 0, NULL) == PLUGIN_OK &&
             core_instance_connect(host, NULL) == PLUGIN_OK,
         "there is no instance");
    drain(core);
    return host;
}

/* The context of the instance that was initialized last: a plugin's thread calls back through one. */
static PluginInstanceContext context;

static PluginStatus remember(void *plugin, const PluginInstanceContext *given, PluginError *error) {
    (void)plugin, (void)error;
    context = *given;
    return PLUGIN_OK;
}

static void quiet(PluginInterface *table) { table->initialize = remember; }

static PluginStatus reply_same(void *plugin, const PluginInstanceContext *given, PluginRequest request,
                               PluginText message, PluginError *error) {
    (void)plugin, (void)error;
    return plugin_reply_text(given, request, message);
}

static void echoes(PluginInterface *table) { table->handle_message = reply_same; }

/* ---- call ---- */

typedef struct Call {
    PluginHost host;
    PluginText message;
} Call;

static PluginStatus call_and_wait(PluginHost host, PluginText message, uint64_t *length) {
    PluginRequest request;
    PluginStatus status = core_request_new(host, message, HOUR_MS, CORE_NOTIFY_NONE, &request, NULL);
    if (status != PLUGIN_OK) return status;
    status = core_request_run(request, message, NULL);
    if (status == PLUGIN_OK) status = core_request_wait(request, 0, receive_length, length, NULL);
    core_request_release(request);
    return status;
}

static void call_once(void *data) {
    const Call *call = (const Call *)data;
    uint64_t length = 0;
    must(call_and_wait(call->host, call->message, &length) == PLUGIN_OK && length == call->message.length, "no reply");
}

static void show_that_it_is_quick(const Call *call) {
    for (int time = 0; time < 64; time++) call_once((void *)(uintptr_t)call);
}

/* Where another process had the processor for long, the plugin has to show again that it is quick; that is not counted. */
static void direct_once(void *data) {
    const Call *call = (const Call *)data;
    uint64_t length = 0;
    PluginRequest request;
    PluginStatus status;
    while ((status = core_send(call->host, call->message, HOUR_MS, CORE_NOTIFY_WAIT, receive_length, &length, &request,
                               NULL)) == CORE_NOT_DIRECT) {
        CALLGRIND_TOGGLE_COLLECT;
        show_that_it_is_quick(call);
        CALLGRIND_TOGGLE_COLLECT;
    }
    must(status == PLUGIN_OK && length == call->message.length, "no reply");
}

static void call(void (*once)(void *), const char *text, void (*setup)(PluginInterface *table)) {
    Core *core = core_new(NULL);
    Call call = {connect(core, "echo", setup), plugin_text(text)};
    core_tell_requests(core, 0);
    show_that_it_is_quick(&call);
    measure(once, &call);
    core_free(core);
}

static void echoes_in_short(PluginInterface *table) {
    echoes(table);
    table->features = PLUGIN_FEATURE_SHORT_CALLS;
}

static void call_64(void) { call(call_once, text_64, echoes); }
static void call_4k(void) { call(call_once, text_4k, echoes); }
static void direct_64(void) { call(direct_once, text_64, echoes); }
static void direct_4k(void) { call(direct_once, text_4k, echoes); }
static void direct_short(void) { call(direct_once, text_64, echoes_in_short); }

/* ---- event ---- */

typedef struct Flow {
    Core *core;
    uint32_t count;
    PluginStream stream;
} Flow;

static void event_once(void *data) {
    const Flow *flow = (const Flow *)data;
    for (uint32_t at = 0; at < flow->count; at++)
        must(context.callbacks->send_message(context.host, PLUGIN_MESSAGE_NORMAL, plugin_text_of(text_64, 64), 0,
                                             NULL) == PLUGIN_OK,
             "the event was refused");
    must(drain(flow->core) == flow->count, "events are missing");
}

static void events(uint32_t count) {
    Flow flow = {core_new(NULL), count, PLUGIN_NONE};
    connect(flow.core, "sender", quiet);
    measure(event_once, &flow);
    core_free(flow.core);
}

static void event(void) { events(1); }
static void event_burst(void) { events(BURST); }

/* ---- chunk ---- */

static void chunk_once(void *data) {
    const Flow *flow = (const Flow *)data;
    must(context.callbacks->stream_data(context.host, flow->stream, plugin_text_of(text_64, 64), 0, 0, NULL) ==
             PLUGIN_OK,
         "the chunk was refused");
    must(drain(flow->core) == 1, "the chunk is missing");
}

static void batch_once(void *data) {
    const Flow *flow = (const Flow *)data;
    PluginText chunks[BURST];
    for (uint32_t at = 0; at < BURST; at++) chunks[at] = plugin_text_of(text_64, 64);
    must(context.callbacks->stream_batch(context.host, flow->stream, chunks, BURST, 0, 0, NULL) == PLUGIN_OK,
         "the batch was refused");
    must(drain(flow->core) == BURST, "chunks are missing");
}

static void chunks(void (*once)(void *)) {
    Flow flow = {core_new(NULL), 0, PLUGIN_NONE};
    connect(flow.core, "streamer", quiet);
    must(plugin_stream_start(&context, PLUGIN_NONE, &flow.stream) == PLUGIN_OK, "there is no stream");
    drain(flow.core);
    measure(once, &flow);
    core_free(flow.core);
}

static void chunk(void) { chunks(chunk_once); }
static void chunk_batch(void) { chunks(batch_once); }

/* ---- what a plugin does while it handles a message ---- */

typedef struct Handling {
    const PluginInstanceContext *context;
    PluginRequest request;
} Handling;

static void hop_once(void *data) {
    const PluginInstanceContext *given = ((const Handling *)data)->context;
    uint64_t length = 0;
    must(given->callbacks->call_other_plugin(given->host, plugin_text_of("echo", 4), plugin_text_of(text_64, 64),
                                             HOUR_MS, receive_length, &length, NULL) == PLUGIN_OK &&
             length == 64,
         "no reply");
}

static void status_once(void *data) {
    const Handling *handling = (const Handling *)data;
    must(handling->context->callbacks->request_status(handling->context->host, handling->request) == PLUGIN_OK,
         "the request has ended");
}

static void (*inside)(void *);

static PluginStatus measure_inside(void *plugin, const PluginInstanceContext *given, PluginRequest request,
                                   PluginText message, PluginError *error) {
    Handling handling = {given, request};
    (void)plugin, (void)message, (void)error;
    measure(inside, &handling);
    return plugin_reply(given, request, "");
}

static void handles(PluginInterface *table) { table->handle_message = measure_inside; }

static void handle(void (*once)(void *)) {
    Core *core = core_new(NULL);
    connect(core, "echo", echoes);
    const PluginHost host = connect(core, "handler", handles);
    uint64_t length;
    inside = once;
    must(call_and_wait(host, plugin_text(""), &length) == PLUGIN_OK, "the message failed");
    core_free(core);
}

static void hop(void) { handle(hop_once); }
static void request_status(void) { handle(status_once); }

/* ---- widgets ---- */

static char labels[WIDGETS][32];

static PluginStatus draw(void *plugin, const PluginInstanceContext *given, PluginUi *ui, PluginError *error) {
    (void)plugin, (void)given, (void)error;
    for (uint32_t at = 0; at < WIDGETS; at += 2) {
        plugin_ui_label(ui, labels[at]);
        plugin_ui_button(ui, labels[at + 1]);
    }
    return PLUGIN_OK;
}

static void draws(PluginInterface *table) { table->update_ui = draw; }

enum { COLUMNS = 10, ROWS = WIDGETS / COLUMNS };

static PluginStatus draw_table(void *plugin, const PluginInstanceContext *given, PluginUi *ui, PluginError *error) {
    PluginText texts[WIDGETS];
    PluginTable table;
    (void)plugin, (void)given, (void)error;
    for (int at = 0; at < WIDGETS; at++) texts[at] = plugin_text(labels[at]);
    memset(&table, 0, sizeof table);
    table.struct_size = (uint32_t)sizeof table;
    table.columns = table.keys = table.cells = texts;
    table.column_count = COLUMNS;
    table.row_count = ROWS;
    ui->table->table(ui, plugin_text("Rows"), &table, texts[0], 0, NULL);
    return PLUGIN_OK;
}

static void draws_table(PluginInterface *table) { table->update_ui = draw_table; }

static double points[WIDGETS];

static PluginStatus draw_plot(void *plugin, const PluginInstanceContext *given, PluginUi *ui, PluginError *error) {
    PluginSeries series;
    (void)plugin, (void)given, (void)error;
    memset(&series, 0, sizeof series);
    series.name = plugin_text("Points");
    series.y = points;
    series.count = WIDGETS;
    ui->table->plot(ui, plugin_text("Plot"), &series, 1);
    return PLUGIN_OK;
}

static void draws_plot(PluginInterface *table) { table->update_ui = draw_plot; }

typedef struct Frame {
    PluginHost host;
    int whole;   /* asks for the tree, not for what has changed */
    int changes; /* how many of the labels are other ones each time */
    uint64_t revision;
} Frame;

static void receive_frame(void *userdata, PluginText json) {
    must(sscanf(json.data, "{\"revision\":%" SCNu64, (uint64_t *)userdata) == 1, "the frame has no revision");
}

static void frame_once(void *data) {
    Frame *frame = (Frame *)data;
    const uint64_t before = frame->revision;
    for (int at = 0; at < frame->changes; at++) labels[(WIDGETS / 2 + at) % WIDGETS][0] ^= 'R' ^ 'r';
    must(core_ui_update(frame->host, NULL, 0, frame->whole ? 0 : before, receive_frame, &frame->revision, NULL) ==
             PLUGIN_OK,
         "there is no frame");
    must(before == 0 || frame->revision == before + (frame->changes ? 1 : 0), "the frame is another one");
}

static void frames(void (*setup)(PluginInterface *table), int whole, int changes) {
    Core *core = core_new(NULL);
    Frame frame = {connect(core, "panel", setup), whole, changes, 0};
    for (int at = 0; at < WIDGETS; at++) {
        snprintf(labels[at], sizeof labels[at], "Row %d of the panel", at);
        points[at] = at / 8.0;
    }
    measure(frame_once, &frame);
    core_free(core);
}

static void frame_tree(void) { frames(draws, 1, 0); }
static void frame_same(void) { frames(draws, 0, 0); }
static void frame_patch(void) { frames(draws, 0, 1); }
static void frame_new(void) { frames(draws, 1, WIDGETS); }
static void frame_table(void) { frames(draws_table, 1, 0); }
static void frame_plot(void) { frames(draws_plot, 1, 0); }

/* ---- load ---- */

static void load_once(void *data) {
    Core *core = (Core *)data;
    const PluginMetadataFFI metadata = metadata_of("echo");
    PluginHost host = PLUGIN_NONE;
    CoreLibrary *library = core_library_open(library_file, NULL);
    must(library && core_instance_new(core, library, &metadata, &host, NULL) == PLUGIN_OK, "there is no instance");
    core_library_close(library, 0);
    must(core_instance_initialize(host, NULL, 0, NULL) == PLUGIN_OK, "it was not initialized");
    must(core_instance_end(host, HOUR_MS, NULL) == PLUGIN_OK, "it did not end");
    must(drain(core) > 0, "nothing was told of it");
}

/* The library is open already: what the dynamic linker does is not the core's. */
static void load(void) {
    Core *core = core_new(NULL);
    CoreLibrary *library = core_library_open(library_file, NULL);
    must(library != NULL, "there is no library");
    measure(load_once, core);
    core_library_close(library, 0);
    core_free(core);
}

/* ---- all ---- */

static const Path paths[] = {
    {"call_64", 1000, "a message of 64 bytes and its reply", call_64},
    {"call_4k", 1000, "a message of 4 KiB and its reply", call_4k},
    {"direct_64", 1000, "a message of 64 bytes and its reply, the direct way", direct_64},
    {"direct_4k", 1000, "a message of 4 KiB and its reply, the direct way", direct_4k},
    {"direct_short", 1000, "a message to a plugin that promised short calls, the direct way", direct_short},
    {"event", 1000, "an event pushed and drained", event},
    {"event_burst", 50, "64 events pushed, then drained", event_burst},
    {"chunk", 1000, "a chunk pushed and drained", chunk},
    {"chunk_batch", 50, "a batch of 64 chunks pushed and drained", chunk_batch},
    {"hop", 1000, "a call from plugin to plugin, and its reply", hop},
    {"request_status", 1000, "a plugin asks whether it is still wanted", request_status},
    {"frame_tree", 10, "1000 widgets drawn, written as a tree", frame_tree},
    {"frame_same", 10, "1000 widgets drawn, none changed", frame_same},
    {"frame_patch", 10, "1000 widgets drawn, one changed, written as a patch", frame_patch},
    {"frame_new", 10, "1000 widgets drawn, all with another text, written as a tree", frame_new},
    {"frame_table", 10, "a table of 1000 cells drawn, written as a tree", frame_table},
    {"frame_plot", 10, "a plot of 1000 points drawn, written as a tree", frame_plot},
    {"load", 100, "an instance of an open library made, initialized and ended", load},
};

enum { PATHS = sizeof paths / sizeof *paths };

static int is_wanted(const char *name, int count, char **names) {
    for (int at = 0; at < count; at++)
        if (strcmp(names[at], name) == 0) return 1;
    return count == 0;
}

int main(int count, char **arguments) {
    if (count < 2) {
        fputs("usage: paths LIBRARY [PATH...]\n", stderr);
        return 2;
    }
    library_file = arguments[1];
    memset(text_64, 'x', sizeof text_64 - 1);
    memset(text_4k, 'x', sizeof text_4k - 1);
    for (int at = 0; at < PATHS; at++) {
        if (!is_wanted(paths[at].name, count - 2, arguments + 2)) continue;
        running = &paths[at];
        running->run();
        printf("%s\t%" PRIu32 "\t%s\n", running->name, running->times, running->what);
    }
    return 0;
}
