/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings: every widget once, on a few pages. The values live in user.toml: each frame reads them, and a change is
 * stored at once, so that the plugin keeps nothing of its own but which page is open and what is shown of the buttons.
 * `show` as a message tells all values.
 */
#include "plugin_interface.h"

#include <inttypes.h>

enum { VALUE_BYTES = 1024, LOG_BYTES = 2048 };

typedef struct Settings {
    char page[16];
    int asking; /* whether the presses are to be forgotten */
    int64_t presses;
    double progress;
    char log[LOG_BYTES];
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

/* ---- the page of texts ---- */

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
    get(context, "accent", value);
    if (plugin_ui_color(ui, "Accent", value, sizeof value) & PLUGIN_RESPONSE_CHANGED) set(context, ui, "accent", value);
    get(context, "since", value);
    if (plugin_ui_date(ui, "Since", value, sizeof value) & PLUGIN_RESPONSE_CHANGED) set(context, ui, "since", value);
    get(context, "file", value);
    if (plugin_ui_file_pick(ui, "File", value, sizeof value, ".txt,.md") & PLUGIN_RESPONSE_CHANGED)
        set(context, ui, "file", value);
}

/* ---- the page of numbers ---- */

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

/* ---- the page of choices ---- */

typedef uint32_t (*Switch)(PluginUi *ui, const char *label, int32_t *value);

static void edit_switch(const PluginInstanceContext *context, PluginUi *ui, Switch draw, const char *label,
                        const char *key) {
    char value[VALUE_BYTES];
    int32_t on = strcmp(get(context, key, value), "true") == 0;
    if (draw(ui, label, &on) & PLUGIN_RESPONSE_CHANGED) set(context, ui, key, on ? "true" : "false");
}

/* Several choices are one setting, with commas between. */
static void edit_toppings(const PluginInstanceContext *context, PluginUi *ui) {
    enum { COUNT = 3 };
    const PluginChoice toppings[COUNT] = {plugin_choice("cheese", "Cheese"), plugin_choice("ham", "Ham"),
                                          plugin_choice("olives", "Olives")};
    int32_t selected[COUNT];
    char value[VALUE_BYTES];
    get(context, "toppings", value);
    for (int at = 0; at < COUNT; at++) selected[at] = strstr(value, toppings[at].value.data) != NULL;
    if (!(plugin_ui_multi_select(ui, "Toppings", toppings, selected, COUNT) & PLUGIN_RESPONSE_CHANGED)) return;
    value[0] = '\0';
    for (int at = 0; at < COUNT; at++)
        if (selected[at]) strcat(strcat(value, value[0] ? "," : ""), toppings[at].value.data);
    set(context, ui, "toppings", value);
}

static void choose_planet(const PluginInstanceContext *context, PluginUi *ui) {
    const PluginText columns[] = {plugin_text("Planet"), plugin_text("Moons")};
    const PluginText cells[] = {plugin_text("Earth"), plugin_text("1"),     plugin_text("Mars"),
                                plugin_text("2"),     plugin_text("Venus"), plugin_text("0")};
    const PluginText keys[] = {plugin_text("earth"), plugin_text("mars"), plugin_text("venus")};
    const PluginTable table = {(uint32_t)sizeof table, 2, 3, 0, columns, cells, keys};
    char value[VALUE_BYTES];
    PluginResponse response = plugin_response();
    get(context, "planet", value);
    ui->table->table(ui, plugin_text("Planets"), &table, plugin_text(value), 0, &response);
    if (!(response.flags & PLUGIN_RESPONSE_CHANGED)) return;
    plugin_text_copy(response.text, value, sizeof value);
    set(context, ui, "planet", value);
}

static void edit_choices(const PluginInstanceContext *context, PluginUi *ui) {
    const PluginChoice colours[] = {plugin_choice("red", "Red"), plugin_choice("green", "Green"),
                                    plugin_choice("blue", "Blue")};
    const PluginChoice languages[] = {plugin_choice("en", "English"), plugin_choice("de", "Deutsch"),
                                      plugin_choice("zh", "中文")};
    char value[VALUE_BYTES];
    plugin_ui_begin_vertical(ui);
    edit_switch(context, ui, plugin_ui_checkbox, "Shout", "shout");
    edit_switch(context, ui, plugin_ui_toggle, "Night mode", "night");
    edit_switch(context, ui, plugin_ui_selectable_value, "Pinned", "pinned");
    plugin_ui_end(ui);
    get(context, "colour", value);
    if (plugin_ui_radio(ui, "Colour", value, sizeof value, colours, 3) & PLUGIN_RESPONSE_CHANGED)
        set(context, ui, "colour", value);
    get(context, "language", value);
    if (plugin_ui_combo_box(ui, "Language", value, sizeof value, "Choose one", languages, 3) & PLUGIN_RESPONSE_CHANGED)
        set(context, ui, "language", value);
    edit_toppings(context, ui);
    choose_planet(context, ui);
}

/* ---- the page of things to read ---- */

static void show_squares(PluginUi *ui) {
    char text[32];
    plugin_ui_begin_collapsing(ui, "A grid", PLUGIN_WIDGET_OPEN);
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

static void show_things(PluginUi *ui) {
    static const char picture[] = "<svg xmlns='http://www.w3.org/2000/svg' width='64' height='32'>"
                                  "<circle cx='16' cy='16' r='12' fill='#36c'/>"
                                  "<circle cx='48' cy='16' r='12' fill='#c63'/></svg>";
    double throws[32];
    for (int at = 0; at < 32; at++) throws[at] = at * (31 - at);
    const PluginSeries series[] = {plugin_series("height", throws, 32)};
    plugin_ui_code(ui, "static void setup(PluginInterface *table) { table->update_ui = update_ui; }", "c");
    plugin_ui_link(ui, "CommonMark", "https://commonmark.org");
    ui->table->image(ui, plugin_text("Two circles"), plugin_text("image/svg+xml"), picture, sizeof picture - 1, 64);
    plugin_ui_plot(ui, "A throw", series, 1);
    plugin_ui_space(ui, 8);
    show_squares(ui);
}

/* ---- the page of things to do ---- */

/* The oldest lines go where there is no room. */
static void note(Settings *settings, const char *line) {
    size_t length = strlen(settings->log);
    while (length + strlen(line) + 2 > LOG_BYTES) {
        const char *next = strchr(settings->log, '\n') + 1;
        length -= (size_t)(next - settings->log);
        memmove(settings->log, next, length + 1);
    }
    strcat(strcat(settings->log, line), "\n");
}

static void press(Settings *settings, PluginUi *ui) {
    char text[64];
    settings->presses++;
    settings->progress = settings->progress >= 1 ? 0 : settings->progress + 0.25;
    snprintf(text, sizeof text, "pressed %" PRId64 " times", settings->presses);
    note(settings, text);
    plugin_ui_toast(ui, PLUGIN_MESSAGE_INFO, "Pressed");
}

static void do_things(Settings *settings, PluginUi *ui) {
    char text[64];
    plugin_ui_begin_horizontal(ui);
    if (plugin_ui_button(ui, "Press")) press(settings, ui);
    if (plugin_ui_button(ui, "Forget")) settings->asking = 1;
    snprintf(text, sizeof text, "pressed %" PRId64 " times", settings->presses);
    plugin_ui_label(ui, text);
    plugin_ui_end(ui);
    plugin_ui_progress(ui, "Progress", settings->progress);
    if (settings->progress > 0 && settings->progress < 1) plugin_ui_spinner(ui, "going on");
    plugin_ui_separator(ui);
    plugin_ui_log_view(ui, "What happened", settings->log, 5);
    if (!settings->asking) return;
    const int answer = plugin_ui_confirm(ui, "Forget the presses?", "They cannot be brought back.", "Forget", "Keep");
    if (answer >= 0) settings->asking = 0;
    if (answer != 1) return;
    settings->presses = 0;
    settings->progress = 0;
    settings->log[0] = '\0';
    plugin_ui_toast(ui, PLUGIN_MESSAGE_SUCCESS, "Forgotten");
}

/* ---- the entries ---- */

static PluginStatus update_ui(void *plugin, const PluginInstanceContext *context, PluginUi *ui, PluginError *error) {
    const PluginChoice pages[] = {plugin_choice("texts", "Texts"), plugin_choice("numbers", "Numbers"),
                                  plugin_choice("choices", "Choices"), plugin_choice("read", "To read"),
                                  plugin_choice("do", "To do")};
    Settings *settings = (Settings *)plugin;
    (void)error;
    plugin_ui_heading(ui, "Settings");
    plugin_ui_markdown(ui, "Every **widget** once. What you set is stored in `user.toml`.");
    if (!settings->page[0]) strcpy(settings->page, "texts");
    plugin_ui_begin_tabs(ui, "Pages", settings->page, sizeof settings->page, pages, 5);
    if (strcmp(settings->page, "texts") == 0) edit_texts(context, ui);
    if (strcmp(settings->page, "numbers") == 0) edit_numbers(context, ui);
    if (strcmp(settings->page, "choices") == 0) edit_choices(context, ui);
    if (strcmp(settings->page, "read") == 0) show_things(ui);
    if (strcmp(settings->page, "do") == 0) do_things(settings, ui);
    plugin_ui_end(ui);
    return PLUGIN_OK;
}

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    static const char *const keys[] = {"greeting", "notes",  "accent",   "since",    "file",
                                       "count",    "ratio",  "volume",   "shout",    "night",
                                       "pinned",   "colour", "language", "toppings", "planet"};
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
