/* SPDX-License-Identifier: Apache-2.0 */
/*
 * widgets: draws as many widgets as its last message says. `COUNT counting` has the label in the middle show another
 * text in each frame, `COUNT renaming` all of them.
 */
#include "plugin_interface.h"
#include "rows.h"

typedef struct State {
    Row rows[MOST_WIDGETS];
    uint32_t count;
    int counting;
    int renaming;
    uint64_t frame;
} State;

static PluginStatus initialize(void *plugin, const PluginInstanceContext *context, PluginError *error) {
    (void)context, (void)error;
    make_rows(((State *)plugin)->rows);
    return PLUGIN_OK;
}

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    State *state = (State *)plugin;
    unsigned count;
    if (sscanf(message.data, "%u", &count) != 1 || count > MOST_WIDGETS)
        return plugin_fail(error, PLUGIN_INVALID_ARGUMENT, "say how many widgets, 10000 at most");
    state->count = count;
    state->counting = strstr(message.data, "counting") != NULL;
    state->renaming = strstr(message.data, "renaming") != NULL;
    return plugin_reply(context, request, "");
}

static PluginStatus update_ui(void *plugin, const PluginInstanceContext *context, PluginUi *ui, PluginError *error) {
    State *state = (State *)plugin;
    const uint32_t middle = state->count / 2 / ROW_KINDS * ROW_KINDS;
    (void)context, (void)error;
    for (uint32_t at = 0; at < state->count; at++) {
        Row *row = &state->rows[at];
        int32_t on = at & 1;
        if (state->renaming) row->label[0] ^= 'S' ^ 's';
        switch (at % ROW_KINDS) {
        case ROW_LABEL:
            if (state->counting && at == middle)
                snprintf(row->label, sizeof row->label, "Frame %u", (unsigned)++state->frame);
            plugin_ui_label(ui, row->label);
            break;
        case ROW_BUTTON:
            plugin_ui_button(ui, row->label);
            break;
        case ROW_TEXT:
            plugin_ui_text_edit(ui, row->label, row->value, sizeof row->value);
            break;
        default:
            plugin_ui_toggle(ui, row->label, &on);
        }
    }
    return PLUGIN_OK;
}

static void setup(PluginInterface *table) {
    table->initialize = initialize;
    table->handle_message = handle_message;
    table->update_ui = update_ui;
}

PLUGIN_DEFINE(sizeof(State), setup)
