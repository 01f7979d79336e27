/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the call that the first word of the message names, with the rest, and replies with what came of it. */
#include "plugin_interface.hpp"

using namespace plugin_interfaces;

namespace {
const int32_t answer_to_all = 42;

std::string said(const Status &status) { return std::to_string(status.code()) + " " + std::string(status.text()); }
} // namespace

class Calls : public PluginHandler {
  public:
    static constexpr uint64_t features = PLUGIN_FEATURE_SHORT_CALLS;

    Status handle_message(const Context &context, Request &request, std::string_view message) override {
        const size_t end = message.find(' ');
        return request.reply(make(context, message.substr(0, end), end == message.npos ? "" : message.substr(end + 1)));
    }
    const void *get_extension(std::string_view name) override {
        if (name == "answer/1") return &answer_to_all;
        throw std::out_of_range("no such extension");
    }

  private:
    static std::string make(const Context &context, std::string_view call, std::string_view rest) {
        if (call == "get") return context.get_app_config(rest).value_or("nothing");
        if (call == "typed") return typed(context);
        if (call == "set") {
            const size_t end = rest.find('=');
            return said(context.set_app_config(rest.substr(0, end), rest.substr(end + 1)));
        }
        if (call == "set_typed")
            return said(context.set_app_config("port", 81)) + said(context.set_app_config("ratio", 0.25)) +
                   said(context.set_app_config("on", true)) + said(context.set_app_config("name", "Anna"));
        if (call == "call") {
            Result<std::string> reply = context.call_other_plugin(rest, "hello");
            return reply ? *reply : said(reply.status());
        }
        if (call == "metadata") {
            const Metadata metadata = context.metadata();
            return std::string(metadata.id()) + " " + std::string(metadata.version()) + " " +
                   std::string(metadata.instance_id());
        }
        if (call == "permission") return context.metadata().has_permission(rest) ? "yes" : "no";
        if (call == "log") {
            context.log_warn(rest);
            return std::to_string(__LINE__ - 1);
        }
        if (call == "event") return said(context.send_to_frontend("own", rest));
        if (call == "reserved") return said(context.send_to_frontend("plugin-message", rest));
        if (call == "message") return said(context.send_message(rest, PLUGIN_MESSAGE_WARNING));
        if (call == "refresh") return said(context.refresh_ui());
        if (call == "disconnect") return said(context.request_disconnect());
        return "what?";
    }
    static std::string typed(const Context &context) {
        return std::to_string(context.get_app_config("port", 1)) + " " +
               std::to_string(context.get_app_config("ratio", 1.5)) + " " +
               (context.get_app_config("on", false) ? "on" : "off") + " " + context.get_app_config("name", "nobody") +
               " " + std::to_string(context.get_app_config("name", 7)) + " " +
               std::to_string(context.get_app_config<uint8_t>("big", 9)) + " " + context.get_app_config("none", "none");
    }
};

PLUGIN_EXPORT_HANDLER(Calls)
