/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled with -fno-exceptions and -fno-rtti: a failure is returned. */
#include "plugin_interface.hpp"

using namespace plugin_interfaces;

struct Returns final : PluginHandler {
    Status handle_message(const Context &context, Request &request, std::string_view message) override {
        if (message == "fail") return Status(-1234, "as it is returned");
        Result<std::string> reply = context.call_other_plugin(message, "hello");
        if (!reply) return reply.status();
        return request.reply(*reply);
    }
};

PLUGIN_EXPORT_HANDLER(Returns)
