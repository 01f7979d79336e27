/* SPDX-License-Identifier: Apache-2.0 */
/* ui_panel.h: frames drawn by the functions of a test, the JSON that came of them, and events for what was drawn. */
#ifndef TEST_UI_PANEL_H
#define TEST_UI_PANEL_H

#include "check.h"
#include "text.h"
#include "ui.h"

#include <stdlib.h>

/* What a drawing function is given beside the frame. */
typedef struct Panel {
    char text[64];
    char choice[64];
    int64_t integer;
    double number;
    int32_t on;
    int extra; /* what the test switches */
    PluginResponse response;
} Panel;

typedef void (*DrawPanel)(PluginUi *ui, Panel *panel);

/* The JSON of the frame that was written last; each call of `frame` forgets the one before. */
static char *written;

static inline void receive(void *userdata, PluginText text) {
    (void)userdata;
    free(written);
    written = text_dup(text);
    CHECK_EQUAL('\0', text.data[text.length]);
}

static inline const char *frame(Ui *ui, DrawPanel draw, Panel *panel, const CoreUiEvent *event, uint64_t base) {
    PluginUi *handle = ui_begin(ui, event, 0, 1.5);
    panel->response = plugin_response();
    draw(handle, panel);
    ui_finish(ui, PLUGIN_OK, plugin_text(""));
    CHECK_EQUAL(PLUGIN_OK, ui_write(ui, base, receive, NULL));
    return written;
}

/* The id of the first widget of a kind with a label in the last frame; 0 where there is none. */
static inline uint64_t id_of(const char *kind, const char *label) {
    char wanted[160];
    snprintf(wanted, sizeof wanted, "\"kind\":\"%s\",\"label\":\"%s\"", kind, label);
    const char *at = strstr(written, wanted);
    if (!at || at - written < 19) return 0;
    return strtoull(at - 18, NULL, 16);
}

static inline CoreUiEvent event_for(uint64_t id, uint32_t flags) {
    CoreUiEvent event;
    memset(&event, 0, sizeof event);
    event.id = id;
    event.flags = flags;
    event.text = plugin_text("");
    return event;
}

/* What the person enters for a widget of the last frame, drawn anew where it can be. */
static inline PluginStatus enter(Ui *ui, DrawPanel draw, Panel *panel, const char *kind, const char *label,
                                 PluginText text) {
    CoreUiEvent event = event_for(id_of(kind, label), PLUGIN_RESPONSE_CHANGED);
    event.text = text;
    const PluginStatus status = ui_check_event(ui, &event, NULL);
    if (status == PLUGIN_OK) frame(ui, draw, panel, &event, 0);
    return status;
}

/* How often `part` stands in the last frame. */
static inline int64_t occurrences(const char *part) {
    int64_t count = 0;
    for (const char *at = written; *at; at++) count += strncmp(at, part, strlen(part)) == 0;
    return count;
}

static inline void end(Ui *ui) {
    ui_free(ui);
    free(written);
    written = NULL;
}

#endif
