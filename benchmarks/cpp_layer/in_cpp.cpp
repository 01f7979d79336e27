/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin that is measured, in C++. in_c.c does the same. */
#include "plugin_interface.hpp"

using namespace plugin_interfaces;

class Measured final : public PluginHandler {
  public:
    Status handle_message(const Context &, Request &request, std::string_view message) override {
        if (message != "stream") return request.reply(message);
        Stream stream = request.stream().or_throw();
        for (int chunk = 0; chunk < 100; chunk++)
            if (Status status = stream.send("a chunk"); !status) return status;
        stream.end();
        return request.reply("");
    }

    Status update_ui(const Context &, Ui &ui) override {
        for (int row = 0; row < 20; row++) {
            ui.label("A label");
            if (ui.button("Press").clicked()) presses_++;
            ui.text_edit_singleline("Text", text_);
            ui.slider("Number", number_, 0, 100);
            ui.checkbox("On", on_);
        }
        return {};
    }

  private:
    std::string text_;
    double number_ = 0;
    bool on_ = false;
    int presses_ = 0;
};

PLUGIN_EXPORT_HANDLER(Measured)
