/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings: every widget once. The values live in user.toml: each frame reads them, and a change is stored at once, so
 * that the plugin keeps nothing of its own but what is shown of the buttons. `show` as a message tells all values.
 */
#include "plugin_interface.h"

#include <inttypes.h>

enum { VALUE_BYTES = 1024 };

typedef struct Settings {
    int64_t presses;
    double progress;
} Settings;

/* What a setting is now; empty where there is none. */
static const char *get(const PluginInstanceContext *context, const char *key, char *value) {
    value[0] = '\0';
    plugin_get_config(context, key, value, VALUE_BYTES);
    return value;
}

/* Stores a changed value; what the manifest forbids is shown below the widget. */
static void set(const PluginInstanceContext *context, PluginUi *ui, const char *key, const char *value) {
    char text[256];
    PluginError error = {(uint32_t)sizeof error, PLUGIN_OK, text, sizeof text - 1, 0};
    if (context->callbacks->set_app_config(context->host, plugin_text(key), plugin_text(value), &error) == PLUGIN_OK)
        return;
    text[error.length] = '\0';
    plugin_ui_error(ui, text);
}

static void edit_texts(const PluginInstanceContext *context, PluginUi *ui) {
    char value[VALUE_BYTES];
    get(context, "greeting", value);
    if (plugin_ui_text_edit(ui, "Greeting", value, sizeof value) & PLUGIN_RESPONSE_CHANGED)
        set(context, ui, "greeting", value);
    plugin_ui_tooltip(ui, "How `hello` is answered");
    get(context, "password", value);
    if (plugin_ui_password(ui, "Password", value, sizeof value) & PLUGIN_RESPONSE_CHANGED)
        set(context, ui, "password", value);
    get(context, "notes", value);
    if (plugin_ui_text_area(ui, "Notes", value, sizeof value) & PLUGIN_RESPONSE_CHANGED)
        set(context, ui, "notes", value);
}

static void edit_numbers(const PluginInstanceContext *context, PluginUi *ui) {
    char value[VALUE_BYTES];
    int64_t count = strtoll(get(context, "count", value), NULL, 10);
    if (plugin_ui_integer(ui, "Count", &count, 0, 100) & PLUGIN_RESPONSE_CHANGED) {
        snprintf(value, sizeof value, "%" PRId64, count);
        set(context, ui, "count", value);
    }
    double ratio = strtod(get(context, "ratio", value), NULL);
    if (plugin_ui_number(ui, "Ratio", &ratio, 0, 1) & PLUGIN_RESPONSE_CHANGED) {
        snprintf(value, sizeof value, "%.17g", ratio);
        set(context, ui, "ratio", value);
    }
    double volume = strtod(get(context, "volume", value), NULL);
    if (plugin_ui_slider(ui, "Volume", &volume, 0, 100) & PLUGIN_RESPONSE_CHANGED) {
        snprintf(value, sizeof value, "%.17g", volume);
        set(context, ui, "volume", value);
    }
}

typedef uint32_t (*Switch)(PluginUi *ui, const char *label, int32_t *value);

static void edit_switch(const PluginInstanceContext *context, PluginUi *ui, Switch draw, const char *label,
                        const char *key) {
    char value[VALUE_BYTES];
    int32_t on = strcmp(get(context, key, value), "true") == 0;
    if (draw(ui, label, &on) & PLUGIN_RESPONSE_CHANGED) set(context, ui, key, on ? "true" : "false");
}

static void edit_choices(const PluginInstanceContext *context, PluginUi *ui) {
    const PluginChoice colours[] = {plugin_choice("red", "Red"), plugin_choice("green", "Green"),
                                    plugin_choice("blue", "Blue")};
    const PluginChoice languages[] = {plugin_choice("en", "English"), plugin_choice("de", "Deutsch"),
                                      plugin_choice("zh", "中文")};
    char value[VALUE_BYTES];
    get(context, "colour", value);
    if (plugin_ui_radio(ui, "Colour", value, sizeof value, colours, 3) & PLUGIN_RESPONSE_CHANGED)
        set(context, ui, "colour", value);
    get(context, "language", value);
    if (plugin_ui_combo_box(ui, "Language", value, sizeof value, "Choose one", languages, 3) & PLUGIN_RESPONSE_CHANGED)
        set(context, ui, "language", value);
}

static void show_the_rest(Settings *settings, PluginUi *ui) {
    char text[64];
    plugin_ui_separator(ui);
    plugin_ui_begin_horizontal(ui);
    if (plugin_ui_button(ui, "Press")) {
        settings->presses++;
        settings->progress = settings->progress >= 1 ? 0 : settings->progress + 0.25;
    }
    snprintf(text, sizeof text, "pressed %" PRId64 " times", settings->presses);
    plugin_ui_label(ui, text);
    plugin_ui_end(ui);
    plugin_ui_progress(ui, "Progress", settings->progress);
    if (settings->progress > 0 && settings->progress < 1) plugin_ui_spinner(ui, "going on");
    plugin_ui_space(ui, 8);
    plugin_ui_begin_collapsing(ui, "A table", PLUGIN_WIDGET_OPEN);
    plugin_ui_begin_grid(ui, "squares", 2);
    for (int row = 1; row <= 3; row++) {
        snprintf(text, sizeof text, "row %d", row);
        plugin_ui_push_id(ui, text);
        snprintf(text, sizeof text, "%d", row);
        plugin_ui_label(ui, text);
        snprintf(text, sizeof text, "%d", row * row);
        plugin_ui_label(ui, text);
        plugin_ui_pop_id(ui);
    }
    plugin_ui_end(ui);
    plugin_ui_end(ui);
}

static PluginStatus update_ui(void *plugin, const PluginInstanceContext *context, PluginUi *ui, PluginError *error) {
    (void)error;
    plugin_ui_heading(ui, "Settings");
    plugin_ui_markdown(ui, "Every **widget** once. What you set is stored in `user.toml`.");
    edit_texts(context, ui);
    edit_numbers(context, ui);
    plugin_ui_begin_vertical(ui);
    edit_switch(context, ui, plugin_ui_checkbox, "Shout", "shout");
    edit_switch(context, ui, plugin_ui_toggle, "Night mode", "night");
    edit_switch(context, ui, plugin_ui_selectable_value, "Pinned", "pinned");
    plugin_ui_end(ui);
    edit_choices(context, ui);
    show_the_rest((Settings *)plugin, ui);
    return PLUGIN_OK;
}

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    static const char *const keys[] = {"greeting", "notes", "count",  "ratio",  "volume",
                                       "shout",    "night", "pinned", "colour", "language"};
    char text[sizeof keys / sizeof *keys * (VALUE_BYTES + 32)] = "";
    char value[VALUE_BYTES];
    size_t length = 0;
    (void)plugin, (void)error;
    if (!plugin_text_equals(message, "show"))
        return plugin_replyf(context, request, "%s! Send `show` to see all settings.", get(context, "greeting", value));
    for (size_t index = 0; index < sizeof keys / sizeof *keys; index++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%s = %s\n", keys[index],
                                   get(context, keys[index], value));
    return plugin_reply(context, request, text);
}

static void setup(PluginInterface *table) {
    table->update_ui = update_ui;
    table->handle_message = handle_message;
}

PLUGIN_DEFINE(sizeof(Settings), setup)
