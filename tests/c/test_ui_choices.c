/* SPDX-License-Identifier: Apache-2.0 */
#include "ui_panel.h"
#include "ui_values.h"

static const PluginChoice choices[] = {{{"r", 1}, {"Red", 3}}, {{"g", 1}, {"Green", 5}}, {{"", 0}, {"None", 4}}};

/* ---- several choices ---- */

static int32_t selected[3];

static void select_only(int index) {
    memset(selected, 0, sizeof selected);
    if (index >= 0) selected[index] = 1;
}

/* `extra` choices are left out. */
static void draw_multi(PluginUi *ui, Panel *panel) {
    ui->table->multi_select(ui, plugin_text("colours"), choices, selected, 3u - (uint32_t)panel->extra, 0,
                            &panel->response);
}

static PluginStatus choose(Ui *ui, Panel *panel, const char *values, uint64_t length) {
    return enter(ui, draw_multi, panel, "multi_select", "colours", plugin_text_of(values, length));
}

TEST(a_multi_select_is_told_with_what_is_chosen) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 1};
    select_only(0);
    selected[1] = -7;
    frame(ui, draw_multi, &panel, NULL, 0);
    CHECK_CONTAINS("\"kind\":\"multi_select\",\"label\":\"colours\",\"choices\":[{\"value\":\"r\",\"label\":\"Red\"},"
                   "{\"value\":\"g\",\"label\":\"Green\"}],\"value\":[\"r\",\"g\"]}",
                   written);
    select_only(-1);
    frame(ui, draw_multi, &panel, NULL, 0);
    CHECK_CONTAINS("\"value\":[]}", written);
    end(ui);
}

TEST(what_the_person_chooses_is_written_to_selected) {
    static const struct {
        const char *values;
        uint64_t length;
        int32_t expected[3];
    } cases[] = {{"g\0r\0", 4, {1, 1, 0}}, {"r", 1, {1, 0, 0}},        {"", 0, {0, 0, 0}},
                 {"\0", 1, {0, 0, 1}},     {"\0r\0g\0", 5, {1, 1, 1}}, {"g\0g\0g", 5, {0, 1, 0}}};
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    select_only(-1);
    selected[0] = selected[2] = 1;
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        frame(ui, draw_multi, &panel, NULL, 0);
        CHECK_EQUAL(PLUGIN_OK, choose(ui, &panel, cases[at].values, cases[at].length));
        CHECK_EQUAL(PLUGIN_RESPONSE_CHANGED, panel.response.flags);
        CHECK_EQUAL(0, memcmp(cases[at].expected, selected, sizeof selected));
    }
    end(ui);
}

TEST(what_was_chosen_already_is_no_change) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    select_only(1);
    selected[1] = 5;
    frame(ui, draw_multi, &panel, NULL, 0);
    CHECK_EQUAL(PLUGIN_OK, choose(ui, &panel, "g", 1));
    CHECK_EQUAL(0, panel.response.flags);
    CHECK_EQUAL(5, selected[1]);
    end(ui);
}

TEST(each_chosen_value_is_one_of_the_choices) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 1};
    select_only(-1);
    frame(ui, draw_multi, &panel, NULL, 0);
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, choose(ui, &panel, "r\0x", 3));
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, choose(ui, &panel, "Red", 3));
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, choose(ui, &panel, "\0", 1));
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, choose(ui, &panel, "r\0\xFF", 3));
    end(ui);
}

TEST(a_choice_that_is_gone_when_the_frame_is_drawn_changes_nothing) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 1};
    select_only(-1);
    frame(ui, draw_multi, &panel, NULL, 0);
    CoreUiEvent event = event_for(id_of("multi_select", "colours"), PLUGIN_RESPONSE_CHANGED);
    event.text = plugin_text_of("r\0g\0", 4);
    CHECK_EQUAL(PLUGIN_OK, ui_check_event(ui, &event, NULL));
    panel.extra = 2;
    frame(ui, draw_multi, &panel, &event, 0);
    CHECK_EQUAL(0, panel.response.flags);
    CHECK_EQUAL(0, selected[0]);
    end(ui);
}

static void draw_without_response(PluginUi *ui, Panel *panel) {
    (void)panel;
    ui->table->multi_select(ui, plugin_text("colours"), choices, selected, 3, 0, NULL);
}

TEST(without_a_response_nothing_is_written_to_selected) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    select_only(-1);
    frame(ui, draw_without_response, &panel, NULL, 0);
    CHECK_EQUAL(PLUGIN_OK, enter(ui, draw_without_response, &panel, "multi_select", "colours", plugin_text("r")));
    CHECK_EQUAL(0, selected[0]);
    end(ui);
}

static void draw_bad_multi(PluginUi *ui, Panel *panel) {
    const PluginChoice damaged[] = {{{"\xFF", 1}, {"a", 1}}, {{"b", 1}, {"B", 1}}, {{"c", 1}, {"\0", 1}}};
    static int32_t on[] = {1, 1, 1};
    if (panel->extra == 0) ui->table->multi_select(ui, plugin_text("m"), NULL, on, 2, 0, &panel->response);
    if (panel->extra == 1) ui->table->multi_select(ui, plugin_text("m"), choices, NULL, 2, 0, &panel->response);
    if (panel->extra == 2) ui->table->multi_select(ui, plugin_text("m"), choices, on, UINT32_MAX, 0, NULL);
    if (panel->extra == 3) ui->table->multi_select(ui, plugin_text("m"), damaged, on, 3, 0, &panel->response);
    if (panel->extra == 4) ui->table->multi_select(ui, plugin_text("m"), NULL, NULL, 0, 0, &panel->response);
    CHECK_EQUAL(3, on[0] + on[1] + on[2]);
}

TEST(choices_that_are_none_are_left_out_and_reported) {
    static const char *const said[] = {"multi_select: the choices are NULL, or more than 100000",
                                       "multi_select: `selected` is NULL; it has a number for each choice",
                                       "multi_select: the choices are NULL, or more than 100000",
                                       "multi_select: choice 0 is not UTF-8, or has a NUL byte", ""};
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    for (panel.extra = 0; panel.extra < 5; panel.extra++) {
        frame(ui, draw_bad_multi, &panel, NULL, 0);
        CHECK_TEXT(said[panel.extra], ui_misuse(ui));
        CHECK_CONTAINS(panel.extra == 3 ? "\"choices\":[{\"value\":\"b\",\"label\":\"B\"}],\"value\":[\"b\"]}"
                                        : "\"choices\":[],\"value\":[]}",
                       written);
    }
    end(ui);
}

static void draw_many(PluginUi *ui, Panel *panel) {
    enum { MANY = 20000 };
    static char names[MANY][8];
    static PluginChoice many[MANY];
    static int32_t on[MANY];
    for (int at = 0; at < MANY; at++) {
        snprintf(names[at], sizeof names[at], "%d", at);
        many[at] = plugin_choice(names[at], names[at]);
    }
    ui->table->multi_select(ui, plugin_text("m"), many, on, MANY, 0, &panel->response);
    panel->integer = 0;
    for (int at = 0; at < MANY; at++) panel->integer += on[at];
}

TEST(many_of_many_choices_are_found) {
    static char all[200000];
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    uint64_t length = 0;
    for (int at = 20000; at-- > 0;) length += (uint64_t)snprintf(all + length, sizeof all - length, "%d", at) + 1;
    frame(ui, draw_many, &panel, NULL, 0);
    CHECK_EQUAL(PLUGIN_OK, enter(ui, draw_many, &panel, "multi_select", "m", plugin_text_of(all, length)));
    CHECK_EQUAL(20000, panel.integer);
    end(ui);
}

TEST(several_values_are_found_by_their_hash) {
    UiValues values;
    ui_values_init(&values, "a\0b\0c", 6);
    CHECK_EQUAL(3, values.places.count);
    CHECK(ui_values_have(&values, plugin_text("c")));
    CHECK(!ui_values_have(&values, plugin_text("d")));
    ui_values_free(&values);
}

/* ---- tabs ---- */

/* `extra` choices are left out. */
static void draw_tabs(PluginUi *ui, Panel *panel) {
    ui->table->begin_tabs(ui, plugin_text("pages"), plugin_text(panel->choice), choices, 2u - (uint32_t)panel->extra,
                          (uint32_t)panel->integer, &panel->response);
    if (panel->response.flags & PLUGIN_RESPONSE_CHANGED)
        plugin_text_copy(panel->response.text, panel->choice, sizeof panel->choice);
    plugin_ui_button(ui, "go");
    if (strcmp(panel->choice, "g") == 0) plugin_ui_label(ui, "green");
    plugin_ui_end(ui);
}

TEST(tabs_contain_their_page) {
    Ui *ui = ui_new();
    Panel panel = {.choice = "g"};
    frame(ui, draw_tabs, &panel, NULL, 0);
    CHECK_CONTAINS(
        "\"kind\":\"tabs\",\"label\":\"pages\",\"value\":\"g\",\"choices\":[{\"value\":\"r\",\"label\":\"Red\"},"
        "{\"value\":\"g\",\"label\":\"Green\"}],\"children\":[{\"id\":",
        written);
    CHECK_CONTAINS("\"text\":\"green\"}]}]}}", written);
    end(ui);
}

TEST(a_tab_is_one_of_the_choices) {
    Ui *ui = ui_new();
    Panel panel = {.choice = "r"};
    frame(ui, draw_tabs, &panel, NULL, 0);
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, enter(ui, draw_tabs, &panel, "tabs", "pages", plugin_text("Green")));
    CHECK_EQUAL(PLUGIN_OK, enter(ui, draw_tabs, &panel, "tabs", "pages", plugin_text("g")));
    CHECK_TEXT("g", panel.choice);
    end(ui);
}

TEST(a_tab_that_is_gone_when_the_frame_is_drawn_is_no_change) {
    Ui *ui = ui_new();
    Panel panel = {.choice = "r"};
    frame(ui, draw_tabs, &panel, NULL, 0);
    CoreUiEvent event = event_for(id_of("tabs", "pages"), PLUGIN_RESPONSE_CHANGED);
    event.text = plugin_text("g");
    CHECK_EQUAL(PLUGIN_OK, ui_check_event(ui, &event, NULL));
    panel.extra = 1;
    frame(ui, draw_tabs, &panel, &event, 0);
    CHECK_TEXT("r", panel.choice);
    end(ui);
}

TEST(disabled_tabs_do_not_turn_but_their_page_is_operated) {
    Ui *ui = ui_new();
    Panel panel = {.choice = "r", .integer = PLUGIN_WIDGET_DISABLED};
    frame(ui, draw_tabs, &panel, NULL, 0);
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, enter(ui, draw_tabs, &panel, "tabs", "pages", plugin_text("g")));
    const CoreUiEvent event = event_for(id_of("button", "go"), PLUGIN_RESPONSE_CLICKED);
    CHECK_EQUAL(PLUGIN_OK, ui_check_event(ui, &event, NULL));
    end(ui);
}

TEST(what_looks_alike_on_two_pages_has_two_ids) {
    Ui *ui = ui_new();
    Panel panel = {.choice = "r"};
    frame(ui, draw_tabs, &panel, NULL, 0);
    const uint64_t red = id_of("button", "go");
    strcpy(panel.choice, "g");
    frame(ui, draw_tabs, &panel, NULL, 0);
    const uint64_t green = id_of("button", "go");
    CHECK(red != 0 && green != 0 && red != green);
    end(ui);
}

TEST(the_frame_in_which_the_page_turns_has_the_ids_of_the_next) {
    Ui *ui = ui_new();
    Panel panel = {.choice = "r"};
    frame(ui, draw_tabs, &panel, NULL, 0);
    CHECK_EQUAL(PLUGIN_OK, enter(ui, draw_tabs, &panel, "tabs", "pages", plugin_text("g")));
    const uint64_t turning = id_of("button", "go");
    frame(ui, draw_tabs, &panel, NULL, 0);
    CHECK_EQUAL(turning, id_of("button", "go"));
    end(ui);
}

TEST(a_patch_turns_the_page) {
    Ui *ui = ui_new();
    Panel panel = {.choice = "r"};
    char expected[100];
    frame(ui, draw_tabs, &panel, NULL, 0);
    const uint64_t tabs = id_of("tabs", "pages");
    strcpy(panel.choice, "g");
    frame(ui, draw_tabs, &panel, NULL, 1);
    snprintf(expected, sizeof expected, "\"patch\":[{\"id\":\"%016" PRIx64 "\",\"set\":{\"id\":", tabs);
    CHECK_CONTAINS(expected, written);
    snprintf(expected, sizeof expected, "{\"id\":\"%016" PRIx64 "\",\"splice\":[0,1,[{", tabs);
    CHECK_CONTAINS(expected, written);
    end(ui);
}

static void draw_bad_tabs(PluginUi *ui, Panel *panel) {
    const PluginText bad = plugin_text("\xFF"), none = plugin_text("");
    if (panel->extra == 0) ui->table->begin_tabs(ui, bad, none, choices, 2, 0, &panel->response);
    if (panel->extra == 1) ui->table->begin_tabs(ui, none, bad, choices, 2, 0, &panel->response);
    if (panel->extra == 2) ui->table->begin_tabs(ui, none, none, NULL, 2, 0, &panel->response);
    if (panel->extra == 3) ui->table->begin_tabs(ui, none, none, choices, UINT32_MAX, 0, NULL);
    plugin_ui_label(ui, "inside");
    plugin_ui_end(ui);
    plugin_ui_label(ui, "outside");
}

TEST(tabs_that_are_drawn_wrongly_still_contain_their_page) {
    static const char *const said[] = {
        "tabs: label is not UTF-8: byte 0xFF at offset 0", "tabs: value is not UTF-8: byte 0xFF at offset 0",
        "tabs: the choices are NULL, or more than 100000", "tabs: the choices are NULL, or more than 100000"};
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    for (panel.extra = 0; panel.extra < 4; panel.extra++) {
        frame(ui, draw_bad_tabs, &panel, NULL, 0);
        CHECK_TEXT(said[panel.extra], ui_misuse(ui));
        CHECK_CONTAINS("\"text\":\"inside\"}]},{\"id\":", written);
        CHECK_CONTAINS("\"text\":\"outside\"}]}}", written);
    }
    end(ui);
}

TEST(tabs_that_lie_too_deep_are_left_out) {
    Ui *ui = ui_new();
    Panel panel = {.choice = "r"};
    PluginUi *handle = ui_begin(ui, NULL, 0, 0);
    for (int at = 0; at < 64; at++) plugin_ui_begin_vertical(handle);
    draw_tabs(handle, &panel);
    for (int at = 0; at < 64; at++) plugin_ui_end(handle);
    plugin_ui_label(handle, "outside");
    ui_finish(ui, PLUGIN_OK, plugin_text(""));
    CHECK_EQUAL(PLUGIN_OK, ui_write(ui, 0, receive, NULL));
    CHECK_EQUAL(0, panel.response.id);
    CHECK_EQUAL(0, occurrences("tabs"));
    CHECK_CONTAINS("\"text\":\"outside\"}]}}", written);
    end(ui);
}

int main(void) {
    RUN(a_multi_select_is_told_with_what_is_chosen);
    RUN(what_the_person_chooses_is_written_to_selected);
    RUN(what_was_chosen_already_is_no_change);
    RUN(each_chosen_value_is_one_of_the_choices);
    RUN(a_choice_that_is_gone_when_the_frame_is_drawn_changes_nothing);
    RUN(without_a_response_nothing_is_written_to_selected);
    RUN(choices_that_are_none_are_left_out_and_reported);
    RUN(many_of_many_choices_are_found);
    RUN(several_values_are_found_by_their_hash);
    RUN(tabs_contain_their_page);
    RUN(a_tab_is_one_of_the_choices);
    RUN(a_tab_that_is_gone_when_the_frame_is_drawn_is_no_change);
    RUN(disabled_tabs_do_not_turn_but_their_page_is_operated);
    RUN(what_looks_alike_on_two_pages_has_two_ids);
    RUN(the_frame_in_which_the_page_turns_has_the_ids_of_the_next);
    RUN(a_patch_turns_the_page);
    RUN(tabs_that_are_drawn_wrongly_still_contain_their_page);
    RUN(tabs_that_lie_too_deep_are_left_out);
    return check_result();
}
