/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams the words of a message from a thread, which owns request and stream; "endless" streams until it is stopped,
 * and tells how that came about.
 */
#include "plugin_interface.hpp"

#include <sstream>
#include <thread>

using namespace plugin_interfaces;

class Streams : public PluginHandler {
  public:
    Status handle_message(const Context &, Request &request, std::string_view message) override {
        join();
        Result<Stream> stream = request.stream();
        if (!stream) return stream.status();
        thread_ = std::thread(work, std::move(request), std::move(*stream), std::string(message));
        return {};
    }
    Status on_disconnect(const Context &) override {
        join();
        return {};
    }

  private:
    static void work(Request request, Stream stream, const std::string &text) {
        Status status;
        while (text == "endless" && status) status = stream.send("x");
        std::istringstream words(text);
        for (std::string word; status && words >> word;) status = stream.send(word);
        if (!status) (void)request.context().send_message(status.text(), PLUGIN_MESSAGE_INFO, Wait::forever());
        stream.end();
        request.reply("");
    }
    void join() {
        if (thread_.joinable()) thread_.join();
    }
    std::thread thread_;
};

PLUGIN_EXPORT_HANDLER(Streams)
