/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings_cpp: every widget once, on a few pages, as c_plugins/settings has them. The values live in user.toml: each
 * frame reads them, and a change is stored at once, so that the plugin keeps nothing of its own but which page is open
 * and what is shown of the buttons. `show` as a message tells all values.
 */
#include "plugin_interface.hpp"

#include <algorithm>

using namespace plugin_interfaces;

namespace {

/* ---- the pages of settings ---- */

class Pages {
  public:
    Pages(const Context &context, Ui &ui) : context_(context), ui_(ui) {}

    void edit_texts() {
        edit<std::string>("greeting", [&](std::string &value) { return ui_.text_edit_singleline("Greeting", value); });
        ui_.tooltip("How `hello` is answered");
        edit<std::string>("password", [&](std::string &value) { return ui_.password("Password", value); });
        edit<std::string>("notes", [&](std::string &value) { return ui_.text_edit_multiline("Notes", value); });
        edit<std::string>("accent", [&](std::string &value) { return ui_.color("Accent", value); });
        edit<std::string>("since", [&](std::string &value) { return ui_.date("Since", value); });
        edit<std::string>("file", [&](std::string &value) { return ui_.file_pick("File", value, ".txt,.md"); });
    }

    void edit_numbers() {
        edit<int64_t>("count", [&](int64_t &value) { return ui_.integer("Count", value, 0, 100); });
        edit<double>("ratio", [&](double &value) { return ui_.number("Ratio", value, 0, 1); });
        edit<double>("volume", [&](double &value) { return ui_.slider("Volume", value, 0, 100); });
    }

    void edit_choices() {
        {
            const Scope column = ui_.vertical();
            edit<bool>("shout", [&](bool &value) { return ui_.checkbox("Shout", value); });
            edit<bool>("night", [&](bool &value) { return ui_.toggle("Night mode", value); });
            edit<bool>("pinned", [&](bool &value) { return ui_.selectable_value("Pinned", value); });
        }
        edit<std::string>("colour", [&](std::string &value) {
            return ui_.radio("Colour", value, {choice("red", "Red"), choice("green", "Green"), choice("blue", "Blue")});
        });
        edit<std::string>("language", [&](std::string &value) {
            return ui_.combo_box("Language", value,
                                 {choice("en", "English"), choice("de", "Deutsch"), choice("zh", "中文")},
                                 "Choose one");
        });
        edit<std::string>("toppings", [&](std::string &value) { return edit_toppings(value); });
        edit<std::string>("planet", [&](std::string &value) { return ui_.table("Planets", planets(), value); });
    }

  private:
    /* Draws a setting and stores what was entered; what the manifest forbids is shown below the widget. */
    template <class Value, class Draw> void edit(std::string_view key, Draw draw) {
        Value value = context_.get_app_config(key, Value());
        if (!draw(value).changed()) return;
        if (const Status stored = context_.set_app_config(key, value); !stored) ui_.error(stored.text());
    }

    /* Several choices are one setting, with commas between. */
    Response edit_toppings(std::string &value) {
        std::vector<std::string> chosen;
        for (size_t at = 0; at < value.size();) {
            const size_t end = std::min(value.find(',', at), value.size());
            chosen.push_back(value.substr(at, end - at));
            at = end + 1;
        }
        const Response response = ui_.multi_select(
            "Toppings", chosen, {choice("cheese", "Cheese"), choice("ham", "Ham"), choice("olives", "Olives")});
        value.clear();
        for (const std::string &topping : chosen) value += (value.empty() ? "" : ",") + topping;
        return response;
    }

    static Table planets() {
        Table table{"Planet", "Moons"};
        table.row("earth", {"Earth", "1"});
        table.row("mars", {"Mars", "2"});
        table.row("venus", {"Venus", "0"});
        return table;
    }

    const Context &context_;
    Ui &ui_;
};

/* ---- the page of things to read ---- */

void show_squares(Ui &ui) {
    const Scope fold = ui.collapsing("A grid", PLUGIN_WIDGET_OPEN);
    const Scope grid = ui.grid("squares", 2);
    for (int row = 1; row <= 3; row++) {
        const Scope id = ui.push_id("row " + std::to_string(row));
        ui.label(std::to_string(row));
        ui.label(std::to_string(row * row));
    }
}

void show_things(Ui &ui) {
    const std::string_view picture = "<svg xmlns='http://www.w3.org/2000/svg' width='64' height='32'>"
                                     "<circle cx='16' cy='16' r='12' fill='#36c'/>"
                                     "<circle cx='48' cy='16' r='12' fill='#c63'/></svg>";
    double heights[32];
    for (int at = 0; at < 32; at++) heights[at] = at * (31 - at);
    ui.code("static void setup(PluginInterface *table) { table->update_ui = update_ui; }", "c");
    ui.link("CommonMark", "https://commonmark.org");
    ui.image("Two circles", "image/svg+xml", picture, 64);
    ui.plot("A throw", {series("height", heights)});
    ui.space(8);
    show_squares(ui);
}

/* ---- the page of things to do, and the entries ---- */

class Settings final : public PluginHandler {
  public:
    Status update_ui(const Context &context, Ui &ui) override {
        Pages pages(context, ui);
        ui.heading("Settings");
        ui.markdown("Every **widget** once. What you set is stored in `user.toml`.");
        const Scope tabs = ui.tabs("Pages", page_,
                                   {choice("texts", "Texts"), choice("numbers", "Numbers"),
                                    choice("choices", "Choices"), choice("read", "To read"), choice("do", "To do")});
        if (page_ == "texts") pages.edit_texts();
        if (page_ == "numbers") pages.edit_numbers();
        if (page_ == "choices") pages.edit_choices();
        if (page_ == "read") show_things(ui);
        if (page_ == "do") do_things(ui);
        return {};
    }

    Status handle_message(const Context &context, Request &request, std::string_view message) override {
        if (message != "show")
            return request.reply(context.get_app_config("greeting", "") + "! Send `show` to see all settings.");
        std::string text;
        for (const std::string key : {"greeting", "notes", "accent", "since", "file", "count", "ratio", "volume",
                                      "shout", "night", "pinned", "colour", "language", "toppings", "planet"})
            text += key + " = " + context.get_app_config(key, "") + "\n";
        return request.reply(text);
    }

  private:
    static constexpr size_t log_bytes = 2047;

    void do_things(Ui &ui) {
        {
            const Scope row = ui.horizontal();
            if (ui.button("Press")) press(ui);
            if (ui.button("Forget")) asking_ = true;
            ui.label(pressed());
        }
        ui.progress("Progress", progress_);
        if (progress_ > 0 && progress_ < 1) ui.spinner("going on");
        ui.separator();
        ui.log_view("What happened", log_, 5);
        if (!asking_) return;
        const std::optional<bool> answer =
            ui.confirm("Forget the presses?", "They cannot be brought back.", "Forget", "Keep");
        asking_ = !answer;
        if (answer.value_or(false)) forget(ui);
    }

    void press(Ui &ui) {
        presses_++;
        progress_ = progress_ >= 1 ? 0 : progress_ + 0.25;
        log_ += pressed() + "\n";
        while (log_.size() > log_bytes) log_.erase(0, log_.find('\n') + 1); // the oldest lines go
        ui.toast("Pressed", PLUGIN_MESSAGE_INFO);
    }

    void forget(Ui &ui) {
        presses_ = 0;
        progress_ = 0;
        log_.clear();
        ui.toast("Forgotten", PLUGIN_MESSAGE_SUCCESS);
    }

    std::string pressed() const { return "pressed " + std::to_string(presses_) + " times"; }

    std::string page_ = "texts";
    bool asking_ = false; // whether the presses are to be forgotten
    int64_t presses_ = 0;
    double progress_ = 0;
    std::string log_;
};

} // namespace

PLUGIN_EXPORT_HANDLER(Settings)
