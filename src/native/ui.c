/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"
#include "ui_repeat.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_BLOCK_BYTES = 4096 };

/* ---- making and freeing ---- */

static void free_frame(UiFrame *frame) {
    free(frame->widgets);
    free(frame->names);
    free(frame->json.data);
    free(frame->choices.data);
}

static void clear_frame(UiFrame *frame) {
    frame->count = frame->name_count = 0;
    ui_bytes_clear(&frame->json);
    ui_bytes_clear(&frame->choices);
}

static void free_texts(TextBlock *block) {
    while (block) {
        TextBlock *next = block->next;
        free(block);
        block = next;
    }
}

/* Keeps the newest block, the largest, for the next frame. */
static void clear_texts(Ui *ui) {
    if (!ui->texts) return;
    free_texts(ui->texts->next);
    ui->texts->next = NULL;
    ui->texts->used = 0;
}

PluginText ui_lend_text(Ui *ui, PluginText text) {
    const size_t length = (size_t)text.length;
    TextBlock *block = ui->texts;
    if (length == 0) return plugin_text_of("", 0);
    if (!block || block->capacity - block->used <= length) {
        const size_t least = block ? block->capacity * 2 : TEXT_BLOCK_BYTES;
        const size_t capacity = length < least ? least : length + 1;
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
    ui_map_free(&ui->taken);
    free_texts(ui->texts);
    free(ui->patch.data);
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

/* ---- frames ---- */

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
    clear_frame(&ui->drawn);
    memset(&ui->run, 0, sizeof ui->run);
    ui->run.limit = ui->written.count;
    ui->follows = 1;
    ui->unchanged = 0;
    ui->misuse[0] = '\0';
    clear_texts(ui);
    ui->failed = ui->ending = 0;
    copy_event(ui, event);
    ui->depth = 0;
    ui->ignored = 0;
    ui->handle.flags = flags;
    ui->handle.time = time;
    ui->handle.frame_count++;
    ui_add_root(ui);
    ui->last = UI_NO_WIDGET;
    return &ui->handle;
}

static int has_failed(const Ui *ui) {
    return ui->failed || ui->drawn.json.failed || ui->drawn.choices.failed || ui->drawn.count == 0;
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
    ui->same_shape = ui->follows && ui->run.next == ui->written.count && ui->run.next_name == ui->written.name_count;
    ui->unchanged = ui_repeats_all(ui);
    if (!ui->unchanged) ui_take_over(ui);
    ui->run.limit = 0;
    ui_bytes_room(&ui->drawn.json, UI_HEAD_BYTES); /* for who copies the head of the last widget */
    if (has_failed(ui)) ui_tell_misuse(ui, "no memory is left for the frame");
}

void ui_forget_toasts(Ui *ui) {
    ui_bytes_clear(&ui->toasts);
    ui->toast_count = 0;
}

int ui_has_operable(const Ui *ui, uint64_t id) {
    const UiFrame *frame = ui->unchanged ? &ui->written : &ui->drawn;
    const uint32_t index = ui_find(frame, id);
    return index != UINT32_MAX && !frame->widgets[index].disabled;
}

PluginText ui_misuse(const Ui *ui) { return plugin_text(ui->misuse); }

/* ---- what is handed out ---- */

static void end_json(const Ui *ui, UiBytes *json) {
    if (ui->toast_count > 0 && !ui->toasts.failed) {
        ui_bytes_text(json, ",\"toasts\":[");
        ui_bytes_add(json, ui->toasts.data, ui->toasts.length);
        ui_bytes_text(json, "]");
    }
    ui_bytes_text(json, "}");
    ui_bytes_add(json, "", 1); /* a NUL, as every text from the host has */
}

static PluginText write_patch(Ui *ui, uint64_t revision, int same) {
    UiBytes *json = &ui->patch;
    ui_bytes_clear(json);
    ui_bytes_text(json, "{\"revision\":");
    ui_json_integer(json, (int64_t)revision);
    ui_bytes_text(json, ",\"base\":");
    ui_json_integer(json, (int64_t)ui->revision);
    ui_bytes_text(json, ",\"patch\":");
    if (same)
        ui_bytes_text(json, "[]");
    else
        ui_json_patch(json, &ui->written, &ui->drawn, ui->same_shape);
    end_json(ui, json);
    return plugin_text_of(json->failed ? NULL : json->data, json->length - 1);
}

/* The tree stands there already: what belongs around it is put around it. */
static PluginText write_tree(Ui *ui, uint64_t revision) {
    UiBytes *json = ui->unchanged ? &ui->written.json : &ui->drawn.json;
    const size_t length = json->length;
    char header[UI_HEADER_BYTES];
    UiBytes begin = {header, 0, sizeof header, 0, 0};
    ui_bytes_text(&begin, "{\"revision\":");
    ui_json_integer(&begin, (int64_t)revision);
    ui_bytes_text(&begin, ",\"tree\":");
    end_json(ui, json);
    const size_t size = begin.length + json->length - 1 - UI_HEADER_BYTES;
    const int failed = json->failed;
    /* What was put behind it is not the frame's. */
    json->length = length;
    json->failed = 0;
    if (failed) return plugin_text_of(NULL, 0);
    char *data = json->data + UI_HEADER_BYTES - begin.length;
    memcpy(data, header, begin.length);
    return plugin_text_of(data, size);
}

PluginStatus ui_write(Ui *ui, uint64_t base, PluginReceiveText receive, void *userdata) {
    if (has_failed(ui)) return PLUGIN_OUT_OF_MEMORY;
    const int same = ui->unchanged || (ui->revision > 0 && ui_same(&ui->written, &ui->drawn, ui->same_shape));
    const uint64_t revision = ui->revision + (same ? 0 : 1);
    const PluginText json =
        base != 0 && base == ui->revision ? write_patch(ui, revision, same) : write_tree(ui, revision);
    if (!json.data) return PLUGIN_OUT_OF_MEMORY;
    if (!ui->unchanged) {
        const UiFrame before = ui->written;
        ui->written = ui->drawn;
        ui->drawn = before;
    }
    ui->revision = revision;
    ui_forget_toasts(ui);
    receive(userdata, json);
    return PLUGIN_OK;
}
