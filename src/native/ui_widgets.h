/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ui_widgets.h: what the modules that draw widgets share. Each widget writes what a front end is told of it, and
 * answers with what the person did.
 *
 *     ui_reading      texts, links, logs and whatever else is only read; toasts
 *     ui_pictures     images and plots
 *     ui_controls     what is pressed, typed, switched or answered
 *     ui_choices      one or several of a list of choices
 *     ui_table        rows and columns
 *     ui_containers   what other widgets stand in; ids of the plugin's own
 */
#ifndef PLUGIN_NATIVE_UI_WIDGETS_H
#define PLUGIN_NATIVE_UI_WIDGETS_H

#include "ui_draw.h"

static inline Ui *ui_of(PluginUi *handle) { return (Ui *)handle; }

/* ---- what front ends are told ---- */

/* Members with a value; the texts are left out where they are empty, what is true where it is false. */
void ui_member_optional(Ui *ui, const char *name, PluginText text);
void ui_member_number(Ui *ui, const char *name, double number);
void ui_member_integer(Ui *ui, const char *name, int64_t number);
void ui_member_true(Ui *ui, const char *name, int value);

/* Something that the plugin did wrong: told, and drawn as an error in the widget's place. */
void ui_refuse(Ui *ui, int kind, const char *format, ...) NATIVE_PRINTF(3, 4);

/* Takes in one text of many; 0 where it is none, which nobody is told. As given where that is so. */
int ui_text_in(PluginText *text);

/* Takes a text of a widget in; where it is none, the widget is refused and the answer is 0. */
int ui_take(Ui *ui, int kind, const char *what, PluginText *text);

/* Whether a text begins with `prefix`, which is in lower case, in any case, whatever the locale. */
int ui_begins_with(PluginText text, const char *prefix);

/* ---- responses ---- */

/* Room for the response of a plugin that knows a shorter struct, or wants none. */
static inline PluginResponse *ui_begin_response(PluginResponse *given, PluginResponse *own) {
    memset(own, 0, sizeof *own);
    own->struct_size = given ? given->struct_size : 0;
    own->text.data = "";
    return own;
}

static inline void ui_end_response(PluginResponse *given, const PluginResponse *own) {
    if (!given) return;
    if (own->struct_size == sizeof *own)
        *given = *own;
    else
        memcpy(given, own, own->struct_size < sizeof *own ? own->struct_size : sizeof *own);
}

/* The response of a widget that is as it was before, written where it belongs: copying it takes longer than the widget. */
static inline void ui_respond_same(PluginResponse *given, uint64_t id, int64_t integer, PluginText text) {
    PluginResponse own;
    if (!given) return;
    PluginResponse *response = given->struct_size == sizeof own ? given : ui_begin_response(given, &own);
    response->flags = 0;
    response->id = id;
    response->integer = integer;
    response->number = 0;
    response->text = text;
    if (response != given) ui_end_response(given, &own);
}

/* The response of a widget that was not drawn. */
void ui_no_response(PluginResponse *given);

/* Begins a widget that has a label and a response; NULL where nothing is drawn, and then the response says nothing. */
UiWidget *ui_begin_operated(Ui *ui, int kind, PluginText *label, PluginResponse *given, PluginResponse *own);

/* Whether the person's action is for this widget; then its flags are in the response. */
int ui_has_event(const Ui *ui, const UiWidget *widget, PluginResponse *response);

/* Whether the event brings a value; whether it is another than the present one, the caller says by ui_keep_changed. */
int ui_has_changed(const Ui *ui, const UiWidget *widget, PluginResponse *response);
void ui_keep_changed(PluginResponse *response, int differs);

/* Whether the widget, as it is drawn now, can have the value of the event: it may have become another since then. */
int ui_can_have(const Ui *ui, const UiWidget *widget);

/* The value of a widget that has a text: what the person entered, else a copy of the present one, which the plugin may
   not have ended with a NUL. */
void ui_respond_text(Ui *ui, const UiWidget *widget, PluginText value, const PluginResponse *given,
                     PluginResponse *own);

/* ---- choices ---- */

/* The choices as JSON, and their values to check against. Those that are no text are left out. Returns how many of
   `choices` may be looked at. */
uint32_t ui_member_choices(Ui *ui, UiWidget *widget, const PluginChoice *choices, uint32_t count);

/* Enters one more value that the widget can have. */
void ui_add_choice(Ui *ui, UiWidget *widget, PluginText value);

/* ---- the slots of PluginUiTable ---- */

void PLUGIN_CALL widget_heading(PluginUi *ui, PluginText text);
void PLUGIN_CALL widget_label(PluginUi *ui, PluginText text);
void PLUGIN_CALL widget_markdown(PluginUi *ui, PluginText text);
void PLUGIN_CALL widget_error(PluginUi *ui, PluginText text);
void PLUGIN_CALL widget_separator(PluginUi *ui);
void PLUGIN_CALL widget_space(PluginUi *ui, double points);
void PLUGIN_CALL widget_spinner(PluginUi *ui, PluginText label);
void PLUGIN_CALL widget_progress(PluginUi *ui, PluginText label, double fraction);
void PLUGIN_CALL widget_tooltip(PluginUi *ui, PluginText text);
void PLUGIN_CALL widget_code(PluginUi *ui, PluginText text, PluginText language);
void PLUGIN_CALL widget_log_view(PluginUi *ui, PluginText label, PluginText text, uint32_t rows);
void PLUGIN_CALL widget_link(PluginUi *ui, PluginText text, PluginText url);
void PLUGIN_CALL widget_toast(PluginUi *ui, uint32_t kind, PluginText text);

void PLUGIN_CALL widget_image(PluginUi *ui, PluginText label, PluginText media_type, const void *data, uint64_t length,
                              double width);
void PLUGIN_CALL widget_plot(PluginUi *ui, PluginText label, const PluginSeries *series, uint32_t count);

void PLUGIN_CALL widget_button(PluginUi *ui, PluginText label, uint32_t flags, PluginResponse *response);
void PLUGIN_CALL widget_text_edit_singleline(PluginUi *ui, PluginText label, PluginText value, PluginText hint,
                                             uint32_t flags, PluginResponse *response);
void PLUGIN_CALL widget_text_edit_multiline(PluginUi *ui, PluginText label, PluginText value, PluginText hint,
                                            uint32_t flags, PluginResponse *response);
void PLUGIN_CALL widget_integer(PluginUi *ui, PluginText label, int64_t value, int64_t minimum, int64_t maximum,
                                uint32_t flags, PluginResponse *response);
void PLUGIN_CALL widget_number(PluginUi *ui, PluginText label, double value, double minimum, double maximum,
                               double step, uint32_t flags, PluginResponse *response);
void PLUGIN_CALL widget_slider(PluginUi *ui, PluginText label, double value, double minimum, double maximum,
                               double step, uint32_t flags, PluginResponse *response);
void PLUGIN_CALL widget_checkbox(PluginUi *ui, PluginText label, int32_t value, uint32_t flags,
                                 PluginResponse *response);
void PLUGIN_CALL widget_toggle(PluginUi *ui, PluginText label, int32_t value, uint32_t flags, PluginResponse *response);
void PLUGIN_CALL widget_selectable_value(PluginUi *ui, PluginText label, int32_t value, uint32_t flags,
                                         PluginResponse *response);
void PLUGIN_CALL widget_color(PluginUi *ui, PluginText label, PluginText value, uint32_t flags,
                              PluginResponse *response);
void PLUGIN_CALL widget_date(PluginUi *ui, PluginText label, PluginText value, PluginText minimum, PluginText maximum,
                             uint32_t flags, PluginResponse *response);
void PLUGIN_CALL widget_file_pick(PluginUi *ui, PluginText label, PluginText value, PluginText filter, uint32_t flags,
                                  PluginResponse *response);
void PLUGIN_CALL widget_confirm(PluginUi *ui, PluginText title, PluginText text, PluginText accept, PluginText dismiss,
                                PluginResponse *response);

void PLUGIN_CALL widget_radio(PluginUi *ui, PluginText label, PluginText value, const PluginChoice *choices,
                              uint32_t count, uint32_t flags, PluginResponse *response);
void PLUGIN_CALL widget_combo_box(PluginUi *ui, PluginText label, PluginText value, PluginText placeholder,
                                  const PluginChoice *choices, uint32_t count, uint32_t flags,
                                  PluginResponse *response);
void PLUGIN_CALL widget_multi_select(PluginUi *ui, PluginText label, const PluginChoice *choices, int32_t *selected,
                                     uint32_t count, uint32_t flags, PluginResponse *response);

void PLUGIN_CALL widget_table(PluginUi *ui, PluginText label, const PluginTable *table, PluginText value,
                              uint32_t flags, PluginResponse *response);

void PLUGIN_CALL widget_begin_horizontal(PluginUi *ui);
void PLUGIN_CALL widget_begin_vertical(PluginUi *ui);
void PLUGIN_CALL widget_begin_grid(PluginUi *ui, PluginText label, uint32_t columns);
void PLUGIN_CALL widget_begin_collapsing(PluginUi *ui, PluginText label, uint32_t flags);
void PLUGIN_CALL widget_begin_tabs(PluginUi *ui, PluginText label, PluginText value, const PluginChoice *choices,
                                   uint32_t count, uint32_t flags, PluginResponse *response);
void PLUGIN_CALL widget_end(PluginUi *ui);
void PLUGIN_CALL widget_push_id(PluginUi *ui, PluginText key);
void PLUGIN_CALL widget_pop_id(PluginUi *ui);

#endif
