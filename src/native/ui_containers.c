/* SPDX-License-Identifier: Apache-2.0 */
/* What other widgets stand in, and ids of the plugin's own. */
#include "ui_repeat.h"
#include "ui_widgets.h"

/* Beyond UI_DEPTH_MAX containers are counted, so that their ends match, and what is in them is left out. */
static int too_deep(Ui *ui) {
    if (ui->failed || ui->depth == 0 || ui->ignored > 0 || ui->depth >= UI_DEPTH_MAX) {
        if (ui->depth == UI_DEPTH_MAX)
            ui_tell_misuse(ui, "more than %d containers inside each other; the rest is left out", UI_DEPTH_MAX - 1);
        ui->ignored++;
        ui->run.limit = 0;
        return 1;
    }
    return 0;
}

static UiWidget *begin_container(Ui *ui, int kind, PluginText label) {
    if (too_deep(ui)) return NULL;
    UiWidget *widget = ui_add_widget(ui, kind, label);
    if (!widget) {
        ui->ignored++;
        ui->run.limit = 0;
        return NULL;
    }
    ui_member_optional(ui, "label", label);
    ui_push_scope(ui, (uint32_t)ui->last, widget->id, 0);
    return widget;
}

/* One that has nothing but what stands in it. */
static void begin_plain(PluginUi *handle, int kind) {
    Ui *ui = ui_of(handle);
    const UiWidget *same = ui_repeat_container(ui, kind);
    if (same) {
        ui_push_scope(ui, (uint32_t)ui->last, same->id, 0);
        return;
    }
    UiWidget *widget = begin_container(ui, kind, plugin_text(""));
    if (!widget) return;
    ui_complete(ui, widget, 0);
    ui_may_repeat(ui, widget);
}

void PLUGIN_CALL widget_begin_horizontal(PluginUi *ui) { begin_plain(ui, UI_HORIZONTAL); }
void PLUGIN_CALL widget_begin_vertical(PluginUi *ui) { begin_plain(ui, UI_VERTICAL); }

void PLUGIN_CALL widget_begin_grid(PluginUi *handle, PluginText label, uint32_t columns) {
    Ui *ui = ui_of(handle);
    if (!ui_take(ui, UI_GRID, "label", &label)) label = plugin_text("");
    UiWidget *widget = begin_container(ui, UI_GRID, label);
    if (!widget) return;
    ui_member_integer(ui, "columns", columns > 0 ? columns : 1);
    ui_complete(ui, widget, 0);
}

void PLUGIN_CALL widget_begin_collapsing(PluginUi *handle, PluginText label, uint32_t flags) {
    Ui *ui = ui_of(handle);
    if (!ui_take(ui, UI_COLLAPSING, "label", &label)) label = plugin_text("");
    UiWidget *widget = begin_container(ui, UI_COLLAPSING, label);
    if (!widget) return;
    ui_member_true(ui, "open", (flags & PLUGIN_WIDGET_OPEN) != 0);
    ui_complete(ui, widget, 0);
}

/* The pages have ids of their own: what looks alike on two of them is not the same widget. */
void PLUGIN_CALL widget_begin_tabs(PluginUi *handle, PluginText label, PluginText value, const PluginChoice *choices,
                                   uint32_t count, uint32_t flags, PluginResponse *given) {
    PluginResponse own;
    Ui *ui = ui_of(handle);
    if (!ui_take(ui, UI_TABS, "label", &label)) label = plugin_text("");
    if (!ui_take(ui, UI_TABS, "value", &value)) value = plugin_text("");
    UiWidget *widget = begin_container(ui, UI_TABS, label);
    if (!widget) {
        ui_no_response(given);
        return;
    }
    ui_begin_response(given, &own);
    ui_member_text(ui, "value", value);
    ui_member_choices(ui, widget, choices, count);
    ui_complete(ui, widget, flags);
    ui_respond_text(ui, widget, value, given, &own);
    if (own.flags & PLUGIN_RESPONSE_CHANGED) value = own.text;
    Scope *scope = &ui->scopes[ui->depth - 1];
    scope->seed = ui_mix(scope->seed, value.data, (size_t)value.length);
    ui_end_response(given, &own);
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

void PLUGIN_CALL widget_end(PluginUi *ui) { end_scope(ui_of(ui), 0, "end"); }

void PLUGIN_CALL widget_push_id(PluginUi *handle, PluginText key) {
    Ui *ui = ui_of(handle);
    if (ui->depth == 0 || too_deep(ui)) return;
    if (!ui_take(ui, UI_VERTICAL, "the key of push_id", &key)) key = plugin_text("");
    uint64_t seed;
    /* What is drawn twice under one name has ids that depend on the order again, which the name was to prevent. */
    if (!ui_name_scope(ui, key, &seed))
        ui_tell_misuse(ui, "push_id: \"%.*s\" was used twice under one parent; give each row a key of its own",
                       (int)text_cut(key.data, key.length, 100), key.data);
    ui_push_scope(ui, ui->scopes[ui->depth - 1].widget, seed, 1);
}

void PLUGIN_CALL widget_pop_id(PluginUi *ui) { end_scope(ui_of(ui), 1, "pop_id"); }
