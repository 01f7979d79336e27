/* SPDX-License-Identifier: Apache-2.0 */
/* Plugins that call each other, turns, and circles. */
#include "host.h"

#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

/* Its message names whom to call, up to the first blank, and with what. */
static PluginStatus relay(void *plugin, const PluginInstanceContext *context, PluginRequest request, PluginText message,
                          PluginError *error) {
    char target[64];
    char reply[256] = "";
    const char *blank = strchr(message.data, ' ');
    (void)plugin;
    if (!blank) return plugin_reply_text(context, request, message);
    plugin_text_copy(plugin_text_of(message.data, (uint64_t)(blank - message.data)), target, sizeof target);
    const PluginStatus status = context->callbacks->call_other_plugin(
        context->host, plugin_text(target), plugin_text(blank + 1), 20000, receive, reply, error);
    return status == PLUGIN_OK ? plugin_replyf(context, request, "%s>%s", target, reply) : status;
}

static void receive_length(void *userdata, PluginText text) { *(uint64_t *)userdata = text.length; }

static void relays(PluginInterface *table) { table->handle_message = relay; }

static PluginStatus send(PluginHost host, const char *text, char *reply) {
    reply[0] = '\0';
    return send_and_wait(host, plugin_text(text), 10000, receive, reply, NULL);
}

TEST(a_call_goes_through_and_its_reply_comes_back) {
    char reply[256];
    Core *core = core_new(NULL);
    const PluginHost a = start(core, relays, "a");
    start(core, relays, "b");
    start(core, relays, "c");
    CHECK_EQUAL(PLUGIN_OK, send(a, "b c hello", reply));
    CHECK_TEXT("b>c>hello", (const char *)reply);
    core_free(core);
}

TEST(nobody_there_and_nobody_connected_are_told_apart) {
    char reply[256];
    Core *core = core_new(NULL);
    const PluginHost a = start(core, relays, "a");
    const PluginHost b = start(core, relays, "b");
    core_instance_disconnect(b, NULL);
    CHECK_EQUAL(PLUGIN_NOT_FOUND, send(a, "nobody hello", reply));
    CHECK_EQUAL(PLUGIN_NOT_CONNECTED, send(a, "b hello", reply));
    core_free(core);
}

TEST(a_plugin_that_calls_itself_is_a_circle) {
    char reply[256];
    Core *core = core_new(NULL);
    const PluginHost a = start(core, relays, "a");
    CHECK_EQUAL(PLUGIN_CYCLE, send(a, "a hello", reply));
    CHECK_EQUAL(PLUGIN_OK, send(a, "hello", reply));
    core_free(core);
}

TEST(a_plugin_that_calls_itself_through_others_is_a_circle) {
    char reply[256];
    Core *core = core_new(NULL);
    const PluginHost a = start(core, relays, "a");
    start(core, relays, "b");
    start(core, relays, "c");
    CHECK_EQUAL(PLUGIN_CYCLE, send(a, "b c a hello", reply));
    CHECK_EQUAL(PLUGIN_OK, send(a, "b c hello", reply));
    core_free(core);
}

/* Two entries that wait until both run, and then call each other: the circle runs over two threads. */
static pthread_barrier_t both_run;

static PluginStatus meet_and_call(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                  PluginText message, PluginError *error) {
    (void)plugin;
    if (plugin_text_equals(message, "end")) return plugin_reply(context, request, "end");
    pthread_barrier_wait(&both_run);
    const PluginStatus status =
        context->callbacks->call_other_plugin(context->host, message, plugin_text("end"), 20000, NULL, NULL, error);
    plugin_replyf(context, request, "%d", status);
    return PLUGIN_OK;
}

static void meets(PluginInterface *table) { table->handle_message = meet_and_call; }

typedef struct Sender {
    PluginHost host;
    const char *text;
    char reply[256];
} Sender;

static void *send_on_thread(void *argument) {
    Sender *sender = (Sender *)argument;
    send(sender->host, sender->text, sender->reply);
    return NULL;
}

TEST(a_circle_over_two_threads_is_found) {
    pthread_t threads[2];
    Core *core = core_new(NULL);
    Sender senders[2] = {{start(core, meets, "left"), "right", ""}, {start(core, meets, "right"), "left", ""}};
    pthread_barrier_init(&both_run, NULL, 2);
    for (int index = 0; index < 2; index++) pthread_create(&threads[index], NULL, send_on_thread, &senders[index]);
    for (int index = 0; index < 2; index++) pthread_join(threads[index], NULL);
    pthread_barrier_destroy(&both_run);
    /* One of them would have closed the circle; the other got its reply once that one had returned. */
    const int left_refused = strcmp(senders[0].reply, "-16") == 0;
    const int right_refused = strcmp(senders[1].reply, "-16") == 0;
    CHECK_EQUAL(1, left_refused + right_refused);
    CHECK_TEXT("0", (const char *)senders[left_refused ? 1 : 0].reply);
    core_free(core);
}

/* How many entries of an instance run at the same time. */
static atomic_int inside;
static atomic_int most_inside;
static atomic_int calls;

static PluginStatus count_inside(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                 PluginText message, PluginError *error) {
    const int now = atomic_fetch_add(&inside, 1) + 1;
    (void)plugin, (void)error;
    if (now > atomic_load(&most_inside)) atomic_store(&most_inside, now);
    atomic_fetch_add(&calls, 1);
    const PluginStatus status = plugin_reply_text(context, request, message);
    atomic_fetch_sub(&inside, 1);
    return status;
}

static void counts(PluginInterface *table) { table->handle_message = count_inside; }

static void *send_many(void *argument) {
    char reply[256];
    for (int index = 0; index < 200; index++) CHECK_EQUAL(PLUGIN_OK, send(*(PluginHost *)argument, "x", reply));
    return NULL;
}

TEST(entries_of_one_instance_never_run_at_the_same_time) {
    pthread_t threads[4];
    Core *core = core_new(NULL);
    PluginHost host = start(core, counts, "counts");
    for (int index = 0; index < 4; index++) pthread_create(&threads[index], NULL, send_many, &host);
    for (int index = 0; index < 4; index++) pthread_join(threads[index], NULL);
    CHECK_EQUAL(1, atomic_load(&most_inside));
    CHECK_EQUAL(800, atomic_load(&calls));
    core_free(core);
}

/* A keeps its caller waiting; a call from a thread of A's own to the one that waits would close a circle. */
static PluginInstanceContext keeper;
static _Atomic PluginRequest kept;
static PluginStatus keep(void *plugin, const PluginInstanceContext *context, PluginRequest request, PluginText message,
                         PluginError *error) {
    (void)plugin, (void)message, (void)error;
    keeper = *context;
    atomic_store(&kept, request);
    return PLUGIN_PENDING;
}
static void keeps(PluginInterface *table) { table->handle_message = keep; }

TEST(cancelling_a_request_cancels_what_its_handler_waits_for) {
    pthread_t thread;
    PluginRequest request;
    Core *core = core_new(NULL);
    const PluginHost a = start(core, relays, "a");
    start(core, keeps, "keeper");
    keeper.host = PLUGIN_NONE;
    Sender sender = {a, "keeper hello", ""};
    pthread_create(&thread, NULL, send_on_thread, &sender);
    /* The other request of the same handler is the only one that is kept: wait for it, then let its caller go. */
    CHECK_EQUAL(PLUGIN_OK, core_request_new(a, plugin_text("x"), 50, CORE_NOTIFY_NONE, &request, NULL));
    core_request_run(request, plugin_text("busy"), NULL);
    core_request_release(request);
    CHECK_EQUAL(PLUGIN_OK, core_instance_disconnect(core_find(core, plugin_text("keeper")), NULL));
    pthread_join(thread, NULL);
    CHECK_TEXT("", (const char *)sender.reply);
    core_free(core);
}

/* Its handler waits for a thread of its own, which ends when the request is not wanted any more. */
static PluginInstanceContext poller;
static _Atomic PluginRequest polled;

static void *poll_status(void *argument) {
    (void)argument;
    while (poller.callbacks->request_status(poller.host, atomic_load(&polled)) == PLUGIN_OK) {
    }
    return NULL;
}

static PluginStatus poll_on_thread(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    pthread_t thread;
    (void)plugin, (void)message;
    poller = *context;
    atomic_store(&polled, request);
    pthread_create(&thread, NULL, poll_status, NULL);
    pthread_join(thread, NULL);
    return plugin_fail(error, PLUGIN_CANCELLED, "not wanted");
}

static void polls(PluginInterface *table) { table->handle_message = poll_on_thread; }

static void relays_in_short(PluginInterface *table) {
    relays(table);
    table->features = PLUGIN_FEATURE_SHORT_CALLS;
}

static void *send_directly(void *argument) {
    PluginRequest request;
    Sender *sender = (Sender *)argument;
    CHECK_EQUAL(PLUGIN_CANCELLED, core_send(sender->host, plugin_text(sender->text), 20000, CORE_NOTIFY_NONE, NULL,
                                            NULL, &request, NULL));
    return NULL;
}

/* A call that is nested in A's own. */
typedef struct Nested {
    Core *core;
    Sender sender;
    pthread_t thread;
} Nested;

/* B has it when this returns: `at_b` is where B says so. */
static void begin_nested(Nested *call, Setup a, void *(*send_it)(void *), Setup b, _Atomic PluginRequest *at_b) {
    call->core = core_new(NULL);
    call->sender = (Sender){start(call->core, a, "a"), "b hello", ""};
    start(call->core, b, "b");
    atomic_store(at_b, PLUGIN_NONE);
    pthread_create(&call->thread, NULL, send_it, &call->sender);
    while (atomic_load(at_b) == PLUGIN_NONE) {
    }
}

static void end_caller(Setup a, void *(*send_it)(void *), Setup b, _Atomic PluginRequest *at_b) {
    Nested call;
    begin_nested(&call, a, send_it, b, at_b);
    CHECK_EQUAL(PLUGIN_OK, core_instance_end(call.sender.host, 20000, NULL));
    pthread_join(call.thread, NULL);
    CHECK_TEXT("", (const char *)call.sender.reply);
    core_free(call.core);
}

TEST(who_polls_for_a_nested_call_sees_that_its_caller_ends) { end_caller(relays, send_on_thread, polls, &polled); }

TEST(who_polls_for_a_nested_call_sees_that_its_caller_ends_on_the_direct_way) {
    end_caller(relays_in_short, send_directly, polls, &polled);
}

TEST(the_end_of_an_instance_ends_what_its_handler_waits_for) {
    end_caller(relays_in_short, send_directly, keeps, &kept);
}

TEST(a_kept_call_from_plugin_to_plugin_is_answered_later) {
    Nested call;
    begin_nested(&call, relays, send_on_thread, keeps, &kept);
    CHECK_EQUAL(PLUGIN_OK, plugin_reply(&keeper, atomic_load(&kept), "later"));
    pthread_join(call.thread, NULL);
    CHECK_TEXT("b>later", (const char *)call.sender.reply);
    core_free(call.core);
}

TEST(a_call_finds_the_instance_that_has_the_id_now) {
    char reply[256];
    Core *core = core_new(NULL);
    const PluginHost a = start(core, relays, "a");
    const PluginHost first = start(core, relays, "b");
    CHECK_EQUAL(PLUGIN_OK, send(a, "b hello", reply));
    CHECK_EQUAL(PLUGIN_OK, core_instance_disconnect(first, NULL));
    CHECK_EQUAL(PLUGIN_NOT_CONNECTED, send(a, "b hello", reply));
    CHECK_EQUAL(PLUGIN_OK, core_instance_end(first, 1000, NULL));
    CHECK_EQUAL(PLUGIN_NOT_FOUND, send(a, "b hello", reply));
    start(core, relays, "b");
    CHECK_EQUAL(PLUGIN_OK, send(a, "b hello", reply));
    CHECK_TEXT("b>hello", (const char *)reply);
    core_free(core);
}

TEST(replies_of_any_length_go_from_plugin_to_plugin) {
    static char text[70000];
    static uint64_t length;
    Core *core = core_new(NULL);
    PluginRequest request;
    start(core, keeps, "keeper");
    start(core, relays, "b");
    CHECK_EQUAL(PLUGIN_OK, core_request_new(core_find(core, plugin_text("keeper")), plugin_text("x"), 20000,
                                            CORE_NOTIFY_NONE, &request, NULL));
    CHECK_EQUAL(PLUGIN_PENDING, core_request_run(request, plugin_text("x"), NULL)); /* for its context, on no turn */
    for (uint64_t size = 1; size < sizeof text; size = size * 3 + 1) {
        memset(text, 'x', sizeof text);
        text[size] = '\0';
        CHECK_EQUAL(PLUGIN_OK,
                    keeper.callbacks->call_other_plugin(keeper.host, plugin_text("b"), plugin_text_of(text, size),
                                                        20000, receive_length, &length, NULL));
        CHECK_EQUAL(size, length);
    }
    core_request_release(request);
    core_free(core);
}

/* A child made by fork() inside an entry has no host, although its thread has the turn. */
static int answers_in_child;

static PluginStatus fork_and_reply(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    (void)plugin, (void)error;
    const pid_t child = fork();
    if (child == 0) {
        const int closed = context->callbacks->request_reply(context->host, request, message, NULL) == PLUGIN_CLOSED;
        _exit(closed && context->callbacks->request_status(context->host, request) == PLUGIN_CLOSED ? 42 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    answers_in_child = WEXITSTATUS(status);
    return plugin_reply_text(context, request, message);
}

static void forks(PluginInterface *table) { table->handle_message = fork_and_reply; }

TEST(a_forked_child_has_no_host) {
    char reply[256];
    Core *core = core_new(NULL);
    const PluginHost host = start(core, forks, "forks");
    CHECK_EQUAL(PLUGIN_OK, send(host, "hello", reply));
    CHECK_TEXT("hello", (const char *)reply);
    CHECK_EQUAL(42, answers_in_child);
    core_free(core);
}

int main(void) {
    RUN(a_call_goes_through_and_its_reply_comes_back);
    RUN(nobody_there_and_nobody_connected_are_told_apart);
    RUN(a_plugin_that_calls_itself_is_a_circle);
    RUN(a_plugin_that_calls_itself_through_others_is_a_circle);
    RUN(a_circle_over_two_threads_is_found);
    RUN(entries_of_one_instance_never_run_at_the_same_time);
    RUN(cancelling_a_request_cancels_what_its_handler_waits_for);
    RUN(who_polls_for_a_nested_call_sees_that_its_caller_ends);
    RUN(who_polls_for_a_nested_call_sees_that_its_caller_ends_on_the_direct_way);
    RUN(the_end_of_an_instance_ends_what_its_handler_waits_for);
    RUN(a_kept_call_from_plugin_to_plugin_is_answered_later);
    RUN(a_call_finds_the_instance_that_has_the_id_now);
    RUN(replies_of_any_length_go_from_plugin_to_plugin);
    RUN(a_forked_child_has_no_host);
    return check_result();
}
