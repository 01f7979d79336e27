/* SPDX-License-Identifier: Apache-2.0 */
/* One or several of a list of choices. */
#include "ui_values.h"
#include "ui_widgets.h"

void ui_add_choice(Ui *ui, UiWidget *widget, PluginText value) {
    UiBytes *values = &ui->drawn.choices;
    if (widget->limits.choices.count++ == 0) widget->limits.choices.start = values->length;
    ui_bytes_add(values, value.data, (size_t)value.length);
    ui_bytes_add(values, "", 1);
    widget->limits.choices.length = (uint32_t)(values->length - widget->limits.choices.start);
}

uint32_t ui_member_choices(Ui *ui, UiWidget *widget, const PluginChoice *choices, uint32_t count) {
    UiBytes *json = &ui->drawn.json;
    if (count > UI_CHOICES_MAX || (count > 0 && !choices)) {
        ui_tell_misuse(ui, "%s: the choices are NULL, or more than %d", ui_kind_name(widget->kind), UI_CHOICES_MAX);
        count = 0;
    }
    ui_member(ui, "choices");
    ui_bytes_text(json, "[");
    for (uint32_t index = 0; index < count && ui_has_room(ui); index++) {
        PluginText value = choices[index].value;
        PluginText label = choices[index].label;
        if (!ui_text_in(&value) || !ui_text_in(&label)) {
            ui_tell_misuse(ui, "%s: choice %u is not UTF-8, or has a NUL byte", ui_kind_name(widget->kind), index);
            continue;
        }
        ui_bytes_text(json, widget->limits.choices.count > 0 ? ",{\"value\":" : "{\"value\":");
        ui_json_string(json, value);
        ui_bytes_text(json, ",\"label\":");
        ui_json_string(json, label);
        ui_bytes_text(json, "}");
        ui_add_choice(ui, widget, value);
    }
    ui_bytes_text(json, "]");
    return count;
}

/* ---- one of them ---- */

static void draw_choice(PluginUi *handle, int kind, PluginText label, PluginText value, PluginText placeholder,
                        const PluginChoice *choices, uint32_t count, uint32_t flags, PluginResponse *given) {
    PluginResponse own;
    Ui *ui = ui_of(handle);
    if (!ui_take(ui, kind, "value", &value) || !ui_take(ui, kind, "placeholder", &placeholder)) {
        ui_no_response(given);
        return;
    }
    UiWidget *widget = ui_begin_operated(ui, kind, &label, given, &own);
    if (!widget) return;
    ui_member_text(ui, "value", value);
    ui_member_optional(ui, "placeholder", placeholder);
    ui_member_choices(ui, widget, choices, count);
    ui_complete(ui, widget, flags);
    ui_respond_text(ui, widget, value, given, &own);
    ui_end_response(given, &own);
}

void PLUGIN_CALL widget_radio(PluginUi *ui, PluginText label, PluginText value, const PluginChoice *choices,
                              uint32_t count, uint32_t flags, PluginResponse *response) {
    draw_choice(ui, UI_RADIO, label, value, plugin_text(""), choices, count, flags, response);
}

void PLUGIN_CALL widget_combo_box(PluginUi *ui, PluginText label, PluginText value, PluginText placeholder,
                                  const PluginChoice *choices, uint32_t count, uint32_t flags,
                                  PluginResponse *response) {
    draw_choice(ui, UI_COMBO_BOX, label, value, placeholder, choices, count, flags, response);
}

/* ---- several of them ---- */

/* The value of a choice that was drawn; 0 for one that was left out. */
static int is_text(const PluginChoice *choice, PluginText *value) {
    PluginText label = choice->label;
    *value = choice->value;
    return ui_text_in(value) && ui_text_in(&label);
}

/* Which are chosen, as an array of their values. */
static void member_chosen(Ui *ui, const PluginChoice *choices, const int32_t *selected, uint32_t count) {
    UiBytes *json = &ui->drawn.json;
    const char *before = "";
    ui_member(ui, "value");
    ui_bytes_text(json, "[");
    for (uint32_t index = 0; index < count && ui_has_room(ui); index++) {
        PluginText value;
        if (!selected[index] || !is_text(&choices[index], &value)) continue;
        ui_bytes_text(json, before);
        ui_json_string(json, value);
        before = ",";
    }
    ui_bytes_text(json, "]");
}

/* Writes what the person chose to `selected`; whether that is something else than before. */
static int take_over(const Ui *ui, const PluginChoice *choices, int32_t *selected, uint32_t count) {
    UiValues chosen;
    int differs = 0;
    ui_values_init(&chosen, ui->event.text.data, (size_t)ui->event.text.length);
    for (uint32_t index = 0; index < count; index++) {
        PluginText value;
        if (!is_text(&choices[index], &value)) continue;
        const int now = ui_values_have(&chosen, value);
        if (now == (selected[index] != 0)) continue;
        selected[index] = now;
        differs = 1;
    }
    ui_values_free(&chosen);
    return differs;
}

void PLUGIN_CALL widget_multi_select(PluginUi *handle, PluginText label, const PluginChoice *choices, int32_t *selected,
                                     uint32_t count, uint32_t flags, PluginResponse *given) {
    PluginResponse own;
    Ui *ui = ui_of(handle);
    UiWidget *widget = ui_begin_operated(ui, UI_MULTI_SELECT, &label, given, &own);
    if (!widget) return;
    if (count > 0 && !selected) {
        ui_tell_misuse(ui, "multi_select: `selected` is NULL; it has a number for each choice");
        count = 0;
    }
    count = ui_member_choices(ui, widget, choices, count);
    member_chosen(ui, choices, selected, count);
    ui_complete(ui, widget, flags);
    if (ui_has_changed(ui, widget, &own))
        ui_keep_changed(&own, given && ui_can_have(ui, widget) && take_over(ui, choices, selected, count));
    ui_end_response(given, &own);
}
