/* SPDX-License-Identifier: Apache-2.0 */
/* Replies with the conversation: as set_history brought it, or, to "ask", as get_history gives the last two. */
#include "plugin_interface.hpp"

using namespace plugin_interfaces;

class Reads : public PluginHandler {
    static std::string shown(const HistoryMessage &message) {
        return std::string(message.role) + ":" + std::string(message.content) + ";";
    }
    Status set_history(const Context &, const History &history) override {
        brought_.clear();
        for (const HistoryMessage message : history) brought_ += shown(message);
        if (history.size() > 0) brought_ += "first " + std::string(history[0].content);
        return {};
    }
    Status handle_message(const Context &context, Request &request, std::string_view message) override {
        if (message != "ask") return request.reply(brought_);
        std::string asked;
        const Status status = context.get_history(2, [&](const HistoryMessage &one) { asked += shown(one); });
        return status ? request.reply(asked) : status;
    }
    std::string brought_;
};

PLUGIN_EXPORT_HANDLER(Reads)
