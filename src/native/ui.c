/* SPDX-License-Identifier: Apache-2.0 */
#include "ui_frame.h"

#include "text.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 64, WIDGETS_MAX = 100000, CHOICES_MAX = 100000, TEXT_MAX_BYTES = 1 << 20, NO_WIDGET = -1 };

/* An open container, or a push_id. */
typedef struct Scope {
    uint32_t widget;
    uint64_t seed; /* goes into the ids of what is drawn inside */
    int is_id;     /* of push_id */
} Scope;

struct Ui {
    PluginUi handle; /* first: what the plugin is given is this struct */
    UiFrame drawn;   /* the frame that is being drawn, or that ended last */
    UiFrame written; /* the frame that was handed out last */
    uint64_t revision; /* of `written`; 0 before the first */
    UiMap occurrences; /* of a key in this frame */
    Scope scopes[DEPTH_MAX];
    int depth;
    int ignored; /* containers and ids beyond DEPTH_MAX that are open */
    int64_t last; /* the widget drawn last, for tooltip */
    CoreUiEvent event; /* id 0: there is none */
    char *event_text;
    int failed; /* no memory was left */
    char misuse[256];
};

static const char *const kind_names[] = {
    "vertical", "horizontal", "grid",     "collapsing",           "heading",
    "label",    "markdown",   "error",    "separator",            "space",
    "spinner",  "progress",   "button",   "text_edit_singleline", "text_edit_multiline",
    "integer",  "number",     "slider",   "checkbox",             "toggle",
    "selectable_value",       "radio",    "combo_box"};

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

void ui_free(Ui *ui) {
    free_frame(&ui->drawn);
    free_frame(&ui->written);
    ui_map_free(&ui->occurrences);
    free(ui->event_text);
    free(ui);
}

static const PluginUiTable ui_table;

Ui *ui_new(void) {
    Ui *ui = (Ui *)calloc(1, sizeof *ui);
    if (!ui) return NULL;
    ui->handle.struct_size = (uint32_t)sizeof ui->handle;
    ui->handle.table = &ui_table;
    return ui;
}

static Ui *ui_of(PluginUi *handle) { return (Ui *)handle; }

static void misuse(Ui *ui, const char *format, ...) NATIVE_PRINTF(2, 3);

/* The first one of a frame is told; the others follow from it more often than not. */
static void misuse(Ui *ui, const char *format, ...) {
    va_list arguments;
    if (ui->misuse[0]) return;
    va_start(arguments, format);
    vsnprintf(ui->misuse, sizeof ui->misuse, format, arguments);
    va_end(arguments);
}

/* ---- ids ---- */

static uint64_t mix(uint64_t hash, const void *data, size_t length) {
    const unsigned char *bytes = (const unsigned char *)data;
    for (size_t at = 0; at < length; at++) hash = (hash ^ bytes[at]) * UINT64_C(0x100000001B3);
    hash ^= hash >> 32;
    return hash * UINT64_C(0x9E3779B97F4A7C15);
}

static uint64_t make_id(Ui *ui, int kind, PluginText key) {
    const uint64_t seed = ui->depth > 0 ? ui->scopes[ui->depth - 1].seed : 0;
    const unsigned char byte = (unsigned char)kind;
    uint64_t base = mix(mix(UINT64_C(0xCBF29CE484222325) ^ seed, &byte, 1), key.data, (size_t)key.length);
    if (base == 0) base = 1;
    const uint32_t occurrence = ui_map_get(&ui->occurrences, base, 0);
    if (!ui_map_set(&ui->occurrences, base, occurrence + 1)) ui->failed = 1;
    uint64_t id = occurrence == 0 ? base : mix(base, &occurrence, sizeof occurrence);
    /* Two different keys with one hash: the next free id, which is the same in every frame. */
    while (id == 0 || ui_map_get(&ui->drawn.index, id, UINT32_MAX) != UINT32_MAX) id++;
    return id;
}

/* ---- widgets ---- */

static UiWidget *add_widget(Ui *ui, int kind, PluginText key) {
    UiFrame *frame = &ui->drawn;
    if (ui->failed || ui->depth == 0 || ui->ignored > 0) return NULL;
    if (frame->count >= WIDGETS_MAX) {
        misuse(ui, "the frame has more than %d widgets; the rest is left out", WIDGETS_MAX);
        return NULL;
    }
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
    ui_bytes_text(&frame->json, kind_names[kind]);
    ui_bytes_text(&frame->json, "\"");
    return widget;
}

static void member(Ui *ui, const char *name) {
    UiBytes *json = &ui->drawn.json;
    ui_bytes_text(json, ",\"");
    ui_bytes_text(json, name);
    ui_bytes_text(json, "\":");
}

static void member_text(Ui *ui, const char *name, PluginText text) {
    member(ui, name);
    ui_json_string(&ui->drawn.json, text);
}

static void member_optional(Ui *ui, const char *name, PluginText text) {
    if (text.length > 0) member_text(ui, name, text);
}

static void member_number(Ui *ui, const char *name, double number) {
    member(ui, name);
    ui_json_number(&ui->drawn.json, number);
}

static void member_integer(Ui *ui, const char *name, int64_t number) {
    member(ui, name);
    ui_json_integer(&ui->drawn.json, number);
}

static void member_true(Ui *ui, const char *name, int value) {
    if (!value) return;
    member(ui, name);
    ui_bytes_text(&ui->drawn.json, "true");
}

/* The widget is complete; everything of its own is in the JSON. */
static void complete(Ui *ui, UiWidget *widget, uint32_t flags) {
    if (flags & PLUGIN_WIDGET_DISABLED) {
        widget->disabled = 1;
        member(ui, "enabled");
        ui_bytes_text(&ui->drawn.json, "false");
    }
    widget->json_length = ui->drawn.json.length - widget->json;
}

static void draw_error(Ui *ui, const char *text) {
    UiWidget *widget = add_widget(ui, UI_ERROR, plugin_text(""));
    if (!widget) return;
    member_text(ui, "text", plugin_text(text));
    complete(ui, widget, 0);
}

/* A text of a widget; where it is none, an error is drawn in the widget's place and the answer is 0. */
static int take(Ui *ui, int kind, const char *what, PluginText *text) {
    char buffer[200];
    char message[256];
    PluginError error = {(uint32_t)sizeof error, PLUGIN_OK, buffer, sizeof buffer - 1, 0};
    if (text_in(*text, TEXT_MAX_BYTES, 0, what, text, &error) == PLUGIN_OK) return 1;
    buffer[error.length] = '\0';
    snprintf(message, sizeof message, "%s: %s", kind_names[kind], buffer);
    misuse(ui, "%s", message);
    draw_error(ui, message);
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

static int has_changed(const Ui *ui, const UiWidget *widget, PluginResponse *response) {
    return has_event(ui, widget, response) && (response->flags & PLUGIN_RESPONSE_CHANGED);
}

/* ---- frames ---- */

static uint64_t root_id(void) { return UINT64_C(1); }

static void push_scope(Ui *ui, uint32_t widget, uint64_t seed, int is_id) {
    Scope *scope = &ui->scopes[ui->depth++];
    scope->widget = widget;
    scope->seed = seed;
    scope->is_id = is_id;
}

/* The event's text is kept for the length of the frame: responses lend it to the plugin. */
static int copy_event(Ui *ui, const CoreUiEvent *event) {
    free(ui->event_text);
    ui->event_text = NULL;
    memset(&ui->event, 0, sizeof ui->event);
    if (!event) return 1;
    ui->event = *event;
    if (ui->event.text.length == PLUGIN_UNTIL_NUL) ui->event.text = plugin_text(event->text.data);
    if (ui->event.text.length == 0) ui->event.text = plugin_text("");
    ui->event_text = text_dup(ui->event.text);
    if (!ui->event_text) return 0;
    ui->event.text.data = ui->event_text;
    return 1;
}

PluginUi *ui_begin(Ui *ui, const CoreUiEvent *event, uint32_t flags, double time) {
    UiFrame *frame = &ui->drawn;
    clear_frame(frame);
    ui_map_clear(&ui->occurrences);
    ui->misuse[0] = '\0';
    ui->failed = !copy_event(ui, event);
    ui->depth = ui->ignored = 0;
    ui->handle.flags = flags;
    ui->handle.time = time;
    ui->handle.frame_count++;
    push_scope(ui, 0, 0, 0); /* so that the root finds a parent: itself */
    UiWidget *root = add_widget(ui, UI_VERTICAL, plugin_text(""));
    if (root) {
        root->id = root_id();
        ui_map_clear(&frame->index);
        ui_map_set(&frame->index, root->id, 0);
        frame->json.length = 0;
        ui_bytes_text(&frame->json, "\"id\":");
        ui_json_id(&frame->json, root->id);
        ui_bytes_text(&frame->json, ",\"kind\":\"vertical\"");
        complete(ui, root, 0);
    }
    ui->last = NO_WIDGET;
    return &ui->handle;
}

static void pop_scope(Ui *ui) {
    const Scope *scope = &ui->scopes[--ui->depth];
    if (!scope->is_id) ui->drawn.widgets[scope->widget].end = ui->drawn.count;
    ui->last = scope->is_id ? ui->last : (int64_t)scope->widget;
}

void ui_finish(Ui *ui, PluginStatus status, PluginText text) {
    if (ui->ignored > 0 || ui->depth > 1) misuse(ui, "a container or a push_id was not ended; it was ended here");
    ui->ignored = 0;
    while (ui->depth > 1) pop_scope(ui);
    if (status < 0) {
        char message[1200];
        snprintf(message, sizeof message, "%.*s", (int)(text.length < 1100 ? text.length : 1100), text.data);
        draw_error(ui, message);
    }
    if (ui->drawn.count > 0) pop_scope(ui);
    ui->depth = 0;
    if (ui->failed || ui->drawn.json.failed || ui->drawn.choices.failed) misuse(ui, "no memory is left for the frame");
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
    ui_bytes_text(&json, "}");
    ui_bytes_add(&json, "", 1); /* a NUL, as every text from the host has */
    const int failed = json.failed;
    if (!failed) {
        const UiFrame before = ui->written;
        ui->written = ui->drawn;
        ui->drawn = before;
        ui->revision = revision;
        receive(userdata, plugin_text_of(json.data, json.length - 1));
    }
    free(json.data);
    return failed ? PLUGIN_OUT_OF_MEMORY : PLUGIN_OK;
}
