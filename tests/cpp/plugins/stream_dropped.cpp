/* SPDX-License-Identifier: Apache-2.0 */
/* Leaves its stream in the way that the message names. */
#include "plugin_interface.hpp"

using namespace plugin_interfaces;

class Drops : public PluginHandler {
    Status handle_message(const Context &context, Request &request, std::string_view message) override {
        Stream stream = request.stream().or_throw();
        stream.send("half").or_throw();
        if (message == "throw") throw std::runtime_error("the line broke");
        if (message == "fail") stream.fail("no more paper");
        if (message == "cancel") stream.cancel();
        if (message == "end") stream.end();
        if (message == "assign") stream = Stream();
        if (message == "batch") {
            stream.send_batch({"one", "two"}).or_throw();
            stream.send("three", Wait::none(), PLUGIN_CHUNK_FINAL).or_throw();
            stream.end().or_throw();
        }
        if (message == "after the end") {
            stream.end();
            return request.reply(context.callbacks().stream_status(context.host(), stream.handle()) ==
                                             PLUGIN_STREAM_COMPLETED &&
                                         stream.pause().code() == PLUGIN_ENDED
                                     ? "ended"
                                     : "not ended");
        }
        if (message == "empty") {
            Stream none;
            const Status status = none.send("x");
            stream.end();
            return request.reply(status.text());
        }
        return request.reply("");
    }
};

PLUGIN_EXPORT_HANDLER(Drops)
