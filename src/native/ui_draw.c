/* SPDX-License-Identifier: Apache-2.0 */
/* Adding widgets to the frame that is being drawn; see ui_draw.h. */
#include "ui_repeat.h"

#include <stdlib.h>

int ui_has_room(Ui *ui) {
    if (ui->drawn.count >= UI_WIDGETS_MAX) {
        ui_tell_misuse(ui, "the frame has more than %d widgets; the rest is left out", UI_WIDGETS_MAX);
        return 0;
    }
    if (ui->drawn.json.length + ui->drawn.choices.length > UI_FRAME_MAX_BYTES) {
        ui_tell_misuse(ui, "the frame has more than %d MiB of text; the rest is left out", UI_FRAME_MAX_BYTES >> 20);
        return 0;
    }
    return 1;
}

int ui_widgets_room(UiFrame *frame, uint32_t count) {
    if (frame->capacity - frame->count >= count) return 1;
    const uint32_t capacity = (frame->count + count) * 2 + 32;
    UiWidget *grown = (UiWidget *)realloc(frame->widgets, capacity * sizeof *grown);
    if (!grown) return 0;
    frame->widgets = grown;
    frame->capacity = capacity;
    return 1;
}

static UiWidget *append(Ui *ui, int kind, uint64_t id) {
    UiFrame *frame = &ui->drawn;
    if (!ui_widgets_room(frame, 1)) {
        ui->failed = 1;
        return NULL;
    }
    UiWidget *widget = &frame->widgets[frame->count];
    memset(widget, 0, sizeof *widget);
    widget->id = id;
    widget->kind = (uint8_t)kind;
    widget->seed = ui->scopes[ui->depth - 1].seed;
    widget->parent = ui->scopes[ui->depth - 1].widget;
    widget->name = frame->name_count - 1;
    widget->end = ui->run.next = ++frame->count;
    return widget;
}

/* The widget at the same place in the frame before, where it begins as this one does. */
static const UiWidget *twin(const Ui *ui, const UiWidget *widget) {
    const uint32_t index = ui->drawn.count - 1;
    if (!ui->follows || index >= ui->written.count) return NULL;
    const UiWidget *before = &ui->written.widgets[index];
    return before->id == widget->id && before->kind == widget->kind ? before : NULL;
}

/* Id and kind, with which every widget begins. Written are more bytes than these, of a number that is known: that is quicker. */
static char *write_head(const Ui *ui, char *to, const UiWidget *widget) {
    const UiKind *kind = &ui_kinds[widget->kind];
    const UiWidget *before = twin(ui, widget);
    if (before) {
        memcpy(to, ui->written.json.data + before->json, UI_HEAD_BYTES);
        return to + UI_HEAD_LENGTH + kind->name_length;
    }
    memcpy(to, "\"id\":\"", 6);
    ui_json_digits(to + 6, widget->id);
    memcpy(to + 6 + UI_ID_DIGITS, "\",\"kind\":\"", 10);
    memcpy(to + 16 + UI_ID_DIGITS, kind->name, UI_KIND_NAME_BYTES);
    to += 16 + UI_ID_DIGITS + kind->name_length;
    *to = '"';
    return to + 1;
}

/* Behind what stands in the same container before it. */
static void begin_json(const Ui *ui, UiBytes *json, UiWidget *widget) {
    char *to = ui_bytes_room(json, 2 * UI_HEAD_BYTES);
    if (!to) return;
    if (json->length > UI_HEADER_BYTES && to[-1] != '[') *to++ = ',';
    *to++ = '{';
    widget->json = (size_t)(to - json->data);
    json->length = (size_t)(write_head(ui, to, widget) - json->data);
}

/* The error that tells of a failed update_ui always finds room. */
UiWidget *ui_add_widget(Ui *ui, int kind, PluginText key) {
    ui->last = UI_NO_WIDGET;
    ui_take_over(ui);
    if (ui->failed || ui->depth == 0 || ui->ignored > 0 || (!ui->ending && !ui_has_room(ui))) return NULL;
    UiWidget *widget = append(ui, kind, ui_name_widget(ui, kind, key));
    if (!widget) return NULL;
    ui->last = ui->drawn.count - 1;
    begin_json(ui, &ui->drawn.json, widget);
    return widget;
}

void ui_add_root(Ui *ui) {
    ui_push_scope(ui, 0, 0, 0); /* so that the root finds a parent: itself */
    UiWidget *root = append(ui, UI_VERTICAL, UI_ROOT_ID);
    if (!root || !ui_bytes_room(&ui->drawn.json, UI_HEADER_BYTES)) return;
    ui->drawn.json.length = UI_HEADER_BYTES;
    begin_json(ui, &ui->drawn.json, root);
    ui_complete(ui, root, 0);
}

void ui_write_flags(Ui *ui, UiWidget *widget, uint32_t flags) {
    UiBytes *json = &ui->drawn.json;
    if (flags & PLUGIN_WIDGET_DISABLED) {
        widget->disabled = 1;
        ui_bytes_text(json, ",\"enabled\":false");
    }
    if (flags & PLUGIN_WIDGET_HIDE_LABEL) ui_bytes_text(json, ",\"hide_label\":true");
}

void ui_add_tooltip(Ui *ui, UiWidget *widget, PluginText text) {
    widget->simple = widget->repeats = 0;
    ui->drawn.json.length = widget->json + widget->json_length;
    ui_member_text(ui, "tooltip", text);
    ui_complete(ui, widget, 0);
}

void ui_draw_error(Ui *ui, const char *text) {
    UiWidget *widget = ui_add_widget(ui, UI_ERROR, plugin_text(""));
    if (!widget) return;
    ui_member_text(ui, "text", plugin_text_of(text, strlen(text)));
    ui_complete(ui, widget, 0);
}

void ui_push_scope(Ui *ui, uint32_t widget, uint64_t seed, int is_id) {
    Scope *scope = &ui->scopes[ui->depth++];
    scope->widget = widget;
    scope->seed = seed;
    scope->is_id = is_id;
}

void ui_pop_scope(Ui *ui) {
    const Scope *scope = &ui->scopes[--ui->depth];
    if (scope->is_id) return;
    ui->last = UI_NO_WIDGET;
    if (ui_repeat_pop(ui, scope->widget)) return;
    /* Without memory its container was not taken over. */
    if (scope->widget < ui->drawn.count) ui->drawn.widgets[scope->widget].end = ui->drawn.count;
    ui_bytes_text(&ui->drawn.json, "]}");
}
