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
    size_t choices; /* in UiFrame.choices: values, each with a NUL */
    uint32_t choice_count;
    int64_t minimum;
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

enum {
    UI_VERTICAL,
    UI_HORIZONTAL,
    UI_GRID,
    UI_COLLAPSING,
    UI_HEADING,
    UI_LABEL,
    UI_MARKDOWN,
    UI_ERROR,
    UI_SEPARATOR,
    UI_SPACE,
    UI_SPINNER,
    UI_PROGRESS,
    UI_BUTTON,
    UI_TEXT_EDIT_SINGLELINE,
    UI_TEXT_EDIT_MULTILINE,
    UI_INTEGER,
    UI_NUMBER,
    UI_SLIDER,
    UI_CHECKBOX,
    UI_TOGGLE,
    UI_SELECTABLE_VALUE,
    UI_RADIO,
    UI_COMBO_BOX
};

void ui_bytes_add(UiBytes *bytes, const char *data, size_t length);
void ui_bytes_text(UiBytes *bytes, const char *text);

/* JSON: a string with its quotes; a number, null where it is none; an id. */
void ui_json_string(UiBytes *bytes, PluginText text);
void ui_json_number(UiBytes *bytes, double number);
void ui_json_integer(UiBytes *bytes, int64_t number);
void ui_json_id(UiBytes *bytes, uint64_t id);

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
