/* SPDX-License-Identifier: Apache-2.0 */
#include "ui_panel.h"

#include <math.h>

static const PluginChoice choices[] = {{{"r", 1}, {"Red", 3}}, {{"g", 1}, {"Green", 5}}};

static void draw_values(PluginUi *ui, Panel *panel) {
    const uint32_t disabled = panel->extra ? PLUGIN_WIDGET_DISABLED : 0;
    plugin_ui_text_edit(ui, "text", panel->text, sizeof panel->text);
    plugin_ui_integer(ui, "integer", &panel->integer, -5, 5);
    plugin_ui_number(ui, "number", &panel->number, -1.5, INFINITY);
    plugin_ui_checkbox(ui, "box", &panel->on);
    plugin_ui_combo_box(ui, "combo", panel->choice, sizeof panel->choice, "none", choices, 2);
    ui->table->button(ui, plugin_text("button"), disabled, &panel->response);
}

TEST(each_value_is_told_with_what_limits_it) {
    Ui *ui = ui_new();
    Panel panel = {.text = "t", .choice = "g", .integer = 3, .number = 0.1, .on = 1, .extra = 1};
    frame(ui, draw_values, &panel, NULL, 0);
    CHECK_CONTAINS("\"label\":\"text\",\"value\":\"t\"}", written);
    CHECK_CONTAINS("\"label\":\"integer\",\"value\":3,\"minimum\":-5,\"maximum\":5}", written);
    CHECK_CONTAINS("\"label\":\"number\",\"value\":0.1,\"minimum\":-1.5}", written);
    CHECK_CONTAINS("\"label\":\"box\",\"value\":true}", written);
    CHECK_CONTAINS("\"label\":\"combo\",\"value\":\"g\",\"placeholder\":\"none\",\"choices\":"
                   "[{\"value\":\"r\",\"label\":\"Red\"},{\"value\":\"g\",\"label\":\"Green\"}]}",
                   written);
    CHECK_CONTAINS("\"label\":\"button\",\"enabled\":false}", written);
    end(ui);
}

TEST(what_the_person_enters_becomes_the_value) {
    Ui *ui = ui_new();
    Panel panel = {.text = "old", .choice = "r"};
    frame(ui, draw_values, &panel, NULL, 0);
    const struct {
        const char *kind, *label;
    } widgets[] = {{"text_edit_singleline", "text"},
                   {"integer", "integer"},
                   {"number", "number"},
                   {"checkbox", "box"},
                   {"combo_box", "combo"}};
    for (size_t at = 0; at < 5; at++) {
        CoreUiEvent event = event_for(id_of(widgets[at].kind, widgets[at].label), PLUGIN_RESPONSE_CHANGED);
        event.text = plugin_text("g");
        event.integer = 1;
        event.number = 2.5;
        CHECK_EQUAL(PLUGIN_OK, ui_check_event(ui, &event, NULL));
        frame(ui, draw_values, &panel, &event, 0);
    }
    CHECK_TEXT("g", panel.text);
    CHECK_EQUAL(1, panel.integer);
    CHECK(panel.number == 2.5);
    CHECK_EQUAL(1, panel.on);
    CHECK_TEXT("g", panel.choice);
    end(ui);
}

/* What ui_check_event says of a value for a widget of draw_values. */
static PluginStatus check(const Ui *ui, const char *kind, const char *label, PluginText text, int64_t integer,
                          double number) {
    CoreUiEvent event = event_for(id_of(kind, label), PLUGIN_RESPONSE_CHANGED);
    event.text = text;
    event.integer = integer;
    event.number = number;
    return ui_check_event(ui, &event, NULL);
}

TEST(a_value_that_the_widget_cannot_have_is_refused) {
    Ui *ui = ui_new();
    Panel panel = {.text = ""};
    const PluginText none = plugin_text("");
    frame(ui, draw_values, &panel, NULL, 0);
    CHECK_EQUAL(PLUGIN_OK, check(ui, "integer", "integer", none, 5, 0));
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, check(ui, "integer", "integer", none, 6, 0));
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, check(ui, "integer", "integer", none, INT64_MIN, 0));
    CHECK_EQUAL(PLUGIN_OK, check(ui, "number", "number", none, 0, 1e300));
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, check(ui, "number", "number", none, 0, -2));
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, check(ui, "number", "number", none, 0, NAN));
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, check(ui, "number", "number", none, 0, INFINITY));
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, check(ui, "checkbox", "box", none, 2, 0));
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, check(ui, "combo_box", "combo", plugin_text("Red"), 0, 0));
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, check(ui, "combo_box", "combo", none, 0, 0));
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, check(ui, "text_edit_singleline", "text", plugin_text_of("a\0b", 3), 0, 0));
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, check(ui, "text_edit_singleline", "text", plugin_text("\xFF"), 0, 0));
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, check(ui, "button", "button", none, 0, 0));
    end(ui);
}

static void draw_optional(PluginUi *ui, Panel *panel) {
    if (panel->extra) plugin_ui_button(ui, "first");
    if (panel->extra) plugin_ui_toggle(ui, "save", &panel->on);
    plugin_ui_button(ui, "save");
}

TEST(an_event_for_a_widget_that_is_not_shown_is_not_found) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    const CoreUiEvent early = event_for(1, PLUGIN_RESPONSE_CLICKED);
    CHECK_EQUAL(PLUGIN_NOT_FOUND, ui_check_event(ui, &early, NULL));
    panel.extra = 1;
    frame(ui, draw_optional, &panel, NULL, 0);
    const CoreUiEvent event = event_for(id_of("button", "first"), PLUGIN_RESPONSE_CLICKED);
    CHECK_EQUAL(PLUGIN_OK, ui_check_event(ui, &event, NULL));
    panel.extra = 0;
    frame(ui, draw_optional, &panel, NULL, 0);
    CHECK_EQUAL(PLUGIN_NOT_FOUND, ui_check_event(ui, &event, NULL));
    end(ui);
}

TEST(what_is_disabled_or_only_to_read_cannot_be_operated) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 1};
    frame(ui, draw_values, &panel, NULL, 0);
    const CoreUiEvent click = event_for(id_of("button", "button"), PLUGIN_RESPONSE_CLICKED);
    const CoreUiEvent root = event_for(1, PLUGIN_RESPONSE_CLICKED);
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, ui_check_event(ui, &click, NULL));
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, ui_check_event(ui, &root, NULL));
    end(ui);
}

TEST(the_value_that_was_there_already_is_no_change) {
    Ui *ui = ui_new();
    PluginResponse response = plugin_response();
    PluginUi *handle = ui_begin(ui, NULL, 0, 0);
    handle->table->text_edit_singleline(handle, plugin_text("a"), plugin_text("same"), plugin_text(""), 0, &response);
    ui_finish(ui, PLUGIN_OK, plugin_text(""));
    CoreUiEvent event = event_for(response.id, PLUGIN_RESPONSE_CHANGED | PLUGIN_RESPONSE_SUBMITTED);
    event.text = plugin_text("same");
    handle = ui_begin(ui, &event, 0, 0);
    handle->table->text_edit_singleline(handle, plugin_text("a"), plugin_text("same"), plugin_text(""), 0, &response);
    ui_finish(ui, PLUGIN_OK, plugin_text(""));
    CHECK_EQUAL(PLUGIN_RESPONSE_SUBMITTED, response.flags);
    CHECK_TEXT("same", response.text);
    end(ui);
}

TEST(a_choice_that_is_no_longer_offered_is_no_change) {
    Ui *ui = ui_new();
    PluginResponse response = plugin_response();
    const PluginText r = plugin_text("r"), none = plugin_text("");
    PluginUi *handle = ui_begin(ui, NULL, 0, 0);
    handle->table->combo_box(handle, plugin_text("c"), r, none, choices, 2, 0, &response);
    ui_finish(ui, PLUGIN_OK, none);
    CoreUiEvent event = event_for(response.id, PLUGIN_RESPONSE_CHANGED);
    event.text = plugin_text("g");
    handle = ui_begin(ui, &event, 0, 0);
    handle->table->combo_box(handle, plugin_text("c"), r, none, choices, 1, 0, &response);
    ui_finish(ui, PLUGIN_OK, none);
    CHECK_EQUAL(0, response.flags);
    CHECK_TEXT("r", response.text);
    end(ui);
}

TEST(the_text_of_a_response_ends_with_a_nul) {
    Ui *ui = ui_new();
    PluginResponse response = plugin_response();
    PluginUi *handle = ui_begin(ui, NULL, 0, 0);
    handle->table->text_edit_multiline(handle, plugin_text("a"), plugin_text_of("onetwo", 3), plugin_text(""), 0,
                                       &response);
    CHECK_EQUAL(3, strlen(response.text.data));
    ui_finish(ui, PLUGIN_OK, plugin_text(""));
    end(ui);
}

TEST(a_shorter_response_of_an_older_plugin_is_not_written_beyond_its_end) {
    Ui *ui = ui_new();
    PluginResponse response;
    memset(&response, 0x55, sizeof response);
    response.struct_size = (uint32_t)offsetof(PluginResponse, integer);
    PluginUi *handle = ui_begin(ui, NULL, 0, 0);
    handle->table->checkbox(handle, plugin_text("a"), 1, 0, &response);
    ui_finish(ui, PLUGIN_OK, plugin_text(""));
    CHECK_EQUAL(0, response.flags);
    CHECK(response.id != UINT64_C(0x5555555555555555));
    CHECK_EQUAL(INT64_C(0x5555555555555555), response.integer);
    end(ui);
}

static void draw_password(PluginUi *ui, Panel *panel) {
    plugin_ui_password(ui, "key", panel->text, sizeof panel->text);
}

TEST(a_password_does_not_travel) {
    Ui *ui = ui_new();
    Panel panel = {.text = "secret"};
    frame(ui, draw_password, &panel, NULL, 0);
    CHECK_EQUAL(0, occurrences("secret"));
    CHECK_CONTAINS("\"label\":\"key\",\"value\":\"\",\"password\":true,\"filled\":true}", written);
    end(ui);
}

static void draw_numbers(PluginUi *ui, Panel *panel) {
    (void)panel;
    ui->table->slider(ui, plugin_text("a"), NAN, NAN, INFINITY, NAN, 0, NULL);
    ui->table->slider(ui, plugin_text("b"), 1.5, -0.25, 1e21, 0.5, 0, NULL);
    plugin_ui_progress(ui, "c", NAN);
    plugin_ui_progress(ui, "d", 7);
    plugin_ui_space(ui, -INFINITY);
}

TEST(numbers_that_json_does_not_have_are_null_or_left_out) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    frame(ui, draw_numbers, &panel, NULL, 0);
    CHECK_CONTAINS("\"label\":\"a\",\"value\":null}", written);
    CHECK_CONTAINS("\"label\":\"b\",\"value\":1.5,\"minimum\":-0.25,\"maximum\":1e+21,\"step\":0.5}", written);
    CHECK_CONTAINS("\"label\":\"c\",\"fraction\":0}", written);
    CHECK_CONTAINS("\"label\":\"d\",\"fraction\":1}", written);
    CHECK_CONTAINS("\"points\":0}", written);
    end(ui);
}

int main(void) {
    RUN(each_value_is_told_with_what_limits_it);
    RUN(what_the_person_enters_becomes_the_value);
    RUN(a_value_that_the_widget_cannot_have_is_refused);
    RUN(an_event_for_a_widget_that_is_not_shown_is_not_found);
    RUN(what_is_disabled_or_only_to_read_cannot_be_operated);
    RUN(the_value_that_was_there_already_is_no_change);
    RUN(a_choice_that_is_no_longer_offered_is_no_change);
    RUN(the_text_of_a_response_ends_with_a_nul);
    RUN(a_shorter_response_of_an_older_plugin_is_not_written_beyond_its_end);
    RUN(a_password_does_not_travel);
    RUN(numbers_that_json_does_not_have_are_null_or_left_out);
    return check_result();
}
