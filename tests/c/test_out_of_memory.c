/* SPDX-License-Identifier: Apache-2.0 */
/* What is allocated only when it is needed, where no memory is left then. The modules that do so are part of this program, with an
   allocator that can be told to fail. */
#include <stdatomic.h>
#include <stdlib.h>

static atomic_int exhausted;

static void *calloc_or_fail(size_t count, size_t size) { return atomic_load(&exhausted) ? NULL : calloc(count, size); }

#include "clock.h"
#include "handles.h"
#include "host.h"
#include "request.h"
#include "ui_repeat.h"

#include <stdarg.h>
#include <stdio.h>

#define calloc calloc_or_fail
#include "directory.c"
#include "route.c"
#include "stream.c"
#include "ui.c"
#undef calloc

/* ---- a new instance ---- */

static void does_nothing(PluginInterface *table) { (void)table; }

TEST(an_instance_that_cannot_be_entered_is_refused_and_can_be_tried_again) {
    PluginHost host;
    Said said;
    Core *core = core_new(NULL);
    const PluginMetadataFFI metadata = metadata_of("a", "a-1");
    PluginInterface *table = plugin_create(0, does_nothing);
    atomic_store(&exhausted, 1);
    CHECK_EQUAL(PLUGIN_OUT_OF_MEMORY,
                core_instance_from_table(core, table, plugin_destroy, &metadata, &host, said_clear(&said)));
    atomic_store(&exhausted, 0);
    CHECK(said.error.length > 0);
    CHECK_EQUAL(0, core_instance_count(core));
    CHECK_EQUAL(PLUGIN_OK, core_instance_from_table(core, table, plugin_destroy, &metadata, &host, NULL));
    CHECK_EQUAL(host, core_find(core, plugin_text("a")));
    core_free(core);
}

TEST(a_table_that_cannot_grow_still_finds_all) {
    enum { MANY = 40 };
    PluginHost hosts[MANY];
    char id[16];
    Core *core = core_new(NULL);
    for (int at = 0; at < MANY; at++) {
        snprintf(id, sizeof id, "a-%d", at);
        const PluginMetadataFFI metadata = metadata_of("a", id);
        atomic_store(&exhausted, at > 0);
        CHECK_EQUAL(PLUGIN_OK, core_instance_from_table(core, plugin_create(0, does_nothing), plugin_destroy, &metadata,
                                                        &hosts[at], NULL));
    }
    atomic_store(&exhausted, 0);
    for (int at = 0; at < MANY; at++) {
        snprintf(id, sizeof id, "a-%d", at);
        CHECK_EQUAL(hosts[at], core_find(core, plugin_text(id)));
    }
    core_free(core);
}

/* ---- the first frame ---- */

static PluginStatus draw_a_label(void *plugin, const PluginInstanceContext *context, PluginUi *ui, PluginError *error) {
    (void)plugin, (void)context, (void)error;
    ui->table->label(ui, plugin_text("here"));
    return PLUGIN_OK;
}
static void draws(PluginInterface *table) { table->init_ui = table->update_ui = draw_a_label; }

TEST(a_first_frame_without_memory_is_a_status_and_the_next_is_drawn) {
    char json[256] = "";
    Said said;
    Core *core = core_new(NULL);
    const PluginHost host = make(core, draws, "a");
    atomic_store(&exhausted, 1);
    CHECK_EQUAL(PLUGIN_OK, core_instance_initialize(host, NULL, 0, NULL));
    CHECK_EQUAL(PLUGIN_OUT_OF_MEMORY, core_ui_update(host, NULL, 0, 0, receive, json, said_clear(&said)));
    atomic_store(&exhausted, 0);
    CHECK(said.error.length > 0);
    CHECK_EQUAL(PLUGIN_OK, core_ui_update(host, NULL, 0, 0, receive, json, NULL));
    CHECK(strstr(json, "here") != NULL);
    Events events = drain_all(core);
    CHECK_EQUAL(1, count_events(&events, CORE_EVENT_REPORT));
    events_free(&events);
    core_free(core);
}

/* ---- streams ---- */

static PluginStream begun;

static PluginStatus begin(void *plugin, const PluginInstanceContext *context, PluginRequest request, PluginText message,
                          PluginError *error) {
    (void)plugin, (void)error;
    const PluginStatus status =
        context->callbacks->stream_start(context->host, request, PLUGIN_MESSAGE_INFO, &begun, NULL);
    return status == PLUGIN_OK ? plugin_reply_text(context, request, message) : status;
}
static void begins(PluginInterface *table) { table->handle_message = begin; }

TEST(a_stream_without_memory_is_a_status_and_the_next_begins) {
    Core *core = core_new(NULL);
    const PluginHost host = start(core, begins, "a");
    atomic_store(&exhausted, 1);
    CHECK_EQUAL(PLUGIN_OUT_OF_MEMORY, send_and_wait(host, plugin_text("x"), 10000, NULL, NULL, NULL));
    atomic_store(&exhausted, 0);
    CHECK_EQUAL(PLUGIN_NONE, begun);
    CHECK_EQUAL(PLUGIN_OK, send_and_wait(host, plugin_text("x"), 10000, NULL, NULL, NULL));
    CHECK(begun != PLUGIN_NONE);
    core_free(core);
}

/* ---- calls ---- */

static PluginStatus ask_b(void *plugin, const PluginInstanceContext *context, PluginRequest request, PluginText message,
                          PluginError *error) {
    char reply[256] = "";
    (void)plugin;
    const PluginStatus status =
        context->callbacks->call_other_plugin(context->host, plugin_text("b"), message, 10000, receive, reply, error);
    return status == PLUGIN_OK ? plugin_reply_text(context, request, plugin_text(reply)) : status;
}
static PluginStatus answer(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                           PluginText message, PluginError *error) {
    (void)plugin, (void)error;
    return plugin_reply_text(context, request, message);
}
static void asks(PluginInterface *table) { table->handle_message = ask_b; }
static void answers(PluginInterface *table) { table->handle_message = answer; }

TEST(a_call_needs_no_memory_of_where_the_last_one_went) {
    char reply[256] = "";
    Core *core = core_new(NULL);
    const PluginHost host = start(core, asks, "a");
    start(core, answers, "b");
    atomic_store(&exhausted, 1);
    CHECK_EQUAL(PLUGIN_OK, send_and_wait(host, plugin_text("x"), 10000, receive, reply, NULL));
    atomic_store(&exhausted, 0);
    CHECK_TEXT("x", (const char *)reply);
    core_free(core);
}

int main(void) {
    RUN(an_instance_that_cannot_be_entered_is_refused_and_can_be_tried_again);
    RUN(a_table_that_cannot_grow_still_finds_all);
    RUN(a_first_frame_without_memory_is_a_status_and_the_next_is_drawn);
    RUN(a_stream_without_memory_is_a_status_and_the_next_begins);
    RUN(a_call_needs_no_memory_of_where_the_last_one_went);
    return check_result();
}
