/* SPDX-License-Identifier: Apache-2.0 */
/* Throws in the function that it gives to the callback which the message names. */
#include "plugin_interface.hpp"

#include <functional>

using namespace plugin_interfaces;

class Throws : public PluginHandler {
    Status handle_message(const Context &context, Request &request, std::string_view message) override {
        int calls = 0;
        const std::function<void()> fail = [&] {
            calls++;
            throw Failure(-1234, "thrown in call " + std::to_string(calls));
        };
        try {
            if (message == "get_history") context.get_history(0, [&](const HistoryMessage &) { fail(); });
            if (message == "stream_list") {
                const Result<Stream> one = context.stream(), two = context.stream();
                context.stream_list([&](PluginStream) { fail(); });
            }
            if (message == "call_other_plugin")
                context.call_other_plugin("echo", "hello", Wait::forever(), [&](std::string_view) { fail(); })
                    .or_throw();
        } catch (const Failure &failure) {
            return request.reply(failure.what());
        }
        return request.reply("nothing thrown");
    }
};

PLUGIN_EXPORT_HANDLER(Throws)
