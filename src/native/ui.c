/* SPDX-License-Identifier: Apache-2.0 */
#include "ui_frame.h"

#include "text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What keeps a loop without end in a plugin from taking the memory of the host. */
enum {
    DEPTH_MAX = 64,
    WIDGETS_MAX = 100000,
    CHOICES_MAX = 100000,
    TEXT_MAX_BYTES = 1 << 20,
    FRAME_MAX_BYTES = 64 << 20, /* of all texts in a frame */
    NO_WIDGET = -1
};

/* Texts that responses lend to the plugin for the length of a frame: blocks that never move. */
typedef struct TextBlock {
    struct TextBlock *next;
    size_t used;
    size_t capacity;
    char data[];
} TextBlock;

enum { TEXT_BLOCK_BYTES = 4096 };

/* An open container, or a push_id. */
typedef struct Scope {
    uint32_t widget;
    uint64_t seed; /* goes into the ids of what is drawn inside */
    int is_id;     /* of push_id */
} Scope;

struct Ui {
    PluginUi handle;   /* first: what the plugin is given is this struct */
    UiFrame drawn;     /* the frame that is being drawn, or that ended last */
    UiFrame written;   /* the frame that was handed out last */
    uint64_t revision; /* of `written`; 0 before the first */
    UiMap occurrences; /* of a key in this frame */
    Scope scopes[DEPTH_MAX];
    int depth;
    uint64_t ignored;  /* containers and ids beyond DEPTH_MAX that are open */
    int64_t last;      /* the widget drawn last, for tooltip */
    CoreUiEvent event; /* id 0: there is none */
    TextBlock *texts;  /* the newest first */
    int failed;        /* no memory was left */
    int ending;        /* in ui_finish */
    char misuse[256];
};

static const char *const kind_names[] = {"vertical",
                                         "horizontal",
                                         "grid",
                                         "collapsing",
                                         "heading",
                                         "label",
                                         "markdown",
                                         "error",
                                         "separator",
                                         "space",
                                         "spinner",
                                         "progress",
                                         "button",
                                         "text_edit_singleline",
                                         "text_edit_multiline",
                                         "integer",
                                         "number",
                                         "slider",
                                         "checkbox",
                                         "toggle",
                                         "selectable_value",
                                         "radio",
                                         "combo_box"};

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

/* A copy with a NUL behind it that lives until the next frame begins; "" where no memory is left. */
static PluginText lend_text(Ui *ui, PluginText text) {
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

/* Whether the frame has room for one more; the error that tells of a failed update_ui always finds some. */
static int has_room(Ui *ui) {
    if (ui->drawn.count >= WIDGETS_MAX) {
        misuse(ui, "the frame has more than %d widgets; the rest is left out", WIDGETS_MAX);
        return 0;
    }
    if (ui->drawn.json.length + ui->drawn.choices.length > FRAME_MAX_BYTES) {
        misuse(ui, "the frame has more than %d MiB of text; the rest is left out", FRAME_MAX_BYTES >> 20);
        return 0;
    }
    return 1;
}

/* NULL where nothing is drawn. */
static UiWidget *add_widget(Ui *ui, int kind, PluginText key) {
    UiFrame *frame = &ui->drawn;
    ui->last = NO_WIDGET;
    if (ui->failed || ui->depth == 0 || ui->ignored > 0 || (!ui->ending && !has_room(ui))) return NULL;
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

static int is_choice(const UiFrame *frame, const UiWidget *widget, PluginText value) {
    if (frame->choices.failed || widget->choice_count == 0) return 0;
    const char *at = frame->choices.data + widget->choices;
    for (uint32_t index = 0; index < widget->choice_count; index++) {
        const size_t length = strlen(at);
        if (length == value.length && memcmp(at, value.data, length) == 0) return 1;
        at += length + 1;
    }
    return 0;
}

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
        own->text = lend_text(ui, value);
}

/* ---- frames ---- */

static uint64_t root_id(void) { return UINT64_C(1); }

static void push_scope(Ui *ui, uint32_t widget, uint64_t seed, int is_id) {
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
    ui->event.text = lend_text(ui, ui->event.text);
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
    if (!scope->is_id) ui->last = NO_WIDGET;
}

void ui_finish(Ui *ui, PluginStatus status, PluginText text) {
    if (ui->ignored > 0 || ui->depth > 1) misuse(ui, "a container or a push_id was not ended; it was ended here");
    ui->ignored = 0;
    ui->ending = 1;
    while (ui->depth > 1) pop_scope(ui);
    if (status < 0) {
        char message[1200];
        message[text_repair(text, message, sizeof message - 1)] = '\0';
        draw_error(ui, message[0] ? message : core_status_text(status));
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

/* ---- what the person can have done ---- */

static PluginStatus check_text(PluginText value, PluginText *text, PluginError *error) {
    if (text_in(value, TEXT_MAX_BYTES, 0, "the value", text, error) == PLUGIN_OK) return PLUGIN_OK;
    if (error) error->status = PLUGIN_INVALID_ARGUMENT;
    return PLUGIN_INVALID_ARGUMENT;
}

static PluginStatus check_value(const UiFrame *frame, const UiWidget *widget, const CoreUiEvent *event,
                                PluginError *error) {
    PluginText text;
    switch (widget->kind) {
    case UI_TEXT_EDIT_SINGLELINE:
    case UI_TEXT_EDIT_MULTILINE:
        return check_text(event->text, &text, error);
    case UI_INTEGER:
        if (event->integer >= widget->minimum && event->integer <= widget->maximum) return PLUGIN_OK;
        return error_set(error, PLUGIN_INVALID_ARGUMENT, "%lld is not between %lld and %lld", (long long)event->integer,
                         (long long)widget->minimum, (long long)widget->maximum);
    case UI_NUMBER:
    case UI_SLIDER:
        if (isfinite(event->number) && event->number >= widget->low && event->number <= widget->high) return PLUGIN_OK;
        return error_set(error, PLUGIN_INVALID_ARGUMENT, "%g is not between %g and %g", event->number, widget->low,
                         widget->high);
    case UI_CHECKBOX:
    case UI_TOGGLE:
    case UI_SELECTABLE_VALUE:
        if (event->integer == 0 || event->integer == 1) return PLUGIN_OK;
        return error_set(error, PLUGIN_INVALID_ARGUMENT, "the value is 0 or 1, not %lld", (long long)event->integer);
    case UI_RADIO:
    case UI_COMBO_BOX: {
        const PluginStatus status = check_text(event->text, &text, error);
        if (status != PLUGIN_OK || is_choice(frame, widget, text)) return status;
        return error_set(error, PLUGIN_INVALID_ARGUMENT, "\"%.*s\" is none of the choices",
                         (int)text_cut(text.data, text.length, 100), text.data);
    }
    default:
        return error_set(error, PLUGIN_INVALID_ARGUMENT, "a %s has no value", kind_names[widget->kind]);
    }
}

PluginStatus ui_check_event(const Ui *ui, const CoreUiEvent *event, PluginError *error) {
    const UiFrame *frame = &ui->written;
    const uint32_t index = event->id == 0 ? UINT32_MAX : ui_map_get(&frame->index, event->id, UINT32_MAX);
    if (index == UINT32_MAX)
        return error_set(error, PLUGIN_NOT_FOUND, "the widget is not shown any more, or never was: draw the UI anew");
    const UiWidget *widget = &frame->widgets[index];
    if (widget->kind < UI_BUTTON)
        return error_set(error, PLUGIN_INVALID_ARGUMENT, "a %s cannot be operated", kind_names[widget->kind]);
    if (widget->disabled) return error_set(error, PLUGIN_INVALID_ARGUMENT, "the widget is disabled");
    if (event->flags & PLUGIN_RESPONSE_CHANGED) return check_value(frame, widget, event, error);
    return PLUGIN_OK;
}

/* ---- the table: texts ---- */

static void draw_text(PluginUi *handle, int kind, const char *name, PluginText text) {
    Ui *ui = ui_of(handle);
    if (!take(ui, kind, name, &text)) return;
    /* Nobody operates a text, so the text itself is not part of its id: when it changes, one member travels. */
    UiWidget *widget = add_widget(ui, kind, plugin_text(""));
    if (!widget) return;
    member_text(ui, name, text);
    complete(ui, widget, 0);
}

static void PLUGIN_CALL draw_heading(PluginUi *ui, PluginText text) { draw_text(ui, UI_HEADING, "text", text); }
static void PLUGIN_CALL draw_label(PluginUi *ui, PluginText text) { draw_text(ui, UI_LABEL, "text", text); }
static void PLUGIN_CALL draw_markdown(PluginUi *ui, PluginText text) { draw_text(ui, UI_MARKDOWN, "text", text); }
static void PLUGIN_CALL draw_inline_error(PluginUi *ui, PluginText text) { draw_text(ui, UI_ERROR, "text", text); }
static void PLUGIN_CALL draw_spinner(PluginUi *ui, PluginText label) { draw_text(ui, UI_SPINNER, "label", label); }

static void PLUGIN_CALL draw_separator(PluginUi *handle) {
    Ui *ui = ui_of(handle);
    UiWidget *widget = add_widget(ui, UI_SEPARATOR, plugin_text(""));
    if (widget) complete(ui, widget, 0);
}

static void PLUGIN_CALL draw_space(PluginUi *handle, double points) {
    Ui *ui = ui_of(handle);
    UiWidget *widget = add_widget(ui, UI_SPACE, plugin_text(""));
    if (!widget) return;
    member_number(ui, "points", points > 0 && isfinite(points) ? points : 0);
    complete(ui, widget, 0);
}

static void PLUGIN_CALL draw_progress(PluginUi *handle, PluginText label, double fraction) {
    Ui *ui = ui_of(handle);
    if (!take(ui, UI_PROGRESS, "label", &label)) return;
    UiWidget *widget = add_widget(ui, UI_PROGRESS, label);
    if (!widget) return;
    member_text(ui, "label", label);
    member_number(ui, "fraction", !(fraction > 0) ? 0 : fraction > 1 ? 1 : fraction);
    complete(ui, widget, 0);
}

static void PLUGIN_CALL draw_tooltip(PluginUi *handle, PluginText text) {
    Ui *ui = ui_of(handle);
    if (ui->failed || ui->depth == 0 || ui->ignored > 0) return;
    if (ui->last == NO_WIDGET) {
        misuse(ui, "tooltip: no widget was drawn right before it");
        return;
    }
    if (!take(ui, ui->drawn.widgets[ui->last].kind, "tooltip", &text)) return;
    UiWidget *widget = &ui->drawn.widgets[ui->last];
    ui->last = NO_WIDGET;
    member_text(ui, "tooltip", text);
    widget->json_length = ui->drawn.json.length - widget->json;
}

/* ---- the table: what is operated ---- */

/* Begins a widget that has a label and a response; NULL where nothing is drawn, and then the response says nothing. */
static UiWidget *begin_operated(Ui *ui, int kind, PluginText *label, PluginResponse *given, PluginResponse *own) {
    begin_response(given, own);
    UiWidget *widget = take(ui, kind, "label", label) ? add_widget(ui, kind, *label) : NULL;
    if (widget)
        member_text(ui, "label", *label);
    else
        end_response(given, own);
    return widget;
}

static void PLUGIN_CALL draw_button(PluginUi *handle, PluginText label, uint32_t flags, PluginResponse *given) {
    PluginResponse own;
    Ui *ui = ui_of(handle);
    UiWidget *widget = begin_operated(ui, UI_BUTTON, &label, given, &own);
    if (!widget) return;
    complete(ui, widget, flags);
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
        member_text(ui, "value", plugin_text(""));
        member_true(ui, "password", 1);
        member_true(ui, "filled", value.length > 0);
    } else {
        member_text(ui, "value", value);
    }
    member_optional(ui, "hint", hint);
    complete(ui, widget, flags);
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
    complete(ui, widget, flags);
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
    complete(ui, widget, flags);
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
    member(ui, "value");
    ui_bytes_text(&ui->drawn.json, value ? "true" : "false");
    complete(ui, widget, flags);
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
    if (count > CHOICES_MAX || (count > 0 && !choices)) {
        misuse(ui, "%s: the choices are NULL, or more than %d", kind_names[widget->kind], CHOICES_MAX);
        count = 0;
    }
    widget->choices = values->length;
    member(ui, "choices");
    ui_bytes_text(json, "[");
    for (uint32_t index = 0; index < count && has_room(ui); index++) {
        PluginText value;
        PluginText label;
        if (text_in(choices[index].value, TEXT_MAX_BYTES, 0, "value", &value, NULL) != PLUGIN_OK ||
            text_in(choices[index].label, TEXT_MAX_BYTES, 0, "label", &label, NULL) != PLUGIN_OK) {
            misuse(ui, "%s: choice %u is not UTF-8, or has a NUL byte", kind_names[widget->kind], index);
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
    member_text(ui, "value", value);
    member_optional(ui, "placeholder", placeholder);
    member_choices(ui, widget, choices, count);
    complete(ui, widget, flags);
    /* The choices may have become others since the person chose. */
    respond_text(ui, widget, value, is_choice(&ui->drawn, widget, ui->event.text), given, &own);
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

/* Beyond DEPTH_MAX containers are counted, so that their ends match, and what is in them is left out. */
static int too_deep(Ui *ui) {
    if (ui->failed || ui->depth == 0 || ui->ignored > 0 || ui->depth >= DEPTH_MAX) {
        if (ui->depth == DEPTH_MAX)
            misuse(ui, "more than %d containers inside each other; the rest is left out", DEPTH_MAX - 1);
        ui->ignored++;
        return 1;
    }
    return 0;
}

static UiWidget *begin_container(Ui *ui, int kind, PluginText label) {
    if (too_deep(ui)) return NULL;
    UiWidget *widget = add_widget(ui, kind, label);
    if (!widget) {
        ui->ignored++;
        return NULL;
    }
    member_optional(ui, "label", label);
    push_scope(ui, (uint32_t)ui->last, widget->id, 0);
    return widget;
}

static void PLUGIN_CALL begin_horizontal(PluginUi *handle) {
    Ui *ui = ui_of(handle);
    UiWidget *widget = begin_container(ui, UI_HORIZONTAL, plugin_text(""));
    if (widget) complete(ui, widget, 0);
}

static void PLUGIN_CALL begin_vertical(PluginUi *handle) {
    Ui *ui = ui_of(handle);
    UiWidget *widget = begin_container(ui, UI_VERTICAL, plugin_text(""));
    if (widget) complete(ui, widget, 0);
}

static void PLUGIN_CALL begin_grid(PluginUi *handle, PluginText label, uint32_t columns) {
    Ui *ui = ui_of(handle);
    if (!take(ui, UI_GRID, "label", &label)) label = plugin_text("");
    UiWidget *widget = begin_container(ui, UI_GRID, label);
    if (!widget) return;
    member_integer(ui, "columns", columns > 0 ? columns : 1);
    complete(ui, widget, 0);
}

static void PLUGIN_CALL begin_collapsing(PluginUi *handle, PluginText label, uint32_t flags) {
    Ui *ui = ui_of(handle);
    if (!take(ui, UI_COLLAPSING, "label", &label)) label = plugin_text("");
    UiWidget *widget = begin_container(ui, UI_COLLAPSING, label);
    if (!widget) return;
    member_true(ui, "open", (flags & PLUGIN_WIDGET_OPEN) != 0);
    complete(ui, widget, 0);
}

/* Ends the innermost scope, which is to be a container or a push_id as asked. */
static void end_scope(Ui *ui, int is_id, const char *call) {
    if (ui->ignored > 0) {
        ui->ignored--;
    } else if (ui->depth <= 1) {
        if (!ui->failed) misuse(ui, "%s: nothing is open that it could end", call);
    } else if (ui->scopes[ui->depth - 1].is_id != is_id) {
        misuse(ui, "%s: what was begun last is %s", call,
               is_id ? "a container: end() it first" : "a push_id: pop_id() it first");
    } else {
        pop_scope(ui);
    }
}

static void PLUGIN_CALL end_container(PluginUi *ui) { end_scope(ui_of(ui), 0, "end"); }

static void PLUGIN_CALL push_id(PluginUi *handle, PluginText key) {
    Ui *ui = ui_of(handle);
    if (ui->depth == 0 || too_deep(ui)) return;
    if (!take(ui, UI_VERTICAL, "the key of push_id", &key)) key = plugin_text("");
    const Scope *scope = &ui->scopes[ui->depth - 1];
    uint64_t seed = mix(scope->seed ^ UINT64_C(0x5851F42D4C957F2D), key.data, (size_t)key.length);
    if (seed == 0) seed = 1;
    /* What is drawn twice under one name has ids that depend on the order again, which the name was to prevent. */
    if (ui_map_get(&ui->occurrences, seed, 0) > 0)
        misuse(ui, "push_id: \"%.*s\" was used twice under one parent; give each row a key of its own",
               (int)text_cut(key.data, key.length, 100), key.data);
    if (!ui_map_set(&ui->occurrences, seed, 1)) ui->failed = 1;
    push_scope(ui, scope->widget, seed, 1);
}

static void PLUGIN_CALL pop_id(PluginUi *ui) { end_scope(ui_of(ui), 1, "pop_id"); }

static const PluginUiTable ui_table = {
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
