/* SPDX-License-Identifier: Apache-2.0 */
/* Its state is all that it was sent, with a NUL byte between, written in pieces. */
#include "plugin_interface.hpp"

using namespace plugin_interfaces;

class Keeps : public PluginHandler {
    Status handle_message(const Context &, Request &request, std::string_view message) override {
        messages_.emplace_back(message);
        std::string all;
        for (const std::string &one : messages_) all += one + ";";
        return request.reply(all);
    }
    Status save_state(const Context &, StateWriter &writer) override {
        for (const std::string &message : messages_) writer.write(message.c_str(), message.size() + 1).or_throw();
        return {};
    }
    Status load_state(const Context &, std::string_view data) override {
        for (size_t end; (end = data.find('\0')) != data.npos; data.remove_prefix(end + 1))
            messages_.emplace_back(data.substr(0, end));
        return {};
    }
    std::vector<std::string> messages_;
};

PLUGIN_EXPORT_HANDLER(Keeps)
