/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ui_frame.h: a drawn frame, as the modules of the UI share it. A frame is an array of widgets in the order of drawing, so that a
 * widget's descendants follow it; what a front end is told of a widget is written as JSON while it is drawn, so that comparing
 * two widgets is comparing bytes, and writing a tree is joining them.
 */
#ifndef PLUGIN_NATIVE_UI_FRAME_H
#define PLUGIN_NATIVE_UI_FRAME_H

#include "ui.h"

#include <stddef.h>
#include <string.h>

/* Bytes that grow; once memory was short, `failed` is set and nothing more is written. */
typedef struct UiBytes {
    char *data;
    size_t length;
    size_t capacity;
    int failed;
} UiBytes;

/* A map from 64-bit keys (never 0) to numbers, with open addressing. */
typedef struct UiMap {
    uint64_t *keys;
    uint32_t *values;
    uint32_t capacity; /* a power of two, or 0 */
    uint32_t count;
} UiMap;

typedef struct UiWidget {
    uint64_t id;
    uint32_t parent; /* index; of the root: its own */
    uint32_t end;    /* index behind the last descendant */
    uint8_t kind;    /* UI_… */
    uint8_t disabled;
    size_t json; /* in UiFrame.json: its members, without braces and children */
    size_t json_length;
    /* What a value is checked against. */
    size_t choices; /* in UiFrame.choices: values, or keys of rows, each with a NUL */
    size_t choices_length;
    uint32_t choice_count;
    int64_t minimum; /* of a date: as ui_day has it */
    int64_t maximum;
    double low;
    double high;
} UiWidget;

typedef struct UiFrame {
    UiWidget *widgets; /* 0 is the root */
    uint32_t count;
    uint32_t capacity;
    UiBytes json;
    UiBytes choices;
    UiMap index; /* id to index */
} UiFrame;

/* The kinds of widgets: constant, name in JSON, whether others stand in it, whether a person operates it. */
#define UI_KIND_LIST(X)                                                                                                \
    X(UI_VERTICAL, "vertical", 1, 0)                                                                                   \
    X(UI_HORIZONTAL, "horizontal", 1, 0)                                                                               \
    X(UI_GRID, "grid", 1, 0)                                                                                           \
    X(UI_COLLAPSING, "collapsing", 1, 0)                                                                               \
    X(UI_TABS, "tabs", 1, 1)                                                                                           \
    X(UI_HEADING, "heading", 0, 0)                                                                                     \
    X(UI_LABEL, "label", 0, 0)                                                                                         \
    X(UI_MARKDOWN, "markdown", 0, 0)                                                                                   \
    X(UI_ERROR, "error", 0, 0)                                                                                         \
    X(UI_SEPARATOR, "separator", 0, 0)                                                                                 \
    X(UI_SPACE, "space", 0, 0)                                                                                         \
    X(UI_SPINNER, "spinner", 0, 0)                                                                                     \
    X(UI_PROGRESS, "progress", 0, 0)                                                                                   \
    X(UI_CODE, "code", 0, 0)                                                                                           \
    X(UI_LOG_VIEW, "log_view", 0, 0)                                                                                   \
    X(UI_LINK, "link", 0, 0)                                                                                           \
    X(UI_IMAGE, "image", 0, 0)                                                                                         \
    X(UI_PLOT, "plot", 0, 0)                                                                                           \
    X(UI_BUTTON, "button", 0, 1)                                                                                       \
    X(UI_TEXT_EDIT_SINGLELINE, "text_edit_singleline", 0, 1)                                                           \
    X(UI_TEXT_EDIT_MULTILINE, "text_edit_multiline", 0, 1)                                                             \
    X(UI_INTEGER, "integer", 0, 1)                                                                                     \
    X(UI_NUMBER, "number", 0, 1)                                                                                       \
    X(UI_SLIDER, "slider", 0, 1)                                                                                       \
    X(UI_CHECKBOX, "checkbox", 0, 1)                                                                                   \
    X(UI_TOGGLE, "toggle", 0, 1)                                                                                       \
    X(UI_SELECTABLE_VALUE, "selectable_value", 0, 1)                                                                   \
    X(UI_RADIO, "radio", 0, 1)                                                                                         \
    X(UI_COMBO_BOX, "combo_box", 0, 1)                                                                                 \
    X(UI_MULTI_SELECT, "multi_select", 0, 1)                                                                           \
    X(UI_TABLE, "table", 0, 1)                                                                                         \
    X(UI_COLOR, "color", 0, 1)                                                                                         \
    X(UI_DATE, "date", 0, 1)                                                                                           \
    X(UI_FILE_PICK, "file_pick", 0, 1)                                                                                 \
    X(UI_CONFIRM, "confirm", 0, 1)

#define UI_KIND_CONSTANT(kind, name, contains, operated) kind,
enum { UI_KIND_LIST(UI_KIND_CONSTANT) UI_KIND_COUNT };
#undef UI_KIND_CONSTANT

const char *ui_kind_name(int kind);
int ui_is_container(int kind);
int ui_is_operated(int kind);

/* Makes room for `length` more; 0 where no memory is left. */
int ui_bytes_grow(UiBytes *bytes, size_t length);

/* These run some ten times for each widget: inline, so that the length of a constant is known when they are compiled. */
static inline void ui_bytes_add(UiBytes *bytes, const char *data, size_t length) {
    if (length == 0 || bytes->failed) return;
    if (length > bytes->capacity - bytes->length && !ui_bytes_grow(bytes, length)) return;
    memcpy(bytes->data + bytes->length, data, length);
    bytes->length += length;
}

static inline void ui_bytes_text(UiBytes *bytes, const char *text) { ui_bytes_add(bytes, text, strlen(text)); }

/* JSON: a string with its quotes; a number, null where it is none; an id. */
void ui_json_string(UiBytes *bytes, PluginText text);
void ui_json_number(UiBytes *bytes, double number);
void ui_json_integer(UiBytes *bytes, int64_t number);
void ui_json_id(UiBytes *bytes, uint64_t id);

/* Base64, without quotes. */
void ui_json_base64(UiBytes *bytes, const void *data, uint64_t length);

/* A widget with its children. */
void ui_json_tree(UiBytes *bytes, const UiFrame *frame, uint32_t index);

/* What makes `to` of `from`, as an array of changes. */
void ui_json_patch(UiBytes *bytes, const UiFrame *from, const UiFrame *to);

/* Whether two frames look the same. */
int ui_same(const UiFrame *a, const UiFrame *b);

/* 0 where no memory is left. */
int ui_map_set(UiMap *map, uint64_t key, uint32_t value);

/* `missing` where the key is not there. */
uint32_t ui_map_get(const UiMap *map, uint64_t key, uint32_t missing);
void ui_map_clear(UiMap *map);
void ui_map_free(UiMap *map);

#endif
