/* SPDX-License-Identifier: Apache-2.0 */
/* Draws every widget; replies with all values. */
#include "plugin_interface.hpp"

using namespace plugin_interfaces;

class Widgets : public PluginHandler {
    Status update_ui(const Context &, Ui &ui) override {
        ui.heading("heading");
        ui.label(answer_);
        ui.tooltip("tooltip");
        ui.markdown("markdown");
        ui.error("error");
        ui.separator();
        ui.space(8);
        ui.spinner("spinner");
        ui.progress("progress", 0.5);
        operate(ui);
        second_tier(ui);
        return {};
    }
    Status handle_message(const Context &, Request &request, std::string_view) override {
        std::string several;
        for (const std::string &one : several_) several += one + "+";
        return request.reply(std::to_string(presses_) + " " + std::to_string(integer_) + " " + std::to_string(number_) +
                             " " + (on_ ? "on " : "off ") + text_ + " " + choice_ + " " + several + " " + colour_ +
                             " " + day_ + " " + file_ + " " + page_ + " " + row_ + " " + answer_);
    }

    void operate(Ui &ui) {
        const Scope fold = ui.collapsing("fold", PLUGIN_WIDGET_OPEN);
        const Scope grid = ui.grid("grid", 2);
        {
            const Scope row = ui.horizontal();
            for (const char *name : {"a", "b"}) {
                const Scope id = ui.push_id(name);
                if (ui.button("press")) presses_++;
            }
        }
        const Scope column = ui.vertical();
        ui.text_edit_singleline("line", text_, "hint");
        ui.password("password", text_);
        ui.text_edit_multiline("area", text_);
        ui.integer("integer", integer_, 0, 10);
        ui.number("number", number_, 0, 10);
        ui.slider("slider", number_, 0, 10, 0.5);
        ui.checkbox("checkbox", on_);
        ui.toggle("toggle", on_);
        ui.selectable_value("selectable", on_);
        ui.radio("radio", choice_, {choice("a", "A"), choice("b", "B")});
        ui.combo_box("combo", choice_, {choice("a", "A"), choice("b", "B")}, "none");
    }
    void second_tier(Ui &ui) {
        const double numbers[] = {1, 4, 9};
        Table rows{"Name", "Size"};
        rows.row("a", {"a.txt", "12"});
        rows.row("b", {"b.txt", "7"});
        ui.code("int x;", "c");
        ui.log_view("log", "one\ntwo\n");
        ui.link("link", "https://example.org/");
        ui.image("image", "image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'/>", 12);
        ui.plot("plot", {series("squares", numbers)});
        ui.table("table", rows, row_);
        ui.multi_select("several", several_, {choice("a", "A"), choice("b", "B"), choice("c", "C")});
        ui.color("colour", colour_);
        ui.date("day", day_);
        ui.file_pick("file", file_, ".txt");
        const Scope pages = ui.tabs("pages", page_, {choice("a", "A"), choice("b", "B")});
        ui.label("page " + page_);
        if (const std::optional<bool> answer = ui.confirm("Sure?", "It is gone then.", "Yes", "No")) {
            answer_ = *answer ? "yes" : "no";
            ui.toast("answered", PLUGIN_MESSAGE_INFO);
        }
    }

    int presses_ = 0;
    int64_t integer_ = 1;
    double number_ = 1;
    bool on_ = false;
    std::string text_ = "text", choice_ = "a", colour_ = "#000000", day_ = "2006-01-31", file_, page_ = "a", row_,
                answer_ = "unanswered";
    std::vector<std::string> several_ = {"a", "c"};
};

PLUGIN_EXPORT_HANDLER(Widgets)
