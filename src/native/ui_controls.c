/* SPDX-License-Identifier: Apache-2.0 */
/* What is pressed, typed, switched or answered. */
#include "ui_repeat.h"
#include "ui_values.h"
#include "ui_widgets.h"

#include <math.h>

/* ---- buttons and texts ---- */

UI_APART void draw_button(Ui *ui, PluginText label, uint32_t flags, PluginResponse *given) {
    PluginResponse own;
    UiWidget *widget = ui_begin_operated(ui, UI_BUTTON, &label, given, &own);
    if (!widget) return;
    ui_complete(ui, widget, flags);
    if (flags == 0) ui_may_repeat(ui, widget);
    ui_has_event(ui, widget, &own);
    ui_end_response(given, &own);
}

void PLUGIN_CALL widget_button(PluginUi *handle, PluginText label, uint32_t flags, PluginResponse *given) {
    Ui *ui = ui_of(handle);
    const UiWidget *same = flags == 0 ? ui_repeat_labelled(ui, UI_BUTTON, label) : NULL;
    if (same)
        ui_respond_same(given, same->id, 0, plugin_text_of("", 0));
    else
        draw_button(ui, label, flags, given);
}

UI_APART void draw_text_edit(Ui *ui, int kind, PluginText label, PluginText value, PluginText hint, uint32_t flags,
                             PluginResponse *given) {
    PluginResponse own;
    if (!ui_take(ui, kind, "value", &value) || !ui_take(ui, kind, "hint", &hint)) {
        ui_no_response(given);
        return;
    }
    UiWidget *widget = ui_begin_operated(ui, kind, &label, given, &own);
    if (!widget) return;
    if (flags & PLUGIN_WIDGET_PASSWORD) { /* what is secret does not travel; that there is something does */
        ui_member_text(ui, "value", plugin_text(""));
        ui_member_true(ui, "password", 1);
        ui_member_true(ui, "filled", value.length > 0);
    } else {
        ui_member_text(ui, "value", value);
    }
    ui_member_optional(ui, "hint", hint);
    ui_complete(ui, widget, flags);
    if (flags == 0 && hint.length == 0) ui_may_repeat(ui, widget);
    ui_respond_text(ui, widget, value, given, &own);
    ui_end_response(given, &own);
}

/* 1 where it is as it was in the frame before; else it is to be drawn. */
UI_INLINE int repeat_text_edit(Ui *ui, int kind, PluginText label, PluginText value, uint64_t hint_length,
                               uint32_t flags, PluginResponse *given) {
    const UiWidget *same = flags == 0 && hint_length == 0 ? ui_repeat_entered(ui, kind, label, value) : NULL;
    if (same) ui_respond_same(given, same->id, 0, given ? ui_lend_text(ui, value) : value);
    return same != NULL;
}

void PLUGIN_CALL widget_text_edit_singleline(PluginUi *handle, PluginText label, PluginText value, PluginText hint,
                                             uint32_t flags, PluginResponse *response) {
    Ui *ui = ui_of(handle);
    if (!repeat_text_edit(ui, UI_TEXT_EDIT_SINGLELINE, label, value, hint.length, flags, response))
        draw_text_edit(ui, UI_TEXT_EDIT_SINGLELINE, label, value, hint, flags, response);
}

void PLUGIN_CALL widget_text_edit_multiline(PluginUi *handle, PluginText label, PluginText value, PluginText hint,
                                            uint32_t flags, PluginResponse *response) {
    Ui *ui = ui_of(handle);
    if (!repeat_text_edit(ui, UI_TEXT_EDIT_MULTILINE, label, value, hint.length, flags, response))
        draw_text_edit(ui, UI_TEXT_EDIT_MULTILINE, label, value, hint, flags, response);
}

/* ---- numbers and switches ---- */

void PLUGIN_CALL widget_integer(PluginUi *handle, PluginText label, int64_t value, int64_t minimum, int64_t maximum,
                                uint32_t flags, PluginResponse *given) {
    PluginResponse own;
    Ui *ui = ui_of(handle);
    UiWidget *widget = ui_begin_operated(ui, UI_INTEGER, &label, given, &own);
    if (!widget) return;
    widget->limits.integer.minimum = minimum;
    widget->limits.integer.maximum = maximum;
    ui_member_integer(ui, "value", value);
    if (minimum != INT64_MIN) ui_member_integer(ui, "minimum", minimum);
    if (maximum != INT64_MAX) ui_member_integer(ui, "maximum", maximum);
    ui_complete(ui, widget, flags);
    own.integer = value;
    if (ui_has_changed(ui, widget, &own)) {
        own.integer = ui->event.integer < minimum ? minimum : ui->event.integer;
        if (own.integer > maximum) own.integer = maximum;
        ui_keep_changed(&own, own.integer != value);
    }
    ui_end_response(given, &own);
}

static void draw_real(PluginUi *handle, int kind, PluginText label, double value, double minimum, double maximum,
                      double step, uint32_t flags, PluginResponse *given) {
    PluginResponse own;
    Ui *ui = ui_of(handle);
    UiWidget *widget = ui_begin_operated(ui, kind, &label, given, &own);
    if (!widget) return;
    const double least = isnan(minimum) ? -INFINITY : minimum;
    const double most = isnan(maximum) ? INFINITY : maximum;
    widget->limits.number.minimum = least;
    widget->limits.number.maximum = most;
    ui_member_number(ui, "value", value);
    if (isfinite(minimum)) ui_member_number(ui, "minimum", minimum);
    if (isfinite(maximum)) ui_member_number(ui, "maximum", maximum);
    if (step > 0 && isfinite(step)) ui_member_number(ui, "step", step);
    ui_complete(ui, widget, flags);
    own.number = value;
    if (ui_has_changed(ui, widget, &own)) {
        own.number = ui->event.number < least ? least : ui->event.number;
        if (own.number > most) own.number = most;
        ui_keep_changed(&own, isnan(value) || own.number < value || own.number > value);
    }
    ui_end_response(given, &own);
}

void PLUGIN_CALL widget_number(PluginUi *ui, PluginText label, double value, double minimum, double maximum,
                               double step, uint32_t flags, PluginResponse *response) {
    draw_real(ui, UI_NUMBER, label, value, minimum, maximum, step, flags, response);
}

void PLUGIN_CALL widget_slider(PluginUi *ui, PluginText label, double value, double minimum, double maximum,
                               double step, uint32_t flags, PluginResponse *response) {
    draw_real(ui, UI_SLIDER, label, value, minimum, maximum, step, flags, response);
}

UI_APART void draw_switch(Ui *ui, int kind, PluginText label, int32_t value, uint32_t flags, PluginResponse *given) {
    PluginResponse own;
    UiWidget *widget = ui_begin_operated(ui, kind, &label, given, &own);
    if (!widget) return;
    ui_member(ui, "value");
    ui_bytes_text(&ui->drawn.json, value ? "true" : "false");
    ui_complete(ui, widget, flags);
    if (flags == 0) ui_may_repeat(ui, widget);
    own.integer = value != 0;
    if (ui_has_changed(ui, widget, &own)) {
        own.integer = ui->event.integer != 0;
        ui_keep_changed(&own, own.integer != (value != 0));
    }
    ui_end_response(given, &own);
}

UI_INLINE void repeat_or_draw_switch(PluginUi *handle, int kind, PluginText label, int32_t value, uint32_t flags,
                                     PluginResponse *given) {
    Ui *ui = ui_of(handle);
    const UiWidget *same = flags == 0 ? ui_repeat_switched(ui, kind, label, value != 0) : NULL;
    if (same)
        ui_respond_same(given, same->id, value != 0, plugin_text_of("", 0));
    else
        draw_switch(ui, kind, label, value, flags, given);
}

void PLUGIN_CALL widget_checkbox(PluginUi *ui, PluginText label, int32_t value, uint32_t flags,
                                 PluginResponse *response) {
    repeat_or_draw_switch(ui, UI_CHECKBOX, label, value, flags, response);
}

void PLUGIN_CALL widget_toggle(PluginUi *ui, PluginText label, int32_t value, uint32_t flags,
                               PluginResponse *response) {
    repeat_or_draw_switch(ui, UI_TOGGLE, label, value, flags, response);
}

void PLUGIN_CALL widget_selectable_value(PluginUi *ui, PluginText label, int32_t value, uint32_t flags,
                                         PluginResponse *response) {
    repeat_or_draw_switch(ui, UI_SELECTABLE_VALUE, label, value, flags, response);
}

/* ---- texts of a form of their own ---- */

/* `shown` is the value as the front end gets it. */
static UiWidget *begin_formed(Ui *ui, int kind, PluginText *label, PluginText shown, PluginResponse *given,
                              PluginResponse *own) {
    UiWidget *widget = ui_begin_operated(ui, kind, label, given, own);
    if (widget) ui_member_text(ui, "value", shown);
    return widget;
}

static void end_formed(Ui *ui, UiWidget *widget, PluginText value, uint32_t flags, PluginResponse *given,
                       PluginResponse *own) {
    ui_complete(ui, widget, flags);
    ui_respond_text(ui, widget, value, given, own);
    ui_end_response(given, own);
}

/* A value that is none is shown as empty, so that the person can enter one. */
static PluginText shown_color(Ui *ui, PluginText value) {
    if (value.length == 0 || ui_is_color(value)) return value;
    ui_tell_misuse(ui, "color: \"%.*s\" is no colour; write it as #rrggbb",
                   (int)text_cut(value.data, value.length, 100), value.data);
    return plugin_text("");
}

void PLUGIN_CALL widget_color(PluginUi *handle, PluginText label, PluginText value, uint32_t flags,
                              PluginResponse *given) {
    PluginResponse own;
    Ui *ui = ui_of(handle);
    if (!ui_take(ui, UI_COLOR, "value", &value)) {
        ui_no_response(given);
        return;
    }
    UiWidget *widget = begin_formed(ui, UI_COLOR, &label, shown_color(ui, value), given, &own);
    if (widget) end_formed(ui, widget, value, flags, given, &own);
}

static PluginText shown_day(Ui *ui, const char *what, PluginText value) {
    if (value.length == 0 || ui_day(value) >= 0) return value;
    ui_tell_misuse(ui, "date: the %s \"%.*s\" is no day; write it as 2006-01-31", what,
                   (int)text_cut(value.data, value.length, 100), value.data);
    return plugin_text("");
}

void PLUGIN_CALL widget_date(PluginUi *handle, PluginText label, PluginText value, PluginText minimum,
                             PluginText maximum, uint32_t flags, PluginResponse *given) {
    PluginResponse own;
    Ui *ui = ui_of(handle);
    if (!ui_take(ui, UI_DATE, "value", &value) || !ui_take(ui, UI_DATE, "minimum", &minimum) ||
        !ui_take(ui, UI_DATE, "maximum", &maximum)) {
        ui_no_response(given);
        return;
    }
    UiWidget *widget = begin_formed(ui, UI_DATE, &label, shown_day(ui, "value", value), given, &own);
    if (!widget) return;
    minimum = shown_day(ui, "minimum", minimum);
    maximum = shown_day(ui, "maximum", maximum);
    widget->limits.integer.minimum = minimum.length > 0 ? ui_day(minimum) : INT64_MIN;
    widget->limits.integer.maximum = maximum.length > 0 ? ui_day(maximum) : INT64_MAX;
    ui_member_optional(ui, "minimum", minimum);
    ui_member_optional(ui, "maximum", maximum);
    end_formed(ui, widget, value, flags, given, &own);
}

void PLUGIN_CALL widget_file_pick(PluginUi *handle, PluginText label, PluginText value, PluginText filter,
                                  uint32_t flags, PluginResponse *given) {
    PluginResponse own;
    Ui *ui = ui_of(handle);
    if (!ui_take(ui, UI_FILE_PICK, "value", &value) || !ui_take(ui, UI_FILE_PICK, "filter", &filter)) {
        ui_no_response(given);
        return;
    }
    UiWidget *widget = begin_formed(ui, UI_FILE_PICK, &label, value, given, &own);
    if (!widget) return;
    ui_member_optional(ui, "filter", filter);
    ui_member_true(ui, "folder", (flags & PLUGIN_WIDGET_FOLDER) != 0);
    end_formed(ui, widget, value, flags, given, &own);
}

/* ---- questions ---- */

void PLUGIN_CALL widget_confirm(PluginUi *handle, PluginText title, PluginText text, PluginText accept,
                                PluginText dismiss, PluginResponse *given) {
    PluginResponse own;
    Ui *ui = ui_of(handle);
    if (!ui_take(ui, UI_CONFIRM, "text", &text) || !ui_take(ui, UI_CONFIRM, "accept", &accept) ||
        !ui_take(ui, UI_CONFIRM, "dismiss", &dismiss)) {
        ui_no_response(given);
        return;
    }
    UiWidget *widget = ui_begin_operated(ui, UI_CONFIRM, &title, given, &own);
    if (!widget) return;
    ui_member_text(ui, "text", text);
    ui_member_optional(ui, "accept", accept);
    ui_member_optional(ui, "dismiss", dismiss);
    ui_complete(ui, widget, 0);
    /* An answer is a click, whether the front end calls it that or the change of a value. */
    if (ui_has_event(ui, widget, &own)) {
        const uint32_t answered = own.flags & (PLUGIN_RESPONSE_CLICKED | PLUGIN_RESPONSE_CHANGED);
        own.flags = answered && ui_can_have(ui, widget) ? PLUGIN_RESPONSE_CLICKED : 0;
        own.integer = own.flags ? ui->event.integer : 0;
    }
    ui_end_response(given, &own);
}
