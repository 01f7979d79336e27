/* SPDX-License-Identifier: Apache-2.0 */
/* plugin_interface.hpp: contexts, requests and streams in threads, some of which outlive their plugin. */
#include "host.h"
#include "plugin_interface.hpp"

#include <future>
#include <string>
#include <thread>

using namespace plugin_interfaces;

namespace {

/* A connected instance of a handler. */
template <class Handler> PluginHost start_handler(Core *core) {
    PluginHost host = PLUGIN_NONE;
    Said said;
    const PluginMetadataFFI metadata = metadata_of("test", "test");
    CHECK_EQUAL(PLUGIN_OK,
                core_instance_from_table(core, detail::Plugin<Handler>::create_plugin(),
                                         detail::Plugin<Handler>::destroy_plugin, &metadata, &host, said_clear(&said)));
    CHECK_EQUAL(PLUGIN_OK, core_instance_initialize(host, nullptr, 0, said_clear(&said)));
    CHECK_EQUAL(PLUGIN_OK, core_instance_connect(host, said_clear(&said)));
    return host;
}

/* A request that the handler keeps. */
PluginRequest start_request(PluginHost host, const char *text) {
    PluginRequest request = PLUGIN_NONE;
    Said said;
    CHECK_EQUAL(PLUGIN_OK, core_request_new(host, plugin_text(text), PLUGIN_WAIT_FOREVER, CORE_NOTIFY_NONE, &request,
                                            said_clear(&said)));
    core_request_run(request, plugin_text(text), said_clear(&said));
    return request;
}

PluginStatus wait_for(PluginRequest request, char *reply, Said *said) {
    reply[0] = '\0';
    const PluginStatus status = core_request_wait(request, 20000, receive, reply, said_clear(said));
    core_request_release(request);
    return status;
}

/* ---- moving ---- */

class Answers : public PluginHandler {
  public:
    Status handle_message(const Context &, Request &request, std::string_view message) override {
        if (thread_.joinable()) thread_.join();
        thread_ = std::thread([mine = std::move(request), text = std::string(message)]() mutable {
            if (text != "drop") mine.reply(text);
        });
        return {};
    }
    Status on_disconnect(const Context &) override {
        thread_.join();
        return {};
    }

  private:
    std::thread thread_;
};

TEST(a_request_is_answered_by_the_thread_that_owns_it) {
    char reply[256];
    Said said;
    Core *core = core_new(nullptr);
    const PluginHost host = start_handler<Answers>(core);
    CHECK_EQUAL(PLUGIN_OK, wait_for(start_request(host, "hello"), reply, &said));
    CHECK_TEXT("hello", reply);
    CHECK_EQUAL(PLUGIN_NO_REPLY, wait_for(start_request(host, "drop"), reply, &said));
    CHECK_TEXT("the plugin dropped the message without an answer", said.text);
    core_free(core);
}

std::vector<Request> requests;
std::vector<Stream> streams;

struct Keeps final : PluginHandler {
    Status handle_message(const Context &, Request &request, std::string_view) override {
        streams.push_back(request.stream().or_throw());
        requests.push_back(std::move(request));
        return {};
    }
};

TEST(an_object_that_is_assigned_to_ends_what_it_had) {
    char reply[256];
    Said said;
    Core *core = core_new(nullptr);
    const PluginHost host = start_handler<Keeps>(core);
    const PluginRequest first = start_request(host, "first");
    const PluginRequest second = start_request(host, "second");
    const PluginStream stream = streams[0].handle();
    requests[0] = std::move(requests[1]);
    streams[0] = std::move(streams[1]);
    CHECK_EQUAL(PLUGIN_NO_REPLY, wait_for(first, reply, &said));
    CHECK_EQUAL(PLUGIN_STREAM_FAILED, requests[0].context().callbacks().stream_status(host, stream));
    CHECK(!requests[1] && requests[1].is_over() && !streams[1]);
    CHECK_EQUAL(PLUGIN_INVALID_HANDLE, requests[1].reply("x").code());
    CHECK_EQUAL(PLUGIN_INVALID_HANDLE, streams[1].send("x").code());
    CHECK_EQUAL(PLUGIN_OK, requests[0].reply("mine").code());
    CHECK_EQUAL(PLUGIN_OK, wait_for(second, reply, &said));
    CHECK_TEXT("mine", reply);
    requests.clear();
    streams.clear();
    Events events = drain_all(core);
    CHECK_EQUAL(0, count_events(&events, CORE_EVENT_REPORT));
    CHECK_EQUAL(2, count_events(&events, CORE_EVENT_STREAM_END));
    events_free(&events);
    core_free(core);
}

/* ---- unloading ---- */

class Endless : public PluginHandler {
  public:
    Status handle_message(const Context &, Request &request, std::string_view) override {
        Stream stream = request.stream().or_throw();
        thread_ = std::thread([mine = std::move(request), chunks = std::move(stream)]() mutable {
            while (chunks.send("x")) {
            }
            chunks.end();
            mine.reply("");
        });
        return {};
    }
    Status on_disconnect(const Context &) override {
        if (thread_.joinable()) thread_.join();
        return {};
    }

  private:
    std::thread thread_;
};

TEST(an_instance_is_ended_in_the_middle_of_a_stream) {
    char reply[256];
    Said said;
    CoreOptions options;
    memset(&options, 0, sizeof options);
    options.queue_events = 8; /* nobody drains, so the thread waits for room when the end comes */
    Core *core = core_new(&options);
    const PluginHost host = start_handler<Endless>(core);
    const PluginRequest request = start_request(host, "go");
    CHECK_EQUAL(PLUGIN_OK, core_instance_end(host, 20000, said_clear(&said)));
    CHECK_EQUAL(PLUGIN_CANCELLED, wait_for(request, reply, &said));
    core_free(core);
}

/* ---- what outlives its plugin ---- */

std::promise<void> *begun, *gone;
std::thread *left_behind;

struct Outlives final : PluginHandler {
    Status handle_message(const Context &context, Request &request, std::string_view) override {
        Stream stream = request.stream().or_throw();
        left_behind = new std::thread(work, context, std::move(request), std::move(stream));
        return {};
    }
    static void work(const Context context, Request request, Stream stream) {
        begun->set_value();
        gone->get_future().wait();
        CHECK_EQUAL(PLUGIN_CLOSED, context.send_message("late").code());
        CHECK_EQUAL(PLUGIN_CLOSED, context.refresh_ui().code());
        CHECK_EQUAL(PLUGIN_CLOSED, context.call_other_plugin("test", "late").status().code());
        CHECK_EQUAL(PLUGIN_CLOSED, context.get_history(0, [](const HistoryMessage &) {}).code());
        CHECK_EQUAL(PLUGIN_CLOSED, stream.send("late").code());
        CHECK_EQUAL(PLUGIN_CLOSED, stream.status());
        CHECK_EQUAL(PLUGIN_CLOSED, request.status());
        CHECK_EQUAL(PLUGIN_CLOSED, request.stream().status().code());
        CHECK(!context.get_app_config("key"));
        CHECK(request.remaining() == std::chrono::nanoseconds(0));
        context.log_info("late");
        // Request and stream are destroyed here.
    }
};

TEST(a_thread_that_outlives_its_plugin_and_its_host_is_told_so) {
    char reply[256];
    Said said;
    std::promise<void> has_begun, is_gone;
    begun = &has_begun;
    gone = &is_gone;
    Core *core = core_new(nullptr);
    const PluginHost host = start_handler<Outlives>(core);
    const PluginRequest request = start_request(host, "go");
    begun->get_future().wait();
    CHECK_EQUAL(PLUGIN_OK, core_instance_end(host, 20000, said_clear(&said)));
    CHECK_EQUAL(PLUGIN_CANCELLED, wait_for(request, reply, &said));
    core_free(core);
    gone->set_value();
    left_behind->join();
    delete left_behind;
}

/* ---- many at once ---- */

std::atomic_int refused;

class Crowd : public PluginHandler {
  public:
    Status handle_message(const Context &context, Request &request, std::string_view) override {
        Stream stream = request.stream().or_throw();
        std::vector<std::thread> threads;
        for (int number = 0; number < 4; number++)
            threads.emplace_back([&stream, &request, context] {
                for (int count = 0; count < 100; count++) {
                    context.log_info("here");
                    if (request.is_over() || !stream.send("x")) refused++;
                }
            });
        for (std::thread &thread : threads) thread.join();
        stream.end();
        return request.reply("done");
    }
};

TEST(several_threads_use_one_stream_one_request_and_copies_of_a_context) {
    char reply[256];
    Said said;
    CoreOptions options;
    memset(&options, 0, sizeof options);
    options.queue_events = 10000;
    Core *core = core_new(&options);
    const PluginHost host = start_handler<Crowd>(core);
    CHECK_EQUAL(PLUGIN_OK, wait_for(start_request(host, "go"), reply, &said));
    CHECK_EQUAL(0, refused);
    Events events = drain_all(core);
    CHECK_EQUAL(400, count_events(&events, CORE_EVENT_STREAM_DATA));
    events_free(&events);
    core_free(core);
}

} // namespace

int main() {
    RUN(a_request_is_answered_by_the_thread_that_owns_it);
    RUN(an_object_that_is_assigned_to_ends_what_it_had);
    RUN(an_instance_is_ended_in_the_middle_of_a_stream);
    RUN(a_thread_that_outlives_its_plugin_and_its_host_is_told_so);
    RUN(several_threads_use_one_stream_one_request_and_copies_of_a_context);
    return check_result();
}
