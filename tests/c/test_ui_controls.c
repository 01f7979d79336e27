/* SPDX-License-Identifier: Apache-2.0 */
#include "ui_panel.h"

static void draw_color(PluginUi *ui, Panel *panel) {
    ui->table->color(ui, plugin_text("colour"), plugin_text(panel->text), 0, &panel->response);
    if (panel->response.flags & PLUGIN_RESPONSE_CHANGED)
        plugin_text_copy(panel->response.text, panel->text, sizeof panel->text);
}

TEST(a_colour_is_told_as_its_text) {
    Ui *ui = ui_new();
    Panel panel = {.text = "#00ff7F"};
    frame(ui, draw_color, &panel, NULL, 0);
    CHECK_CONTAINS("\"kind\":\"color\",\"label\":\"colour\",\"value\":\"#00ff7F\"}", written);
    CHECK_TEXT("", ui_misuse(ui));
    end(ui);
}

TEST(a_colour_that_is_none_is_shown_as_empty_and_reported) {
    static const char *const wrong[] = {"red", "#12345", "#1234567", "#12345g", "123456#", " #12345"};
    Ui *ui = ui_new();
    for (size_t at = 0; at < sizeof wrong / sizeof *wrong; at++) {
        Panel panel = {.extra = 0};
        strcpy(panel.text, wrong[at]);
        frame(ui, draw_color, &panel, NULL, 0);
        CHECK_CONTAINS("\"value\":\"\"}", written);
        CHECK_CONTAINS("is no colour; write it as #rrggbb", ui_misuse(ui).data);
        CHECK_TEXT(wrong[at], panel.response.text);
    }
    end(ui);
}

TEST(a_colour_is_entered_in_one_form) {
    Ui *ui = ui_new();
    Panel panel = {.text = ""};
    frame(ui, draw_color, &panel, NULL, 0);
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, enter(ui, draw_color, &panel, "color", "colour", plugin_text("red")));
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, enter(ui, draw_color, &panel, "color", "colour", plugin_text("")));
    CHECK_EQUAL(PLUGIN_OK, enter(ui, draw_color, &panel, "color", "colour", plugin_text("#102030")));
    CHECK_TEXT("#102030", panel.text);
    end(ui);
}

TEST(a_colour_that_no_front_end_can_have_checked_is_no_change) {
    Ui *ui = ui_new();
    Panel panel = {.text = "#000000"};
    frame(ui, draw_color, &panel, NULL, 0);
    CoreUiEvent event = event_for(id_of("color", "colour"), PLUGIN_RESPONSE_CHANGED);
    event.text = plugin_text("blue");
    frame(ui, draw_color, &panel, &event, 0);
    CHECK_EQUAL(0, panel.response.flags);
    CHECK_TEXT("#000000", panel.text);
    end(ui);
}

/* ---- days ---- */

/* `choice` is the last day that can be entered. */
static void draw_date(PluginUi *ui, Panel *panel) {
    ui->table->date(ui, plugin_text("day"), plugin_text(panel->text), plugin_text("2024-02-10"),
                    plugin_text(panel->choice), 0, &panel->response);
    if (panel->response.flags & PLUGIN_RESPONSE_CHANGED)
        plugin_text_copy(panel->response.text, panel->text, sizeof panel->text);
}

TEST(a_day_is_told_with_its_limits) {
    Ui *ui = ui_new();
    Panel panel = {.text = "2024-02-29", .choice = "2024-12-31"};
    frame(ui, draw_date, &panel, NULL, 0);
    CHECK_CONTAINS("\"kind\":\"date\",\"label\":\"day\",\"value\":\"2024-02-29\",\"minimum\":\"2024-02-10\","
                   "\"maximum\":\"2024-12-31\"}",
                   written);
    end(ui);
}

TEST(a_day_that_there_is_not_is_shown_as_empty_and_reported) {
    static const char *const wrong[] = {"2023-02-29", "2024-02-30", "1900-02-29", "2024-13-01", "2024-00-01",
                                        "2024-01-00", "0000-01-01", "24-01-01",   "2024/01/01", "2024-01-1x",
                                        "2024-1-01",  "2024-04-31", "tomorrow",   "2024-01-011"};
    Ui *ui = ui_new();
    for (size_t at = 0; at < sizeof wrong / sizeof *wrong; at++) {
        Panel panel = {.extra = 0};
        strcpy(panel.text, wrong[at]);
        frame(ui, draw_date, &panel, NULL, 0);
        CHECK_CONTAINS("\"value\":\"\"", written);
        CHECK_CONTAINS("is no day; write it as 2006-01-31", ui_misuse(ui).data);
    }
    end(ui);
}

TEST(a_limit_that_is_no_day_is_none_and_is_reported) {
    Ui *ui = ui_new();
    Panel panel = {.text = "", .choice = "31.12.2024"};
    frame(ui, draw_date, &panel, NULL, 0);
    CHECK_CONTAINS("\"minimum\":\"2024-02-10\"}", written);
    CHECK_TEXT("date: the maximum \"31.12.2024\" is no day; write it as 2006-01-31", ui_misuse(ui));
    CHECK_EQUAL(PLUGIN_OK, enter(ui, draw_date, &panel, "date", "day", plugin_text("9999-12-31")));
    end(ui);
}

TEST(a_day_that_is_entered_is_one_between_the_limits_or_none) {
    Ui *ui = ui_new();
    Panel panel = {.text = "", .choice = "2024-02-29"};
    frame(ui, draw_date, &panel, NULL, 0);
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, enter(ui, draw_date, &panel, "date", "day", plugin_text("2024-02-09")));
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, enter(ui, draw_date, &panel, "date", "day", plugin_text("2024-03-01")));
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, enter(ui, draw_date, &panel, "date", "day", plugin_text("2024-02-31")));
    CHECK_EQUAL(PLUGIN_OK, enter(ui, draw_date, &panel, "date", "day", plugin_text("2024-02-10")));
    CHECK_EQUAL(PLUGIN_OK, enter(ui, draw_date, &panel, "date", "day", plugin_text("2024-02-29")));
    CHECK_TEXT("2024-02-29", panel.text);
    CHECK_EQUAL(PLUGIN_OK, enter(ui, draw_date, &panel, "date", "day", plugin_text("")));
    CHECK_TEXT("", panel.text);
    end(ui);
}

TEST(a_day_that_is_no_longer_possible_is_no_change) {
    Ui *ui = ui_new();
    Panel panel = {.text = "2024-02-11", .choice = "2024-12-31"};
    frame(ui, draw_date, &panel, NULL, 0);
    CoreUiEvent event = event_for(id_of("date", "day"), PLUGIN_RESPONSE_CHANGED);
    event.text = plugin_text("2024-06-01");
    CHECK_EQUAL(PLUGIN_OK, ui_check_event(ui, &event, NULL));
    strcpy(panel.choice, "2024-05-31");
    frame(ui, draw_date, &panel, &event, 0);
    CHECK_EQUAL(0, panel.response.flags);
    CHECK_TEXT("2024-02-11", panel.response.text);
    end(ui);
}

/* ---- files ---- */

static void draw_file(PluginUi *ui, Panel *panel) {
    const uint32_t flags = panel->extra ? PLUGIN_WIDGET_FOLDER : 0;
    ui->table->file_pick(ui, plugin_text("file"), plugin_text(panel->text), plugin_text(panel->choice), flags,
                         &panel->response);
    if (panel->response.flags & PLUGIN_RESPONSE_CHANGED)
        plugin_text_copy(panel->response.text, panel->text, sizeof panel->text);
}

TEST(a_file_is_told_with_what_is_offered) {
    Ui *ui = ui_new();
    Panel panel = {.text = "/tmp/a", .choice = ".png,.jpg"};
    frame(ui, draw_file, &panel, NULL, 0);
    CHECK_CONTAINS("\"kind\":\"file_pick\",\"label\":\"file\",\"value\":\"/tmp/a\",\"filter\":\".png,.jpg\"}", written);
    end(ui);
}

TEST(a_folder_is_told_to_be_one) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 1};
    frame(ui, draw_file, &panel, NULL, 0);
    CHECK_CONTAINS("\"label\":\"file\",\"value\":\"\",\"folder\":true}", written);
    end(ui);
}

TEST(a_path_is_any_text_without_a_nul) {
    Ui *ui = ui_new();
    Panel panel = {.text = "/a"};
    const PluginText nul = {"/b\0c", 4};
    frame(ui, draw_file, &panel, NULL, 0);
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, enter(ui, draw_file, &panel, "file_pick", "file", nul));
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, enter(ui, draw_file, &panel, "file_pick", "file", plugin_text("/\xFF")));
    CHECK_EQUAL(PLUGIN_OK, enter(ui, draw_file, &panel, "file_pick", "file", plugin_text("C:\\b \"c\"")));
    CHECK_TEXT("C:\\b \"c\"", panel.text);
    end(ui);
}

/* ---- questions ---- */

static void draw_confirm(PluginUi *ui, Panel *panel) {
    ui->table->confirm(ui, plugin_text("sure?"), plugin_text("It is gone then."), plugin_text(panel->text),
                       plugin_text(panel->choice), &panel->response);
}

TEST(a_question_is_told_with_its_words) {
    Ui *ui = ui_new();
    Panel panel = {.text = "Delete", .choice = "Keep"};
    frame(ui, draw_confirm, &panel, NULL, 0);
    CHECK_CONTAINS("\"kind\":\"confirm\",\"label\":\"sure?\",\"text\":\"It is gone then.\",\"accept\":\"Delete\","
                   "\"dismiss\":\"Keep\"}",
                   written);
    end(ui);
}

TEST(words_that_are_not_given_are_the_front_ends) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    frame(ui, draw_confirm, &panel, NULL, 0);
    CHECK_CONTAINS("\"text\":\"It is gone then.\"}", written);
    end(ui);
}

TEST(an_answer_is_a_click_with_a_number) {
    static const uint32_t flags[] = {PLUGIN_RESPONSE_CLICKED, PLUGIN_RESPONSE_CHANGED,
                                     PLUGIN_RESPONSE_CLICKED | PLUGIN_RESPONSE_CHANGED};
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    frame(ui, draw_confirm, &panel, NULL, 0);
    for (int at = 0; at < 6; at++) {
        CoreUiEvent event = event_for(id_of("confirm", "sure?"), flags[at / 2]);
        event.integer = at % 2;
        CHECK_EQUAL(PLUGIN_OK, ui_check_event(ui, &event, NULL));
        frame(ui, draw_confirm, &panel, &event, 0);
        CHECK_EQUAL(PLUGIN_RESPONSE_CLICKED, panel.response.flags);
        CHECK_EQUAL(at % 2, panel.response.integer);
    }
    frame(ui, draw_confirm, &panel, NULL, 0);
    CHECK_EQUAL(0, panel.response.flags);
    end(ui);
}

TEST(an_answer_that_is_neither_is_refused) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    frame(ui, draw_confirm, &panel, NULL, 0);
    CoreUiEvent event = event_for(id_of("confirm", "sure?"), PLUGIN_RESPONSE_CLICKED);
    event.integer = 2;
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, ui_check_event(ui, &event, NULL));
    frame(ui, draw_confirm, &panel, &event, 0);
    CHECK_EQUAL(0, panel.response.flags);
    end(ui);
}

TEST(a_pointer_over_a_question_is_no_answer) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    frame(ui, draw_confirm, &panel, NULL, 0);
    const CoreUiEvent event = event_for(id_of("confirm", "sure?"), PLUGIN_RESPONSE_HOVERED);
    frame(ui, draw_confirm, &panel, &event, 0);
    CHECK_EQUAL(0, panel.response.flags);
    end(ui);
}

static int answer;

static void draw_helper(PluginUi *ui, Panel *panel) {
    (void)panel;
    answer = plugin_ui_confirm(ui, "sure?", "", "Yes", "No");
}

TEST(the_helper_tells_accepted_dismissed_and_waiting_apart) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    frame(ui, draw_helper, &panel, NULL, 0);
    CHECK_EQUAL(-1, answer);
    for (int wanted = 0; wanted < 2; wanted++) {
        CoreUiEvent event = event_for(id_of("confirm", "sure?"), PLUGIN_RESPONSE_CLICKED);
        event.integer = wanted;
        frame(ui, draw_helper, &panel, &event, 0);
        CHECK_EQUAL(wanted, answer);
    }
    end(ui);
}

/* ---- what all have in common ---- */

static void draw_hidden(PluginUi *ui, Panel *panel) {
    const uint32_t flags = PLUGIN_WIDGET_HIDE_LABEL | PLUGIN_WIDGET_DISABLED;
    ui->table->color(ui, plugin_text("c"), plugin_text(""), flags, &panel->response);
    ui->table->text_edit_singleline(ui, plugin_text("t"), plugin_text(""), plugin_text(""), PLUGIN_WIDGET_HIDE_LABEL,
                                    NULL);
}

TEST(a_label_that_is_not_shown_is_told_with_that) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    frame(ui, draw_hidden, &panel, NULL, 0);
    CHECK_CONTAINS("\"label\":\"c\",\"value\":\"\",\"enabled\":false,\"hide_label\":true}", written);
    CHECK_CONTAINS("\"label\":\"t\",\"value\":\"\",\"hide_label\":true}", written);
    end(ui);
}

TEST(what_is_disabled_takes_no_value) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    frame(ui, draw_hidden, &panel, NULL, 0);
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, enter(ui, draw_hidden, &panel, "color", "c", plugin_text("#000000")));
    end(ui);
}

static void draw_damaged(PluginUi *ui, Panel *panel) {
    const PluginText bad = plugin_text("\xFF"), nul = plugin_text_of("a\0b", 3), no = {NULL, 5}, none = {NULL, 0};
    ui->table->color(ui, plugin_text("a"), bad, 0, &panel->response);
    ui->table->color(ui, nul, none, 0, &panel->response);
    ui->table->date(ui, plugin_text("a"), none, bad, none, 0, &panel->response);
    ui->table->date(ui, plugin_text("a"), none, none, nul, 0, &panel->response);
    ui->table->file_pick(ui, plugin_text("a"), nul, none, 0, &panel->response);
    ui->table->file_pick(ui, plugin_text("a"), none, no, 0, &panel->response);
    ui->table->confirm(ui, bad, none, none, none, &panel->response);
    ui->table->confirm(ui, none, nul, none, none, &panel->response);
    ui->table->confirm(ui, none, none, bad, none, NULL);
    ui->table->confirm(ui, none, none, none, no, &panel->response);
}

TEST(a_damaged_text_is_an_error_in_the_widgets_place) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    frame(ui, draw_damaged, &panel, NULL, 0);
    CHECK_EQUAL(10, occurrences("\"kind\":\"error\""));
    CHECK_EQUAL(11, occurrences("\"kind\":"));
    CHECK_EQUAL(0, panel.response.id);
    CHECK_CONTAINS("color: value is not UTF-8", ui_misuse(ui).data);
    end(ui);
}

int main(void) {
    RUN(a_colour_is_told_as_its_text);
    RUN(a_colour_that_is_none_is_shown_as_empty_and_reported);
    RUN(a_colour_is_entered_in_one_form);
    RUN(a_colour_that_no_front_end_can_have_checked_is_no_change);
    RUN(a_day_is_told_with_its_limits);
    RUN(a_day_that_there_is_not_is_shown_as_empty_and_reported);
    RUN(a_limit_that_is_no_day_is_none_and_is_reported);
    RUN(a_day_that_is_entered_is_one_between_the_limits_or_none);
    RUN(a_day_that_is_no_longer_possible_is_no_change);
    RUN(a_file_is_told_with_what_is_offered);
    RUN(a_folder_is_told_to_be_one);
    RUN(a_path_is_any_text_without_a_nul);
    RUN(a_question_is_told_with_its_words);
    RUN(words_that_are_not_given_are_the_front_ends);
    RUN(an_answer_is_a_click_with_a_number);
    RUN(an_answer_that_is_neither_is_refused);
    RUN(a_pointer_over_a_question_is_no_answer);
    RUN(the_helper_tells_accepted_dismissed_and_waiting_apart);
    RUN(a_label_that_is_not_shown_is_told_with_that);
    RUN(what_is_disabled_takes_no_value);
    RUN(a_damaged_text_is_an_error_in_the_widgets_place);
    return check_result();
}
