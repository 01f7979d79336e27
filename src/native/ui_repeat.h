/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ui_repeat.h: widgets that are drawn as they were in the frame before. In a frame that is drawn anew because of one small thing
 * that is nearly all of them. Such a widget is compared with the JSON that it had, byte for byte: what equals a text that was
 * checked needs no check, what has the same key in the same place has the same id, and nothing is written. Runs of them are
 * taken over as a whole, once something else is drawn; where all is repeated, the frame before is this one.
 *
 * Only what is simple repeats: a widget with no more members than its kind always has, whose texts need no escape, so that
 * the quotes in its JSON are where the texts end. All others are drawn, and then compared.
 */
#ifndef PLUGIN_NATIVE_UI_REPEAT_H
#define PLUGIN_NATIVE_UI_REPEAT_H

#include "ui_draw.h"

/* A widget of the frame before that may be the next one of this frame, and how far its JSON was found to be the same. */
typedef struct UiRepeat {
    const UiWidget *widget; /* NULL: it is not */
    const char *at;
    const char *end;
} UiRepeat;

/* Whether there is one of this kind for the next place, in the same scope, to which the person did nothing. */
static inline UiRepeat ui_repeat_begin(const Ui *ui, int kind) {
    UiRepeat repeat = {NULL, NULL, NULL};
    const UiFrame *before = &ui->written;
    const uint32_t index = ui->drawn.count + ui->run.count;
    if (!ui->follows || index >= before->count) return repeat;
    const UiWidget *widget = &before->widgets[index];
    const Scope *scope = &ui->scopes[ui->depth - 1];
    if (!widget->simple || widget->kind != kind || widget->seed != scope->seed ||
        widget->name != ui->drawn.name_count + ui->run.names || widget->id == ui->event.id || ui->ignored > 0)
        return repeat;
    repeat.widget = widget;
    repeat.at = before->json.data + widget->json + UI_HEAD_LENGTH + ui_kinds[kind].name_length;
    repeat.end = before->json.data + widget->json + widget->json_length;
    return repeat;
}

/* Whether these bytes follow. */
static inline int ui_repeat_bytes(UiRepeat *repeat, const char *data, size_t length) {
    if ((size_t)(repeat->end - repeat->at) < length || !ui_equal(repeat->at, data, length)) return 0;
    repeat->at += length;
    return 1;
}

/* Whether a member that is a text follows; `name` is a constant. */
static inline int ui_repeat_text(UiRepeat *repeat, const char *name, PluginText text) {
    return text.data && text.length <= UI_TEXT_MAX_BYTES && ui_repeat_bytes(repeat, name, strlen(name)) &&
           ui_repeat_bytes(repeat, text.data, (size_t)text.length) && ui_repeat_bytes(repeat, "\"", 1);
}

/* Whether that was all; then the widget is drawn. */
static inline int ui_repeat_end(Ui *ui, const UiRepeat *repeat) {
    if (repeat->at != repeat->end) return 0;
    UiRun *run = &ui->run;
    if (run->count == 0) run->json = repeat->widget->json - 1;
    ui->last = ui->drawn.count + run->count;
    run->count++;
    run->names++;
    run->end = ui_json_end(repeat->widget);
    return 1;
}

/* Lets a widget that was drawn be repeated. To be called where it has no more members than its kind always has. */
static inline void ui_may_repeat(const Ui *ui, UiWidget *widget) {
    widget->simple = !memchr(ui->drawn.json.data + widget->json, '\\', widget->json_length);
}

/* Ends a container; 0 where the frame before had more in it, or less, so that its end is to be written. */
int ui_repeat_pop(Ui *ui, uint32_t widget);

/* Whether the frame before was repeated as a whole. */
int ui_repeats_all(const Ui *ui);

/* Takes the widgets that were repeated over into the frame, for another one to follow. */
void ui_take_over_run(Ui *ui);
static inline void ui_take_over(Ui *ui) {
    if (ui->run.count > 0) ui_take_over_run(ui);
}

#endif
