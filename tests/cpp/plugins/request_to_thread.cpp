/* SPDX-License-Identifier: Apache-2.0 */
/* Answers each message from a thread, which owns the request. */
#include "plugin_interface.hpp"

#include <thread>

using namespace plugin_interfaces;

class Answers : public PluginHandler {
  public:
    Status handle_message(const Context &, Request &request, std::string_view message) override {
        join();
        thread_ = std::thread([request = std::move(request), text = std::string(message)]() mutable {
            if (text == "drop") return;
            if (text == "fail")
                request.fail(-1234, "the thread says no");
            else
                request.reply("from a thread: " + text);
        });
        return {};
    }
    Status on_disconnect(const Context &) override {
        join();
        return {};
    }

  private:
    void join() {
        if (thread_.joinable()) thread_.join();
    }
    std::thread thread_;
};

PLUGIN_EXPORT_HANDLER(Answers)
