/* SPDX-License-Identifier: Apache-2.0 */
/* The life of an instance, from the table to the end, with what can go wrong on the way. */
#include "handles.h"
#include "host.h"

#include <sched.h>

/* The entries that ran, a letter each. */
static char trace[64];
static char failing; /* the letter of the entry that is to fail */
static PluginInstanceContext seen_context;

static PluginStatus step(char letter, PluginError *error) {
    const size_t length = strlen(trace);
    trace[length] = letter;
    trace[length + 1] = '\0';
    return letter == failing ? plugin_fail(error, PLUGIN_ERROR, "no %c", letter) : PLUGIN_OK;
}

#define STEP(name, letter)                                                                                             \
    static PluginStatus name(void *plugin, const PluginInstanceContext *context, PluginError *error) {                 \
        (void)plugin;                                                                                                  \
        seen_context = *context;                                                                                       \
        return step(letter, error);                                                                                    \
    }
STEP(initialize, 'i')
STEP(on_mount, 'm')
STEP(on_connect, 'c')
STEP(on_disconnect, 'd')
STEP(on_dispose, 'p')

static void destroy(void *plugin) {
    (void)plugin;
    step('x', NULL);
    /* No callback works any more. */
    CHECK(seen_context.callbacks == NULL || plugin_refresh_ui(&seen_context) == PLUGIN_CLOSED);
}

static PluginStatus init_ui(void *plugin, const PluginInstanceContext *context, PluginUi *ui, PluginError *error) {
    (void)plugin, (void)context, (void)ui;
    return step('u', error);
}

static PluginStatus save(void *plugin, const PluginInstanceContext *context, PluginWriteBytes write, void *userdata,
                         PluginError *error) {
    (void)plugin, (void)context, (void)error;
    write(userdata, "ab", 2);
    return write(userdata, "\0c", 2);
}

static char loaded[16];
static PluginStatus load(void *plugin, const PluginInstanceContext *context, const void *data, uint64_t length,
                         PluginError *error) {
    (void)plugin, (void)context;
    memcpy(loaded, data, (size_t)length);
    return step('l', error);
}

static void traced(PluginInterface *table) {
    table->destroy = destroy;
    table->initialize = initialize;
    table->init_ui = init_ui;
    table->on_mount = on_mount;
    table->on_connect = on_connect;
    table->on_disconnect = on_disconnect;
    table->on_dispose = on_dispose;
    table->save_state = save;
    table->load_state = load;
}

static Core *begin(char fail) {
    trace[0] = '\0';
    failing = fail;
    memset(&seen_context, 0, sizeof seen_context);
    return core_new(NULL);
}

TEST(the_entries_come_in_their_order) {
    Core *core = begin(0);
    const PluginHost host = start(core, traced, "traced");
    CHECK_EQUAL(CORE_STATE_CONNECTED, core_instance_state(host));
    CHECK_EQUAL(PLUGIN_OK, core_instance_disconnect(host, NULL));
    CHECK_EQUAL(PLUGIN_OK, core_instance_end(host, 1000, NULL));
    CHECK_TEXT("iumcdpx", (const char *)trace);
    CHECK_EQUAL(CORE_STATE_GONE, core_instance_state(host));
    core_free(core);
}

TEST(a_connected_instance_is_disconnected_before_it_ends) {
    Core *core = begin(0);
    const PluginHost host = start(core, traced, "traced");
    CHECK_EQUAL(PLUGIN_OK, core_instance_end(host, 1000, NULL));
    CHECK_TEXT("iumcdpx", (const char *)trace);
    core_free(core);
}

TEST(after_initialize_failed_only_destroy_follows) {
    Said said;
    Core *core = begin('i');
    const PluginHost host = make(core, traced, "traced");
    CHECK_EQUAL(PLUGIN_ERROR, core_instance_initialize(host, NULL, 0, said_clear(&said)));
    CHECK_TEXT("initialize failed: no i", (const char *)said.text);
    CHECK_EQUAL(PLUGIN_INVALID_STATE, core_instance_connect(host, NULL));
    CHECK_EQUAL(PLUGIN_OK, core_instance_end(host, 1000, NULL));
    CHECK_TEXT("ix", (const char *)trace);
    core_free(core);
}

TEST(after_on_mount_failed_the_instance_is_disposed_of) {
    Core *core = begin('m');
    const PluginHost host = make(core, traced, "traced");
    CHECK_EQUAL(PLUGIN_ERROR, core_instance_initialize(host, NULL, 0, NULL));
    CHECK_EQUAL(PLUGIN_OK, core_instance_end(host, 1000, NULL));
    CHECK_TEXT("iumpx", (const char *)trace);
    core_free(core);
}

TEST(after_on_connect_failed_it_can_be_tried_again) {
    Core *core = begin('c');
    const PluginHost host = make(core, traced, "traced");
    CHECK_EQUAL(PLUGIN_OK, core_instance_initialize(host, NULL, 0, NULL));
    CHECK_EQUAL(PLUGIN_ERROR, core_instance_connect(host, NULL));
    CHECK_EQUAL(CORE_STATE_MOUNTED, core_instance_state(host));
    failing = 0;
    CHECK_EQUAL(PLUGIN_OK, core_instance_connect(host, NULL));
    core_free(core);
}

TEST(failures_on_the_way_out_are_reported_and_change_nothing) {
    Core *core = begin('d');
    const PluginHost host = start(core, traced, "traced");
    CHECK_EQUAL(PLUGIN_OK, core_instance_disconnect(host, NULL));
    failing = 'p';
    CHECK_EQUAL(PLUGIN_OK, core_instance_end(host, 1000, NULL));
    Events events = drain_all(core);
    CHECK_EQUAL(2, count_events(&events, CORE_EVENT_REPORT));
    events_free(&events);
    CHECK_TEXT("iumcdpx", (const char *)trace);
    core_free(core);
}

static PluginStatus append(void *userdata, const void *data, uint64_t length) {
    PluginBuffer *buffer = (PluginBuffer *)userdata;
    memcpy(buffer->data + buffer->capacity, data, (size_t)length);
    buffer->capacity += length;
    return PLUGIN_OK;
}

TEST(a_state_is_saved_and_loaded_before_the_ui) {
    char data[16];
    PluginBuffer buffer = {data, 0};
    Core *core = begin(0);
    PluginHost host = start(core, traced, "traced");
    CHECK_EQUAL(PLUGIN_OK, core_instance_save_state(host, append, &buffer, NULL));
    CHECK(buffer.capacity == 4 && memcmp(data, "ab\0c", 4) == 0);
    core_instance_end(host, 1000, NULL);
    trace[0] = '\0';
    host = make(core, traced, "traced");
    CHECK_EQUAL(PLUGIN_OK, core_instance_initialize(host, data, 4, NULL));
    CHECK_TEXT("ilum", (const char *)trace);
    CHECK(memcmp(loaded, "ab\0c", 4) == 0);
    core_free(core);
}

/* ---- tables ---- */

static PluginStatus from(PluginInterface *table, Said *said) {
    PluginHost host;
    Core *core = core_new(NULL);
    const PluginMetadataFFI metadata = metadata_of("a", "a");
    const PluginStatus status = core_instance_from_table(core, table, NULL, &metadata, &host, said_clear(said));
    CHECK(status == PLUGIN_OK || host == PLUGIN_NONE);
    core_free(core);
    return status;
}

TEST(tables_that_are_none_are_refused_with_a_reason) {
    Said said;
    PluginInterface table;
    memset(&table, 0, sizeof table);
    CHECK_EQUAL(PLUGIN_OUT_OF_MEMORY, from(NULL, &said));
    CHECK_EQUAL(PLUGIN_WRONG_VERSION, from(&table, &said));
    CHECK_CONTAINS("no PluginInterface", (const char *)said.text);
    table.abi_version = PLUGIN_ABI_VERSION + 1;
    CHECK_EQUAL(PLUGIN_WRONG_VERSION, from(&table, &said));
    CHECK_CONTAINS("version 2", (const char *)said.text);
    table.abi_version = PLUGIN_ABI_VERSION;
    table.struct_size = 24;
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, from(&table, &said));
    CHECK_CONTAINS("struct_size of 24", (const char *)said.text);
    table.struct_size = (uint32_t)sizeof table;
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, from(&table, &said));
    CHECK_CONTAINS("destroy", (const char *)said.text);
}

static PluginStatus explode(void *plugin, const PluginInstanceContext *context, PluginError *error) {
    (void)plugin, (void)context, (void)error;
    CHECK(plugin != NULL); /* it is NULL here: an entry beyond the end of the table ran */
    return PLUGIN_OK;
}

TEST(entries_beyond_the_tables_end_are_not_there) {
    PluginHost host;
    PluginInterface table;
    memset(&table, 0, sizeof table);
    table.abi_version = PLUGIN_ABI_VERSION;
    table.destroy = plugin_destroy_nothing;
    table.initialize = explode;
    table.struct_size = (uint32_t)offsetof(PluginInterface, initialize) + 4;
    Core *core = core_new(NULL);
    const PluginMetadataFFI metadata = metadata_of("a", "a");
    CHECK_EQUAL(PLUGIN_OK, core_instance_from_table(core, &table, NULL, &metadata, &host, NULL));
    CHECK_EQUAL(PLUGIN_OK, core_instance_initialize(host, NULL, 0, NULL));
    core_free(core);
}

/* ---- the end ---- */

static pthread_barrier_t entered;
static pthread_barrier_t may_leave;

static PluginStatus hang(void *plugin, const PluginInstanceContext *context, PluginRequest request, PluginText message,
                         PluginError *error) {
    (void)plugin, (void)message, (void)error;
    pthread_barrier_wait(&entered);
    pthread_barrier_wait(&may_leave);
    CHECK_EQUAL(PLUGIN_CLOSED, plugin_reply(context, request, "too late"));
    CHECK_TEXT("hangs", context->metadata->id);
    return PLUGIN_OK;
}

static void hangs(PluginInterface *table) { table->handle_message = hang; }

static void *send_hello(void *argument) {
    char reply[256];
    CHECK(send_and_wait(*(PluginHost *)argument, plugin_text("hello"), 20000, receive, reply, NULL) < 0);
    return NULL;
}

TEST(an_instance_whose_entry_hangs_is_abandoned) {
    pthread_t thread;
    Said said;
    Core *core = core_new(NULL);
    PluginHost host = start(core, hangs, "hangs");
    pthread_barrier_init(&entered, NULL, 2);
    pthread_barrier_init(&may_leave, NULL, 2);
    pthread_create(&thread, NULL, send_hello, &host);
    pthread_barrier_wait(&entered);
    CHECK_EQUAL(PLUGIN_TIMEOUT, core_instance_end(host, 10, said_clear(&said)));
    CHECK_EQUAL(CORE_STATE_GONE, core_instance_state(host));
    CHECK_EQUAL(PLUGIN_CLOSED, core_instance_end(host, 10, NULL));
    CHECK_EQUAL(0, core_instance_count(core));
    pthread_barrier_wait(&may_leave);
    pthread_join(thread, NULL);
    core_free(core);
}

static PluginStatus hang_in_dispose(void *plugin, const PluginInstanceContext *context, PluginError *error) {
    (void)plugin, (void)error;
    pthread_barrier_wait(&entered);
    pthread_barrier_wait(&may_leave);
    CHECK_EQUAL(PLUGIN_CLOSED, plugin_send_message(context, PLUGIN_MESSAGE_NORMAL, "too late"));
    return PLUGIN_OK;
}

static void hangs_in_dispose(PluginInterface *table) { table->on_dispose = hang_in_dispose; }

static void *end(void *argument) {
    CHECK_EQUAL(PLUGIN_TIMEOUT, core_instance_end(*(PluginHost *)argument, 1000, NULL));
    return NULL;
}

TEST(an_instance_whose_end_hangs_is_abandoned_and_freed_when_it_returns) {
    pthread_t thread;
    const uint64_t before = handle_count(HANDLE_INSTANCE);
    Core *core = core_new(NULL);
    PluginHost host = start(core, hangs_in_dispose, "hangs");
    pthread_barrier_init(&entered, NULL, 2);
    pthread_barrier_init(&may_leave, NULL, 2);
    pthread_create(&thread, NULL, end, &host);
    pthread_barrier_wait(&entered);
    CHECK_EQUAL(PLUGIN_TIMEOUT, core_instance_abandon(host, NULL));
    CHECK_EQUAL(CORE_STATE_GONE, core_instance_state(host));
    CHECK_EQUAL(PLUGIN_CLOSED, core_instance_abandon(host, NULL));
    CHECK_EQUAL(0, core_instance_count(core));
    pthread_barrier_wait(&may_leave);
    pthread_join(thread, NULL);
    CHECK_EQUAL(before, handle_count(HANDLE_INSTANCE));
    Events events = drain_all(core);
    CHECK_EQUAL(CORE_EVENT_STATE, events.seen[events.count - 1].type);
    CHECK_EQUAL(CORE_STATE_GONE, events.seen[events.count - 1].value);
    events_free(&events);
    core_free(core);
}

static PluginStatus hang_until_the_end(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                       PluginText message, PluginError *error) {
    (void)plugin, (void)message, (void)error;
    pthread_barrier_wait(&entered);
    while (!plugin_is_over(context, request)) sched_yield();
    pthread_barrier_wait(&entered);
    pthread_barrier_wait(&may_leave);
    return PLUGIN_OK;
}

static void hangs_until_the_end(PluginInterface *table) {
    traced(table);
    table->handle_message = hang_until_the_end;
}

static void *end_patiently(void *argument) {
    CHECK_EQUAL(PLUGIN_TIMEOUT, core_instance_end(*(PluginHost *)argument, 60000, NULL));
    return NULL;
}

TEST(an_end_that_waits_goes_on_in_order_although_the_instance_was_abandoned) {
    pthread_t sender, ender;
    const uint64_t before = handle_count(HANDLE_INSTANCE);
    Core *core = core_new(NULL);
    PluginHost host = start(core, hangs_until_the_end, "hangs");
    pthread_barrier_init(&entered, NULL, 2);
    pthread_barrier_init(&may_leave, NULL, 2);
    pthread_create(&sender, NULL, send_hello, &host);
    pthread_barrier_wait(&entered);
    trace[0] = '\0';
    pthread_create(&ender, NULL, end_patiently, &host);
    pthread_barrier_wait(&entered); /* the end has begun */
    CHECK_EQUAL(PLUGIN_TIMEOUT, core_instance_abandon(host, NULL));
    CHECK_EQUAL(CORE_STATE_GONE, core_instance_state(host));
    CHECK_TEXT("", (const char *)trace);
    pthread_barrier_wait(&may_leave);
    pthread_join(sender, NULL);
    pthread_join(ender, NULL);
    CHECK_TEXT("dpx", (const char *)trace);
    CHECK_EQUAL(before, handle_count(HANDLE_INSTANCE));
    core_free(core);
}

static PluginStatus hang_in_connect(void *plugin, const PluginInstanceContext *context, PluginError *error) {
    (void)plugin, (void)context, (void)error;
    pthread_barrier_wait(&entered);
    pthread_barrier_wait(&may_leave);
    return PLUGIN_OK;
}

static void hangs_in_connect(PluginInterface *table) { table->on_connect = hang_in_connect; }

static void *connect_first(void *argument) {
    CHECK_EQUAL(PLUGIN_OK, core_instance_connect(*(PluginHost *)argument, NULL));
    return NULL;
}

static void *connect_too(void *argument) {
    CHECK_EQUAL(PLUGIN_CLOSED, core_instance_connect(*(PluginHost *)argument, NULL));
    return NULL;
}

TEST(who_waits_for_a_turn_is_let_go_when_the_end_begins) {
    pthread_t first, second;
    Core *core = core_new(NULL);
    PluginHost host = make(core, hangs_in_connect, "hangs");
    CHECK_EQUAL(PLUGIN_OK, core_instance_initialize(host, NULL, 0, NULL));
    pthread_barrier_init(&entered, NULL, 2);
    pthread_barrier_init(&may_leave, NULL, 2);
    pthread_create(&first, NULL, connect_first, &host);
    pthread_barrier_wait(&entered);
    pthread_create(&second, NULL, connect_too, &host);
    CHECK_EQUAL(PLUGIN_TIMEOUT, core_instance_end(host, 10, NULL));
    pthread_join(second, NULL); /* although the first still has its turn */
    pthread_barrier_wait(&may_leave);
    pthread_join(first, NULL);
    core_free(core);
}

TEST(nothing_is_left_after_a_thousand_lives) {
    Core *core = core_new(NULL);
    const uint64_t before = handle_count(HANDLE_INSTANCE);
    failing = 0;
    for (int life = 0; life < 1000; life++) {
        trace[0] = '\0';
        const PluginHost host = start(core, traced, "traced");
        CHECK_EQUAL(PLUGIN_OK, send_and_wait(host, plugin_text("x"), 1000, NULL, NULL, NULL));
        CHECK_EQUAL(PLUGIN_OK, core_instance_end(host, 1000, NULL));
    }
    Events events = drain_all(core);
    events_free(&events);
    CHECK_EQUAL(before, handle_count(HANDLE_INSTANCE));
    CHECK_EQUAL(0, handle_count(HANDLE_REQUEST));
    core_free(core);
}

TEST(a_core_that_is_closed_takes_nobody) {
    PluginHost host;
    Said said;
    Core *core = core_new(NULL);
    core_close(core);
    const PluginMetadataFFI metadata = metadata_of("a", "a");
    PluginInterface *table = plugin_create(0, hangs);
    CHECK_EQUAL(PLUGIN_CLOSED,
                core_instance_from_table(core, table, plugin_destroy, &metadata, &host, said_clear(&said)));
    plugin_destroy(table);
    core_free(core);
}

int main(void) {
    RUN(the_entries_come_in_their_order);
    RUN(a_connected_instance_is_disconnected_before_it_ends);
    RUN(after_initialize_failed_only_destroy_follows);
    RUN(after_on_mount_failed_the_instance_is_disposed_of);
    RUN(after_on_connect_failed_it_can_be_tried_again);
    RUN(failures_on_the_way_out_are_reported_and_change_nothing);
    RUN(a_state_is_saved_and_loaded_before_the_ui);
    RUN(tables_that_are_none_are_refused_with_a_reason);
    RUN(entries_beyond_the_tables_end_are_not_there);
    RUN(an_instance_whose_entry_hangs_is_abandoned);
    RUN(an_instance_whose_end_hangs_is_abandoned_and_freed_when_it_returns);
    RUN(an_end_that_waits_goes_on_in_order_although_the_instance_was_abandoned);
    RUN(who_waits_for_a_turn_is_let_go_when_the_end_begins);
    RUN(nothing_is_left_after_a_thousand_lives);
    RUN(a_core_that_is_closed_takes_nobody);
    return check_result();
}
