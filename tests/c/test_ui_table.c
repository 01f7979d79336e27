/* SPDX-License-Identifier: Apache-2.0 */
#include "ui_panel.h"

static const PluginText columns[] = {{"Name", 4}, {"Size", 4}};
static const PluginText cells[] = {{"a", 1}, {"1", 1}, {"b", 1}, {"2", 1}};
static const PluginText keys[] = {{"A", 1}, {"B", 1}};

static PluginTable table_of(uint32_t rows) {
    PluginTable table;
    memset(&table, 0, sizeof table);
    table.struct_size = (uint32_t)sizeof table;
    table.column_count = 2;
    table.row_count = rows;
    table.columns = columns;
    table.cells = rows ? cells : NULL;
    return table;
}

/* `extra` rows are left out. */
static void draw_keyed(PluginUi *ui, Panel *panel) {
    PluginTable table = table_of(2u - (uint32_t)panel->extra);
    table.keys = keys;
    ui->table->table(ui, plugin_text("files"), &table, plugin_text(panel->text), 0, &panel->response);
    if (panel->response.flags & PLUGIN_RESPONSE_CHANGED)
        plugin_text_copy(panel->response.text, panel->text, sizeof panel->text);
}

static void draw_table(PluginUi *ui, Panel *panel) {
    plugin_ui_table(ui, "files", columns, 2, panel->extra ? NULL : cells, panel->extra ? 0 : 2);
}

TEST(a_table_is_its_columns_and_rows) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    frame(ui, draw_table, &panel, NULL, 0);
    CHECK_CONTAINS("\"kind\":\"table\",\"label\":\"files\",\"headlines\":[\"Name\",\"Size\"],"
                   "\"rows\":[[\"a\",\"1\"],[\"b\",\"2\"]]}",
                   written);
    panel.extra = 1;
    frame(ui, draw_table, &panel, NULL, 0);
    CHECK_CONTAINS("\"headlines\":[\"Name\",\"Size\"],\"rows\":[]}", written);
    CHECK_TEXT("", ui_misuse(ui));
    end(ui);
}

TEST(a_table_with_keys_has_a_value) {
    Ui *ui = ui_new();
    Panel panel = {.text = "B"};
    frame(ui, draw_keyed, &panel, NULL, 0);
    CHECK_CONTAINS("\"label\":\"files\",\"value\":\"B\",\"headlines\":[\"Name\",\"Size\"],"
                   "\"rows\":[[\"a\",\"1\"],[\"b\",\"2\"]],\"keys\":[\"A\",\"B\"]}",
                   written);
    end(ui);
}

TEST(a_row_is_chosen_by_its_key) {
    Ui *ui = ui_new();
    Panel panel = {.text = "A"};
    frame(ui, draw_keyed, &panel, NULL, 0);
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, enter(ui, draw_keyed, &panel, "table", "files", plugin_text("b")));
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, enter(ui, draw_keyed, &panel, "table", "files", plugin_text("")));
    CHECK_EQUAL(PLUGIN_OK, enter(ui, draw_keyed, &panel, "table", "files", plugin_text("B")));
    CHECK_TEXT("B", panel.text);
    end(ui);
}

TEST(a_row_that_is_gone_when_the_frame_is_drawn_is_no_change) {
    Ui *ui = ui_new();
    Panel panel = {.text = "A"};
    frame(ui, draw_keyed, &panel, NULL, 0);
    CoreUiEvent event = event_for(id_of("table", "files"), PLUGIN_RESPONSE_CHANGED);
    event.text = plugin_text("B");
    CHECK_EQUAL(PLUGIN_OK, ui_check_event(ui, &event, NULL));
    panel.extra = 1;
    frame(ui, draw_keyed, &panel, &event, 0);
    CHECK_EQUAL(0, panel.response.flags);
    CHECK_TEXT("A", panel.response.text);
    end(ui);
}

TEST(a_table_without_keys_is_only_read) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    PluginError error = {(uint32_t)sizeof error, 0, (char[100]){0}, 99, 0};
    frame(ui, draw_table, &panel, NULL, 0);
    const CoreUiEvent event = event_for(id_of("table", "files"), PLUGIN_RESPONSE_CHANGED);
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, ui_check_event(ui, &event, &error));
    CHECK_TEXT("the table has no row that can be chosen", error.text);
    end(ui);
}

static void draw_bad_table(PluginUi *ui, Panel *panel) {
    const PluginText damaged[] = {{"a", 1}, {"\xFF", 1}, {"b", 1}, {"c\0d", 3}};
    const PluginText no_text[] = {{NULL, 1}, {"b", 1}};
    PluginTable table = table_of(2);
    const PluginTable *given = &table;
    PluginText value = plugin_text("");
    if (panel->extra == 0) given = NULL;
    if (panel->extra == 1) table.struct_size = 0;
    if (panel->extra == 2) table.columns = NULL;
    if (panel->extra == 3) table.cells = NULL;
    if (panel->extra == 4) table.column_count = table.row_count = UINT32_MAX;
    if (panel->extra == 5) table.row_count = UINT32_MAX;
    if (panel->extra == 6) table.cells = damaged;
    if (panel->extra == 7) table.columns = &damaged[2];
    if (panel->extra == 8) table.keys = no_text;
    if (panel->extra == 9) value = plugin_text("\xFF");
    ui->table->table(ui, plugin_text("t"), given, value, 0, &panel->response);
}

TEST(a_table_that_cannot_be_drawn_is_an_error) {
    static const char *const said[] = {"table: the PluginTable is NULL, or its struct_size is not set",
                                       "table: the PluginTable is NULL, or its struct_size is not set",
                                       "table: the columns or the cells are NULL",
                                       "table: the columns or the cells are NULL",
                                       "table: more than 1000 columns or 1000000 cells",
                                       "table: more than 1000 columns or 1000000 cells",
                                       "table: cell 1 is not UTF-8: byte 0xFF at offset 0",
                                       "table: column 1 has a NUL byte at offset 1, where none is allowed",
                                       "table: key 0 is NULL with a length that is not 0",
                                       "table: value is not UTF-8: byte 0xFF at offset 0"};
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    for (panel.extra = 0; panel.extra < 10; panel.extra++) {
        frame(ui, draw_bad_table, &panel, NULL, 0);
        CHECK_TEXT(said[panel.extra], ui_misuse(ui));
        CHECK_CONTAINS(said[panel.extra], written);
        CHECK_EQUAL(0, occurrences("\"kind\":\"table\""));
        CHECK_EQUAL(0, panel.response.id);
    }
    end(ui);
}

static void draw_old_table(PluginUi *ui, Panel *panel) {
    PluginTable table = table_of(2);
    table.struct_size = (uint32_t)offsetof(PluginTable, keys);
    table.keys = (const PluginText *)&panel->extra; /* beyond the end of what the plugin knows */
    ui->table->table(ui, plugin_text("t"), &table, plugin_text(""), 0, NULL);
}

TEST(keys_beyond_the_end_of_the_struct_are_not_read) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    frame(ui, draw_old_table, &panel, NULL, 0);
    CHECK_CONTAINS("\"rows\":[[\"a\",\"1\"],[\"b\",\"2\"]]}", written);
    end(ui);
}

static void draw_heavy_table(PluginUi *ui, Panel *panel) {
    enum { ROWS = 400, COLUMNS = 2 };
    static char text[(1 << 20) - 1];
    static PluginText heavy[ROWS * COLUMNS];
    PluginTable table = table_of(ROWS);
    memset(text, 'x', sizeof text);
    for (int at = 0; at < ROWS * COLUMNS; at++) heavy[at] = plugin_text_of(text, sizeof text);
    table.cells = heavy;
    if (panel->extra) table.keys = heavy;
    ui->table->table(ui, plugin_text("t"), &table, plugin_text(""), 0, NULL);
}

TEST(a_table_has_the_rows_that_the_frame_has_room_for) {
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    for (panel.extra = 0; panel.extra < 2; panel.extra++) {
        frame(ui, draw_heavy_table, &panel, NULL, 0);
        CHECK(strlen(written) < (100u << 20));
        CHECK_CONTAINS("more than 64 MiB of text", ui_misuse(ui).data);
    }
    end(ui);
}

int main(void) {
    RUN(a_table_is_its_columns_and_rows);
    RUN(a_table_with_keys_has_a_value);
    RUN(a_row_is_chosen_by_its_key);
    RUN(a_row_that_is_gone_when_the_frame_is_drawn_is_no_change);
    RUN(a_table_without_keys_is_only_read);
    RUN(a_table_that_cannot_be_drawn_is_an_error);
    RUN(keys_beyond_the_end_of_the_struct_are_not_read);
    RUN(a_table_has_the_rows_that_the_frame_has_room_for);
    return check_result();
}
