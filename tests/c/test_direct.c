/* SPDX-License-Identifier: Apache-2.0 */
/* core_send: the direct way of a message, who may take it, and what is told of it. */
#include "clock.h"
#include "handles.h"
#include "host.h"

#include <stdatomic.h>

enum { QUICK = 32 };

/* ---- plugins ---- */

/* What its message says it is to do. */
static PluginInstanceContext last_context;
static PluginRequest last_request;
static PluginStream last_stream;
static pthread_barrier_t entered, may_leave;

static uint64_t longest_ms; /* that a call took so far */

static void take_ms(uint64_t ms) {
    const uint64_t begin = clock_now();
    while (clock_now() < begin + ms * 1000000) {
    }
    const uint64_t took = (clock_now() - begin) / 1000000;
    if (took > longest_ms) longest_ms = took;
}

static PluginStatus obey(void *plugin, const PluginInstanceContext *context, PluginRequest request, PluginText message,
                         PluginError *error) {
    (void)plugin;
    last_context = *context;
    last_request = request;
    if (plugin_text_equals(message, "fail")) return plugin_fail(error, -1234, "as asked");
    if (plugin_text_equals(message, "keep")) return PLUGIN_PENDING;
    if (plugin_text_equals(message, "message")) plugin_send_message(context, PLUGIN_MESSAGE_NORMAL, "by the way");
    if (plugin_text_equals(message, "stream"))
        CHECK_EQUAL(PLUGIN_OK, plugin_stream_start(context, request, &last_stream));
    if (plugin_text_equals(message, "hang")) {
        pthread_barrier_wait(&entered);
        pthread_barrier_wait(&may_leave);
    }
    if (plugin_text_equals(message, "slow")) take_ms(250);
    if (plugin_text_equals(message, "late")) take_ms(20);
    return plugin_reply_text(context, request, message);
}

static void bare(PluginInterface *table) { (void)table; }

static void obeys(PluginInterface *table) { table->handle_message = obey; }

static void obeys_in_short(PluginInterface *table) {
    obeys(table);
    table->features = PLUGIN_FEATURE_SHORT_CALLS;
}

/* ---- sending ---- */

typedef struct Answer {
    PluginStatus status;
    PluginRequest request;
    char reply[256];
    Said said;
} Answer;

static Answer send_as(PluginHost host, const char *text, int32_t notify) {
    Answer answer;
    memset(&answer, 0, sizeof answer);
    answer.status = core_send(host, plugin_text(text), 20000, notify, receive, answer.reply, &answer.request,
                              said_clear(&answer.said));
    return answer;
}

static Answer send(PluginHost host, const char *text) { return send_as(host, text, CORE_NOTIFY_WAIT); }

/* How many messages it takes until the plugin is called directly. A call that the system holds up counts as slow. */
static int show_that_it_is_quick(PluginHost host) {
    int messages = 0;
    for (;;) {
        const Answer answer = send_as(host, "x", CORE_NOTIFY_NONE);
        CHECK_EQUAL(PLUGIN_NONE, answer.request);
        if (answer.status != CORE_NOT_DIRECT) return messages;
        CHECK_EQUAL(PLUGIN_OK, send_and_wait(host, plugin_text("x"), 20000, NULL, NULL, NULL));
        messages++;
    }
}

/* What was queued of requests and streams, in words. */
static const char *told(Core *core) {
    static char words[1024];
    Events events = drain_all(core);
    words[0] = '\0';
    for (uint32_t index = 0; index < events.count; index++) {
        const Seen *seen = &events.seen[index];
        const size_t at = strlen(words);
        char *end = words + at;
        const size_t room = sizeof words - at;
        const char *blank = at > 0 ? ", " : "";
        if (seen->type == CORE_EVENT_REQUEST_STARTED)
            snprintf(end, room, "%sstarted %s", blank, seen->text);
        else if (seen->type == CORE_EVENT_REQUEST_ENDED)
            snprintf(end, room, "%s%s %d %s", blank, seen->number & CORE_REQUEST_TAKEN ? "taken" : "ended",
                     (int)seen->value, seen->text);
        else if (seen->type == CORE_EVENT_MESSAGE)
            snprintf(end, room, "%smessage", blank);
        else if (seen->type == CORE_EVENT_STREAM_START)
            snprintf(end, room, "%sstream", blank);
        else if (seen->type == CORE_EVENT_STREAM_END)
            snprintf(end, room, "%sstream end", blank);
        else if (seen->type == CORE_EVENT_STREAM_CANCEL)
            snprintf(end, room, "%sstream cancelled", blank);
        else if (seen->type == CORE_EVENT_REPORT)
            snprintf(end, room, "%sreport", blank);
    }
    events_free(&events);
    return words;
}

static PluginHost start_told(Core *core, Setup setup) {
    const PluginHost host = start(core, setup, "obeys");
    told(core);
    return host;
}

/* ---- who is called directly ---- */

TEST(a_plugin_is_called_directly_once_it_has_been_quick_often_enough) {
    Core *core = core_new(NULL);
    const PluginHost host = start_told(core, obeys);
    CHECK(show_that_it_is_quick(host) >= QUICK);
    const Answer answer = send(host, "hello");
    CHECK_EQUAL(PLUGIN_OK, answer.status);
    CHECK_TEXT("hello", answer.reply);
    CHECK_TEXT("started hello, taken 0 hello", told(core));
    core_free(core);
}

TEST(one_that_promises_short_calls_is_called_directly_from_the_start) {
    Core *core = core_new(NULL);
    const PluginHost host = start_told(core, obeys_in_short);
    const Answer answer = send(host, "hello");
    CHECK_EQUAL(PLUGIN_OK, answer.status);
    CHECK_TEXT("hello", answer.reply);
    core_free(core);
}

TEST(one_without_handle_message_is_called_directly) {
    Core *core = core_new(NULL);
    const PluginHost host = start(core, bare, "bare");
    const Answer answer = send(host, "hello");
    CHECK_EQUAL(PLUGIN_OK, answer.status);
    CHECK_TEXT("Echo from bare: hello", answer.reply);
    core_free(core);
}

TEST(a_slow_call_loses_the_direct_way) {
    Core *core = core_new(NULL);
    const PluginHost host = start_told(core, obeys);
    show_that_it_is_quick(host);
    CHECK_EQUAL(PLUGIN_OK, send(host, "slow").status);
    CHECK_TEXT("started slow, taken 0 slow", told(core));
    CHECK_EQUAL(CORE_NOT_DIRECT, send(host, "x").status);
    CHECK(show_that_it_is_quick(host) >= QUICK);
    core_free(core);
}

/* Where the system held up one of the calls for too long, all begins anew. */
TEST(one_call_that_comes_late_is_forgiven_and_no_second) {
    uint64_t longest;
    do {
        Core *core = core_new(NULL);
        const PluginHost host = start_told(core, obeys_in_short);
        longest_ms = 0;
        const PluginStatus first = send(host, "late").status;
        const int was_forgiven = strcmp(told(core), "started late, taken 0 late") == 0;
        const PluginStatus second = send(host, "late").status;
        const int was_reported = strcmp(told(core), "started late, taken 0 late, report") == 0;
        longest = longest_ms;
        if (longest < 150) {
            CHECK_EQUAL(PLUGIN_OK, first);
            CHECK_EQUAL(PLUGIN_OK, second);
            CHECK(was_forgiven && was_reported);
            CHECK_EQUAL(CORE_NOT_DIRECT, send(host, "x").status);
        }
        core_free(core);
    } while (longest >= 150);
}

TEST(a_kept_request_loses_the_direct_way) {
    Core *core = core_new(NULL);
    const PluginHost host = start_told(core, obeys);
    show_that_it_is_quick(host);
    const Answer answer = send(host, "keep");
    CHECK_EQUAL(PLUGIN_PENDING, answer.status);
    CHECK_EQUAL(CORE_NOT_DIRECT, send(host, "x").status);
    core_request_release(answer.request);
    core_free(core);
}

TEST(a_broken_promise_of_short_calls_is_reported_once) {
    Core *core = core_new(NULL);
    const PluginHost host = start_told(core, obeys_in_short);
    CHECK_EQUAL(PLUGIN_OK, send(host, "slow").status);
    CHECK_TEXT("started slow, taken 0 slow, report", told(core));
    CHECK_EQUAL(CORE_NOT_DIRECT, send(host, "x").status);
    CHECK_EQUAL(PLUGIN_OK, send_and_wait(host, plugin_text("slow"), 20000, NULL, NULL, NULL));
    CHECK_TEXT("", told(core));
    core_free(core);
}

TEST(a_promise_is_broken_on_the_other_way_too) {
    Core *core = core_new(NULL);
    const PluginHost host = start_told(core, obeys_in_short);
    CHECK_EQUAL(PLUGIN_OK, send_and_wait(host, plugin_text("slow"), 20000, NULL, NULL, NULL));
    CHECK_TEXT("report", told(core));
    core_free(core);
}

TEST(keeping_a_request_breaks_no_promise) {
    Core *core = core_new(NULL);
    const PluginHost host = start_told(core, obeys_in_short);
    const Answer answer = send(host, "keep");
    CHECK_EQUAL(PLUGIN_PENDING, answer.status);
    CHECK_EQUAL(PLUGIN_OK, send(host, "x").status);
    core_request_release(answer.request);
    core_free(core);
}

/* ---- what becomes of the message ---- */

TEST(a_failure_brings_its_status_and_text) {
    Core *core = core_new(NULL);
    const PluginHost host = start_told(core, obeys_in_short);
    const Answer answer = send(host, "fail");
    CHECK_EQUAL(-1234, answer.status);
    CHECK_EQUAL(PLUGIN_NONE, answer.request);
    CHECK_TEXT("as asked", answer.said.text);
    CHECK_TEXT("started fail, taken -1234 as asked", told(core));
    core_free(core);
}

TEST(what_cannot_be_sent_is_not_told_of) {
    Core *core = core_new(&(CoreOptions){.max_text_bytes = 8});
    const PluginHost host = start_told(core, obeys_in_short);
    CHECK_EQUAL(PLUGIN_INVALID_TEXT, send(host, "a\xff").status);
    CHECK_EQUAL(PLUGIN_TOO_LARGE, send(host, "123456789").status);
    CHECK_EQUAL(PLUGIN_OK, core_instance_disconnect(host, NULL));
    CHECK_EQUAL(PLUGIN_NOT_CONNECTED, send(host, "x").status);
    CHECK_EQUAL(PLUGIN_OK, core_instance_end(host, 1000, NULL));
    CHECK_EQUAL(PLUGIN_CLOSED, send(host, "x").status);
    CHECK_TEXT("", told(core));
    core_free(core);
}

TEST(a_kept_request_is_the_callers) {
    char reply[256] = "";
    Core *core = core_new(NULL);
    const PluginHost host = start_told(core, obeys_in_short);
    const Answer answer = send(host, "keep");
    CHECK_EQUAL(PLUGIN_PENDING, answer.status);
    CHECK(answer.request == last_request && answer.request != PLUGIN_NONE);
    CHECK_TEXT("started keep", told(core));
    CHECK_EQUAL(PLUGIN_OK, plugin_reply(&last_context, last_request, "later"));
    CHECK_TEXT("ended 0 later", told(core));
    CHECK_EQUAL(PLUGIN_OK, core_request_wait(answer.request, 0, receive, reply, NULL));
    CHECK_TEXT("later", (const char *)reply);
    core_request_release(answer.request);
    core_free(core);
}

/* The number of the first event of a type that a request has which a stream answers. */
static uint64_t number_of(uint32_t type) {
    Core *core = core_new(NULL);
    const Answer answer = send(start_told(core, obeys_in_short), "stream");
    Events events = drain_all(core);
    const Seen *found = find_event(&events, type);
    const uint64_t number = found ? found->number : UINT64_MAX;
    events_free(&events);
    core_request_release(answer.request);
    core_free(core);
    return number;
}

TEST(a_streams_start_says_that_its_request_is_told_of) {
    CHECK_EQUAL(CORE_REQUEST_TOLD, number_of(CORE_EVENT_STREAM_START));
}

TEST(an_end_says_that_streams_have_answered) {
    CHECK_EQUAL(CORE_REQUEST_STREAMED, number_of(CORE_EVENT_REQUEST_ENDED));
}

TEST(a_request_that_streams_answer_is_the_callers) {
    Core *core = core_new(NULL);
    const PluginHost host = start_told(core, obeys_in_short);
    const Answer answer = send(host, "stream");
    CHECK_EQUAL(PLUGIN_PENDING, answer.status);
    CHECK(answer.request == last_request && answer.request != PLUGIN_NONE);
    CHECK_TEXT("", answer.reply);
    CHECK_TEXT("started stream, stream, ended 0 stream", told(core));
    core_request_release(answer.request);
    core_free(core);
}

TEST(the_deadline_of_a_kept_request_is_watched) {
    PluginRequest request;
    Core *core = core_new(NULL);
    const PluginHost host = start_told(core, obeys_in_short);
    CHECK_EQUAL(PLUGIN_PENDING, core_send(host, plugin_text("keep"), 20, CORE_NOTIFY_WAIT, NULL, NULL, &request, NULL));
    CHECK_TEXT("started keep", told(core));
    CHECK_EQUAL(PLUGIN_TIMEOUT, tick_until_ended(core));
    core_request_release(request);
    core_free(core);
}

TEST(a_reply_past_the_deadline_comes_too_late) {
    PluginRequest request;
    Core *core = core_new(NULL);
    const PluginHost host = start_told(core, obeys_in_short);
    CHECK_EQUAL(PLUGIN_TIMEOUT, core_send(host, plugin_text("slow"), 1, CORE_NOTIFY_WAIT, NULL, NULL, &request, NULL));
    CHECK_EQUAL(PLUGIN_NONE, request);
    CHECK_TEXT("started slow, taken -9 no reply came in time, report", told(core));
    core_free(core);
}

/* ---- what is told ---- */

TEST(the_start_comes_before_all_that_the_plugin_sends) {
    Core *core = core_new(NULL);
    const PluginHost host = start_told(core, obeys_in_short);
    core_request_release(send(host, "message").request);
    CHECK_TEXT("started message, message, ended 0 message", told(core));
    core_free(core);
}

TEST(a_reply_does_not_overtake_what_the_plugin_sent_before_it) {
    Core *core = core_new(NULL);
    const PluginHost host = start_told(core, obeys_in_short);
    const Answer answer = send(host, "message");
    CHECK_EQUAL(PLUGIN_PENDING, answer.status);
    CHECK_EQUAL(last_request, answer.request);
    CHECK_EQUAL(PLUGIN_PENDING, core_request_take(answer.request, NULL, NULL, NULL));
    CHECK_EQUAL(PLUGIN_OK, core_request_wait(answer.request, 0, NULL, NULL, NULL));
    core_request_release(answer.request);
    /* What it sent for an earlier message holds up none. */
    CHECK_EQUAL(PLUGIN_OK, send(host, "x").status);
    core_free(core);
}

TEST(a_reply_overtakes_where_nobody_is_told) {
    Core *core = core_new(NULL);
    const PluginHost host = start_told(core, obeys_in_short);
    CHECK_EQUAL(PLUGIN_OK, send_as(host, "message", CORE_NOTIFY_NONE).status);
    core_tell_requests(core, 0);
    CHECK_EQUAL(PLUGIN_OK, send(host, "message").status);
    core_free(core);
}

/* ---- what was run the other way ---- */

/* A request that has been run; the status is that of core_request_run. */
static PluginStatus run(PluginHost host, const char *text, PluginRequest *request) {
    const PluginText message = plugin_text(text);
    CHECK_EQUAL(PLUGIN_OK, core_request_new(host, message, 20000, CORE_NOTIFY_WAIT, request, NULL));
    return core_request_run(*request, message, NULL);
}

TEST(a_whole_reply_can_be_taken_when_the_plugin_has_returned) {
    char reply[256] = "";
    PluginRequest request;
    Core *core = core_new(NULL);
    const PluginHost host = start_told(core, obeys_in_short);
    CHECK_EQUAL(PLUGIN_OK, run(host, "x", &request));
    CHECK_EQUAL(PLUGIN_OK, core_request_take(request, receive, reply, NULL));
    CHECK_TEXT("x", (const char *)reply);
    core_request_release(request);
    CHECK(core_request_take(request, NULL, NULL, NULL) < 0);
    core_free(core);
}

TEST(what_is_not_whole_cannot_be_taken) {
    PluginRequest kept, streamed;
    Core *core = core_new(NULL);
    const PluginHost host = start_told(core, obeys_in_short);
    CHECK_EQUAL(PLUGIN_PENDING, run(host, "keep", &kept));
    CHECK_EQUAL(PLUGIN_OK, run(host, "stream", &streamed));
    CHECK_EQUAL(PLUGIN_PENDING, core_request_take(kept, NULL, NULL, NULL));
    CHECK_EQUAL(PLUGIN_PENDING, core_request_take(streamed, NULL, NULL, NULL));
    core_request_release(kept);
    core_request_release(streamed);
    core_free(core);
}

/* ---- the drain ---- */

TEST(an_instance_tells_the_number_of_its_last_event) {
    Core *core = core_new(NULL);
    const PluginHost host = start_told(core, obeys_in_short);
    send(host, "x");
    const uint64_t last = core_instance_sequence(host);
    Events events = drain_all(core);
    CHECK_EQUAL(last, events.seen[events.count - 1].sequence);
    events_free(&events);
    CHECK_EQUAL(last, core_instance_sequence(host));
    CHECK_EQUAL(PLUGIN_OK, core_instance_end(host, 1000, NULL));
    CHECK_EQUAL(0, core_instance_sequence(host));
    core_free(core);
}

static void see_nothing(void *userdata, const CoreEvent *event) {
    (void)userdata;
    (void)event;
}

static void *drain_once(void *argument) {
    return (void *)(uintptr_t)core_drain((Core *)argument, 64, PLUGIN_WAIT_FOREVER, see_nothing, NULL);
}

TEST(an_event_that_nobody_waits_for_is_brought_all_the_same) {
    pthread_t drain;
    void *drained;
    Core *core = core_new(NULL);
    const PluginHost host = start_told(core, obeys_in_short);
    pthread_create(&drain, NULL, drain_once, core);
    send(host, "x");
    pthread_join(drain, &drained);
    CHECK((uintptr_t)drained > 0);
    core_free(core);
}

TEST(nothing_is_told_without_notify) {
    Core *core = core_new(NULL);
    const PluginHost host = start_told(core, obeys_in_short);
    CHECK_EQUAL(PLUGIN_OK, send_as(host, "x", CORE_NOTIFY_NONE).status);
    const Answer kept = send_as(host, "keep", CORE_NOTIFY_NONE);
    const Answer streamed = send_as(host, "stream", CORE_NOTIFY_NONE);
    CHECK_EQUAL(PLUGIN_PENDING, kept.status);
    CHECK_EQUAL(PLUGIN_PENDING, streamed.status);
    CHECK_TEXT("stream", told(core));
    CHECK_EQUAL(PLUGIN_OK, core_request_wait(streamed.request, 0, NULL, NULL, NULL));
    core_request_release(kept.request);
    core_request_release(streamed.request);
    core_free(core);
}

TEST(what_is_taken_is_not_told_of_where_nobody_wants_to_know) {
    Core *core = core_new(NULL);
    const PluginHost host = start_told(core, obeys_in_short);
    core_tell_requests(core, 0);
    CHECK_EQUAL(PLUGIN_OK, send(host, "x").status);
    CHECK_EQUAL(-1234, send(host, "fail").status);
    CHECK_TEXT("", told(core));
    core_tell_requests(core, 1);
    CHECK_EQUAL(PLUGIN_OK, send(host, "x").status);
    CHECK_TEXT("started x, taken 0 x", told(core));
    core_free(core);
}

TEST(what_is_not_taken_is_told_of_all_the_same) {
    Core *core = core_new(NULL);
    const PluginHost host = start_told(core, obeys_in_short);
    core_tell_requests(core, 0);
    const Answer kept = send(host, "keep");
    CHECK_TEXT("started keep", told(core));
    const Answer streamed = send(host, "stream");
    CHECK_EQUAL(PLUGIN_PENDING, streamed.status);
    CHECK_TEXT("started stream, stream, ended 0 stream", told(core));
    core_request_release(kept.request);
    CHECK_TEXT("ended -8 nobody waits for the reply any more", told(core));
    core_request_release(streamed.request);
    core_free(core);
}

TEST(messages_are_told_of_in_the_order_of_sending) {
    PluginRequest first, second;
    Core *core = core_new(NULL);
    const PluginHost host = start_told(core, obeys_in_short);
    CHECK_EQUAL(PLUGIN_OK, core_request_new(host, plugin_text("one"), 20000, CORE_NOTIFY_WAIT, &first, NULL));
    CHECK_EQUAL(PLUGIN_OK, core_request_new(host, plugin_text("two"), 20000, CORE_NOTIFY_NOW, &second, NULL));
    CHECK_EQUAL(PLUGIN_OK, core_request_run(second, plugin_text("two"), NULL));
    CHECK_EQUAL(PLUGIN_OK, core_request_run(first, plugin_text("one"), NULL));
    CHECK_TEXT("started one, started two, ended 0 two, ended 0 one", told(core));
    core_request_release(first);
    core_request_release(second);
    core_free(core);
}

TEST(a_message_that_is_no_text_makes_no_request) {
    PluginRequest request = 1;
    Core *core = core_new(NULL);
    const PluginHost host = start_told(core, obeys_in_short);
    CHECK_EQUAL(PLUGIN_INVALID_TEXT,
                core_request_new(host, plugin_text("\xc0"), 20000, CORE_NOTIFY_WAIT, &request, NULL));
    CHECK_EQUAL(PLUGIN_NONE, request);
    CHECK_TEXT("", told(core));
    core_free(core);
}

/* ---- a full queue ---- */

static Core *small_core(void) { return core_new(&(CoreOptions){.queue_events = 4}); }

static void fill(void) {
    while (plugin_send_message(&last_context, PLUGIN_MESSAGE_NORMAL, "full") == PLUGIN_OK) {
    }
}

TEST(a_full_queue_lets_nothing_through_directly_unless_it_must) {
    Core *core = small_core();
    const PluginHost host = start_told(core, obeys_in_short);
    CHECK_EQUAL(PLUGIN_OK, send_as(host, "x", CORE_NOTIFY_NONE).status);
    fill();
    CHECK_EQUAL(CORE_NOT_DIRECT, send(host, "x").status);
    CHECK_TEXT("message, message, message, message", told(core));
    fill();
    CHECK_EQUAL(PLUGIN_OK, send_as(host, "x", CORE_NOTIFY_NOW).status);
    CHECK_TEXT("message, message, message, message, started x, taken 0 x", told(core));
    core_free(core);
}

static int cancels;

static void count_cancel(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                         PluginStream stream) {
    (void)plugin, (void)context, (void)request, (void)stream;
    cancels++;
}

static void obeys_and_is_told(PluginInterface *table) {
    obeys_in_short(table);
    table->on_cancel = count_cancel;
}

TEST(what_was_never_given_to_the_plugin_is_not_cancelled_there) {
    PluginRequest request;
    Core *core = small_core();
    const PluginHost host = start_told(core, obeys_and_is_told);
    CHECK_EQUAL(PLUGIN_OK, send_as(host, "x", CORE_NOTIFY_NONE).status);
    fill();
    cancels = 0;
    CHECK_EQUAL(CORE_NOT_DIRECT, send(host, "x").status);
    CHECK_EQUAL(CORE_NOT_DIRECT, core_send(host, plugin_text("x"), 1, CORE_NOTIFY_WAIT, NULL, NULL, &request, NULL));
    for (int times = 0; times < 3; times++) core_tick(core, 0);
    CHECK_EQUAL(0, cancels);
    core_free(core);
}

TEST(a_request_waits_for_room_no_longer_than_its_deadline) {
    PluginRequest request = 1;
    Said said;
    Core *core = small_core();
    const PluginHost host = start_told(core, obeys_in_short);
    CHECK_EQUAL(PLUGIN_OK, send_as(host, "x", CORE_NOTIFY_NONE).status);
    fill();
    CHECK_EQUAL(PLUGIN_TIMEOUT,
                core_request_new(host, plugin_text("x"), 20, CORE_NOTIFY_WAIT, &request, said_clear(&said)));
    CHECK_EQUAL(PLUGIN_NONE, request);
    CHECK_CONTAINS("full until the deadline", said.text);
    CHECK_TEXT("message, message, message, message", told(core));
    core_free(core);
}

typedef struct Sender {
    pthread_t thread;
    PluginHost host;
    const char *text;
    PluginRequest request;
    PluginStatus status;
} Sender;

static void *make_request(void *argument) {
    Sender *sender = (Sender *)argument;
    sender->status =
        core_request_new(sender->host, plugin_text(sender->text), 20000, CORE_NOTIFY_WAIT, &sender->request, NULL);
    return NULL;
}

static atomic_int waits;
static char held_back;

static void *count_wait(void) {
    atomic_fetch_add(&waits, 1);
    return &held_back;
}
static void no_end(void *begun) { CHECK(begun == &held_back); }

static const CoreYield counting = {count_wait, no_end};

static void wait_for_waiter(void) {
    while (atomic_load(&waits) == 0) {
    }
}

TEST(a_request_waits_for_room) {
    Events events = {0, NULL, 0};
    Core *core = small_core();
    Sender sender = {.host = start_told(core, obeys_in_short), .text = "x"};
    CHECK_EQUAL(PLUGIN_OK, send_as(sender.host, "x", CORE_NOTIFY_NONE).status);
    fill();
    atomic_store(&waits, 0);
    core_set_yield(&counting);
    pthread_create(&sender.thread, NULL, make_request, &sender);
    wait_for_waiter();
    CHECK_EQUAL(1, core_drain(core, 1, 0, see, &events));
    pthread_join(sender.thread, NULL);
    core_set_yield(NULL);
    CHECK_EQUAL(PLUGIN_OK, sender.status);
    CHECK_TEXT("message, message, message, started x", told(core));
    events_free(&events);
    core_request_release(sender.request);
    core_free(core);
}

TEST(who_waits_for_room_is_let_go_when_the_instance_is_disconnected) {
    Core *core = small_core();
    Sender sender = {.host = start_told(core, obeys_in_short), .text = "x"};
    CHECK_EQUAL(PLUGIN_OK, send_as(sender.host, "x", CORE_NOTIFY_NONE).status);
    fill();
    atomic_store(&waits, 0);
    core_set_yield(&counting);
    pthread_create(&sender.thread, NULL, make_request, &sender);
    wait_for_waiter();
    CHECK_EQUAL(PLUGIN_OK, core_instance_disconnect(sender.host, NULL));
    pthread_join(sender.thread, NULL);
    core_set_yield(NULL);
    CHECK_EQUAL(PLUGIN_CANCELLED, sender.status);
    CHECK_TEXT("message, message, message, message", told(core));
    core_free(core);
}

/* ---- yielding ---- */

static atomic_int yields;
static Core *yielding_core;

static void *begin_yield(void) {
    atomic_fetch_add(&yields, 1);
    return &held_back;
}

/* Takes locks of the core: none may be held here. */
static void end_yield(void *begun) {
    CHECK(begun == &held_back);
    core_find(yielding_core, plugin_text("obeys"));
    core_drain(yielding_core, 0, 0, see, NULL);
    atomic_fetch_sub(&yields, 1);
}

static const CoreYield yield = {begin_yield, end_yield};
static int yields_inside;

static PluginStatus count_yields(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                 PluginText message, PluginError *error) {
    (void)plugin, (void)error;
    yields_inside = atomic_load(&yields);
    return plugin_reply_text(context, request, message);
}
static void counts(PluginInterface *table) { table->handle_message = count_yields; }
static void counts_in_short(PluginInterface *table) {
    counts(table);
    table->features = PLUGIN_FEATURE_SHORT_CALLS;
}

TEST(the_embedder_yields_around_handle_message_but_for_a_short_one) {
    Core *core = yielding_core = core_new(NULL);
    const PluginHost any = start(core, counts, "any");
    const PluginHost brief = start(core, counts_in_short, "brief");
    show_that_it_is_quick(any);
    core_set_yield(&yield);
    CHECK_EQUAL(PLUGIN_OK, send(any, "x").status);
    CHECK_EQUAL(1, yields_inside);
    CHECK_EQUAL(PLUGIN_OK, send(brief, "x").status);
    CHECK_EQUAL(0, yields_inside);
    CHECK_EQUAL(0, atomic_load(&yields));
    core_set_yield(NULL);
    core_free(core);
}

static void *send_hang(void *argument) {
    CHECK_EQUAL(PLUGIN_OK, send_and_wait(*(PluginHost *)argument, plugin_text("hang"), 20000, NULL, NULL, NULL));
    return NULL;
}

TEST(who_waits_for_a_busy_plugin_yields_and_then_goes_the_other_way) {
    pthread_t thread;
    Core *core = yielding_core = core_new(NULL);
    PluginHost host = start_told(core, obeys_in_short);
    pthread_barrier_init(&entered, NULL, 2);
    pthread_barrier_init(&may_leave, NULL, 2);
    pthread_create(&thread, NULL, send_hang, &host);
    pthread_barrier_wait(&entered);
    atomic_store(&waits, 0);
    core_set_yield(&counting);
    CHECK_EQUAL(CORE_NOT_DIRECT, send(host, "x").status);
    CHECK(atomic_load(&waits) > 0);
    core_set_yield(&yield);
    CHECK_EQUAL(CORE_NOT_DIRECT, send(host, "x").status);
    CHECK_EQUAL(0, atomic_load(&yields));
    core_set_yield(NULL);
    pthread_barrier_wait(&may_leave);
    pthread_join(thread, NULL);
    pthread_barrier_destroy(&entered);
    pthread_barrier_destroy(&may_leave);
    core_free(core);
}

/* ---- all at the same time ---- */

enum { SENDERS = 3, ROUNDS = 400 };

typedef struct Race {
    Core *core;
    PluginHost host;
    atomic_int senders;   /* that are not done */
    atomic_int taken;     /* ends that core_send gave */
    atomic_int callers;   /* requests that it left to its caller */
    atomic_int elsewhere; /* that were not sent */
    _Atomic PluginRequest kept;
} Race;

static Race race;

/* Keeps every third, starts a stream for every third, and lets other threads at the request while it has it. */
static PluginStatus race_on(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                            PluginText message, PluginError *error) {
    PluginStream stream;
    (void)plugin, (void)error;
    last_context = *context;
    atomic_store(&race.kept, request);
    switch (message.data[0]) {
    case 'k':
        return PLUGIN_PENDING;
    case 's':
        plugin_stream_start(context, request, &stream);
        break;
    default:
        break;
    }
    plugin_reply_text(context, request, message);
    return PLUGIN_OK;
}
static void races(PluginInterface *table) {
    table->handle_message = race_on;
    table->features = PLUGIN_FEATURE_SHORT_CALLS;
}

static void *race_to_send(void *argument) {
    (void)argument;
    for (int round = 0; round < ROUNDS; round++) {
        static const char *const messages[] = {"keep", "stream", "reply"};
        const char *text = messages[round % 3];
        PluginRequest request;
        const PluginStatus status =
            core_send(race.host, plugin_text(text), round % 7 ? 20000 : 1, CORE_NOTIFY_NOW, NULL, NULL, &request, NULL);
        if (status == PLUGIN_PENDING) {
            atomic_fetch_add(&race.callers, 1);
            core_request_release(request);
        } else {
            CHECK_EQUAL(PLUGIN_NONE, request);
            atomic_fetch_add(status == CORE_NOT_DIRECT ? &race.elsewhere : &race.taken, 1);
        }
    }
    atomic_fetch_sub(&race.senders, 1);
    return NULL;
}

/* A thread of the plugin's that replies to, and streams for, what it may. */
static void *race_to_reply(void *argument) {
    const HostCallbacks *callbacks = (const HostCallbacks *)argument;
    while (atomic_load(&race.senders) > 0) {
        PluginStream stream;
        const PluginRequest request = atomic_load(&race.kept);
        callbacks->request_status(race.host, request);
        callbacks->stream_start(race.host, request, PLUGIN_MESSAGE_NORMAL, &stream, NULL);
        callbacks->request_fail(race.host, request, PLUGIN_ERROR, plugin_text("by a thread"), NULL);
    }
    return NULL;
}

static void *race_to_cancel(void *argument) {
    (void)argument;
    while (atomic_load(&race.senders) > 0) {
        core_request_cancel(atomic_load(&race.kept), NULL);
        core_tick(race.core, 0);
    }
    return NULL;
}

typedef struct Counts {
    uint32_t started, ended, taken, open, wrong;
    PluginRequest requests[SENDERS * ROUNDS];
} Counts;

static void count_race(void *userdata, const CoreEvent *event) {
    Counts *counted = (Counts *)userdata;
    const int starts = event->type == CORE_EVENT_REQUEST_STARTED;
    const int ends = event->type == CORE_EVENT_REQUEST_ENDED;
    uint32_t at = 0;
    if (!starts && !ends && !(event->type >= CORE_EVENT_STREAM_START && event->type <= CORE_EVENT_STREAM_CANCEL))
        return;
    while (at < counted->open && counted->requests[at] != event->request) at++;
    if (starts) {
        counted->started++;
        counted->wrong += at < counted->open;
        counted->requests[counted->open++] = event->request;
    } else if (at ==
               counted->open) { /* a stream may end after its request, but not begin, nor may a request end twice */
        counted->wrong += ends || event->type == CORE_EVENT_STREAM_START;
    } else if (ends) {
        counted->ended++;
        counted->taken += event->number == CORE_REQUEST_TAKEN;
        counted->requests[at] = counted->requests[--counted->open];
    }
}

TEST(whoever_is_first_ends_a_request_and_all_are_told_the_same) {
    pthread_t senders[SENDERS], replier, canceller;
    static Counts counted;
    memset(&counted, 0, sizeof counted);
    memset(&race, 0, sizeof race);
    race.core = core_new(NULL);
    race.host = start(race.core, races, "races");
    atomic_store(&race.senders, SENDERS);
    CHECK_EQUAL(PLUGIN_OK, send_as(race.host, "reply", CORE_NOTIFY_NONE).status);
    pthread_create(&replier, NULL, race_to_reply, (void *)(uintptr_t)last_context.callbacks);
    pthread_create(&canceller, NULL, race_to_cancel, NULL);
    for (int at = 0; at < SENDERS; at++) pthread_create(&senders[at], NULL, race_to_send, NULL);
    while (atomic_load(&race.senders) > 0) core_drain(race.core, 64, 1, count_race, &counted);
    for (int at = 0; at < SENDERS; at++) pthread_join(senders[at], NULL);
    pthread_join(replier, NULL);
    pthread_join(canceller, NULL);
    while (core_drain(race.core, 64, 0, count_race, &counted) > 0) {
    }
    CHECK_EQUAL(SENDERS * ROUNDS - atomic_load(&race.elsewhere), counted.started);
    CHECK_EQUAL(counted.started, counted.ended);
    CHECK_EQUAL(atomic_load(&race.taken), counted.taken);
    CHECK_EQUAL(0, counted.wrong);
    core_free(race.core);
    CHECK_EQUAL(0, handle_count(HANDLE_REQUEST));
}

static void *send_until_gone(void *argument) {
    PluginRequest request;
    PluginStatus status;
    (void)argument;
    do {
        status = core_send(race.host, plugin_text("reply"), 20000, CORE_NOTIFY_NOW, NULL, NULL, &request, NULL);
        if (status == PLUGIN_PENDING) core_request_release(request);
    } while (status != PLUGIN_CLOSED && status != PLUGIN_NOT_CONNECTED);
    return NULL;
}

TEST(an_instance_may_end_while_messages_come) {
    for (int life = 0; life < 50; life++) {
        pthread_t senders[2];
        memset(&race, 0, sizeof race);
        race.core = core_new(NULL);
        race.host = start(race.core, races, "races");
        for (int at = 0; at < 2; at++) pthread_create(&senders[at], NULL, send_until_gone, NULL);
        while (atomic_load(&race.kept) == PLUGIN_NONE) {
        }
        CHECK_EQUAL(PLUGIN_OK, core_instance_end(race.host, 20000, NULL));
        for (int at = 0; at < 2; at++) pthread_join(senders[at], NULL);
        core_free(race.core);
        CHECK_EQUAL(0, handle_count(HANDLE_REQUEST));
        CHECK_EQUAL(0, handle_count(HANDLE_INSTANCE));
    }
}

int main(void) {
    RUN(a_plugin_is_called_directly_once_it_has_been_quick_often_enough);
    RUN(one_that_promises_short_calls_is_called_directly_from_the_start);
    RUN(one_without_handle_message_is_called_directly);
    RUN(a_slow_call_loses_the_direct_way);
    RUN(one_call_that_comes_late_is_forgiven_and_no_second);
    RUN(a_kept_request_loses_the_direct_way);
    RUN(a_broken_promise_of_short_calls_is_reported_once);
    RUN(a_promise_is_broken_on_the_other_way_too);
    RUN(keeping_a_request_breaks_no_promise);
    RUN(a_failure_brings_its_status_and_text);
    RUN(what_cannot_be_sent_is_not_told_of);
    RUN(a_kept_request_is_the_callers);
    RUN(a_streams_start_says_that_its_request_is_told_of);
    RUN(an_end_says_that_streams_have_answered);
    RUN(a_request_that_streams_answer_is_the_callers);
    RUN(the_deadline_of_a_kept_request_is_watched);
    RUN(a_reply_past_the_deadline_comes_too_late);
    RUN(the_start_comes_before_all_that_the_plugin_sends);
    RUN(a_reply_does_not_overtake_what_the_plugin_sent_before_it);
    RUN(a_reply_overtakes_where_nobody_is_told);
    RUN(a_whole_reply_can_be_taken_when_the_plugin_has_returned);
    RUN(what_is_not_whole_cannot_be_taken);
    RUN(an_instance_tells_the_number_of_its_last_event);
    RUN(an_event_that_nobody_waits_for_is_brought_all_the_same);
    RUN(nothing_is_told_without_notify);
    RUN(what_is_taken_is_not_told_of_where_nobody_wants_to_know);
    RUN(what_is_not_taken_is_told_of_all_the_same);
    RUN(messages_are_told_of_in_the_order_of_sending);
    RUN(a_message_that_is_no_text_makes_no_request);
    RUN(a_full_queue_lets_nothing_through_directly_unless_it_must);
    RUN(what_was_never_given_to_the_plugin_is_not_cancelled_there);
    RUN(a_request_waits_for_room_no_longer_than_its_deadline);
    RUN(a_request_waits_for_room);
    RUN(who_waits_for_room_is_let_go_when_the_instance_is_disconnected);
    RUN(the_embedder_yields_around_handle_message_but_for_a_short_one);
    RUN(who_waits_for_a_busy_plugin_yields_and_then_goes_the_other_way);
    RUN(whoever_is_first_ends_a_request_and_all_are_told_the_same);
    RUN(an_instance_may_end_while_messages_come);
    return check_result();
}
