/* SPDX-License-Identifier: Apache-2.0 */
/* What is only read: texts, lines, progress, code, logs, links, tooltips and toasts. */
#include "ui_repeat.h"
#include "ui_widgets.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- texts ---- */

/* Nobody operates a text, so the text itself is not part of its id: when it changes, one member travels. */
UI_APART void draw_text(Ui *ui, int kind, const char *name, PluginText text) {
    if (!ui_take(ui, kind, name, &text)) return;
    UiWidget *widget = ui_add_widget(ui, kind, plugin_text(""));
    if (!widget) return;
    ui_member_text(ui, name, text);
    ui_complete(ui, widget, 0);
    ui_may_repeat(ui, widget);
}

UI_INLINE void repeat_or_draw_text(PluginUi *handle, int kind, PluginText text) {
    Ui *ui = ui_of(handle);
    if (!ui_repeat_read(ui, kind, text)) draw_text(ui, kind, "text", text);
}

void PLUGIN_CALL widget_heading(PluginUi *ui, PluginText text) { repeat_or_draw_text(ui, UI_HEADING, text); }
void PLUGIN_CALL widget_label(PluginUi *ui, PluginText text) { repeat_or_draw_text(ui, UI_LABEL, text); }
void PLUGIN_CALL widget_markdown(PluginUi *ui, PluginText text) { repeat_or_draw_text(ui, UI_MARKDOWN, text); }
void PLUGIN_CALL widget_error(PluginUi *ui, PluginText text) { repeat_or_draw_text(ui, UI_ERROR, text); }
void PLUGIN_CALL widget_spinner(PluginUi *ui, PluginText label) { draw_text(ui_of(ui), UI_SPINNER, "label", label); }

void PLUGIN_CALL widget_separator(PluginUi *handle) {
    Ui *ui = ui_of(handle);
    UiWidget *widget = ui_add_widget(ui, UI_SEPARATOR, plugin_text(""));
    if (widget) ui_complete(ui, widget, 0);
}

void PLUGIN_CALL widget_space(PluginUi *handle, double points) {
    Ui *ui = ui_of(handle);
    UiWidget *widget = ui_add_widget(ui, UI_SPACE, plugin_text(""));
    if (!widget) return;
    ui_member_number(ui, "points", points > 0 && isfinite(points) ? points : 0);
    ui_complete(ui, widget, 0);
}

void PLUGIN_CALL widget_progress(PluginUi *handle, PluginText label, double fraction) {
    Ui *ui = ui_of(handle);
    if (!ui_take(ui, UI_PROGRESS, "label", &label)) return;
    UiWidget *widget = ui_add_widget(ui, UI_PROGRESS, label);
    if (!widget) return;
    ui_member_text(ui, "label", label);
    ui_member_number(ui, "fraction", !(fraction > 0) ? 0 : fraction > 1 ? 1 : fraction);
    ui_complete(ui, widget, 0);
}

void PLUGIN_CALL widget_tooltip(PluginUi *handle, PluginText text) {
    Ui *ui = ui_of(handle);
    if (ui->failed || ui->depth == 0 || ui->ignored > 0) return;
    if (ui->last == UI_NO_WIDGET) {
        ui_tell_misuse(ui, "tooltip: no widget was drawn right before it");
        return;
    }
    ui_take_over(ui);
    if (ui->failed || !ui_take(ui, ui->drawn.widgets[ui->last].kind, "tooltip", &text)) return;
    UiWidget *widget = &ui->drawn.widgets[ui->last];
    ui->last = UI_NO_WIDGET;
    ui_add_tooltip(ui, widget, text);
}

/* ---- code and logs ---- */

void PLUGIN_CALL widget_code(PluginUi *handle, PluginText text, PluginText language) {
    Ui *ui = ui_of(handle);
    if (!ui_take(ui, UI_CODE, "text", &text) || !ui_take(ui, UI_CODE, "language", &language)) return;
    UiWidget *widget = ui_add_widget(ui, UI_CODE, plugin_text(""));
    if (!widget) return;
    ui_member_text(ui, "text", text);
    ui_member_optional(ui, "language", language);
    ui_complete(ui, widget, 0);
}

/* A log comes from somewhere else and may be cut inside a character, so it is repaired where others are refused. The
   copy is to be freed; NULL where there is nothing to repair, or no memory. */
static char *repair(PluginText *text) {
    PluginText whole;
    if (text_in(*text, UI_TEXT_MAX_BYTES, 0, "text", &whole, NULL) != PLUGIN_INVALID_TEXT) return NULL;
    const size_t length =
        text->length == PLUGIN_UNTIL_NUL ? strnlen(text->data, UI_TEXT_MAX_BYTES) : (size_t)text->length;
    char *copy = (char *)malloc(length * 3);
    if (copy) *text = plugin_text_of(copy, text_repair(plugin_text_of(text->data, length), copy, length * 3));
    return copy;
}

void PLUGIN_CALL widget_log_view(PluginUi *handle, PluginText label, PluginText text, uint32_t rows) {
    Ui *ui = ui_of(handle);
    if (!ui_take(ui, UI_LOG_VIEW, "label", &label)) return;
    char *repaired = repair(&text);
    UiWidget *widget =
        repaired || ui_take(ui, UI_LOG_VIEW, "text", &text) ? ui_add_widget(ui, UI_LOG_VIEW, label) : NULL;
    if (widget) {
        ui_member_text(ui, "label", label);
        ui_member_text(ui, "text", text);
        if (rows > 0) ui_member_integer(ui, "lines", rows);
        ui_complete(ui, widget, 0);
    }
    free(repaired);
}

/* ---- links ---- */

/* Where a click may lead: what a front end opens is never a script or a file of the person's. */
static int leads_outside(PluginText url) {
    static const char *const schemes[] = {"https://", "http://", "mailto:"};
    for (size_t at = 0; at < sizeof schemes / sizeof *schemes; at++)
        if (ui_begins_with(url, schemes[at]) && url.length > strlen(schemes[at])) return 1;
    return 0;
}

static int has_space(PluginText url) {
    for (uint64_t at = 0; at < url.length; at++)
        if ((unsigned char)url.data[at] <= ' ' || url.data[at] == 0x7F) return 1;
    return 0;
}

void PLUGIN_CALL widget_link(PluginUi *handle, PluginText text, PluginText url) {
    Ui *ui = ui_of(handle);
    if (!ui_take(ui, UI_LINK, "text", &text) || !ui_take(ui, UI_LINK, "url", &url)) return;
    if (!leads_outside(url) || has_space(url)) {
        ui_refuse(ui, UI_LINK,
                  "the url begins with https://, http:// or mailto: and has no space; this one is \"%.*s\"",
                  (int)text_cut(url.data, url.length, 100), url.data);
        return;
    }
    UiWidget *widget = ui_add_widget(ui, UI_LINK, plugin_text(""));
    if (!widget) return;
    ui_member_text(ui, "text", text);
    ui_member_text(ui, "url", url);
    ui_complete(ui, widget, 0);
}

/* ---- toasts ---- */

/* No widget: it is told once, however often the frame is drawn before one is written. */
void PLUGIN_CALL widget_toast(PluginUi *handle, uint32_t kind, PluginText text) {
    static const char *const words[] = {"normal", "success", "warning", "error", "info"}; /* by PLUGIN_MESSAGE_… */
    char buffer[200];
    PluginError error = {(uint32_t)sizeof error, PLUGIN_OK, buffer, sizeof buffer - 1, 0};
    Ui *ui = ui_of(handle);
    if (ui->failed || ui->depth == 0) return;
    if (text_in(text, UI_TOAST_MAX_BYTES, 0, "text", &text, &error) != PLUGIN_OK) {
        ui_tell_misuse(ui, "toast: %.*s", (int)error.length, buffer);
        return;
    }
    if (ui->toast_count >= UI_TOASTS_MAX) {
        ui_tell_misuse(ui, "toast: more than %d in one frame; the rest is left out", UI_TOASTS_MAX);
        return;
    }
    ui_bytes_text(&ui->toasts, ui->toast_count++ ? ",{\"kind\":\"" : "{\"kind\":\"");
    ui_bytes_text(&ui->toasts, words[kind < sizeof words / sizeof *words ? kind : PLUGIN_MESSAGE_NORMAL]);
    ui_bytes_text(&ui->toasts, "\",\"text\":");
    ui_json_string(&ui->toasts, text);
    ui_bytes_text(&ui->toasts, "}");
}
