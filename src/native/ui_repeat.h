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

/* For what takes longer to be called than to be done; for what is done where nothing repeats, so that the function that finds
   that out saves no registers for it. */
#if defined(__GNUC__)
#define UI_INLINE static inline __attribute__((always_inline))
#define UI_APART  static __attribute__((noinline))
#else
#define UI_INLINE static inline
#define UI_APART  static
#endif

/* The widget of the frame before that is the next one of this frame, where it is of this kind and in the same scope, simple, and
   the person did nothing to it; else NULL. */
UI_INLINE const UiWidget *ui_repeat_candidate(const Ui *ui, int kind) {
    if (ui->run.next >= ui->run.limit) return NULL;
    const UiWidget *widget = &ui->written.widgets[ui->run.next];
    return widget->simple && widget->kind == kind && widget->seed == ui->scopes[ui->depth - 1].seed &&
                   widget->name == ui->run.next_name && widget->id != ui->event.id
               ? widget
               : NULL;
}

/* Where the value of the first member begins, behind its quote; `name` is that member's, a constant. */
static inline const char *ui_repeat_first(const Ui *ui, const UiWidget *widget, int kind, const char *name) {
    return ui->written.json.data + widget->json + UI_HEAD_LENGTH + ui_kinds[kind].name_length + strlen(name) +
           strlen(",\"\":\"");
}

static inline const char *ui_repeat_end(const Ui *ui, const UiWidget *widget) {
    return ui->written.json.data + widget->json + widget->json_length;
}

/* What follows a text and its quote, where that stands at `at`; else NULL. In what is simple no other quote ends a text; but a
   text with quotes in it equals more than one member. */
UI_INLINE const char *ui_repeat_text(const char *at, const char *end, PluginText text) {
    if (!text.data || text.length >= (uint64_t)(end - at) || at[text.length] != '"' ||
        !ui_equal(at, text.data, (size_t)text.length))
        return NULL;
    return at + text.length + 1;
}

/* What follows `name`, a constant, which has a value behind it, where that stands at `at`; else NULL. */
UI_INLINE const char *ui_repeat_name(const char *at, const char *end, const char *name) {
    const size_t length = strlen(name);
    return (size_t)(end - at) > length && memcmp(at, name, length) == 0 ? at + length : NULL;
}

/* The next widget is drawn: it repeats `widget`. */
UI_INLINE void ui_repeat(Ui *ui, const UiWidget *widget, int kind) {
    UiRun *run = &ui->run;
    if (run->next == ui->drawn.count) run->json = widget->json - 1;
    run->end = ui_json_end(widget, kind);
    run->next_name++;
    ui->last = run->next++;
}

/* ---- each shape of widgets: the widget that was repeated, or NULL and nothing was done ---- */

UI_INLINE const UiWidget *ui_repeat_text_of(Ui *ui, int kind, const char *name, PluginText text) {
    const UiWidget *widget = ui_repeat_candidate(ui, kind);
    if (!widget) return NULL;
    const char *end = ui_repeat_end(ui, widget);
    if (ui_repeat_text(ui_repeat_first(ui, widget, kind, name), end, text) != end) return NULL;
    ui_repeat(ui, widget, kind);
    return widget;
}

/* One that has a label alone; a text alone. */
static inline const UiWidget *ui_repeat_labelled(Ui *ui, int kind, PluginText label) {
    return ui_repeat_text_of(ui, kind, "label", label);
}

static inline const UiWidget *ui_repeat_read(Ui *ui, int kind, PluginText text) {
    return ui_repeat_text_of(ui, kind, "text", text);
}

/* A label, and a value that is a text. */
UI_INLINE const UiWidget *ui_repeat_entered(Ui *ui, int kind, PluginText label, PluginText value) {
    const UiWidget *widget = ui_repeat_candidate(ui, kind);
    if (!widget) return NULL;
    const char *end = ui_repeat_end(ui, widget);
    const char *at = ui_repeat_text(ui_repeat_first(ui, widget, kind, "label"), end, label);
    at = at ? ui_repeat_name(at, end, ",\"value\":\"") : NULL;
    if (!at || ui_repeat_text(at, end, value) != end) return NULL;
    ui_repeat(ui, widget, kind);
    return widget;
}

/* A label, and a value that is true or false. */
UI_INLINE const UiWidget *ui_repeat_switched(Ui *ui, int kind, PluginText label, int on) {
    const UiWidget *widget = ui_repeat_candidate(ui, kind);
    if (!widget) return NULL;
    const char *end = ui_repeat_end(ui, widget);
    const char *at = ui_repeat_text(ui_repeat_first(ui, widget, kind, "label"), end, label);
    at = at ? ui_repeat_name(at, end, ",\"value\":") : NULL;
    if (!at || *at != (on ? 't' : 'f')) return NULL;
    ui_repeat(ui, widget, kind);
    return widget;
}

/* A container without members. */
static inline const UiWidget *ui_repeat_container(Ui *ui, int kind) {
    const UiWidget *widget = ui->depth < UI_DEPTH_MAX ? ui_repeat_candidate(ui, kind) : NULL;
    if (widget) ui_repeat(ui, widget, kind);
    return widget;
}

/* ---- runs ---- */

/* Lets a widget that was drawn be repeated. To be called where it has no more members than its kind always has. */
static inline void ui_may_repeat(const Ui *ui, UiWidget *widget) {
    widget->simple = ui->drawn.json.escaped < widget->json;
}

/* Ends a container; 0 where the frame before had more in it, or less, so that its end is to be written. */
int ui_repeat_pop(Ui *ui, uint32_t widget);

/* Whether the frame before was repeated as a whole. */
int ui_repeats_all(const Ui *ui);

/* Takes the widgets that were repeated over into the frame, for another one to follow. */
void ui_take_over_run(Ui *ui);
static inline void ui_take_over(Ui *ui) {
    if (ui->run.next > ui->drawn.count) ui_take_over_run(ui);
}

#endif
