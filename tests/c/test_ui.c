/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "text.h"
#include "ui.h"

#include <math.h>
#include <stdlib.h>

/* What a drawing function is given beside the frame. */
typedef struct Panel {
    char text[64];
    char choice[64];
    int64_t integer;
    double number;
    int32_t on;
    int extra; /* what the test switches */
    PluginResponse response;
} Panel;

typedef void (*DrawPanel)(PluginUi *ui, Panel *panel);

/* The JSON of the frame that was written last; each call of `frame` forgets the one before. */
static char *written;

static void receive(void *userdata, PluginText text) {
    (void)userdata;
    free(written);
    written = text_dup(text);
    CHECK_EQUAL('\0', text.data[text.length]);
}

static const char *frame(Ui *ui, DrawPanel draw, Panel *panel, const CoreUiEvent *event, uint64_t base) {
    PluginUi *handle = ui_begin(ui, event, 0, 1.5);
    panel->response = plugin_response();
    draw(handle, panel);
    ui_finish(ui, PLUGIN_OK, plugin_text(""));
    CHECK_EQUAL(PLUGIN_OK, ui_write(ui, base, receive, NULL));
    return written;
}

/* The id of the first widget of a kind with a label in the last frame; 0 where there is none. */
static uint64_t id_of(const char *kind, const char *label) {
    char wanted[160];
    snprintf(wanted, sizeof wanted, "\"kind\":\"%s\",\"label\":\"%s\"", kind, label);
    const char *at = strstr(written, wanted);
    if (!at || at - written < 19) return 0;
    return strtoull(at - 18, NULL, 16);
}

static CoreUiEvent event_for(uint64_t id, uint32_t flags) {
    CoreUiEvent event;
    memset(&event, 0, sizeof event);
    event.id = id;
    event.flags = flags;
    event.text = plugin_text("");
    return event;
}

/* How often `part` stands in the last frame. */
static int64_t occurrences(const char *part) {
    int64_t count = 0;
    for (const char *at = written; *at; at++) count += strncmp(at, part, strlen(part)) == 0;
    return count;
}

static void end(Ui *ui) {
    ui_free(ui);
    free(written);
    written = NULL;
}

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

/* ---- values ---- */

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
    Panel panel = {.text = "x", .choice = "r"};
    PluginUi *handle = ui_begin(ui, NULL, 0, 0);
    ui_finish(ui, PLUGIN_OK, plugin_text(""));
    draw_values(handle, &panel);
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
    RUN(a_damaged_text_is_drawn_as_an_error_and_reported);
    RUN(what_is_opened_or_closed_once_too_often_is_reported);
    RUN(what_lies_too_deep_is_left_out_and_the_rest_is_drawn);
    RUN(a_frame_has_a_limit_of_widgets);
    RUN(a_frame_has_a_limit_of_bytes);
    RUN(a_frame_that_has_ended_takes_nothing_more);
    return check_result();
}
