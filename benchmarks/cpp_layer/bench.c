/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures one plugin, written in C and in C++, by what it is asked to do:
 *
 *     reply    handle_message replies with its message
 *     stream   handle_message streams 100 chunks
 *     frame    update_ui draws 100 widgets
 *
 * once in the native core, and once with tables whose functions do nothing, so that only the plugin's own part is left.
 *
 *     bench IN_C IN_CPP                        times, interleaved; prints medians and their ratio
 *     bench LIBRARY core|nothing WORK COUNT    does a piece of work so often, for a counter of instructions
 */
#include "core.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void fail(const char *what) {
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

/* ---- a host that does nothing ---- */

static PluginStatus reply_nothing(PluginHost host, PluginRequest request, PluginText text, PluginError *error) {
    (void)host, (void)request, (void)text, (void)error;
    return PLUGIN_OK;
}
static PluginStatus start_nothing(PluginHost host, PluginRequest request, uint32_t kind, PluginStream *stream,
                                  PluginError *error) {
    (void)host, (void)request, (void)kind, (void)error;
    *stream = 1;
    return PLUGIN_OK;
}
static PluginStatus send_nothing(PluginHost host, PluginStream stream, PluginText chunk, uint32_t flags,
                                 uint32_t wait_ms, PluginError *error) {
    (void)host, (void)stream, (void)chunk, (void)flags, (void)wait_ms, (void)error;
    return PLUGIN_OK;
}
static PluginStatus end_nothing(PluginHost host, PluginStream stream, int32_t success, PluginText reason,
                                PluginError *error) {
    (void)host, (void)stream, (void)success, (void)reason, (void)error;
    return PLUGIN_OK;
}
static PluginStatus is_wanted(PluginHost host, PluginRequest request) {
    (void)host, (void)request;
    return PLUGIN_OK;
}
static void draw_label(PluginUi *ui, PluginText text) { (void)ui, (void)text; }
static void draw_button(PluginUi *ui, PluginText label, uint32_t flags, PluginResponse *response) {
    (void)ui, (void)label, (void)flags, (void)response;
}
static void draw_text(PluginUi *ui, PluginText label, PluginText value, PluginText hint, uint32_t flags,
                      PluginResponse *response) {
    (void)ui, (void)label, (void)value, (void)hint, (void)flags, (void)response;
}
static void draw_number(PluginUi *ui, PluginText label, double value, double minimum, double maximum, double step,
                        uint32_t flags, PluginResponse *response) {
    (void)ui, (void)label, (void)value, (void)minimum, (void)maximum, (void)step, (void)flags, (void)response;
}
static void draw_switch(PluginUi *ui, PluginText label, int32_t value, uint32_t flags, PluginResponse *response) {
    (void)ui, (void)label, (void)value, (void)flags, (void)response;
}

static const HostCallbacks nothing = {
    .struct_size = sizeof(HostCallbacks),
    .abi_version = PLUGIN_ABI_VERSION,
    .request_reply = reply_nothing,
    .request_status = is_wanted,
    .stream_start = start_nothing,
    .stream_data = send_nothing,
    .stream_end = end_nothing,
};
static const PluginUiTable no_widgets = {
    .struct_size = sizeof(PluginUiTable),
    .abi_version = PLUGIN_ABI_VERSION,
    .label = draw_label,
    .button = draw_button,
    .text_edit_singleline = draw_text,
    .slider = draw_number,
    .checkbox = draw_switch,
};

/* ---- a plugin ---- */

typedef struct Plugin {
    PluginInterface *table;
    DestroyPluginFn destroy;
    Core *core; /* NULL: the host that does nothing */
    PluginHost host;
    PluginInstanceContext context;
    PluginUi ui;
} Plugin;

static void load(Plugin *plugin, const char *path, int in_core) {
    PluginMetadataFFI metadata;
    CoreOptions options;
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) fail(dlerror());
    memset(plugin, 0, sizeof *plugin);
    CreatePluginFn create;
    *(void **)&create = dlsym(library, PLUGIN_CREATE_SYMBOL);
    *(void **)&plugin->destroy = dlsym(library, PLUGIN_DESTROY_SYMBOL);
    plugin->table = create();
    plugin->context.struct_size = sizeof plugin->context;
    plugin->context.callbacks = &nothing;
    plugin->ui.struct_size = sizeof plugin->ui;
    plugin->ui.table = &no_widgets;
    if (!in_core) return;
    memset(&metadata, 0, sizeof metadata);
    metadata.struct_size = sizeof metadata;
    metadata.id = metadata.instance_id = plugin_text("measured");
    memset(&options, 0, sizeof options);
    options.queue_events = 1000;
    plugin->core = core_new(&options);
    if (core_instance_from_table(plugin->core, plugin->table, plugin->destroy, &metadata, &plugin->host, NULL) < 0 ||
        core_instance_initialize(plugin->host, NULL, 0, NULL) < 0 || core_instance_connect(plugin->host, NULL) < 0)
        fail("the plugin does not start");
}

static void unload(Plugin *plugin) {
    if (plugin->core)
        core_free(plugin->core);
    else
        plugin->destroy(plugin->table);
}

static void see_nothing(void *userdata, const CoreEvent *event) { (void)userdata, (void)event; }
static void receive_nothing(void *userdata, PluginText text) { (void)userdata, (void)text; }

/* ---- the work ---- */

static const char *const works[] = {"reply", "stream", "frame"};

static void send(Plugin *plugin, const char *message) {
    PluginError error;
    memset(&error, 0, sizeof error);
    error.struct_size = sizeof error;
    if (plugin->core) {
        PluginRequest request;
        core_request_new(plugin->host, plugin_text(message), PLUGIN_WAIT_FOREVER, CORE_NOTIFY_NONE, &request, NULL);
        core_request_run(request, plugin_text(message), NULL);
        core_request_wait(request, 0, receive_nothing, NULL, NULL);
        core_request_release(request);
        while (core_drain(plugin->core, 256, 0, see_nothing, NULL) > 0) {
        }
    } else {
        plugin->table->handle_message(plugin->table->plugin_ptr, &plugin->context, 1, plugin_text(message), &error);
    }
}

static void draw(Plugin *plugin) {
    PluginError error;
    memset(&error, 0, sizeof error);
    error.struct_size = sizeof error;
    if (plugin->core)
        core_ui_update(plugin->host, NULL, 0, 0, receive_nothing, NULL, NULL);
    else
        plugin->table->update_ui(plugin->table->plugin_ptr, &plugin->context, &plugin->ui, &error);
}

static void work(Plugin *plugin, const char *name, long count) {
    for (long done = 0; done < count; done++) {
        if (strcmp(name, "reply") == 0)
            send(plugin, "a message of a usual length, a line or so");
        else if (strcmp(name, "stream") == 0)
            send(plugin, "stream");
        else
            draw(plugin);
    }
}

/* ---- times ---- */

enum { REPETITIONS = 201 };

static double now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values) {
    qsort(values, REPETITIONS, sizeof *values, compare);
    return values[REPETITIONS / 2];
}

/* One piece of work in both, now the one and now the other first, so that what disturbs the machine disturbs both. */
static void measure(Plugin *in_c, Plugin *in_cpp, const char *name, const char *where) {
    static double times[2][REPETITIONS];
    double ratios[REPETITIONS];
    Plugin *const plugins[2] = {in_c, in_cpp};
    long count = 1;
    for (double took = 0; took < 1e6; count *= 2) {
        const double begun = now_ns();
        work(in_c, name, count * 2);
        took = now_ns() - begun;
    }
    for (int repetition = 0; repetition < REPETITIONS; repetition++) {
        for (int turn = 0; turn < 2; turn++) {
            const int which = (repetition + turn) % 2;
            const double begun = now_ns();
            work(plugins[which], name, count);
            times[which][repetition] = (now_ns() - begun) / (double)count;
        }
        ratios[repetition] = times[1][repetition] / times[0][repetition];
    }
    const double c = median(times[0]), cpp = median(times[1]);
    printf("%-8s %-8s %12.1f %12.1f %9.3f %9.3f\n", where, name, c, cpp, cpp / c, median(ratios));
}

int main(int argc, char **argv) {
    Plugin first, second;
    if (argc == 5) {
        load(&first, argv[1], strcmp(argv[2], "core") == 0);
        work(&first, argv[3], strtol(argv[4], NULL, 10));
        unload(&first);
        return 0;
    }
    if (argc != 3) fail("usage: bench IN_C IN_CPP | bench LIBRARY core|nothing WORK COUNT");
    printf("%-8s %-8s %12s %12s %9s %9s\n", "host", "work", "C, ns", "C++, ns", "medians", "pairs");
    for (int in_core = 1; in_core >= 0; in_core--) {
        load(&first, argv[1], in_core);
        load(&second, argv[2], in_core);
        for (size_t index = 0; index < sizeof works / sizeof *works; index++)
            measure(&first, &second, works[index], in_core ? "core" : "nothing");
        unload(&first);
        unload(&second);
    }
    return 0;
}
