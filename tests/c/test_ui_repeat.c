/* SPDX-License-Identifier: Apache-2.0 */
/* Frames that draw what the one before did are compared with it, and not drawn again: nobody may notice. */
#include "ui_panel.h"

/* The same panel, drawn by a Ui that has drawn nothing before. */
static void check_as_if_first(DrawPanel draw, Panel *panel) {
    char *expected = text_dup(plugin_text(strstr(written, "\"tree\"")));
    Ui *fresh = ui_new();
    frame(fresh, draw, panel, NULL, 0);
    CHECK_TEXT(strstr(written, "\"tree\""), expected);
    free(expected);
    ui_free(fresh);
}

/* Draws a panel twice: as it is, and with `extra` set; the second frame is that of a fresh Ui. */
static void check_change(DrawPanel draw) {
    Ui *ui = ui_new();
    Panel panel = {.text = "v"};
    frame(ui, draw, &panel, NULL, 0);
    panel.extra = 1;
    frame(ui, draw, &panel, NULL, 0);
    CHECK_CONTAINS("{\"revision\":2,", written);
    check_as_if_first(draw, &panel);
    end(ui);
}

/* ---- texts ---- */

static void draw_escape(PluginUi *ui, Panel *panel) { plugin_ui_label(ui, panel->extra ? "a\\nb" : "a\nb"); }

TEST(a_text_that_is_how_another_is_escaped_is_another) { check_change(draw_escape); }

static void draw_quotes(PluginUi *ui, Panel *panel) {
    plugin_ui_label(ui, panel->extra ? "a\",\"tooltip\":\"b" : "a");
    if (!panel->extra) plugin_ui_tooltip(ui, "b");
}

TEST(a_text_that_is_what_follows_another_is_another) { check_change(draw_quotes); }

enum { UI_LONG = 1 << 20 };

static void draw_all_members(PluginUi *ui, Panel *panel) {
    static char value[UI_LONG];
    memset(value, 'v', panel->extra ? UI_LONG - 1 : 1);
    plugin_ui_text_edit(ui, panel->extra ? "a\",\"value\":\"v" : "a", value, sizeof value);
}

TEST(a_label_that_is_all_of_a_widget_is_a_label) { check_change(draw_all_members); }

static void draw_two_members(PluginUi *ui, Panel *panel) {
    int32_t on = 1;
    plugin_ui_checkbox(ui, panel->extra ? "a\",\"value" : "a", &on);
}

TEST(a_label_that_is_some_of_a_switch_is_a_label) { check_change(draw_two_members); }

static void draw_null(PluginUi *ui, Panel *panel) {
    ui->table->button(ui, plugin_text_of(panel->extra ? NULL : "four", 4), 0, NULL);
    plugin_ui_label(ui, "after");
}

TEST(a_text_that_is_null_is_refused_where_one_stood) { check_change(draw_null); }

static void draw_shifted(PluginUi *ui, Panel *panel) {
    char value[8];
    snprintf(value, sizeof value, panel->extra ? "bc" : "c");
    plugin_ui_text_edit(ui, panel->extra ? "a" : "ab", value, sizeof value);
}

TEST(a_label_and_a_value_are_not_one_text) { check_change(draw_shifted); }

static void draw_switches(PluginUi *ui, Panel *panel) {
    int32_t on = panel->extra;
    plugin_ui_checkbox(ui, panel->extra ? "ab" : "a", &on);
}

TEST(a_switch_and_its_label_change_together) { check_change(draw_switches); }

static void draw_shorter(PluginUi *ui, Panel *panel) {
    plugin_ui_label(ui, panel->extra ? "twelve byte" : "twelve bytes");
}

TEST(a_text_that_another_begins_with_is_another) { check_change(draw_shorter); }

static void draw_damaged(PluginUi *ui, Panel *panel) {
    plugin_ui_label(ui, panel->extra ? "\xFF" : "label: text is not UTF-8: byte 0xFF at offset 0");
    plugin_ui_label(ui, "after");
}

TEST(a_damaged_text_is_refused_in_each_frame) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 1};
    for (int time = 0; time < 3; time++) {
        frame(ui, draw_damaged, &panel, NULL, 0);
        CHECK_CONTAINS("not UTF-8", ui_misuse(ui).data);
    }
    CHECK_CONTAINS("{\"revision\":1,", written);
    check_as_if_first(draw_damaged, &panel);
    end(ui);
}

static void draw_in_utf_8(PluginUi *ui, Panel *panel) {
    plugin_ui_label(ui, panel->extra ? "Gr\xC3\xBC\xC3\x9F"
                                     : "Gr\xC3\xBC\xC3\x9F"
                                       "e");
}

TEST(a_text_in_utf_8_changes) { check_change(draw_in_utf_8); }

/* ---- what belongs to a widget ---- */

static void draw_with_tooltip(PluginUi *ui, Panel *panel) {
    plugin_ui_label(ui, "first");
    plugin_ui_button(ui, "second");
    if (panel->extra) plugin_ui_tooltip(ui, "a tooltip");
    plugin_ui_label(ui, "third");
}

static void draw_without_tooltip(PluginUi *ui, Panel *panel) {
    Panel other = {.extra = !panel->extra};
    draw_with_tooltip(ui, &other);
}

TEST(a_tooltip_comes) { check_change(draw_with_tooltip); }
TEST(a_tooltip_goes) { check_change(draw_without_tooltip); }

static void draw_flags(PluginUi *ui, Panel *panel) {
    ui->table->button(ui, plugin_text("one"), panel->extra ? PLUGIN_WIDGET_DISABLED : 0, NULL);
    plugin_ui_label(ui, "two");
}

TEST(a_widget_is_disabled) { check_change(draw_flags); }

static void draw_hint(PluginUi *ui, Panel *panel) {
    ui->table->text_edit_singleline(ui, plugin_text("a"), plugin_text("b"), plugin_text(panel->extra ? "hint" : ""), 0,
                                    NULL);
}

TEST(a_hint_comes) { check_change(draw_hint); }

/* ---- where a widget stands ---- */

static void draw_row(PluginUi *ui, Panel *panel) {
    plugin_ui_begin_horizontal(ui);
    plugin_ui_label(ui, "inside");
    if (panel->extra) plugin_ui_end(ui);
    plugin_ui_label(ui, "here or there");
    if (!panel->extra) plugin_ui_end(ui);
    plugin_ui_label(ui, "behind");
}

static void draw_row_of_two(PluginUi *ui, Panel *panel) {
    Panel other = {.extra = !panel->extra};
    draw_row(ui, &other);
}

TEST(a_widget_leaves_its_container) { check_change(draw_row); }
TEST(a_widget_joins_a_container) { check_change(draw_row_of_two); }

static void draw_key(PluginUi *ui, Panel *panel) {
    plugin_ui_push_id(ui, panel->extra ? "two" : "one");
    plugin_ui_label(ui, "inside");
    plugin_ui_pop_id(ui);
    plugin_ui_label(ui, "behind");
}

TEST(a_push_id_has_another_key) { check_change(draw_key); }

static void draw_scope(PluginUi *ui, Panel *panel) {
    plugin_ui_push_id(ui, "key");
    plugin_ui_label(ui, "inside");
    if (panel->extra) plugin_ui_pop_id(ui);
    plugin_ui_label(ui, "here or there");
    if (!panel->extra) plugin_ui_pop_id(ui);
}

TEST(a_widget_leaves_a_push_id) { check_change(draw_scope); }

static void draw_empty_scope(PluginUi *ui, Panel *panel) {
    plugin_ui_label(ui, "before");
    if (!panel->extra) {
        plugin_ui_push_id(ui, "key");
        plugin_ui_pop_id(ui);
    }
    plugin_ui_label(ui, "behind");
    plugin_ui_push_id(ui, "key");
    plugin_ui_pop_id(ui);
}

TEST(one_key_for_two_rows_is_reported_as_long_as_it_is_used_twice) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    for (int time = 0; time < 3; time++) {
        frame(ui, draw_empty_scope, &panel, NULL, 0);
        CHECK_CONTAINS("was used twice", ui_misuse(ui).data);
    }
    panel.extra = 1;
    frame(ui, draw_empty_scope, &panel, NULL, 0);
    CHECK_TEXT("", ui_misuse(ui).data);
    CHECK_CONTAINS("{\"revision\":1,", written);
    check_as_if_first(draw_empty_scope, &panel);
    end(ui);
}

static void draw_fewer(PluginUi *ui, Panel *panel) {
    for (int at = 0; at < (panel->extra ? 2 : 3); at++) plugin_ui_label(ui, "alike");
}

static void draw_more(PluginUi *ui, Panel *panel) {
    Panel other = {.extra = !panel->extra};
    draw_fewer(ui, &other);
}

TEST(the_last_widget_goes) { check_change(draw_fewer); }
TEST(a_widget_is_added_at_the_end) { check_change(draw_more); }

static void draw_nothing(PluginUi *ui, Panel *panel) {
    if (!panel->extra) plugin_ui_label(ui, "all there is");
}

TEST(all_widgets_go) { check_change(draw_nothing); }

/* ---- responses ---- */

static void draw_answers(PluginUi *ui, Panel *panel) {
    ui->table->text_edit_singleline(ui, plugin_text("Name"), plugin_text(panel->text), plugin_text(""), 0,
                                    &panel->response);
}

TEST(a_repeated_widget_answers_as_it_did_at_first) {
    Ui *ui = ui_new();
    Panel panel = {.text = "value"};
    frame(ui, draw_answers, &panel, NULL, 0);
    const PluginResponse first = panel.response;
    PluginUi *handle = ui_begin(ui, NULL, 0, 1.5);
    panel.response = plugin_response();
    panel.response.flags = 7;
    panel.response.number = 7;
    draw_answers(handle, &panel);
    CHECK_EQUAL(0, panel.response.flags);
    CHECK_EQUAL((int64_t)first.id, (int64_t)panel.response.id);
    CHECK(panel.response.number == 0);
    CHECK_TEXT("value", panel.response.text.data);
    CHECK(panel.response.text.data != panel.text);
    ui_finish(ui, PLUGIN_OK, plugin_text(""));
    end(ui);
}

static void draw_short_response(PluginUi *ui, Panel *panel) {
    struct {
        PluginResponse known;
        char behind[8];
    } response = {.behind = "behind"};
    response.known.struct_size = (uint32_t)offsetof(PluginResponse, text);
    response.known.text.data = panel->text;
    ui->table->text_edit_singleline(ui, plugin_text("Name"), plugin_text("value"), plugin_text(""), 0, &response.known);
    CHECK(response.known.id != 0);
    CHECK(response.known.text.data == panel->text);
}

TEST(a_repeated_widget_does_not_write_beyond_a_shorter_response) {
    Ui *ui = ui_new();
    Panel panel = {.text = "untouched"};
    frame(ui, draw_short_response, &panel, NULL, 0);
    frame(ui, draw_short_response, &panel, NULL, 0);
    end(ui);
}

TEST(an_event_is_seen_by_a_widget_that_has_not_changed) {
    Ui *ui = ui_new();
    Panel panel = {.text = "old"};
    frame(ui, draw_answers, &panel, NULL, 0);
    frame(ui, draw_answers, &panel, NULL, 0);
    CHECK_EQUAL(PLUGIN_OK, enter(ui, draw_answers, &panel, "text_edit_singleline", "Name", plugin_text("new")));
    CHECK_EQUAL(PLUGIN_RESPONSE_CHANGED, panel.response.flags);
    CHECK(ui_has_operable(ui, panel.response.id));
    end(ui);
}

TEST(a_frame_that_repeats_all_has_its_widgets) {
    Ui *ui = ui_new();
    Panel panel = {.text = "old"};
    frame(ui, draw_answers, &panel, NULL, 0);
    frame(ui, draw_answers, &panel, NULL, 0);
    CHECK(ui_has_operable(ui, panel.response.id));
    CHECK(!ui_has_operable(ui, panel.response.id + 1));
    end(ui);
}

/* ---- whatever comes in whatever order ---- */

static uint64_t dice_state;

static uint32_t dice(uint32_t sides) {
    dice_state = dice_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(dice_state >> 33) % sides;
}

static const char *const words[] = {"",   "a",   "b",  "Row 12",   "eight by", "nine byte",
                                    "\"", "\\n", "\n", "\xC3\xA9", "\xFF"};

static const char *word(void) { return words[dice(sizeof words / sizeof *words)]; }

enum { ITEMS = 12 };

static void draw_item(PluginUi *ui, int level) {
    char value[16];
    int32_t on = (int32_t)dice(2);
    int64_t integer = dice(3);
    const PluginChoice choices[] = {{plugin_text("a"), plugin_text("A")}, {plugin_text("b"), plugin_text("B")}};
    switch (dice(12)) {
    case 0:
        plugin_ui_button(ui, word());
        break;
    case 1:
        snprintf(value, sizeof value, "%s", word());
        plugin_ui_text_edit(ui, word(), value, sizeof value);
        break;
    case 2:
        plugin_ui_toggle(ui, word(), &on);
        break;
    case 3:
        plugin_ui_integer(ui, word(), &integer, 0, 5);
        break;
    case 4:
        plugin_ui_tooltip(ui, word());
        break;
    case 5:
        snprintf(value, sizeof value, "a");
        plugin_ui_combo_box(ui, word(), value, sizeof value, "", choices, 2);
        break;
    case 6:
    case 7:
        if (level == 2) break;
        if (on)
            plugin_ui_begin_horizontal(ui);
        else
            plugin_ui_push_id(ui, word());
        for (uint32_t count = dice(4); count > 0; count--) draw_item(ui, level + 1);
        if (on)
            plugin_ui_end(ui);
        else
            plugin_ui_pop_id(ui);
        break;
    default:
        plugin_ui_label(ui, word());
    }
}

static uint64_t items[ITEMS];

static void draw_items(PluginUi *ui, Panel *panel) {
    (void)panel;
    for (int at = 0; at < ITEMS; at++) {
        dice_state = items[at];
        draw_item(ui, 0);
    }
}

TEST(a_frame_is_what_it_is_whatever_was_drawn_before) {
    uint64_t state = 1;
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    for (int time = 0; time < 2000; time++) {
        dice_state = state;
        /* Mostly one of the items is another one, or stands where another stood; now and then none is. */
        const uint32_t one = dice(ITEMS), other = dice(ITEMS);
        const uint64_t kept = items[one];
        items[one] = dice(4) == 0 ? kept : dice(2) ? items[other] : dice(1u << 30);
        if (dice(3) == 0) items[other] = kept;
        state = dice_state;
        frame(ui, draw_items, &panel, NULL, 0);
        check_as_if_first(draw_items, &panel);
    }
    end(ui);
}

int main(void) {
    RUN(a_text_that_is_how_another_is_escaped_is_another);
    RUN(a_text_that_is_what_follows_another_is_another);
    RUN(a_label_that_is_all_of_a_widget_is_a_label);
    RUN(a_label_that_is_some_of_a_switch_is_a_label);
    RUN(a_text_that_is_null_is_refused_where_one_stood);
    RUN(a_label_and_a_value_are_not_one_text);
    RUN(a_switch_and_its_label_change_together);
    RUN(a_text_that_another_begins_with_is_another);
    RUN(a_damaged_text_is_refused_in_each_frame);
    RUN(a_text_in_utf_8_changes);
    RUN(a_tooltip_comes);
    RUN(a_tooltip_goes);
    RUN(a_widget_is_disabled);
    RUN(a_hint_comes);
    RUN(a_widget_leaves_its_container);
    RUN(a_widget_joins_a_container);
    RUN(a_push_id_has_another_key);
    RUN(a_widget_leaves_a_push_id);
    RUN(one_key_for_two_rows_is_reported_as_long_as_it_is_used_twice);
    RUN(the_last_widget_goes);
    RUN(a_widget_is_added_at_the_end);
    RUN(all_widgets_go);
    RUN(a_repeated_widget_answers_as_it_did_at_first);
    RUN(a_repeated_widget_does_not_write_beyond_a_shorter_response);
    RUN(an_event_is_seen_by_a_widget_that_has_not_changed);
    RUN(a_frame_that_repeats_all_has_its_widgets);
    RUN(a_frame_is_what_it_is_whatever_was_drawn_before);
    return check_result();
}
