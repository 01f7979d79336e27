/* SPDX-License-Identifier: Apache-2.0 */
/* The table of the ABI, and what all widgets share. */
#include "ui_widgets.h"

#include "ui_values.h"

#include <stdio.h>
#include <string.h>

int ui_begins_with(PluginText text, const char *prefix) {
    const size_t length = strlen(prefix);
    if (text.length < length) return 0;
    for (size_t at = 0; at < length; at++) {
        const char byte = text.data[at];
        if ((byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte) != prefix[at]) return 0;
    }
    return 1;
}

/* ---- what front ends are told ---- */

void ui_member_optional(Ui *ui, const char *name, PluginText text) {
    if (text.length > 0) ui_member_text(ui, name, text);
}

void ui_member_number(Ui *ui, const char *name, double number) {
    ui_member(ui, name);
    ui_json_number(&ui->drawn.json, number);
}

void ui_member_integer(Ui *ui, const char *name, int64_t number) {
    ui_member(ui, name);
    ui_json_integer(&ui->drawn.json, number);
}

void ui_member_true(Ui *ui, const char *name, int value) {
    if (!value) return;
    ui_member(ui, name);
    ui_bytes_text(&ui->drawn.json, "true");
}

static void refuse(Ui *ui, int kind, const char *text) {
    char message[400];
    snprintf(message, sizeof message, "%s: %s", ui_kind_name(kind), text);
    ui_tell_misuse(ui, "%s", message);
    ui_draw_error(ui, message);
}

void ui_refuse(Ui *ui, int kind, const char *format, ...) {
    char text[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    refuse(ui, kind, text);
}

static int take_or_refuse(Ui *ui, int kind, const char *what, PluginText *text) {
    char buffer[200];
    PluginError error = {(uint32_t)sizeof error, PLUGIN_OK, buffer, sizeof buffer - 1, 0};
    if (text_in(*text, UI_TEXT_MAX_BYTES, 0, what, text, &error) == PLUGIN_OK) return 1;
    buffer[error.length] = '\0';
    refuse(ui, kind, buffer);
    return 0;
}

/* The usual case, which needs no look at what the text may be instead. */
static inline int is_plain(const PluginText *text) {
    return text->data && text->length <= UI_TEXT_MAX_BYTES && ui_is_plain(text->data, (size_t)text->length);
}

int ui_text_in(PluginText *text) {
    return is_plain(text) || text_in(*text, UI_TEXT_MAX_BYTES, 0, "text", text, NULL) == PLUGIN_OK;
}

int ui_take(Ui *ui, int kind, const char *what, PluginText *text) {
    return is_plain(text) || take_or_refuse(ui, kind, what, text);
}

/* ---- responses ---- */

void ui_no_response(PluginResponse *given) {
    PluginResponse own;
    ui_end_response(given, ui_begin_response(given, &own));
}

UiWidget *ui_begin_operated(Ui *ui, int kind, PluginText *label, PluginResponse *given, PluginResponse *own) {
    ui_begin_response(given, own);
    UiWidget *widget = ui_take(ui, kind, "label", label) ? ui_add_widget(ui, kind, *label) : NULL;
    if (widget)
        ui_member_text(ui, "label", *label);
    else
        ui_end_response(given, own);
    return widget;
}

int ui_has_event(const Ui *ui, const UiWidget *widget, PluginResponse *response) {
    response->id = widget->id;
    if (ui->event.id != widget->id || widget->disabled) return 0;
    response->flags = ui->event.flags;
    return 1;
}

int ui_has_changed(const Ui *ui, const UiWidget *widget, PluginResponse *response) {
    return ui_has_event(ui, widget, response) && (response->flags & PLUGIN_RESPONSE_CHANGED);
}

void ui_keep_changed(PluginResponse *response, int differs) {
    if (!differs) response->flags &= ~(uint32_t)PLUGIN_RESPONSE_CHANGED;
}

int ui_can_have(const Ui *ui, const UiWidget *widget) {
    return ui_check_value(&ui->drawn, widget, &ui->event, NULL) == PLUGIN_OK;
}

void ui_respond_text(Ui *ui, const UiWidget *widget, PluginText value, const PluginResponse *given,
                     PluginResponse *own) {
    const int changed = ui_has_changed(ui, widget, own) && ui_can_have(ui, widget) && !text_same(ui->event.text, value);
    ui_keep_changed(own, changed);
    if (changed)
        own->text = ui->event.text;
    else if (given)
        own->text = ui_lend_text(ui, value);
}

/* ---- the table ---- */

const PluginUiTable ui_table = {
    .struct_size = (uint32_t)sizeof(PluginUiTable),
    .abi_version = PLUGIN_ABI_VERSION,
    .heading = widget_heading,
    .label = widget_label,
    .markdown = widget_markdown,
    .error = widget_error,
    .separator = widget_separator,
    .space = widget_space,
    .spinner = widget_spinner,
    .progress = widget_progress,
    .button = widget_button,
    .text_edit_singleline = widget_text_edit_singleline,
    .text_edit_multiline = widget_text_edit_multiline,
    .integer = widget_integer,
    .number = widget_number,
    .slider = widget_slider,
    .checkbox = widget_checkbox,
    .toggle = widget_toggle,
    .selectable_value = widget_selectable_value,
    .radio = widget_radio,
    .combo_box = widget_combo_box,
    .tooltip = widget_tooltip,
    .begin_horizontal = widget_begin_horizontal,
    .begin_vertical = widget_begin_vertical,
    .begin_grid = widget_begin_grid,
    .begin_collapsing = widget_begin_collapsing,
    .end = widget_end,
    .push_id = widget_push_id,
    .pop_id = widget_pop_id,
    .code = widget_code,
    .log_view = widget_log_view,
    .link = widget_link,
    .image = widget_image,
    .plot = widget_plot,
    .table = widget_table,
    .multi_select = widget_multi_select,
    .color = widget_color,
    .date = widget_date,
    .file_pick = widget_file_pick,
    .begin_tabs = widget_begin_tabs,
    .confirm = widget_confirm,
    .toast = widget_toast,
};
