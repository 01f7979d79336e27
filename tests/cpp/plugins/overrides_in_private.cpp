/* SPDX-License-Identifier: Apache-2.0 */
/* Its entries are private, inherited, noexcept and overloaded. */
#include "plugin_interface.hpp"

using namespace plugin_interfaces;

class Base : public PluginHandler {
  public:
    Status on_mount(const Context &) noexcept override {
        mounted_ = true;
        return {};
    }

  protected:
    bool mounted_ = false;
};

class Overrides : public Base {
    Status handle_message(const Context &, Request &request, std::string_view) override {
        return request.reply(mounted_ && connected_ ? "all of them ran" : "one is missing");
    }

  public:
    Status on_connect(const Context &) override {
        on_connect(true);
        return {};
    }
    void on_connect(bool connected) { connected_ = connected; }

  private:
    bool connected_ = false;
};

PLUGIN_EXPORT_HANDLER(Overrides)
