/* SPDX-License-Identifier: Apache-2.0 */
/* The table of the ABI: each widget writes what a front end is told of it, and answers with what the person did. */
#include "text.h"
#include "ui_draw.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static Ui *ui_of(PluginUi *handle) { return (Ui *)handle; }

/* ---- what front ends are told ---- */

static void member_optional(Ui *ui, const char *name, PluginText text) {
    if (text.length > 0) ui_member_text(ui, name, text);
}

static void member_number(Ui *ui, const char *name, double number) {
    ui_member(ui, name);
    ui_json_number(&ui->drawn.json, number);
}

static void member_integer(Ui *ui, const char *name, int64_t number) {
    ui_member(ui, name);
    ui_json_integer(&ui->drawn.json, number);
}

static void member_true(Ui *ui, const char *name, int value) {
    if (!value) return;
    ui_member(ui, name);
    ui_bytes_text(&ui->drawn.json, "true");
}

/* A text of a widget; where it is none, an error is drawn in the widget's place and the answer is 0. */
static int take(Ui *ui, int kind, const char *what, PluginText *text) {
    char buffer[200];
    char message[256];
    PluginError error = {(uint32_t)sizeof error, PLUGIN_OK, buffer, sizeof buffer - 1, 0};
    if (text_in(*text, UI_TEXT_MAX_BYTES, 0, what, text, &error) == PLUGIN_OK) return 1;
    buffer[error.length] = '\0';
    snprintf(message, sizeof message, "%s: %s", ui_kind_names[kind], buffer);
    ui_tell_misuse(ui, "%s", message);
    ui_draw_error(ui, message);
    return 0;
}

/* ---- responses ---- */

/* Room for the response of a plugin that knows a shorter struct, or wants none. */
static PluginResponse *begin_response(PluginResponse *given, PluginResponse *own) {
    memset(own, 0, sizeof *own);
    own->struct_size = given ? given->struct_size : 0;
    own->text.data = "";
    return own;
}

static void end_response(PluginResponse *given, const PluginResponse *own) {
    if (given) memcpy(given, own, own->struct_size < sizeof *own ? own->struct_size : sizeof *own);
}

/* Whether the person's action is for this widget; then its flags are in the response. */
static int has_event(const Ui *ui, const UiWidget *widget, PluginResponse *response) {
    response->id = widget->id;
    if (ui->event.id != widget->id || widget->disabled) return 0;
    response->flags = ui->event.flags;
    return 1;
}

/* Whether the event brings a value; whether that differs from the present one, the caller says with `keep_changed`. */
static int has_changed(const Ui *ui, const UiWidget *widget, PluginResponse *response) {
    return has_event(ui, widget, response) && (response->flags & PLUGIN_RESPONSE_CHANGED);
}

static int same_text(PluginText a, PluginText b) {
    return a.length == b.length && memcmp(a.data, b.data, (size_t)a.length) == 0;
}

static void keep_changed(PluginResponse *response, int differs) {
    if (!differs) response->flags &= ~(uint32_t)PLUGIN_RESPONSE_CHANGED;
}

/* The value of a text widget: what the person entered, else a copy of the present one, which the plugin may not have
   ended with a NUL. */
static void respond_text(Ui *ui, const UiWidget *widget, PluginText value, int acceptable, const PluginResponse *given,
                         PluginResponse *own) {
    const int changed = has_changed(ui, widget, own) && acceptable && !same_text(ui->event.text, value);
    keep_changed(own, changed);
    if (changed)
        own->text = ui->event.text;
    else if (given)
        own->text = ui_lend_text(ui, value);
}

/* ---- the table: texts ---- */

static void draw_text(PluginUi *handle, int kind, const char *name, PluginText text) {
    Ui *ui = ui_of(handle);
    if (!take(ui, kind, name, &text)) return;
    /* Nobody operates a text, so the text itself is not part of its id: when it changes, one member travels. */
    UiWidget *widget = ui_add_widget(ui, kind, plugin_text(""));
    if (!widget) return;
    ui_member_text(ui, name, text);
    ui_complete(ui, widget, 0);
}

static void PLUGIN_CALL draw_heading(PluginUi *ui, PluginText text) { draw_text(ui, UI_HEADING, "text", text); }
static void PLUGIN_CALL draw_label(PluginUi *ui, PluginText text) { draw_text(ui, UI_LABEL, "text", text); }
static void PLUGIN_CALL draw_markdown(PluginUi *ui, PluginText text) { draw_text(ui, UI_MARKDOWN, "text", text); }
static void PLUGIN_CALL draw_inline_error(PluginUi *ui, PluginText text) { draw_text(ui, UI_ERROR, "text", text); }
static void PLUGIN_CALL draw_spinner(PluginUi *ui, PluginText label) { draw_text(ui, UI_SPINNER, "label", label); }

static void PLUGIN_CALL draw_separator(PluginUi *handle) {
    Ui *ui = ui_of(handle);
    UiWidget *widget = ui_add_widget(ui, UI_SEPARATOR, plugin_text(""));
    if (widget) ui_complete(ui, widget, 0);
}

static void PLUGIN_CALL draw_space(PluginUi *handle, double points) {
    Ui *ui = ui_of(handle);
    UiWidget *widget = ui_add_widget(ui, UI_SPACE, plugin_text(""));
    if (!widget) return;
    member_number(ui, "points", points > 0 && isfinite(points) ? points : 0);
    ui_complete(ui, widget, 0);
}

static void PLUGIN_CALL draw_progress(PluginUi *handle, PluginText label, double fraction) {
    Ui *ui = ui_of(handle);
    if (!take(ui, UI_PROGRESS, "label", &label)) return;
    UiWidget *widget = ui_add_widget(ui, UI_PROGRESS, label);
    if (!widget) return;
    ui_member_text(ui, "label", label);
    member_number(ui, "fraction", !(fraction > 0) ? 0 : fraction > 1 ? 1 : fraction);
    ui_complete(ui, widget, 0);
}

static void PLUGIN_CALL draw_tooltip(PluginUi *handle, PluginText text) {
    Ui *ui = ui_of(handle);
    if (ui->failed || ui->depth == 0 || ui->ignored > 0) return;
    if (ui->last == UI_NO_WIDGET) {
        ui_tell_misuse(ui, "tooltip: no widget was drawn right before it");
        return;
    }
    if (!take(ui, ui->drawn.widgets[ui->last].kind, "tooltip", &text)) return;
    UiWidget *widget = &ui->drawn.widgets[ui->last];
    ui->last = UI_NO_WIDGET;
    ui_member_text(ui, "tooltip", text);
    widget->json_length = ui->drawn.json.length - widget->json;
}

/* ---- the table: what is operated ---- */

/* Begins a widget that has a label and a response; NULL where nothing is drawn, and then the response says nothing. */
static UiWidget *begin_operated(Ui *ui, int kind, PluginText *label, PluginResponse *given, PluginResponse *own) {
    begin_response(given, own);
    UiWidget *widget = take(ui, kind, "label", label) ? ui_add_widget(ui, kind, *label) : NULL;
    if (widget)
        ui_member_text(ui, "label", *label);
    else
        end_response(given, own);
    return widget;
}

static void PLUGIN_CALL draw_button(PluginUi *handle, PluginText label, uint32_t flags, PluginResponse *given) {
    PluginResponse own;
    Ui *ui = ui_of(handle);
    UiWidget *widget = begin_operated(ui, UI_BUTTON, &label, given, &own);
    if (!widget) return;
    ui_complete(ui, widget, flags);
    has_event(ui, widget, &own);
    end_response(given, &own);
}

static void draw_text_edit(PluginUi *handle, int kind, PluginText label, PluginText value, PluginText hint,
                           uint32_t flags, PluginResponse *given) {
    PluginResponse own;
    Ui *ui = ui_of(handle);
    if (!take(ui, kind, "value", &value) || !take(ui, kind, "hint", &hint)) {
        end_response(given, begin_response(given, &own));
        return;
    }
    UiWidget *widget = begin_operated(ui, kind, &label, given, &own);
    if (!widget) return;
    if (flags & PLUGIN_WIDGET_PASSWORD) { /* what is secret does not travel; that there is something does */
        ui_member_text(ui, "value", plugin_text(""));
        member_true(ui, "password", 1);
        member_true(ui, "filled", value.length > 0);
    } else {
        ui_member_text(ui, "value", value);
    }
    member_optional(ui, "hint", hint);
    ui_complete(ui, widget, flags);
    respond_text(ui, widget, value, 1, given, &own);
    end_response(given, &own);
}

static void PLUGIN_CALL draw_text_edit_singleline(PluginUi *ui, PluginText label, PluginText value, PluginText hint,
                                                  uint32_t flags, PluginResponse *response) {
    draw_text_edit(ui, UI_TEXT_EDIT_SINGLELINE, label, value, hint, flags, response);
}

static void PLUGIN_CALL draw_text_edit_multiline(PluginUi *ui, PluginText label, PluginText value, PluginText hint,
                                                 uint32_t flags, PluginResponse *response) {
    draw_text_edit(ui, UI_TEXT_EDIT_MULTILINE, label, value, hint, flags, response);
}

static void PLUGIN_CALL draw_integer(PluginUi *handle, PluginText label, int64_t value, int64_t minimum,
                                     int64_t maximum, uint32_t flags, PluginResponse *given) {
    PluginResponse own;
    Ui *ui = ui_of(handle);
    UiWidget *widget = begin_operated(ui, UI_INTEGER, &label, given, &own);
    if (!widget) return;
    widget->minimum = minimum;
    widget->maximum = maximum;
    member_integer(ui, "value", value);
    if (minimum != INT64_MIN) member_integer(ui, "minimum", minimum);
    if (maximum != INT64_MAX) member_integer(ui, "maximum", maximum);
    ui_complete(ui, widget, flags);
    own.integer = value;
    if (has_changed(ui, widget, &own)) {
        own.integer = ui->event.integer < minimum ? minimum : ui->event.integer;
        if (own.integer > maximum) own.integer = maximum;
        keep_changed(&own, own.integer != value);
    }
    end_response(given, &own);
}

static void draw_real(PluginUi *handle, int kind, PluginText label, double value, double minimum, double maximum,
                      double step, uint32_t flags, PluginResponse *given) {
    PluginResponse own;
    Ui *ui = ui_of(handle);
    UiWidget *widget = begin_operated(ui, kind, &label, given, &own);
    if (!widget) return;
    widget->low = isnan(minimum) ? -INFINITY : minimum;
    widget->high = isnan(maximum) ? INFINITY : maximum;
    member_number(ui, "value", value);
    if (isfinite(minimum)) member_number(ui, "minimum", minimum);
    if (isfinite(maximum)) member_number(ui, "maximum", maximum);
    if (step > 0 && isfinite(step)) member_number(ui, "step", step);
    ui_complete(ui, widget, flags);
    own.number = value;
    if (has_changed(ui, widget, &own)) {
        own.number = ui->event.number < widget->low ? widget->low : ui->event.number;
        if (own.number > widget->high) own.number = widget->high;
        keep_changed(&own, isnan(value) || own.number < value || own.number > value);
    }
    end_response(given, &own);
}

static void PLUGIN_CALL draw_number(PluginUi *ui, PluginText label, double value, double minimum, double maximum,
                                    double step, uint32_t flags, PluginResponse *response) {
    draw_real(ui, UI_NUMBER, label, value, minimum, maximum, step, flags, response);
}

static void PLUGIN_CALL draw_slider(PluginUi *ui, PluginText label, double value, double minimum, double maximum,
                                    double step, uint32_t flags, PluginResponse *response) {
    draw_real(ui, UI_SLIDER, label, value, minimum, maximum, step, flags, response);
}

static void draw_switch(PluginUi *handle, int kind, PluginText label, int32_t value, uint32_t flags,
                        PluginResponse *given) {
    PluginResponse own;
    Ui *ui = ui_of(handle);
    UiWidget *widget = begin_operated(ui, kind, &label, given, &own);
    if (!widget) return;
    ui_member(ui, "value");
    ui_bytes_text(&ui->drawn.json, value ? "true" : "false");
    ui_complete(ui, widget, flags);
    own.integer = value != 0;
    if (has_changed(ui, widget, &own)) {
        own.integer = ui->event.integer != 0;
        keep_changed(&own, own.integer != (value != 0));
    }
    end_response(given, &own);
}

static void PLUGIN_CALL draw_checkbox(PluginUi *ui, PluginText label, int32_t value, uint32_t flags,
                                      PluginResponse *response) {
    draw_switch(ui, UI_CHECKBOX, label, value, flags, response);
}

static void PLUGIN_CALL draw_toggle(PluginUi *ui, PluginText label, int32_t value, uint32_t flags,
                                    PluginResponse *response) {
    draw_switch(ui, UI_TOGGLE, label, value, flags, response);
}

static void PLUGIN_CALL draw_selectable_value(PluginUi *ui, PluginText label, int32_t value, uint32_t flags,
                                              PluginResponse *response) {
    draw_switch(ui, UI_SELECTABLE_VALUE, label, value, flags, response);
}

/* The choices as JSON, and their values to check against. Those that are no text are left out. */
static void member_choices(Ui *ui, UiWidget *widget, const PluginChoice *choices, uint32_t count) {
    UiBytes *json = &ui->drawn.json;
    UiBytes *values = &ui->drawn.choices;
    if (count > UI_CHOICES_MAX || (count > 0 && !choices)) {
        ui_tell_misuse(ui, "%s: the choices are NULL, or more than %d", ui_kind_names[widget->kind], UI_CHOICES_MAX);
        count = 0;
    }
    widget->choices = values->length;
    ui_member(ui, "choices");
    ui_bytes_text(json, "[");
    for (uint32_t index = 0; index < count && ui_has_room(ui); index++) {
        PluginText value;
        PluginText label;
        if (text_in(choices[index].value, UI_TEXT_MAX_BYTES, 0, "value", &value, NULL) != PLUGIN_OK ||
            text_in(choices[index].label, UI_TEXT_MAX_BYTES, 0, "label", &label, NULL) != PLUGIN_OK) {
            ui_tell_misuse(ui, "%s: choice %u is not UTF-8, or has a NUL byte", ui_kind_names[widget->kind], index);
            continue;
        }
        ui_bytes_text(json, widget->choice_count++ ? ",{\"value\":" : "{\"value\":");
        ui_json_string(json, value);
        ui_bytes_text(json, ",\"label\":");
        ui_json_string(json, label);
        ui_bytes_text(json, "}");
        ui_bytes_add(values, value.data, (size_t)value.length);
        ui_bytes_add(values, "", 1);
    }
    ui_bytes_text(json, "]");
}

static void draw_choice(PluginUi *handle, int kind, PluginText label, PluginText value, PluginText placeholder,
                        const PluginChoice *choices, uint32_t count, uint32_t flags, PluginResponse *given) {
    PluginResponse own;
    Ui *ui = ui_of(handle);
    if (!take(ui, kind, "value", &value) || !take(ui, kind, "placeholder", &placeholder)) {
        end_response(given, begin_response(given, &own));
        return;
    }
    UiWidget *widget = begin_operated(ui, kind, &label, given, &own);
    if (!widget) return;
    ui_member_text(ui, "value", value);
    member_optional(ui, "placeholder", placeholder);
    member_choices(ui, widget, choices, count);
    ui_complete(ui, widget, flags);
    /* The choices may have become others since the person chose. */
    respond_text(ui, widget, value, ui_is_choice(&ui->drawn, widget, ui->event.text), given, &own);
    end_response(given, &own);
}

static void PLUGIN_CALL draw_radio(PluginUi *ui, PluginText label, PluginText value, const PluginChoice *choices,
                                   uint32_t count, uint32_t flags, PluginResponse *response) {
    draw_choice(ui, UI_RADIO, label, value, plugin_text(""), choices, count, flags, response);
}

static void PLUGIN_CALL draw_combo_box(PluginUi *ui, PluginText label, PluginText value, PluginText placeholder,
                                       const PluginChoice *choices, uint32_t count, uint32_t flags,
                                       PluginResponse *response) {
    draw_choice(ui, UI_COMBO_BOX, label, value, placeholder, choices, count, flags, response);
}

/* ---- the table: containers ---- */

/* Beyond UI_DEPTH_MAX containers are counted, so that their ends match, and what is in them is left out. */
static int too_deep(Ui *ui) {
    if (ui->failed || ui->depth == 0 || ui->ignored > 0 || ui->depth >= UI_DEPTH_MAX) {
        if (ui->depth == UI_DEPTH_MAX)
            ui_tell_misuse(ui, "more than %d containers inside each other; the rest is left out", UI_DEPTH_MAX - 1);
        ui->ignored++;
        return 1;
    }
    return 0;
}

static UiWidget *begin_container(Ui *ui, int kind, PluginText label) {
    if (too_deep(ui)) return NULL;
    UiWidget *widget = ui_add_widget(ui, kind, label);
    if (!widget) {
        ui->ignored++;
        return NULL;
    }
    member_optional(ui, "label", label);
    ui_push_scope(ui, (uint32_t)ui->last, widget->id, 0);
    return widget;
}

static void PLUGIN_CALL begin_horizontal(PluginUi *handle) {
    Ui *ui = ui_of(handle);
    UiWidget *widget = begin_container(ui, UI_HORIZONTAL, plugin_text(""));
    if (widget) ui_complete(ui, widget, 0);
}

static void PLUGIN_CALL begin_vertical(PluginUi *handle) {
    Ui *ui = ui_of(handle);
    UiWidget *widget = begin_container(ui, UI_VERTICAL, plugin_text(""));
    if (widget) ui_complete(ui, widget, 0);
}

static void PLUGIN_CALL begin_grid(PluginUi *handle, PluginText label, uint32_t columns) {
    Ui *ui = ui_of(handle);
    if (!take(ui, UI_GRID, "label", &label)) label = plugin_text("");
    UiWidget *widget = begin_container(ui, UI_GRID, label);
    if (!widget) return;
    member_integer(ui, "columns", columns > 0 ? columns : 1);
    ui_complete(ui, widget, 0);
}

static void PLUGIN_CALL begin_collapsing(PluginUi *handle, PluginText label, uint32_t flags) {
    Ui *ui = ui_of(handle);
    if (!take(ui, UI_COLLAPSING, "label", &label)) label = plugin_text("");
    UiWidget *widget = begin_container(ui, UI_COLLAPSING, label);
    if (!widget) return;
    member_true(ui, "open", (flags & PLUGIN_WIDGET_OPEN) != 0);
    ui_complete(ui, widget, 0);
}

/* Ends the innermost scope, which is to be a container or a push_id as asked. */
static void end_scope(Ui *ui, int is_id, const char *call) {
    if (ui->ignored > 0) {
        ui->ignored--;
    } else if (ui->depth <= 1) {
        if (!ui->failed) ui_tell_misuse(ui, "%s: nothing is open that it could end", call);
    } else if (ui->scopes[ui->depth - 1].is_id != is_id) {
        ui_tell_misuse(ui, "%s: what was begun last is %s", call,
                       is_id ? "a container: end() it first" : "a push_id: pop_id() it first");
    } else {
        ui_pop_scope(ui);
    }
}

static void PLUGIN_CALL end_container(PluginUi *ui) { end_scope(ui_of(ui), 0, "end"); }

static void PLUGIN_CALL push_id(PluginUi *handle, PluginText key) {
    Ui *ui = ui_of(handle);
    if (ui->depth == 0 || too_deep(ui)) return;
    if (!take(ui, UI_VERTICAL, "the key of push_id", &key)) key = plugin_text("");
    const Scope *scope = &ui->scopes[ui->depth - 1];
    uint64_t seed = ui_mix(scope->seed ^ UINT64_C(0x5851F42D4C957F2D), key.data, (size_t)key.length);
    if (seed == 0) seed = 1;
    /* What is drawn twice under one name has ids that depend on the order again, which the name was to prevent. */
    if (ui_map_get(&ui->occurrences, seed, 0) > 0)
        ui_tell_misuse(ui, "push_id: \"%.*s\" was used twice under one parent; give each row a key of its own",
                       (int)text_cut(key.data, key.length, 100), key.data);
    if (!ui_map_set(&ui->occurrences, seed, 1)) ui->failed = 1;
    ui_push_scope(ui, scope->widget, seed, 1);
}

static void PLUGIN_CALL pop_id(PluginUi *ui) { end_scope(ui_of(ui), 1, "pop_id"); }

const PluginUiTable ui_table = {
    .struct_size = (uint32_t)sizeof(PluginUiTable),
    .abi_version = PLUGIN_ABI_VERSION,
    .heading = draw_heading,
    .label = draw_label,
    .markdown = draw_markdown,
    .error = draw_inline_error,
    .separator = draw_separator,
    .space = draw_space,
    .spinner = draw_spinner,
    .progress = draw_progress,
    .button = draw_button,
    .text_edit_singleline = draw_text_edit_singleline,
    .text_edit_multiline = draw_text_edit_multiline,
    .integer = draw_integer,
    .number = draw_number,
    .slider = draw_slider,
    .checkbox = draw_checkbox,
    .toggle = draw_toggle,
    .selectable_value = draw_selectable_value,
    .radio = draw_radio,
    .combo_box = draw_combo_box,
    .tooltip = draw_tooltip,
    .begin_horizontal = begin_horizontal,
    .begin_vertical = begin_vertical,
    .begin_grid = begin_grid,
    .begin_collapsing = begin_collapsing,
    .end = end_container,
    .push_id = push_id,
    .pop_id = pop_id,
};
