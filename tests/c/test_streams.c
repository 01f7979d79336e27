/* SPDX-License-Identifier: Apache-2.0 */
/* Streams, and what holds their senders back. */
#include "handles.h"
#include "host.h"

#include <poll.h>

/* The context of the instance that was initialized last: the tests call back through it as a plugin's thread would. */
static PluginInstanceContext last_context;
static PluginStream last_cancelled;

static PluginStatus remember(void *plugin, const PluginInstanceContext *context, PluginError *error) {
    (void)plugin, (void)error;
    last_context = *context;
    return PLUGIN_OK;
}

static PluginStatus keep(void *plugin, const PluginInstanceContext *context, PluginRequest request, PluginText message,
                         PluginError *error) {
    (void)plugin, (void)context, (void)request, (void)message, (void)error;
    return PLUGIN_PENDING;
}

static void note_cancel(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                        PluginStream stream) {
    (void)plugin, (void)context, (void)request;
    last_cancelled = stream;
}

static void streamer(PluginInterface *table) {
    table->initialize = remember;
    table->handle_message = keep;
    table->on_cancel = note_cancel;
}

static PluginStatus send_chunk(PluginStream stream, const char *text, uint32_t flags, uint32_t wait_ms) {
    return last_context.callbacks->stream_data(last_context.host, stream, plugin_text(text), flags, wait_ms, NULL);
}

static PluginStream begin(void) {
    PluginStream stream = PLUGIN_NONE;
    CHECK_EQUAL(PLUGIN_OK, plugin_stream_start(&last_context, PLUGIN_NONE, &stream));
    return stream;
}

static int32_t state_of(PluginStream stream) {
    return last_context.callbacks->stream_status(last_context.host, stream);
}

TEST(chunks_arrive_numbered_and_in_order) {
    Core *core = core_new(NULL);
    start(core, streamer, "streamer");
    const PluginStream stream = begin();
    CHECK_EQUAL(PLUGIN_OK, send_chunk(stream, "a", 0, 0));
    CHECK_EQUAL(PLUGIN_OK, send_chunk(stream, "b", PLUGIN_CHUNK_FINAL, 0));
    CHECK_EQUAL(PLUGIN_STREAM_FINALIZING, state_of(stream));
    CHECK_EQUAL(PLUGIN_OK, plugin_stream_end(&last_context, stream, NULL));
    Events events = drain_all(core);
    uint32_t at = 0;
    while (at < events.count && events.seen[at].type != CORE_EVENT_STREAM_START) at++;
    const Seen *seen = &events.seen[at];
    CHECK(events.count == at + 4);
    CHECK(seen[1].number == 0 && strcmp(seen[1].text, "a") == 0 && seen[1].value == 0);
    CHECK(seen[2].number == 1 && strcmp(seen[2].text, "b") == 0 && seen[2].value == PLUGIN_CHUNK_FINAL);
    CHECK(seen[3].type == CORE_EVENT_STREAM_END && seen[3].value == PLUGIN_OK);
    CHECK(seen[0].sequence < seen[1].sequence && seen[2].sequence < seen[3].sequence);
    events_free(&events);
    core_free(core);
}

TEST(a_batch_is_taken_whole_and_only_its_last_chunk_is_final) {
    const PluginText chunks[3] = {plugin_text("x"), plugin_text("y"), plugin_text("z")};
    Core *core = core_new(NULL);
    start(core, streamer, "streamer");
    const PluginStream stream = begin();
    CHECK_EQUAL(PLUGIN_OK, last_context.callbacks->stream_batch(last_context.host, stream, chunks, 3,
                                                                PLUGIN_CHUNK_FINAL, 0, NULL));
    Events events = drain_all(core);
    uint64_t finals = 0;
    for (uint32_t index = 0; index < events.count; index++)
        if (events.seen[index].type == CORE_EVENT_STREAM_DATA && events.seen[index].value == PLUGIN_CHUNK_FINAL)
            finals = finals * 10 + events.seen[index].number + 1;
    CHECK_EQUAL(3, count_events(&events, CORE_EVENT_STREAM_DATA));
    CHECK_EQUAL(3, finals);
    events_free(&events);
    core_free(core);
}

TEST(an_empty_batch_is_refused) {
    Core *core = core_new(NULL);
    start(core, streamer, "streamer");
    const PluginStream stream = begin();
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT,
                last_context.callbacks->stream_batch(last_context.host, stream, NULL, 0, 0, 0, NULL));
    core_free(core);
}

TEST(every_transition_is_as_the_header_says) {
    Core *core = core_new(NULL);
    start(core, streamer, "streamer");
    const HostCallbacks *callbacks = last_context.callbacks;
    const PluginHost host = last_context.host;
    const PluginStream stream = begin();
    CHECK_EQUAL(PLUGIN_STREAM_ACTIVE, state_of(stream));
    CHECK_EQUAL(PLUGIN_OK, callbacks->stream_resume(host, stream, NULL));
    CHECK_EQUAL(PLUGIN_OK, callbacks->stream_pause(host, stream, NULL));
    CHECK_EQUAL(PLUGIN_OK, callbacks->stream_pause(host, stream, NULL));
    CHECK_EQUAL(PLUGIN_STREAM_PAUSED, state_of(stream));
    CHECK_EQUAL(PLUGIN_PAUSED, send_chunk(stream, "held", 0, 0));
    CHECK_EQUAL(PLUGIN_OK, callbacks->stream_resume(host, stream, NULL));
    CHECK_EQUAL(PLUGIN_OK, send_chunk(stream, "last", PLUGIN_CHUNK_FINAL, 0));
    CHECK_EQUAL(PLUGIN_INVALID_STATE, send_chunk(stream, "more", 0, 0));
    CHECK_EQUAL(PLUGIN_INVALID_STATE, callbacks->stream_pause(host, stream, NULL));
    CHECK_EQUAL(PLUGIN_INVALID_STATE, callbacks->stream_resume(host, stream, NULL));
    CHECK_EQUAL(PLUGIN_OK, plugin_stream_end(&last_context, stream, "broken"));
    CHECK_EQUAL(PLUGIN_STREAM_FAILED, state_of(stream));
    CHECK_EQUAL(PLUGIN_ENDED, send_chunk(stream, "late", 0, 0));
    CHECK_EQUAL(PLUGIN_ENDED, plugin_stream_end(&last_context, stream, NULL));
    CHECK_EQUAL(PLUGIN_ENDED, callbacks->stream_cancel(host, stream, NULL));
    core_free(core);
}

TEST(a_stream_used_after_its_end_is_reported) {
    Core *core = core_new(NULL);
    start(core, streamer, "streamer");
    const PluginStream stream = begin();
    plugin_stream_end(&last_context, stream, NULL);
    CHECK_EQUAL(PLUGIN_ENDED, send_chunk(stream, "late", 0, 0));
    Events events = drain_all(core);
    CHECK_EQUAL(1, count_events(&events, CORE_EVENT_REPORT));
    events_free(&events);
    core_free(core);
}

TEST(the_person_cancels_and_the_plugin_is_told) {
    Core *core = core_new(NULL);
    start(core, streamer, "streamer");
    const PluginStream stream = begin();
    CHECK_EQUAL(PLUGIN_OK, core_stream_cancel(last_context.host, stream, NULL));
    CHECK_EQUAL(PLUGIN_CANCELLED, send_chunk(stream, "late", 0, 0));
    CHECK_EQUAL(PLUGIN_STREAM_CANCELLED, state_of(stream));
    core_tick(core, 0);
    CHECK(last_cancelled == stream);
    core_free(core);
}

TEST(cancelling_a_request_cancels_its_streams_and_no_other) {
    PluginRequest request;
    PluginStream own;
    Core *core = core_new(NULL);
    const PluginHost host = start(core, streamer, "streamer");
    CHECK_EQUAL(PLUGIN_OK, core_request_new(host, plugin_text("x"), 10000, CORE_NOTIFY_NONE, &request, NULL));
    CHECK_EQUAL(PLUGIN_PENDING, core_request_run(request, plugin_text("go"), NULL));
    CHECK_EQUAL(PLUGIN_OK, plugin_stream_start(&last_context, request, &own));
    const PluginStream other = begin();
    CHECK_EQUAL(PLUGIN_OK, core_request_cancel(request, NULL));
    CHECK_EQUAL(PLUGIN_STREAM_CANCELLED, state_of(own));
    CHECK_EQUAL(PLUGIN_STREAM_ACTIVE, state_of(other));
    CHECK_EQUAL(PLUGIN_CANCELLED, plugin_stream_start(&last_context, request, &own));
    core_request_release(request);
    core_free(core);
}

TEST(a_full_queue_refuses_chunks_but_takes_the_end) {
    Core *core = core_new(&(CoreOptions){.queue_events = 8});
    start(core, streamer, "streamer");
    Events before = drain_all(core);
    events_free(&before);
    const PluginStream stream = begin();
    uint32_t taken = 0;
    while (send_chunk(stream, "chunk", 0, 0) == PLUGIN_OK) taken++;
    CHECK_EQUAL(7, taken);
    CHECK_EQUAL(PLUGIN_FULL, send_chunk(stream, "chunk", 0, 0));
    CHECK_EQUAL(PLUGIN_FULL, send_chunk(stream, "chunk", 0, 10));
    CHECK_EQUAL(PLUGIN_OK, plugin_stream_end(&last_context, stream, NULL));
    Events events = drain_all(core);
    CHECK_EQUAL(taken, count_events(&events, CORE_EVENT_STREAM_DATA));
    CHECK_EQUAL(1, count_events(&events, CORE_EVENT_STREAM_END));
    events_free(&events);
    core_free(core);
}

TEST(a_drain_takes_no_more_than_it_is_asked_for_and_the_next_goes_on) {
    char text[2] = "a";
    Core *core = core_new(NULL);
    start(core, streamer, "streamer");
    const PluginStream stream = begin();
    Events before = drain_all(core);
    events_free(&before);
    for (; text[0] <= 'e'; text[0]++) CHECK_EQUAL(PLUGIN_OK, send_chunk(stream, text, 0, 0));
    Events events = {0, NULL, 0};
    CHECK_EQUAL(2, core_drain(core, 2, 0, see, &events));
    CHECK_EQUAL(3, core_drain(core, 3, 0, see, &events));
    CHECK_EQUAL(0, core_drain(core, 3, 0, see, &events));
    for (uint32_t at = 0; at < events.count; at++) CHECK_EQUAL(at, events.seen[at].number);
    events_free(&events);
    core_free(core);
}

TEST(two_instances_are_drained_in_turn) {
    Core *core = core_new(NULL);
    start(core, streamer, "first");
    const PluginInstanceContext first = last_context;
    start(core, streamer, "second");
    Events before = drain_all(core);
    events_free(&before);
    for (int at = 0; at < 2; at++) plugin_send_message(&first, PLUGIN_MESSAGE_NORMAL, "first");
    for (int at = 0; at < 2; at++) plugin_send_message(&last_context, PLUGIN_MESSAGE_NORMAL, "second");
    Events events = drain_all(core);
    CHECK_EQUAL(4, events.count);
    for (uint32_t at = 0; at < events.count; at++)
        CHECK_EQUAL(at % 2 ? last_context.host : first.host, events.seen[at].host);
    events_free(&events);
    core_free(core);
}

static int is_readable(int descriptor) {
    struct pollfd look = {descriptor, POLLIN, 0};
    return poll(&look, 1, 0) == 1;
}

TEST(the_descriptor_is_readable_while_events_are_queued) {
    Core *core = core_new(NULL);
    start(core, streamer, "streamer");
    begin();
    const int descriptor = core_event_fd(core); /* asked for when there are events already */
    Events events = {0, NULL, 0};
    CHECK(is_readable(descriptor));
    core_drain(core, 1, 0, see, &events);
    CHECK(is_readable(descriptor));
    while (core_drain(core, 64, 0, see, &events) > 0) {
    }
    CHECK(!is_readable(descriptor));
    CHECK_EQUAL(PLUGIN_OK, plugin_send_message(&last_context, PLUGIN_MESSAGE_NORMAL, "x"));
    CHECK(is_readable(descriptor));
    CHECK_EQUAL(1, core_drain(core, 64, 0, see, &events));
    CHECK(!is_readable(descriptor));
    core_close(core);
    CHECK(is_readable(descriptor));
    CHECK_EQUAL(descriptor, core_event_fd(core));
    while (core_drain(core, 64, 0, see, &events) > 0) {
    }
    CHECK(is_readable(descriptor)); /* whoever waits learns that it is closed */
    events_free(&events);
    core_free(core);
}

typedef struct Sender {
    PluginStream stream;
    PluginStatus status;
} Sender;

static void *send_waiting(void *argument) {
    Sender *sender = (Sender *)argument;
    sender->status = send_chunk(sender->stream, "waits", 0, PLUGIN_WAIT_FOREVER);
    return NULL;
}

typedef PluginStatus (*Act)(PluginHost host, PluginStream stream, PluginError *error);

static PluginStatus hold(PluginHost host, PluginStream stream, PluginError *error) {
    return core_stream_hold(host, stream, 1, error);
}

static PluginStatus let_go(PluginHost host, PluginStream stream, PluginError *error) {
    return core_stream_hold(host, stream, 0, error);
}

/* A thread of the plugin waits in a stream that `stop` has stopped; `act` is what sets it free. */
static PluginStatus free_a_sender(Act stop, Act act) {
    pthread_t thread;
    Core *core = core_new(NULL);
    start(core, streamer, "streamer");
    Sender sender = {begin(), PLUGIN_OK};
    stop(last_context.host, sender.stream, NULL);
    pthread_create(&thread, NULL, send_waiting, &sender);
    act(last_context.host, sender.stream, NULL);
    pthread_join(thread, NULL);
    core_free(core);
    return sender.status;
}

static PluginStatus free_a_paused_sender(Act act) { return free_a_sender(core_stream_pause, act); }

static PluginStatus disconnect(PluginHost host, PluginStream stream, PluginError *error) {
    (void)stream;
    return core_instance_disconnect(host, error);
}

static PluginStatus end(PluginHost host, PluginStream stream, PluginError *error) {
    (void)stream;
    return core_instance_end(host, 1000, error);
}

TEST(a_paused_sender_goes_on_when_resumed) { CHECK_EQUAL(PLUGIN_OK, free_a_paused_sender(core_stream_resume)); }

TEST(a_paused_sender_stops_when_cancelled) { CHECK_EQUAL(PLUGIN_CANCELLED, free_a_paused_sender(core_stream_cancel)); }

/* The sender may come before the disconnection or after it; it stops in every case. */
TEST(a_paused_sender_stops_when_the_instance_is_disconnected) {
    const PluginStatus status = free_a_paused_sender(disconnect);
    CHECK(status == PLUGIN_CLOSED || status == PLUGIN_CANCELLED);
}

TEST(a_paused_sender_stops_when_the_instance_ends) {
    const PluginStatus status = free_a_paused_sender(end);
    CHECK(status == PLUGIN_CLOSED || status == PLUGIN_CANCELLED);
}

TEST(a_held_sender_goes_on_when_let_go) { CHECK_EQUAL(PLUGIN_OK, free_a_sender(hold, let_go)); }

TEST(a_held_sender_stops_when_cancelled) { CHECK_EQUAL(PLUGIN_CANCELLED, free_a_sender(hold, core_stream_cancel)); }

TEST(a_held_sender_stops_when_the_instance_is_disconnected) {
    const PluginStatus status = free_a_sender(hold, disconnect);
    CHECK(status == PLUGIN_CLOSED || status == PLUGIN_CANCELLED);
}

TEST(a_held_stream_has_no_room_and_others_have) {
    Core *core = core_new(NULL);
    start(core, streamer, "streamer");
    const PluginStream held = begin();
    const PluginStream other = begin();
    CHECK_EQUAL(PLUGIN_OK, core_stream_hold(last_context.host, held, 1, NULL));
    CHECK_EQUAL(PLUGIN_FULL, send_chunk(held, "x", 0, 0));
    CHECK_EQUAL(PLUGIN_FULL, send_chunk(held, "x", PLUGIN_CHUNK_FINAL, 1));
    CHECK_EQUAL(PLUGIN_OK, send_chunk(other, "x", 0, 0));
    CHECK_EQUAL(PLUGIN_STREAM_ACTIVE, state_of(held));
    CHECK_EQUAL(PLUGIN_OK, core_stream_hold(last_context.host, held, 0, NULL));
    CHECK_EQUAL(PLUGIN_OK, send_chunk(held, "x", PLUGIN_CHUNK_FINAL, 0));
    core_free(core);
}

TEST(a_held_stream_can_be_ended) {
    Core *core = core_new(NULL);
    start(core, streamer, "streamer");
    const PluginStream held = begin();
    CHECK_EQUAL(PLUGIN_OK, core_stream_hold(last_context.host, held, 1, NULL));
    CHECK_EQUAL(PLUGIN_OK, plugin_stream_end(&last_context, held, NULL));
    CHECK_EQUAL(PLUGIN_ENDED, core_stream_hold(last_context.host, held, 0, NULL));
    core_free(core);
}

static void count_stream(void *userdata, PluginStream stream) {
    PluginStream *streams = (PluginStream *)userdata;
    streams[streams[0] + 1] = stream;
    streams[0]++;
}

TEST(open_streams_are_listed_oldest_first) {
    PluginStream listed[8] = {0};
    Core *core = core_new(NULL);
    start(core, streamer, "streamer");
    const PluginStream first = begin();
    const PluginStream second = begin();
    const PluginStream third = begin();
    plugin_stream_end(&last_context, second, NULL);
    CHECK_EQUAL(PLUGIN_OK, last_context.callbacks->stream_list(last_context.host, count_stream, listed, NULL));
    CHECK_EQUAL(2, listed[0]);
    CHECK(listed[1] == first && listed[2] == third);
    core_free(core);
}

TEST(a_stream_of_another_instance_is_refused) {
    Core *core = core_new(NULL);
    start(core, streamer, "one");
    const PluginStream stream = begin();
    start(core, streamer, "two");
    CHECK_EQUAL(PLUGIN_INVALID_HANDLE, send_chunk(stream, "x", 0, 0));
    CHECK_EQUAL(PLUGIN_INVALID_HANDLE, state_of(PLUGIN_NONE));
    core_free(core);
}

static void PLUGIN_CALL end_stream(void *userdata, PluginStream stream) {
    PluginStatus *status = (PluginStatus *)userdata;
    *status = plugin_stream_end(&last_context, stream, NULL);
}

TEST(a_receiver_may_call_back_for_no_lock_is_held) {
    PluginStatus status = PLUGIN_ERROR;
    Core *core = core_new(NULL);
    start(core, streamer, "streamer");
    const PluginStream stream = begin();
    CHECK_EQUAL(PLUGIN_OK, last_context.callbacks->stream_list(last_context.host, end_stream, &status, NULL));
    CHECK_EQUAL(PLUGIN_OK, status);
    CHECK_EQUAL(PLUGIN_STREAM_COMPLETED, state_of(stream));
    core_free(core);
}

TEST(streams_that_have_ended_are_not_kept) {
    Core *core = core_new(NULL);
    start(core, streamer, "streamer");
    PluginStream first = PLUGIN_NONE;
    for (int number = 0; number < 10000; number++) {
        const PluginStream stream = begin();
        if (number == 0) first = stream;
        CHECK_EQUAL(PLUGIN_OK, plugin_stream_end(&last_context, stream, NULL));
        Events events = drain_all(core);
        events_free(&events);
    }
    CHECK_EQUAL(0, handle_count(HANDLE_STREAM));
    CHECK_EQUAL(PLUGIN_INVALID_HANDLE, state_of(first));
    CHECK_EQUAL(PLUGIN_ENDED, send_chunk(first, "x", 0, 0));
    core_free(core);
}

TEST(a_number_of_a_stream_is_not_given_twice) {
    enum { COUNT = 200 };
    PluginStream streams[COUNT];
    Core *core = core_new(NULL);
    start(core, streamer, "streamer");
    for (int number = 0; number < COUNT; number++) {
        streams[number] = begin();
        for (int other = 0; other < number; other++) CHECK(streams[other] != streams[number]);
        plugin_stream_end(&last_context, streams[number], NULL);
    }
    core_free(core);
}

/* ---- memory that is used again ---- */

static void check_length(void *userdata, const CoreEvent *event) {
    uint64_t *length = (uint64_t *)userdata;
    if (event->type != CORE_EVENT_STREAM_DATA) return;
    CHECK_EQUAL(*length, event->text.length);
    CHECK_EQUAL(*length, (uint64_t)strspn(event->text.data, "x"));
    CHECK_EQUAL('\0', event->text.data[*length]);
    CHECK_EQUAL(0, event->name.length);
    (*length)++;
}

TEST(chunks_of_every_length_arrive_whole_again_and_again) {
    enum { LONGEST = 200 };
    char text[LONGEST + 1];
    Core *core = core_new(NULL);
    start(core, streamer, "streamer");
    const PluginStream stream = begin();
    memset(text, 'x', sizeof text);
    for (int round = 0; round < 3; round++) {
        uint64_t length = 0;
        PluginText chunks[LONGEST];
        for (uint64_t at = 0; at < LONGEST; at++) {
            chunks[at] = plugin_text_of(text, at);
            CHECK_EQUAL(PLUGIN_OK,
                        last_context.callbacks->stream_data(last_context.host, stream, chunks[at], 0, 0, NULL));
        }
        core_drain(core, 2 * LONGEST, 0, check_length, &length);
        CHECK_EQUAL(LONGEST, length);
        length = 0;
        CHECK_EQUAL(PLUGIN_OK,
                    last_context.callbacks->stream_batch(last_context.host, stream, chunks, LONGEST, 0, 0, NULL));
        core_drain(core, LONGEST, 0, check_length, &length);
        CHECK_EQUAL(LONGEST, length);
    }
    core_free(core);
}

TEST(a_stream_that_was_held_back_does_not_hold_back_the_next) {
    Core *core = core_new(NULL);
    start(core, streamer, "streamer");
    const PluginStream held = begin();
    CHECK_EQUAL(PLUGIN_OK, core_stream_hold(last_context.host, held, 1, NULL));
    CHECK_EQUAL(PLUGIN_FULL, send_chunk(held, "x", 0, 0));
    CHECK_EQUAL(PLUGIN_OK, plugin_stream_end(&last_context, held, NULL));
    CHECK_EQUAL(PLUGIN_OK, send_chunk(begin(), "x", 0, 0));
    core_free(core);
}

typedef struct Flow {
    _Atomic PluginStream stream; /* the newest */
    atomic_int over;
    PluginStream seen; /* whose chunks come */
    uint64_t next;     /* their number */
} Flow;

/* A thread of the plugin's that sends to a stream that may just be ending */
static void *send_to_the_newest(void *argument) {
    Flow *flow = (Flow *)argument;
    while (!atomic_load(&flow->over)) {
        const PluginStream stream = atomic_load(&flow->stream);
        const PluginStatus status = send_chunk(stream, "x", 0, 0);
        CHECK(status == PLUGIN_OK || status == PLUGIN_ENDED || status == PLUGIN_FULL);
    }
    return NULL;
}

static PluginStream begin_where_there_is_room(Core *core, CoreVisit visit, void *userdata) {
    PluginStream stream = PLUGIN_NONE;
    while (plugin_stream_start(&last_context, PLUGIN_NONE, &stream) == PLUGIN_FULL)
        core_drain(core, 1024, 0, visit, userdata);
    return stream;
}

static void follow(void *userdata, const CoreEvent *event) {
    Flow *flow = (Flow *)userdata;
    if (event->type == CORE_EVENT_STREAM_START) {
        CHECK_EQUAL(PLUGIN_NONE, flow->seen);
        flow->seen = event->stream;
        flow->next = 0;
    } else if (event->type == CORE_EVENT_STREAM_DATA) {
        CHECK_EQUAL(flow->seen, event->stream);
        CHECK_EQUAL(flow->next, event->number);
        flow->next++;
    } else if (event->type == CORE_EVENT_STREAM_END) {
        CHECK_EQUAL(flow->seen, event->stream);
        flow->seen = PLUGIN_NONE;
    }
}

TEST(a_chunk_for_a_stream_that_ends_never_gets_into_the_next) {
    pthread_t threads[2];
    Flow flow = {PLUGIN_NONE, 0, PLUGIN_NONE, 0};
    Core *core = core_new(NULL);
    start(core, streamer, "streamer");
    core_drain(core, 64, 0, follow, &flow);
    atomic_store(&flow.stream, begin());
    for (int at = 0; at < 2; at++) pthread_create(&threads[at], NULL, send_to_the_newest, &flow);
    for (int number = 0; number < 2000; number++) {
        CHECK_EQUAL(PLUGIN_OK, plugin_stream_end(&last_context, atomic_load(&flow.stream), NULL));
        atomic_store(&flow.stream, begin_where_there_is_room(core, follow, &flow));
    }
    atomic_store(&flow.over, 1);
    for (int at = 0; at < 2; at++) pthread_join(threads[at], NULL);
    while (core_drain(core, 1024, 0, follow, &flow) > 0) {
    }
    core_free(core);
    CHECK_EQUAL(0, handle_count(HANDLE_STREAM));
}

int main(void) {
    RUN(chunks_arrive_numbered_and_in_order);
    RUN(a_batch_is_taken_whole_and_only_its_last_chunk_is_final);
    RUN(an_empty_batch_is_refused);
    RUN(every_transition_is_as_the_header_says);
    RUN(a_stream_used_after_its_end_is_reported);
    RUN(the_person_cancels_and_the_plugin_is_told);
    RUN(cancelling_a_request_cancels_its_streams_and_no_other);
    RUN(a_full_queue_refuses_chunks_but_takes_the_end);
    RUN(a_drain_takes_no_more_than_it_is_asked_for_and_the_next_goes_on);
    RUN(two_instances_are_drained_in_turn);
    RUN(the_descriptor_is_readable_while_events_are_queued);
    RUN(a_paused_sender_goes_on_when_resumed);
    RUN(a_paused_sender_stops_when_cancelled);
    RUN(a_paused_sender_stops_when_the_instance_is_disconnected);
    RUN(a_paused_sender_stops_when_the_instance_ends);
    RUN(a_held_sender_goes_on_when_let_go);
    RUN(a_held_sender_stops_when_cancelled);
    RUN(a_held_sender_stops_when_the_instance_is_disconnected);
    RUN(a_held_stream_has_no_room_and_others_have);
    RUN(a_held_stream_can_be_ended);
    RUN(open_streams_are_listed_oldest_first);
    RUN(a_stream_of_another_instance_is_refused);
    RUN(a_receiver_may_call_back_for_no_lock_is_held);
    RUN(streams_that_have_ended_are_not_kept);
    RUN(a_number_of_a_stream_is_not_given_twice);
    RUN(chunks_of_every_length_arrive_whole_again_and_again);
    RUN(a_stream_that_was_held_back_does_not_hold_back_the_next);
    RUN(a_chunk_for_a_stream_that_ends_never_gets_into_the_next);
    return check_result();
}
