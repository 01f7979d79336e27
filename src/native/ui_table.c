/* SPDX-License-Identifier: Apache-2.0 */
/* Rows and columns of text. */
#include "ui_widgets.h"

#include <stdio.h>

/* What of a PluginTable is there, as the core reads it. */
typedef struct Table {
    const PluginText *columns;
    const PluginText *cells;
    const PluginText *keys; /* NULL: the rows cannot be chosen */
    uint32_t column_count;
    uint32_t row_count;
} Table;

static int take_text(Ui *ui, const PluginText *given, const char *what, uint64_t number, PluginText *text) {
    char name[64];
    *text = *given;
    if (ui_text_in(text)) return 1;
    snprintf(name, sizeof name, "%s %llu", what, (unsigned long long)number); /* only to refuse it: there are many */
    return ui_take(ui, UI_TABLE, name, text);
}

/* Looks at all texts before anything is written, so that a table is drawn whole or not at all. */
static int check_texts(Ui *ui, const Table *table) {
    const uint64_t cells = (uint64_t)table->column_count * table->row_count;
    PluginText text;
    for (uint32_t at = 0; at < table->column_count; at++)
        if (!take_text(ui, &table->columns[at], "column", at, &text)) return 0;
    for (uint64_t at = 0; at < cells; at++)
        if (!take_text(ui, &table->cells[at], "cell", at, &text)) return 0;
    for (uint32_t at = 0; table->keys && at < table->row_count; at++)
        if (!take_text(ui, &table->keys[at], "key", at, &text)) return 0;
    return 1;
}

/* Takes in what the plugin gave; where that cannot be, it is refused and the answer is 0. */
static int take_table(Ui *ui, const PluginTable *given, Table *table) {
    if (!given || !PLUGIN_HAS(given, PluginTable, cells)) {
        ui_refuse(ui, UI_TABLE, "the PluginTable is NULL, or its struct_size is not set");
        return 0;
    }
    table->columns = given->columns;
    table->cells = given->cells;
    table->keys = PLUGIN_HAS(given, PluginTable, keys) ? given->keys : NULL;
    table->column_count = given->column_count;
    table->row_count = given->row_count;
    const uint64_t cells = (uint64_t)table->column_count * table->row_count;
    if (table->column_count > UI_COLUMNS_MAX || table->row_count > UI_CELLS_MAX || cells > UI_CELLS_MAX) {
        ui_refuse(ui, UI_TABLE, "more than %d columns or %d cells", UI_COLUMNS_MAX, UI_CELLS_MAX);
        return 0;
    }
    if ((table->column_count > 0 && !table->columns) || (cells > 0 && !table->cells)) {
        ui_refuse(ui, UI_TABLE, "the columns or the cells are NULL");
        return 0;
    }
    return check_texts(ui, table);
}

static void write_texts(Ui *ui, const PluginText *texts, uint32_t count) {
    UiBytes *json = &ui->drawn.json;
    ui_bytes_text(json, "[");
    for (uint32_t at = 0; at < count; at++) {
        PluginText text = texts[at];
        /* Every cell stays in its column, also where the frame has no room for what is in it. */
        if (!ui_has_room(ui) || !ui_text_in(&text)) text = plugin_text("");
        if (at > 0) ui_bytes_text(json, ",");
        ui_json_string(json, text);
    }
    ui_bytes_text(json, "]");
}

static PluginText key_of(const Table *table, uint32_t row) {
    PluginText key = table->keys[row];
    return ui_text_in(&key) ? key : plugin_text("");
}

/* The rows that the frame has room for, and the keys of just these. */
static void write_rows(Ui *ui, UiWidget *widget, const Table *table) {
    UiBytes *json = &ui->drawn.json;
    uint32_t rows = 0;
    ui_member(ui, "rows");
    ui_bytes_text(json, "[");
    for (; rows < table->row_count && ui_has_room(ui); rows++) {
        if (rows > 0) ui_bytes_text(json, ",");
        const uint64_t first = (uint64_t)rows * table->column_count;
        write_texts(ui, table->cells ? table->cells + first : NULL, table->cells ? table->column_count : 0);
        if (table->keys) ui_add_choice(ui, widget, key_of(table, rows));
    }
    ui_bytes_text(json, "]");
    if (!table->keys) return;
    ui_member(ui, "keys");
    ui_bytes_text(json, "[");
    for (uint32_t row = 0; row < rows; row++) {
        if (row > 0) ui_bytes_text(json, ",");
        ui_json_string(json, key_of(table, row));
    }
    ui_bytes_text(json, "]");
}

void PLUGIN_CALL widget_table(PluginUi *handle, PluginText label, const PluginTable *given_table, PluginText value,
                              uint32_t flags, PluginResponse *given) {
    PluginResponse own;
    Table table;
    Ui *ui = ui_of(handle);
    if (!ui_take(ui, UI_TABLE, "value", &value) || !take_table(ui, given_table, &table)) {
        ui_no_response(given);
        return;
    }
    UiWidget *widget = ui_begin_operated(ui, UI_TABLE, &label, given, &own);
    if (!widget) return;
    if (table.keys) ui_member_text(ui, "value", value);
    ui_member(ui, "headlines");
    write_texts(ui, table.columns, table.column_count);
    write_rows(ui, widget, &table);
    ui_complete(ui, widget, flags);
    ui_respond_text(ui, widget, value, given, &own);
    ui_end_response(given, &own);
}
