/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ui_draw.h: a frame while it is drawn, shared by ui.c, which begins and ends it, and the modules that draw widgets.
 */
#ifndef PLUGIN_NATIVE_UI_DRAW_H
#define PLUGIN_NATIVE_UI_DRAW_H

#include "text.h"
#include "ui_frame.h"

/* What keeps a loop without end in a plugin from taking the memory of the host. */
enum {
    UI_DEPTH_MAX = 64,
    UI_WIDGETS_MAX = 100000,
    UI_CHOICES_MAX = 100000,
    UI_TEXT_MAX_BYTES = 1 << 20,
    UI_FRAME_MAX_BYTES = 64 << 20, /* of all texts and pictures in a frame */
    UI_SERIES_MAX = 1000,          /* of one plot */
    UI_POINTS_MAX = 100000,        /* of all series of one plot */
    UI_COLUMNS_MAX = 1000,         /* of one table */
    UI_CELLS_MAX = 1000000,        /* of one table */
    UI_TOASTS_MAX = 32,            /* between two frames that are written */
    UI_TOAST_MAX_BYTES = 4096,
    UI_NO_WIDGET = -1
};

/* Texts that responses lend to the plugin for the length of a frame: blocks that never move. */
typedef struct TextBlock {
    struct TextBlock *next;
    size_t used;
    size_t capacity;
    char data[];
} TextBlock;

/* An open container, or a push_id. */
typedef struct Scope {
    uint32_t widget;
    uint64_t seed; /* goes into the ids of what is drawn inside */
    int is_id;     /* of push_id */
} Scope;

/* How far the frame is drawn. What of it `drawn` does not have yet is as in the frame before: a run of repeated widgets. */
typedef struct UiRun {
    uint32_t next;      /* widget */
    uint32_t limit;     /* widgets from here on are not repeated */
    uint32_t next_name; /* of a widget or push_id */
    size_t json;        /* where the run begins and ends in the JSON of the frame before */
    size_t end;
} UiRun;

struct Ui {
    PluginUi handle;   /* first: what the plugin is given is this struct */
    UiFrame drawn;     /* the frame that is being drawn, or that ended last */
    UiFrame written;   /* the frame that was handed out last */
    uint64_t revision; /* of `written`; 0 before the first */
    int follows;       /* the names of `drawn` are those of `written`, as far as it is drawn */
    int same_shape;    /* the frame has the widgets of `written`, in the same places */
    int unchanged;     /* all of `written` was repeated: it is the frame, and `drawn` is not */
    UiRun run;
    UiMap taken; /* where they are not: how often each key and id of `drawn` was used */
    Scope scopes[UI_DEPTH_MAX];
    int depth;
    uint64_t ignored;  /* containers and ids beyond UI_DEPTH_MAX that are open */
    int64_t last;      /* the widget drawn last, for tooltip */
    CoreUiEvent event; /* id 0: there is none */
    TextBlock *texts;  /* the newest first */
    UiBytes patch;     /* the last one that was written */
    UiBytes toasts;    /* as JSON, with commas between; since the last frame that was written */
    uint32_t toast_count;
    int failed; /* no memory was left */
    int ending; /* in ui_finish */
    char misuse[256];
};

extern const PluginUiTable ui_table;

/* ---- texts and mistakes ---- */

/* A copy with a NUL behind it that lives until the next frame begins; "" where no memory is left. */
PluginText ui_lend_text(Ui *ui, PluginText text);

/* Keeps a sentence for ui_misuse. The first one of a frame is told; the others follow from it more often than not. */
void ui_tell_misuse(Ui *ui, const char *format, ...) NATIVE_PRINTF(2, 3);

/* ---- names (ui_names.c) ---- */

enum { UI_ROOT_ID = 1 };

int ui_names_room(UiFrame *frame, uint32_t count);

uint64_t ui_mix(uint64_t hash, const void *data, size_t length);

/* The id of the next widget of the innermost scope. */
uint64_t ui_name_widget(Ui *ui, int kind, PluginText key);

/* The seed of what a push_id is around; 0 where the same parent had one with this key before. */
int ui_name_scope(Ui *ui, PluginText key, uint64_t *seed);

/* ---- widgets ---- */

/* Whether the frame has room for one more widget or choice; where it has none, that is told. */
int ui_has_room(Ui *ui);

/* Makes room for so many more; 0 where no memory is left. */
int ui_widgets_room(UiFrame *frame, uint32_t count);

/* Adds the root, as the first widget of a frame. */
void ui_add_root(Ui *ui);

/* Adds a widget and begins its JSON; `key` goes into its id. NULL where nothing is drawn. The pointer is good until the next. */
UiWidget *ui_add_widget(Ui *ui, int kind, PluginText key);

/* The name of a member, for its value to follow. */
static inline void ui_member(Ui *ui, const char *name) {
    UiBytes *json = &ui->drawn.json;
    const size_t length = strlen(name);
    char *to = ui_bytes_room(json, length + 4);
    if (!to) return;
    memcpy(to, ",\"", 2);
    memcpy(to + 2, name, length);
    memcpy(to + 2 + length, "\":", 2);
    json->length += length + 4;
}

/* A member that is a text. */
static inline void ui_member_text(Ui *ui, const char *name, PluginText text) {
    ui_member(ui, name);
    ui_json_string(&ui->drawn.json, text);
}

void ui_write_flags(Ui *ui, UiWidget *widget, uint32_t flags);

/* The widget is complete; everything of its own is in the JSON. */
static inline void ui_complete(Ui *ui, UiWidget *widget, uint32_t flags) {
    UiBytes *json = &ui->drawn.json;
    if (flags) ui_write_flags(ui, widget, flags);
    widget->json_length = json->length - widget->json;
    if (ui_is_container(widget->kind))
        ui_bytes_text(json, ",\"children\":[");
    else
        ui_bytes_text(json, "}");
}

/* Adds a member to a widget that is complete, and was drawn last. */
void ui_add_tooltip(Ui *ui, UiWidget *widget, PluginText text);

/* An error widget with a text of the host's. */
void ui_draw_error(Ui *ui, const char *text);

/* What is drawn until ui_pop_scope stands in `widget`. */
void ui_push_scope(Ui *ui, uint32_t widget, uint64_t seed, int is_id);
void ui_pop_scope(Ui *ui);

#endif
