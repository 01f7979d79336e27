/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps the first request and answers it with the next message; the message "forget" drops it. A request that is
 * cancelled is recognised in on_cancel.
 */
#include "plugin_interface.hpp"

using namespace plugin_interfaces;

class Keeps : public PluginHandler {
  public:
    Status handle_message(const Context &context, Request &request, std::string_view message) override {
        if (message == "no answer") return {};
        if (message == "not in time") return request.reply(request.remaining() ? "a deadline" : "no deadline");
        if (!kept_) {
            kept_.emplace(std::move(request));
            return context.send_message("kept");
        }
        if (message == "forget")
            kept_.reset();
        else
            kept_->reply(message);
        kept_.reset();
        return request.reply("now");
    }
    void on_cancel(const Context &context, PluginRequest request, PluginStream) override {
        const bool mine = kept_ && kept_->handle() == request && kept_->is_over();
        kept_.reset();
        (void)context.send_message(mine ? "cancelled mine" : "cancelled another");
    }

  private:
    std::optional<Request> kept_;
};

PLUGIN_EXPORT_HANDLER(Keeps)
