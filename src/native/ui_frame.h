/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ui_frame.h: a drawn frame, as the modules of the UI share it. A frame is an array of widgets in the order of drawing, so that a
 * widget's descendants follow it. What a front end is told is written as JSON while they are drawn, as the tree that it will
 * be handed: comparing two widgets is comparing bytes, and a tree is there once its last widget is.
 */
#ifndef PLUGIN_NATIVE_UI_FRAME_H
#define PLUGIN_NATIVE_UI_FRAME_H

#include "ui.h"
#include "ui_bytes.h"
#include "ui_map.h"

typedef struct UiWidget {
    uint64_t id;
    uint64_t seed;   /* of the scope that it was drawn in */
    uint32_t parent; /* index; of the root: its own */
    uint32_t end;    /* index behind the last descendant */
    size_t json;     /* in UiFrame.json: its members, without braces and children */
    size_t json_length;
    uint32_t name; /* index; of the root: none */
    uint8_t kind;  /* UI_… */
    uint8_t disabled;
    uint8_t simple;  /* it can be repeated: ui_repeat.h */
    uint8_t repeats; /* it does repeat the one of the frame before */
    /* What a value is checked against, by the kind. */
    union {
        struct {
            size_t start; /* in UiFrame.choices: values, or keys of rows, each with a NUL */
            uint32_t length;
            uint32_t count;
        } choices;
        struct {
            int64_t minimum; /* of a date: as ui_day has it */
            int64_t maximum;
        } integer;
        struct {
            double minimum;
            double maximum;
        } number;
    } limits;
} UiWidget;

/* A key that was drawn, the hash of where and what, and the id that came of it; see ui_names.c. */
typedef struct UiName {
    uint64_t key;
    uint64_t id; /* 0: a push_id whose key had been used */
} UiName;

typedef struct UiFrame {
    UiWidget *widgets; /* 0 is the root */
    uint32_t count;
    uint32_t capacity;
    UiName *names; /* of all widgets but the root, and of each push_id, in the order of drawing */
    uint32_t name_count;
    uint32_t name_capacity;
    UiBytes json; /* the tree, behind UI_HEADER_BYTES */
    UiBytes choices;
} UiFrame;

enum {
    UI_HEADER_BYTES = 64, /* room in front of the tree for what a frame begins with */
    UI_HEAD_BYTES = 64,   /* at least of id and kind, as a widget begins; a frame's JSON has as much room behind it */
    UI_HEAD_LENGTH = sizeof("\"id\":\"0123456789abcdef\",\"kind\":\"\"") - 1 /* beside the name of the kind */
};

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

enum { UI_KIND_NAME_BYTES = 24 };

typedef struct UiKind {
    char name[UI_KIND_NAME_BYTES];
    uint8_t name_length;
    uint8_t contains;
    uint8_t operated;
} UiKind;

/* Here, so that what is known of a constant kind is a constant. */
#define UI_KIND(kind, name, contains, operated) [kind] = {name, sizeof(name) - 1, contains, operated},
static const UiKind ui_kinds[UI_KIND_COUNT] = {UI_KIND_LIST(UI_KIND)};
#undef UI_KIND

static inline const char *ui_kind_name(int kind) { return ui_kinds[kind].name; }
static inline int ui_is_container(int kind) { return ui_kinds[kind].contains; }
static inline int ui_is_operated(int kind) { return ui_kinds[kind].operated; }

/* Where a widget of a kind ends in the JSON, as far as what is its own; behind it its children, if it can have some. */
static inline size_t ui_json_end(const UiWidget *widget, int kind) {
    return widget->json + widget->json_length +
           (ui_is_container(kind) ? sizeof(",\"children\":[") - 1 : sizeof("}") - 1);
}

/* The index of a widget; UINT32_MAX where there is none with this id. */
uint32_t ui_find(const UiFrame *frame, uint64_t id);

/* What makes `to` of `from`, as an array of changes. */
void ui_json_patch(UiBytes *bytes, const UiFrame *from, const UiFrame *to, int same_shape);

/* Whether two frames look the same. `same_shape`, here and below: they were found to have the same widgets in the same places. */
int ui_same(const UiFrame *from, const UiFrame *to, int same_shape);

#endif
