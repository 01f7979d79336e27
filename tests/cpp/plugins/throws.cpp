/* SPDX-License-Identifier: Apache-2.0 */
/* Throws in the entry that the setting `where` names. */
#include "plugin_interface.hpp"

using namespace plugin_interfaces;

class Throws : public PluginHandler {
  public:
    Status initialize(const Context &context) override {
        where_ = context.get_app_config("where", "");
        return visit("initialize");
    }
    Status init_ui(const Context &, Ui &) override { return visit("init_ui"); }
    Status update_ui(const Context &, Ui &) override { return visit("update_ui"); }
    Status on_mount(const Context &) override { return visit("on_mount"); }
    Status on_dispose(const Context &) override { return visit("on_dispose"); }
    Status on_connect(const Context &) override { return visit("on_connect"); }
    Status on_disconnect(const Context &) override { return visit("on_disconnect"); }
    Status handle_message(const Context &context, Request &request, std::string_view message) override {
        if (message == "keep") {
            kept_.emplace(std::move(request));
            return context.send_message("kept");
        }
        visit("handle_message");
        return request.reply("well");
    }
    void on_cancel(const Context &, PluginRequest, PluginStream) override { visit("on_cancel"); }
    Status set_history(const Context &, const History &) override { return visit("set_history"); }
    Status save_state(const Context &, StateWriter &writer) override {
        if (!writer.write("something")) return PLUGIN_ERROR;
        return visit("save_state");
    }
    Status load_state(const Context &, std::string_view) override { return visit("load_state"); }

  private:
    Status visit(std::string_view entry) {
        if (entry == where_) throw std::runtime_error("thrown in " + where_);
        return {};
    }
    std::string where_;
    std::optional<Request> kept_;
};

PLUGIN_EXPORT_HANDLER(Throws)
