/* SPDX-License-Identifier: Apache-2.0 */
#include "ui_panel.h"

/* ---- frames ---- */

static void draw_texts(PluginUi *ui, Panel *panel) {
    plugin_ui_heading(ui, "a \"b\"\\\n\t\x01");
    plugin_ui_label(ui, panel->text);
}

TEST(a_frame_is_the_tree_of_its_widgets) {
    Ui *ui = ui_new();
    Panel panel = {.text = "caf\xC3\xA9"};
    frame(ui, draw_texts, &panel, NULL, 0);
    CHECK_CONTAINS(
        "{\"revision\":1,\"tree\":{\"id\":\"0000000000000001\",\"kind\":\"vertical\",\"children\":[{\"id\":\"",
        written);
    CHECK_CONTAINS("\"kind\":\"heading\",\"text\":\"a \\\"b\\\"\\\\\\n\\t\\u0001\"}", written);
    CHECK_CONTAINS("\"kind\":\"label\",\"text\":\"caf\xC3\xA9\"}]}}", written);
    end(ui);
}

TEST(a_frame_that_looks_the_same_keeps_its_revision) {
    Ui *ui = ui_new();
    Panel panel = {.text = "x"};
    frame(ui, draw_texts, &panel, NULL, 0);
    CHECK_TEXT("{\"revision\":1,\"base\":1,\"patch\":[]}", frame(ui, draw_texts, &panel, NULL, 1));
    end(ui);
}

TEST(a_base_that_is_not_the_last_revision_gives_the_tree) {
    Ui *ui = ui_new();
    Panel panel = {.text = "x"};
    frame(ui, draw_texts, &panel, NULL, 0);
    panel.text[0] = 'y';
    frame(ui, draw_texts, &panel, NULL, 1);
    CHECK_CONTAINS("{\"revision\":2,\"tree\":", frame(ui, draw_texts, &panel, NULL, 1));
    end(ui);
}

TEST(a_changed_text_travels_alone) {
    Ui *ui = ui_new();
    Panel panel = {.text = "x"};
    frame(ui, draw_texts, &panel, NULL, 0);
    panel.text[0] = 'y';
    frame(ui, draw_texts, &panel, NULL, 1);
    CHECK_CONTAINS("{\"revision\":2,\"base\":1,\"patch\":[{\"id\":\"", written);
    CHECK_CONTAINS(",\"set\":{\"id\":\"", written);
    CHECK_EQUAL(1, occurrences("\"set\""));
    CHECK_EQUAL(0, occurrences("heading"));
    CHECK_EQUAL(0, occurrences("splice"));
    end(ui);
}

static void draw_rows(PluginUi *ui, Panel *panel) {
    for (const char *at = panel->text; *at; at++) {
        const char label[2] = {*at, '\0'};
        plugin_ui_button(ui, label);
    }
}

TEST(a_new_row_is_put_in_where_it_stands) {
    Ui *ui = ui_new();
    Panel panel = {.text = "ac"};
    frame(ui, draw_rows, &panel, NULL, 0);
    strcpy(panel.text, "abc");
    frame(ui, draw_rows, &panel, NULL, 1);
    CHECK_CONTAINS("\"patch\":[{\"id\":\"0000000000000001\",\"splice\":[1,0,[{\"id\":\"", written);
    CHECK_CONTAINS("\"label\":\"b\"}]]}]}", written);
    end(ui);
}

TEST(a_row_that_goes_is_taken_out) {
    Ui *ui = ui_new();
    Panel panel = {.text = "abc"};
    frame(ui, draw_rows, &panel, NULL, 0);
    strcpy(panel.text, "ac");
    CHECK_TEXT("{\"revision\":2,\"base\":1,\"patch\":[{\"id\":\"0000000000000001\",\"splice\":[1,1,[]]}]}",
               frame(ui, draw_rows, &panel, NULL, 1));
    end(ui);
}

TEST(rows_that_change_places_are_named_by_their_ids) {
    Ui *ui = ui_new();
    Panel panel = {.text = "ab"};
    char expected[160];
    frame(ui, draw_rows, &panel, NULL, 0);
    const uint64_t a = id_of("button", "a"), b = id_of("button", "b");
    strcpy(panel.text, "ba");
    snprintf(expected, sizeof expected,
             "{\"revision\":2,\"base\":1,\"patch\":[{\"id\":\"0000000000000001\",\"splice\":[0,2,[\"%016" PRIx64
             "\",\"%016" PRIx64 "\"]]}]}",
             b, a);
    CHECK_TEXT(expected, frame(ui, draw_rows, &panel, NULL, 1));
    end(ui);
}

TEST(the_frame_tells_time_flags_and_count) {
    Ui *ui = ui_new();
    ui_begin(ui, NULL, 0, 0);
    ui_finish(ui, PLUGIN_OK, plugin_text(""));
    const PluginUi *handle = ui_begin(ui, NULL, PLUGIN_UI_DARK, 2.5);
    CHECK_EQUAL(PLUGIN_UI_DARK, handle->flags);
    CHECK_EQUAL(2, handle->frame_count);
    CHECK(handle->time == 2.5);
    ui_finish(ui, PLUGIN_OK, plugin_text(""));
    end(ui);
}

TEST(a_failed_entry_keeps_what_it_drew_and_adds_the_reason) {
    Ui *ui = ui_new();
    PluginUi *handle = ui_begin(ui, NULL, 0, 0);
    plugin_ui_begin_horizontal(handle);
    plugin_ui_label(handle, "before");
    ui_finish(ui, PLUGIN_ERROR, plugin_text("the port is gone"));
    CHECK_EQUAL(PLUGIN_OK, ui_write(ui, 0, receive, NULL));
    CHECK_CONTAINS("\"text\":\"before\"}]},{\"id\":", written);
    CHECK_CONTAINS("\"kind\":\"error\",\"text\":\"the port is gone\"}]}}", written);
    end(ui);
}

TEST(a_reason_that_is_too_long_is_cut_between_characters) {
    char reason[4000];
    Ui *ui = ui_new();
    memset(reason, 'x', sizeof reason);
    for (size_t at = 1; at + 2 < sizeof reason; at += 2) memcpy(reason + at, "\xC3\xA9", 2);
    ui_begin(ui, NULL, 0, 0);
    ui_finish(ui, PLUGIN_ERROR, plugin_text_of(reason, sizeof reason - 1));
    CHECK_EQUAL(PLUGIN_OK, ui_write(ui, 0, receive, NULL));
    CHECK_EQUAL(strlen(written), text_valid_until(written, strlen(written)));
    end(ui);
}

/* ---- ids ---- */

static void draw_optional(PluginUi *ui, Panel *panel) {
    if (panel->extra) plugin_ui_button(ui, "first");
    if (panel->extra) plugin_ui_toggle(ui, "save", &panel->on);
    plugin_ui_button(ui, "save");
}

TEST(an_id_does_not_move_when_a_widget_before_it_appears) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    frame(ui, draw_optional, &panel, NULL, 0);
    const uint64_t before = id_of("button", "save");
    panel.extra = 1;
    frame(ui, draw_optional, &panel, NULL, 0);
    CHECK(before != 0);
    CHECK_EQUAL(before, id_of("button", "save"));
    end(ui);
}

static void draw_keyed_rows(PluginUi *ui, Panel *panel) {
    for (const char *at = panel->text; *at; at++) {
        const char key[2] = {*at, '\0'};
        plugin_ui_push_id(ui, key);
        if (plugin_ui_button(ui, "delete")) panel->extra = *at;
        plugin_ui_pop_id(ui);
    }
}

TEST(push_id_tells_rows_that_look_alike_apart) {
    Ui *ui = ui_new();
    Panel panel = {.text = "ab"};
    frame(ui, draw_keyed_rows, &panel, NULL, 0);
    const CoreUiEvent event = event_for(id_of("button", "delete"), PLUGIN_RESPONSE_CLICKED); /* of row a */
    strcpy(panel.text, "zba");
    frame(ui, draw_keyed_rows, &panel, &event, 0);
    CHECK_EQUAL('a', panel.extra);
    CHECK_TEXT("", ui_misuse(ui));
    end(ui);
}

TEST(one_key_for_two_rows_is_reported) {
    Ui *ui = ui_new();
    Panel panel = {.text = "aa"};
    frame(ui, draw_keyed_rows, &panel, NULL, 0);
    CHECK_TEXT("push_id: \"a\" was used twice under one parent; give each row a key of its own", ui_misuse(ui));
    end(ui);
}

static void draw_same_labels(PluginUi *ui, Panel *panel) {
    for (int at = 0; at < 3; at++)
        if (plugin_ui_button(ui, "go")) panel->extra += 1 << at;
    plugin_ui_begin_vertical(ui);
    if (plugin_ui_button(ui, "go")) panel->extra += 1 << 3;
    plugin_ui_end(ui);
}

TEST(an_event_is_seen_by_one_widget_of_one_frame) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    frame(ui, draw_same_labels, &panel, NULL, 0);
    const CoreUiEvent event = event_for(id_of("button", "go"), PLUGIN_RESPONSE_CLICKED);
    frame(ui, draw_same_labels, &panel, &event, 0);
    CHECK_EQUAL(1, panel.extra);
    frame(ui, draw_same_labels, &panel, NULL, 0);
    CHECK_EQUAL(1, panel.extra);
    end(ui);
}

/* ---- what plugins do wrong ---- */

static void draw_damaged(PluginUi *ui, Panel *panel) {
    ui->table->label(ui, plugin_text("\xC3("));
    ui->table->button(ui, plugin_text_of("a\0b", 3), 0, &panel->response);
    plugin_ui_label(ui, "after");
}

TEST(a_damaged_text_is_drawn_as_an_error_and_reported) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    frame(ui, draw_damaged, &panel, NULL, 0);
    CHECK_EQUAL(2, occurrences("\"kind\":\"error\""));
    CHECK_CONTAINS("label: text is not UTF-8: byte 0xC3 at offset 0", written);
    CHECK_CONTAINS("button: label has a NUL byte at offset 1", written);
    CHECK_CONTAINS("\"text\":\"after\"", written);
    CHECK_CONTAINS("label: text is not UTF-8", ui_misuse(ui).data);
    CHECK_EQUAL(0, panel.response.id);
    end(ui);
}

static void draw_unbalanced(PluginUi *ui, Panel *panel) {
    if (panel->extra == 1) plugin_ui_begin_horizontal(ui);
    if (panel->extra == 2) plugin_ui_end(ui);
    if (panel->extra == 3) plugin_ui_push_id(ui, "a");
    if (panel->extra == 4) plugin_ui_pop_id(ui);
    if (panel->extra == 5) {
        plugin_ui_begin_horizontal(ui);
        plugin_ui_pop_id(ui);
        plugin_ui_end(ui);
    }
    if (panel->extra == 6) plugin_ui_tooltip(ui, "of nothing");
    plugin_ui_label(ui, "inside");
}

TEST(what_is_opened_or_closed_once_too_often_is_reported) {
    static const char *const said[] = {"",
                                       "a container or a push_id was not ended; it was ended here",
                                       "end: nothing is open that it could end",
                                       "a container or a push_id was not ended; it was ended here",
                                       "pop_id: nothing is open that it could end",
                                       "pop_id: what was begun last is a container: end() it first",
                                       "tooltip: no widget was drawn right before it"};
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    for (panel.extra = 0; panel.extra < 7; panel.extra++) {
        frame(ui, draw_unbalanced, &panel, NULL, 0);
        CHECK_TEXT(said[panel.extra], ui_misuse(ui));
        CHECK_EQUAL(1, occurrences("inside"));
    }
    end(ui);
}

static void draw_deep(PluginUi *ui, Panel *panel) {
    for (int at = 0; at < panel->extra; at++) at % 2 ? plugin_ui_push_id(ui, "x") : plugin_ui_begin_vertical(ui);
    plugin_ui_label(ui, "inside");
    for (int at = panel->extra - 1; at >= 0; at--) at % 2 ? plugin_ui_pop_id(ui) : plugin_ui_end(ui);
    plugin_ui_label(ui, "outside");
}

TEST(what_lies_too_deep_is_left_out_and_the_rest_is_drawn) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 1000};
    frame(ui, draw_deep, &panel, NULL, 0);
    CHECK_EQUAL(0, occurrences("inside"));
    CHECK_CONTAINS("\"text\":\"outside\"}]}}", written);
    CHECK_CONTAINS("more than 63 containers inside each other", ui_misuse(ui).data);
    end(ui);
}

static void draw_many(PluginUi *ui, Panel *panel) {
    static char long_text[100001];
    memset(long_text, 'x', sizeof long_text - 1);
    for (int at = 0; at < (panel->extra ? 700 : 100500); at++) plugin_ui_label(ui, panel->extra ? long_text : "");
    plugin_ui_tooltip(ui, "of the last");
}

TEST(a_frame_has_a_limit_of_widgets) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    frame(ui, draw_many, &panel, NULL, 0);
    CHECK_EQUAL(99999, occurrences("\"kind\":\"label\""));
    CHECK_CONTAINS("more than 100000 widgets", ui_misuse(ui).data);
    CHECK_EQUAL(0, occurrences("tooltip"));
    end(ui);
}

TEST(a_frame_has_a_limit_of_bytes) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 1};
    frame(ui, draw_many, &panel, NULL, 0);
    CHECK(strlen(written) < (65u << 20));
    CHECK_CONTAINS("more than 64 MiB of text", ui_misuse(ui).data);
    end(ui);
}

TEST(a_frame_that_has_ended_takes_nothing_more) {
    Ui *ui = ui_new();
    Panel panel = {.text = "x"};
    PluginUi *handle = ui_begin(ui, NULL, 0, 0);
    ui_finish(ui, PLUGIN_OK, plugin_text(""));
    draw_rows(handle, &panel);
    draw_deep(handle, &panel);
    draw_keyed_rows(handle, &panel);
    CHECK_EQUAL(PLUGIN_OK, ui_write(ui, 0, receive, NULL));
    CHECK_TEXT("{\"revision\":1,\"tree\":{\"id\":\"0000000000000001\",\"kind\":\"vertical\",\"children\":[]}}",
               written);
    end(ui);
}

int main(void) {
    RUN(a_frame_is_the_tree_of_its_widgets);
    RUN(a_frame_that_looks_the_same_keeps_its_revision);
    RUN(a_base_that_is_not_the_last_revision_gives_the_tree);
    RUN(a_changed_text_travels_alone);
    RUN(a_new_row_is_put_in_where_it_stands);
    RUN(a_row_that_goes_is_taken_out);
    RUN(rows_that_change_places_are_named_by_their_ids);
    RUN(the_frame_tells_time_flags_and_count);
    RUN(a_failed_entry_keeps_what_it_drew_and_adds_the_reason);
    RUN(a_reason_that_is_too_long_is_cut_between_characters);
    RUN(an_id_does_not_move_when_a_widget_before_it_appears);
    RUN(push_id_tells_rows_that_look_alike_apart);
    RUN(one_key_for_two_rows_is_reported);
    RUN(an_event_is_seen_by_one_widget_of_one_frame);
    RUN(a_damaged_text_is_drawn_as_an_error_and_reported);
    RUN(what_is_opened_or_closed_once_too_often_is_reported);
    RUN(what_lies_too_deep_is_left_out_and_the_rest_is_drawn);
    RUN(a_frame_has_a_limit_of_widgets);
    RUN(a_frame_has_a_limit_of_bytes);
    RUN(a_frame_that_has_ended_takes_nothing_more);
    return check_result();
}
