/* SPDX-License-Identifier: Apache-2.0 */
/* Throws what the message names. */
#include "plugin_interface.hpp"

#include <system_error>

using namespace plugin_interfaces;

struct Throws final : PluginHandler {
    Status handle_message(const Context &, Request &request, std::string_view message) override {
        if (message == "Failure") throw Failure(-1234, "no bread");
        if (message == "Failure that succeeds") throw Failure(PLUGIN_OK, "not at all");
        if (message == "Status") Status(PLUGIN_TIMEOUT, "too slow").or_throw();
        if (message == "bad_alloc") throw std::bad_alloc();
        if (message == "system_error")
            throw std::system_error(std::make_error_code(std::errc::permission_denied), "no");
        if (message == "int") throw 42;
        if (message == "long") throw std::runtime_error(std::string(2000, 'x') + "€");
        if (message == "not UTF-8") throw std::runtime_error("caf\xE9");
        if (message == "after the answer") {
            request.reply("well");
            throw std::runtime_error("thrown too late");
        }
        if (message == "holding it") {
            const Request mine = std::move(request);
            throw std::runtime_error("thrown with the request in hand");
        }
        return request.reply("nothing thrown");
    }
};

PLUGIN_EXPORT_HANDLER(Throws)
