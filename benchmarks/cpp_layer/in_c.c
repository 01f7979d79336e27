/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin that is measured, in C. in_cpp.cpp does the same. */
#include "plugin_interface.h"

typedef struct State {
    char text[64];
    int64_t integer;
    double number;
    int32_t on;
    int32_t presses;
} State;

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    PluginStream stream;
    (void)plugin;
    if (!plugin_text_equals(message, "stream")) return plugin_reply_text(context, request, message);
    PluginStatus status =
        context->callbacks->stream_start(context->host, request, PLUGIN_MESSAGE_NORMAL, &stream, error);
    for (int chunk = 0; chunk < 100 && status == PLUGIN_OK; chunk++)
        status = plugin_stream_data(context, stream, "a chunk");
    if (status != PLUGIN_OK) return status;
    plugin_stream_end(context, stream, NULL);
    return plugin_reply(context, request, "");
}

static PluginStatus update_ui(void *plugin, const PluginInstanceContext *context, PluginUi *ui, PluginError *error) {
    State *state = (State *)plugin;
    (void)context, (void)error;
    for (int row = 0; row < 20; row++) {
        plugin_ui_label(ui, "A label");
        if (plugin_ui_button(ui, "Press") & PLUGIN_RESPONSE_CLICKED) state->presses++;
        plugin_ui_text_edit(ui, "Text", state->text, sizeof state->text);
        plugin_ui_slider(ui, "Number", &state->number, 0, 100);
        plugin_ui_checkbox(ui, "On", &state->on);
    }
    return PLUGIN_OK;
}

static void setup(PluginInterface *table) {
    table->handle_message = handle_message;
    table->update_ui = update_ui;
}

PLUGIN_DEFINE(sizeof(State), setup)
