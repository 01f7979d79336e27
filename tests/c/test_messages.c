/* SPDX-License-Identifier: Apache-2.0 */
/* Messages and their replies. */
#include "host.h"

#include <unistd.h>

static PluginStatus reply_same(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                               PluginText message, PluginError *error) {
    (void)plugin, (void)error;
    return plugin_reply_text(context, request, message);
}
static void echoes(PluginInterface *table) { table->handle_message = reply_same; }
static void bare(PluginInterface *table) { (void)table; }

static PluginStatus silent(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                           PluginText message, PluginError *error) {
    (void)plugin, (void)context, (void)request, (void)message, (void)error;
    return PLUGIN_OK;
}
static void says_nothing(PluginInterface *table) { table->handle_message = silent; }

static PluginStatus fail_with_text(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    (void)plugin, (void)context, (void)request;
    return plugin_fail(error, -1234, "no %s here", message.data);
}
static void fails(PluginInterface *table) { table->handle_message = fail_with_text; }

/* Replies twice; the second answer is the reply's status, kept here. */
static PluginStatus second_status;
static PluginStatus reply_twice(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                PluginText message, PluginError *error) {
    (void)plugin, (void)error;
    plugin_reply_text(context, request, message);
    second_status = plugin_reply(context, request, "again");
    return PLUGIN_OK;
}
static void twice(PluginInterface *table) { table->handle_message = reply_twice; }

/* Keeps the request: the test answers. */
static PluginInstanceContext kept_context;
static PluginRequest kept_request;
static PluginStatus keep(void *plugin, const PluginInstanceContext *context, PluginRequest request, PluginText message,
                         PluginError *error) {
    (void)plugin, (void)message, (void)error;
    kept_context = *context;
    kept_request = request;
    return PLUGIN_PENDING;
}
static PluginRequest cancelled_request;
static void note_cancel(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                        PluginStream stream) {
    (void)plugin, (void)context, (void)stream;
    cancelled_request = request;
}
static void keeps(PluginInterface *table) {
    table->handle_message = keep;
    table->on_cancel = note_cancel;
}

static PluginStatus send(PluginHost host, const char *text, char *reply, Said *said) {
    reply[0] = '\0';
    return send_and_wait(host, plugin_text(text), 10000, receive, reply, said_clear(said));
}

TEST(a_reply_comes_back) {
    char reply[256];
    Said said;
    Core *core = core_new(NULL);
    const PluginHost host = start(core, echoes, "echo");
    CHECK_EQUAL(PLUGIN_OK, send(host, "hello", reply, &said));
    CHECK_TEXT("hello", reply);
    core_free(core);
}

TEST(a_plugin_without_handle_message_echoes) {
    char reply[256];
    Said said;
    Core *core = core_new(NULL);
    const PluginHost host = start(core, bare, "bare");
    CHECK_EQUAL(PLUGIN_OK, send(host, "hello", reply, &said));
    CHECK_TEXT("Echo from bare: hello", reply);
    core_free(core);
}

TEST(an_empty_message_is_a_message) {
    char reply[256];
    Said said;
    Core *core = core_new(NULL);
    const PluginHost host = start(core, echoes, "echo");
    CHECK_EQUAL(PLUGIN_OK, send(host, "", reply, &said));
    CHECK_TEXT("", reply);
    core_free(core);
}

TEST(no_reply_is_an_error) {
    char reply[256];
    Said said;
    Core *core = core_new(NULL);
    const PluginHost host = start(core, says_nothing, "silent");
    CHECK_EQUAL(PLUGIN_NO_REPLY, send(host, "hello", reply, &said));
    core_free(core);
}

TEST(a_failure_brings_its_status_and_text) {
    char reply[256];
    Said said;
    Core *core = core_new(NULL);
    const PluginHost host = start(core, fails, "fails");
    CHECK_EQUAL(-1234, send(host, "bread", reply, &said));
    CHECK_TEXT("no bread here", said.text);
    core_free(core);
}

TEST(the_second_reply_is_refused_and_reported) {
    char reply[256];
    Said said;
    Core *core = core_new(NULL);
    const PluginHost host = start(core, twice, "twice");
    CHECK_EQUAL(PLUGIN_OK, send(host, "one", reply, &said));
    CHECK_TEXT("one", reply);
    CHECK_EQUAL(PLUGIN_ENDED, second_status);
    Events events = drain_all(core);
    CHECK_EQUAL(1, count_events(&events, CORE_EVENT_REPORT));
    events_free(&events);
    core_free(core);
}

TEST(a_message_to_an_unconnected_instance_is_refused) {
    char reply[256];
    Said said;
    Core *core = core_new(NULL);
    const PluginHost host = make(core, echoes, "echo");
    CHECK_EQUAL(PLUGIN_OK, core_instance_initialize(host, NULL, 0, NULL));
    CHECK_EQUAL(PLUGIN_NOT_CONNECTED, send(host, "hello", reply, &said));
    core_free(core);
}

TEST(bytes_that_are_no_text_are_refused) {
    char reply[256];
    Said said;
    Core *core = core_new(NULL);
    const PluginHost host = start(core, echoes, "echo");
    CHECK_EQUAL(PLUGIN_INVALID_TEXT, send(host, "a\xff", reply, &said));
    core_free(core);
}

TEST(a_text_beyond_the_limit_is_refused) {
    Said said;
    Core *core = core_new(&(CoreOptions){.max_text_bytes = 100});
    const PluginHost host = start(core, echoes, "echo");
    char text[102];
    memset(text, 'x', sizeof text);
    CHECK_EQUAL(PLUGIN_TOO_LARGE, send_and_wait(host, plugin_text_of(text, 101), 1000, NULL, NULL, said_clear(&said)));
    CHECK_EQUAL(PLUGIN_OK, send_and_wait(host, plugin_text_of(text, 100), 1000, NULL, NULL, said_clear(&said)));
    core_free(core);
}

TEST(a_kept_request_is_answered_later) {
    char reply[256] = "";
    PluginRequest request;
    Core *core = core_new(NULL);
    const PluginHost host = start(core, keeps, "keeps");
    CHECK_EQUAL(PLUGIN_OK, core_request_new(host, plugin_text("x"), 10000, CORE_NOTIFY_WAIT, &request, NULL));
    CHECK_EQUAL(PLUGIN_PENDING, core_request_run(request, plugin_text("x"), NULL));
    CHECK_EQUAL(PLUGIN_PENDING, core_request_wait(request, 0, NULL, NULL, NULL));
    CHECK_EQUAL(PLUGIN_OK, plugin_reply(&kept_context, kept_request, "later"));
    CHECK_EQUAL(PLUGIN_OK, core_request_wait(request, 0, receive, reply, NULL));
    CHECK_TEXT("later", reply);
    core_request_release(request);
    Events events = drain_all(core);
    const Seen *ended = find_event(&events, CORE_EVENT_REQUEST_ENDED);
    CHECK(ended && ended->request == request && ended->value == PLUGIN_OK);
    CHECK(ended && strcmp("later", ended->text) == 0);
    events_free(&events);
    core_free(core);
}

TEST(a_cancelled_request_takes_no_reply_and_tells_the_plugin) {
    PluginRequest request;
    Core *core = core_new(NULL);
    const PluginHost host = start(core, keeps, "keeps");
    CHECK_EQUAL(PLUGIN_OK, core_request_new(host, plugin_text("x"), 10000, CORE_NOTIFY_NONE, &request, NULL));
    CHECK_EQUAL(PLUGIN_PENDING, core_request_run(request, plugin_text("x"), NULL));
    CHECK_EQUAL(PLUGIN_OK, core_request_cancel(request, NULL));
    CHECK_EQUAL(PLUGIN_CANCELLED, kept_context.callbacks->request_status(host, request));
    CHECK_EQUAL(PLUGIN_CANCELLED, plugin_reply(&kept_context, kept_request, "late"));
    CHECK_EQUAL(PLUGIN_ENDED, core_request_cancel(request, NULL));
    core_tick(core, 0);
    CHECK(cancelled_request == request);
    core_request_release(request);
    core_free(core);
}

TEST(a_deadline_ends_a_kept_request) {
    PluginRequest request;
    Core *core = core_new(NULL);
    const PluginHost host = start(core, keeps, "keeps");
    CHECK_EQUAL(PLUGIN_OK, core_request_new(host, plugin_text("x"), 20, CORE_NOTIFY_NONE, &request, NULL));
    CHECK_EQUAL(PLUGIN_PENDING, core_request_run(request, plugin_text("x"), NULL));
    CHECK_EQUAL(PLUGIN_TIMEOUT, core_request_wait(request, PLUGIN_WAIT_FOREVER, NULL, NULL, NULL));
    CHECK_EQUAL(PLUGIN_TIMEOUT, kept_context.callbacks->request_status(host, request));
    CHECK_EQUAL(PLUGIN_ENDED, plugin_reply(&kept_context, kept_request, "late"));
    core_request_release(request);
    core_free(core);
}

TEST(core_tick_ends_what_nobody_waits_for) {
    PluginRequest request;
    Core *core = core_new(NULL);
    const PluginHost host = start(core, keeps, "keeps");
    CHECK_EQUAL(PLUGIN_OK, core_request_new(host, plugin_text("x"), 20, CORE_NOTIFY_WAIT, &request, NULL));
    CHECK_EQUAL(PLUGIN_PENDING, core_request_run(request, plugin_text("x"), NULL));
    CHECK_EQUAL(PLUGIN_TIMEOUT, tick_until_ended(core));
    core_request_release(request);
    core_free(core);
}

TEST(disconnecting_ends_what_is_open) {
    PluginRequest request;
    Core *core = core_new(NULL);
    const PluginHost host = start(core, keeps, "keeps");
    CHECK_EQUAL(PLUGIN_OK,
                core_request_new(host, plugin_text("x"), PLUGIN_WAIT_FOREVER, CORE_NOTIFY_NONE, &request, NULL));
    CHECK_EQUAL(PLUGIN_PENDING, core_request_run(request, plugin_text("x"), NULL));
    CHECK_EQUAL(PLUGIN_OK, core_instance_disconnect(host, NULL));
    CHECK_EQUAL(PLUGIN_CANCELLED, core_request_wait(request, 0, NULL, NULL, NULL));
    core_request_release(request);
    core_free(core);
}

TEST(handles_of_others_and_of_nothing_are_refused) {
    PluginRequest request;
    Core *core = core_new(NULL);
    const PluginHost host = start(core, keeps, "keeps");
    const PluginHost other = start(core, echoes, "echo");
    CHECK_EQUAL(PLUGIN_OK, core_request_new(host, plugin_text("x"), 1000, CORE_NOTIFY_NONE, &request, NULL));
    CHECK_EQUAL(PLUGIN_PENDING, core_request_run(request, plugin_text("x"), NULL));
    const HostCallbacks *callbacks = kept_context.callbacks;
    CHECK_EQUAL(PLUGIN_INVALID_HANDLE, callbacks->request_status(other, request));
    CHECK_EQUAL(PLUGIN_INVALID_HANDLE, callbacks->request_status(host, host));
    CHECK_EQUAL(PLUGIN_INVALID_HANDLE, callbacks->request_status(host, PLUGIN_NONE));
    CHECK_EQUAL(PLUGIN_CLOSED, callbacks->request_status(request, request));
    core_request_release(request);
    CHECK_EQUAL(PLUGIN_ENDED, callbacks->request_status(host, request));
    core_free(core);
}

int main(void) {
    RUN(a_reply_comes_back);
    RUN(a_plugin_without_handle_message_echoes);
    RUN(an_empty_message_is_a_message);
    RUN(no_reply_is_an_error);
    RUN(a_failure_brings_its_status_and_text);
    RUN(the_second_reply_is_refused_and_reported);
    RUN(a_message_to_an_unconnected_instance_is_refused);
    RUN(bytes_that_are_no_text_are_refused);
    RUN(a_text_beyond_the_limit_is_refused);
    RUN(a_kept_request_is_answered_later);
    RUN(a_cancelled_request_takes_no_reply_and_tells_the_plugin);
    RUN(a_deadline_ends_a_kept_request);
    RUN(core_tick_ends_what_nobody_waits_for);
    RUN(disconnecting_ends_what_is_open);
    RUN(handles_of_others_and_of_nothing_are_refused);
    return check_result();
}
