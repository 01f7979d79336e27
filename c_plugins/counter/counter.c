/* SPDX-License-Identifier: Apache-2.0 */
/* counter: a state that survives. `+`, `-`, `+5`, `reset` and buttons change it, an empty message asks for it. */
#include "plugin_interface.h"

#include <inttypes.h>

typedef struct Counter {
    int64_t value;
} Counter;

/* Adds without ever overflowing; 0 where the sum does not fit. */
static int add(Counter *counter, int64_t step) {
    if (step > 0 ? counter->value > INT64_MAX - step : counter->value < INT64_MIN - step) return 0;
    counter->value += step;
    return 1;
}

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    Counter *counter = (Counter *)plugin;
    int64_t step = 0;
    if (plugin_text_equals(message, "+")) {
        step = 1;
    } else if (plugin_text_equals(message, "-")) {
        step = -1;
    } else if (plugin_text_equals(message, "reset")) {
        counter->value = 0;
    } else if (message.length > 0) {
        char *end;
        step = strtoll(message.data, &end, 10);
        if (end != message.data + message.length)
            return plugin_fail(error, PLUGIN_INVALID_ARGUMENT,
                               "send +, -, a number to add, or reset; an empty message asks for the count");
    }
    if (!add(counter, step)) return plugin_fail(error, PLUGIN_INVALID_ARGUMENT, "the count does not go that far");
    plugin_refresh_ui(context);
    return plugin_replyf(context, request, "%" PRId64, counter->value);
}

static PluginStatus update_ui(void *plugin, const PluginInstanceContext *context, PluginUi *ui, PluginError *error) {
    Counter *counter = (Counter *)plugin;
    char text[32];
    (void)context, (void)error;
    snprintf(text, sizeof text, "%" PRId64, counter->value);
    plugin_ui_heading(ui, text);
    plugin_ui_begin_horizontal(ui);
    if (plugin_ui_button(ui, "Less")) add(counter, -1);
    if (plugin_ui_button(ui, "More")) add(counter, 1);
    if (plugin_ui_button(ui, "Reset")) counter->value = 0;
    plugin_ui_end(ui);
    return PLUGIN_OK;
}

/* Text, so that another version of this plugin, or another machine, can read it. */
static PluginStatus save_state(void *plugin, const PluginInstanceContext *context, PluginWriteBytes write,
                               void *userdata, PluginError *error) {
    char text[32];
    const int length = snprintf(text, sizeof text, "%" PRId64, ((Counter *)plugin)->value);
    (void)context, (void)error;
    return write(userdata, text, (uint64_t)length);
}

static PluginStatus load_state(void *plugin, const PluginInstanceContext *context, const void *data, uint64_t length,
                               PluginError *error) {
    char text[32];
    (void)error;
    plugin_text_copy(plugin_text_of((const char *)data, length), text, sizeof text);
    ((Counter *)plugin)->value = strtoll(text, NULL, 10);
    plugin_log_debug(context, "goes on from %s", text);
    return PLUGIN_OK;
}

static void setup(PluginInterface *table) {
    table->handle_message = handle_message;
    table->update_ui = update_ui;
    table->save_state = save_state;
    table->load_state = load_state;
}

PLUGIN_DEFINE(sizeof(Counter), setup)
