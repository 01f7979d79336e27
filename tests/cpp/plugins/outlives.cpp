/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leaves a thread behind that has the context, a request and a stream. It waits until go_on() is called, which lets it
 * use all of them, destroy them, and gives what it was answered.
 */
#include "plugin_interface.hpp"

#include <future>
#include <thread>

using namespace plugin_interfaces;

namespace {
std::promise<void> gone;
std::promise<std::string> answers;

void work(Context context, Request request, Stream stream) {
    gone.get_future().wait();
    std::string text = std::to_string(context.send_message("late").code());
    for (const Status &status : {stream.send("late"), stream.end(), request.reply("late"), context.refresh_ui(),
                                 context.set_app_config("key", "value"), request.stream().status(),
                                 context.call_other_plugin("echo", "hello").status()})
        text += " " + std::to_string(status.code());
    if (context.get_app_config("key") || context.get_extension<HostCallbacks>("none/1")) text += " and more";
    context.log_info("late");
    {
        const Request last = std::move(request);
        const Stream end = std::move(stream);
    }
    answers.set_value(text);
}
} // namespace

struct Outlives final : PluginHandler {
    Status handle_message(const Context &context, Request &request, std::string_view) override {
        Stream stream = request.stream().or_throw();
        stream.send("begun").or_throw();
        std::thread(work, context, std::move(request), std::move(stream)).detach();
        return {};
    }
};

extern "C" PLUGIN_EXPORT const char *go_on(void);
extern "C" PLUGIN_EXPORT const char *go_on(void) {
    static std::string text;
    gone.set_value();
    std::future<std::string> answer = answers.get_future();
    text = answer.wait_for(std::chrono::seconds(20)) == std::future_status::ready ? answer.get() : "no answer";
    return text.c_str();
}

PLUGIN_EXPORT_HANDLER(Outlives)
