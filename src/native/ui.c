/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"
#include "ui_draw.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_BLOCK_BYTES = 4096 };

/* ---- making and freeing ---- */

static void free_frame(UiFrame *frame) {
    free(frame->widgets);
    free(frame->json.data);
    free(frame->choices.data);
    ui_map_free(&frame->index);
}

static void clear_frame(UiFrame *frame) {
    frame->count = 0;
    frame->json.length = frame->choices.length = 0;
    frame->json.failed = frame->choices.failed = 0;
    ui_map_clear(&frame->index);
}

/* Keeps one block for the next frame. */
static void clear_texts(Ui *ui) {
    while (ui->texts && ui->texts->next) {
        TextBlock *next = ui->texts->next;
        free(ui->texts);
        ui->texts = next;
    }
    if (ui->texts) ui->texts->used = 0;
}

PluginText ui_lend_text(Ui *ui, PluginText text) {
    const size_t length = (size_t)text.length;
    TextBlock *block = ui->texts;
    if (length == 0) return plugin_text("");
    if (!block || block->capacity - block->used <= length) {
        const size_t capacity = length < TEXT_BLOCK_BYTES ? TEXT_BLOCK_BYTES : length + 1;
        block = (TextBlock *)malloc(sizeof *block + capacity);
        if (!block) {
            ui->failed = 1;
            return plugin_text("");
        }
        block->next = ui->texts;
        block->used = 0;
        block->capacity = capacity;
        ui->texts = block;
    }
    char *copy = block->data + block->used;
    memcpy(copy, text.data, length);
    copy[length] = '\0';
    block->used += length + 1;
    return plugin_text_of(copy, text.length);
}

void ui_free(Ui *ui) {
    if (!ui) return;
    free_frame(&ui->drawn);
    free_frame(&ui->written);
    ui_map_free(&ui->occurrences);
    clear_texts(ui);
    free(ui->texts);
    free(ui->toasts.data);
    free(ui);
}

Ui *ui_new(void) {
    Ui *ui = (Ui *)calloc(1, sizeof *ui);
    if (!ui) return NULL;
    ui->handle.struct_size = (uint32_t)sizeof ui->handle;
    ui->handle.table = &ui_table;
    return ui;
}

void ui_tell_misuse(Ui *ui, const char *format, ...) {
    va_list arguments;
    if (ui->misuse[0]) return;
    va_start(arguments, format);
    vsnprintf(ui->misuse, sizeof ui->misuse, format, arguments);
    va_end(arguments);
}

/* ---- ids ---- */

uint64_t ui_mix(uint64_t hash, const void *data, size_t length) {
    const unsigned char *bytes = (const unsigned char *)data;
    for (size_t at = 0; at < length; at++) hash = (hash ^ bytes[at]) * UINT64_C(0x100000001B3);
    hash ^= hash >> 32;
    return hash * UINT64_C(0x9E3779B97F4A7C15);
}

static uint64_t make_id(Ui *ui, int kind, PluginText key) {
    const uint64_t seed = ui->depth > 0 ? ui->scopes[ui->depth - 1].seed : 0;
    const unsigned char byte = (unsigned char)kind;
    uint64_t base = ui_mix(ui_mix(UINT64_C(0xCBF29CE484222325) ^ seed, &byte, 1), key.data, (size_t)key.length);
    if (base == 0) base = 1;
    const uint32_t occurrence = ui_map_get(&ui->occurrences, base, 0);
    if (!ui_map_set(&ui->occurrences, base, occurrence + 1)) ui->failed = 1;
    uint64_t id = occurrence == 0 ? base : ui_mix(base, &occurrence, sizeof occurrence);
    /* Two different keys with one hash: the next free id, which is the same in every frame. */
    while (id == 0 || ui_map_get(&ui->drawn.index, id, UINT32_MAX) != UINT32_MAX) id++;
    return id;
}

/* ---- widgets ---- */

/* Whether the frame has room for one more; the error that tells of a failed update_ui always finds some. */
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

UiWidget *ui_add_widget(Ui *ui, int kind, PluginText key) {
    UiFrame *frame = &ui->drawn;
    ui->last = UI_NO_WIDGET;
    if (ui->failed || ui->depth == 0 || ui->ignored > 0 || (!ui->ending && !ui_has_room(ui))) return NULL;
    if (frame->count == frame->capacity) {
        const uint32_t capacity = frame->capacity ? frame->capacity * 2 : 64;
        UiWidget *grown = (UiWidget *)realloc(frame->widgets, capacity * sizeof *grown);
        if (!grown) {
            ui->failed = 1;
            return NULL;
        }
        frame->widgets = grown;
        frame->capacity = capacity;
    }
    const uint64_t id = make_id(ui, kind, key);
    UiWidget *widget = &frame->widgets[frame->count];
    memset(widget, 0, sizeof *widget);
    widget->id = id;
    widget->kind = (uint8_t)kind;
    widget->parent = ui->scopes[ui->depth - 1].widget;
    widget->end = frame->count + 1;
    widget->json = frame->json.length;
    widget->low = -INFINITY;
    widget->high = INFINITY;
    widget->minimum = INT64_MIN;
    widget->maximum = INT64_MAX;
    if (!ui_map_set(&frame->index, id, frame->count)) ui->failed = 1;
    ui->last = frame->count++;
    ui_bytes_text(&frame->json, "\"id\":");
    ui_json_id(&frame->json, id);
    ui_bytes_text(&frame->json, ",\"kind\":\"");
    ui_bytes_text(&frame->json, ui_kind_name(kind));
    ui_bytes_text(&frame->json, "\"");
    return widget;
}

void ui_member(Ui *ui, const char *name) {
    UiBytes *json = &ui->drawn.json;
    ui_bytes_text(json, ",\"");
    ui_bytes_text(json, name);
    ui_bytes_text(json, "\":");
}

void ui_member_text(Ui *ui, const char *name, PluginText text) {
    ui_member(ui, name);
    ui_json_string(&ui->drawn.json, text);
}

void ui_complete(Ui *ui, UiWidget *widget, uint32_t flags) {
    if (flags & PLUGIN_WIDGET_DISABLED) {
        widget->disabled = 1;
        ui_member(ui, "enabled");
        ui_bytes_text(&ui->drawn.json, "false");
    }
    if (flags & PLUGIN_WIDGET_HIDE_LABEL) {
        ui_member(ui, "hide_label");
        ui_bytes_text(&ui->drawn.json, "true");
    }
    widget->json_length = ui->drawn.json.length - widget->json;
}

void ui_draw_error(Ui *ui, const char *text) {
    UiWidget *widget = ui_add_widget(ui, UI_ERROR, plugin_text(""));
    if (!widget) return;
    ui_member_text(ui, "text", plugin_text(text));
    ui_complete(ui, widget, 0);
}

/* ---- frames ---- */

static uint64_t root_id(void) { return UINT64_C(1); }

void ui_push_scope(Ui *ui, uint32_t widget, uint64_t seed, int is_id) {
    Scope *scope = &ui->scopes[ui->depth++];
    scope->widget = widget;
    scope->seed = seed;
    scope->is_id = is_id;
}

/* The event's text is kept for the length of the frame. What is not a new value has none that counts. */
static void copy_event(Ui *ui, const CoreUiEvent *event) {
    memset(&ui->event, 0, sizeof ui->event);
    if (!event) return;
    ui->event = *event;
    if (!(event->flags & PLUGIN_RESPONSE_CHANGED) || !event->text.data) ui->event.text = plugin_text("");
    if (ui->event.text.length == PLUGIN_UNTIL_NUL) ui->event.text = plugin_text(event->text.data);
    ui->event.text = ui_lend_text(ui, ui->event.text);
}

PluginUi *ui_begin(Ui *ui, const CoreUiEvent *event, uint32_t flags, double time) {
    UiFrame *frame = &ui->drawn;
    clear_frame(frame);
    ui_map_clear(&ui->occurrences);
    ui->misuse[0] = '\0';
    clear_texts(ui);
    ui->failed = ui->ending = 0;
    copy_event(ui, event);
    ui->depth = 0;
    ui->ignored = 0;
    ui->handle.flags = flags;
    ui->handle.time = time;
    ui->handle.frame_count++;
    ui_push_scope(ui, 0, 0, 0); /* so that the root finds a parent: itself */
    UiWidget *root = ui_add_widget(ui, UI_VERTICAL, plugin_text(""));
    if (root) {
        root->id = root_id();
        ui_map_clear(&frame->index);
        ui_map_set(&frame->index, root->id, 0);
        frame->json.length = 0;
        ui_bytes_text(&frame->json, "\"id\":");
        ui_json_id(&frame->json, root->id);
        ui_bytes_text(&frame->json, ",\"kind\":\"vertical\"");
        ui_complete(ui, root, 0);
    }
    ui->last = UI_NO_WIDGET;
    return &ui->handle;
}

void ui_pop_scope(Ui *ui) {
    const Scope *scope = &ui->scopes[--ui->depth];
    if (!scope->is_id) ui->drawn.widgets[scope->widget].end = ui->drawn.count;
    if (!scope->is_id) ui->last = UI_NO_WIDGET;
}

void ui_finish(Ui *ui, PluginStatus status, PluginText text) {
    if (ui->ignored > 0 || ui->depth > 1)
        ui_tell_misuse(ui, "a container or a push_id was not ended; it was ended here");
    ui->ignored = 0;
    ui->ending = 1;
    while (ui->depth > 1) ui_pop_scope(ui);
    if (status < 0) {
        char message[1200];
        message[text_repair(text, message, sizeof message - 1)] = '\0';
        ui_draw_error(ui, message[0] ? message : core_status_text(status));
    }
    if (ui->drawn.count > 0) ui_pop_scope(ui);
    ui->depth = 0;
    if (ui->failed || ui->drawn.json.failed || ui->drawn.choices.failed)
        ui_tell_misuse(ui, "no memory is left for the frame");
}

void ui_forget_toasts(Ui *ui) {
    ui->toasts.length = 0;
    ui->toasts.failed = 0;
    ui->toast_count = 0;
}

int ui_has_operable(const Ui *ui, uint64_t id) {
    const uint32_t index = ui_map_get(&ui->drawn.index, id, UINT32_MAX);
    return index != UINT32_MAX && !ui->drawn.widgets[index].disabled;
}

PluginText ui_misuse(const Ui *ui) { return plugin_text(ui->misuse); }

PluginStatus ui_write(Ui *ui, uint64_t base, PluginReceiveText receive, void *userdata) {
    UiBytes json = {NULL, 0, 0, 0};
    if (ui->failed || ui->drawn.json.failed || ui->drawn.choices.failed || ui->drawn.count == 0)
        return PLUGIN_OUT_OF_MEMORY;
    const int same = ui->revision > 0 && ui_same(&ui->written, &ui->drawn);
    const uint64_t revision = ui->revision + (same ? 0 : 1);
    ui_bytes_text(&json, "{\"revision\":");
    ui_json_integer(&json, (int64_t)revision);
    if (base != 0 && base == ui->revision) {
        ui_bytes_text(&json, ",\"base\":");
        ui_json_integer(&json, (int64_t)base);
        ui_bytes_text(&json, ",\"patch\":");
        ui_json_patch(&json, &ui->written, &ui->drawn);
    } else {
        ui_bytes_text(&json, ",\"tree\":");
        ui_json_tree(&json, &ui->drawn, 0);
    }
    if (ui->toast_count > 0 && !ui->toasts.failed) {
        ui_bytes_text(&json, ",\"toasts\":[");
        ui_bytes_add(&json, ui->toasts.data, ui->toasts.length);
        ui_bytes_text(&json, "]");
    }
    ui_bytes_text(&json, "}");
    ui_bytes_add(&json, "", 1); /* a NUL, as every text from the host has */
    const int failed = json.failed;
    if (!failed) {
        const UiFrame before = ui->written;
        ui->written = ui->drawn;
        ui->drawn = before;
        ui->revision = revision;
        ui_forget_toasts(ui);
        receive(userdata, plugin_text_of(json.data, json.length - 1));
    }
    free(json.data);
    return failed ? PLUGIN_OUT_OF_MEMORY : PLUGIN_OK;
}
