/* SPDX-License-Identifier: Apache-2.0 */
#include "ui_values.h"

#include "text.h"
#include "ui_draw.h"

#include <math.h>
#include <string.h>

/* ---- colours and days ---- */

static int digit(char character) { return character >= '0' && character <= '9'; }

static int hexadecimal(char character) {
    return digit(character) || (character >= 'a' && character <= 'f') || (character >= 'A' && character <= 'F');
}

int ui_is_color(PluginText text) {
    if (text.length != 7 || text.data[0] != '#') return 0;
    for (int at = 1; at < 7; at++)
        if (!hexadecimal(text.data[at])) return 0;
    return 1;
}

static int days_in(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

int64_t ui_day(PluginText text) {
    int parts[3] = {0, 0, 0};
    int part = 0;
    if (text.length != 10) return -1;
    for (int at = 0; at < 10; at++) {
        if (at == 4 || at == 7) {
            if (text.data[at] != '-') return -1;
            part++;
        } else if (digit(text.data[at])) {
            parts[part] = parts[part] * 10 + (text.data[at] - '0');
        } else {
            return -1;
        }
    }
    const int year = parts[0], month = parts[1], day = parts[2];
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in(year, month)) return -1;
    return (year * 100 + month) * 100 + day;
}

/* ---- several values ---- */

/* The value at `at`, and where the next one begins. The NUL of the last may be missing. */
static PluginText value_at(const char *data, size_t length, size_t at, size_t *next) {
    const size_t size = strnlen(data + at, length - at);
    *next = at + size + 1;
    return plugin_text_of(data + at, size);
}

static uint64_t hash_of(PluginText value) {
    const uint64_t hash = ui_mix(UINT64_C(0xCBF29CE484222325), value.data, (size_t)value.length);
    return hash ? hash : 1;
}

void ui_values_init(UiValues *values, const char *data, size_t length) {
    size_t next;
    memset(values, 0, sizeof *values);
    values->data = data;
    values->length = length;
    for (size_t at = 0; at < length; at = next) {
        const uint64_t hash = hash_of(value_at(data, length, at, &next));
        const uint32_t before = values->places.count;
        uint32_t *place = ui_map_at(&values->places, hash);
        if (!place) {
            ui_map_free(&values->places);
            return;
        }
        if (values->places.count > before) *place = (uint32_t)at;
    }
}

int ui_values_have(const UiValues *values, PluginText value) {
    size_t next;
    if (values->places.count > 0) {
        const uint32_t place = ui_map_get(&values->places, hash_of(value), UINT32_MAX);
        if (place == UINT32_MAX) return 0;
        if (text_same(value, value_at(values->data, values->length, place, &next))) return 1;
        /* Two values with one hash. */
    }
    for (size_t at = 0; at < values->length; at = next)
        if (text_same(value, value_at(values->data, values->length, at, &next))) return 1;
    return 0;
}

void ui_values_free(UiValues *values) { ui_map_free(&values->places); }

/* ---- choices ---- */

static int is_choice(const UiFrame *frame, const UiWidget *widget, PluginText value) {
    size_t next;
    if (frame->choices.failed || widget->limits.choices.count == 0) return 0;
    const char *choices = frame->choices.data + widget->limits.choices.start;
    const size_t length = widget->limits.choices.length;
    for (size_t at = 0; at < length; at = next)
        if (text_same(value, value_at(choices, length, at, &next))) return 1;
    return 0;
}

static PluginStatus no_choice(PluginText value, PluginError *error) {
    return error_set(error, PLUGIN_INVALID_ARGUMENT, "\"%.*s\" is none of the choices",
                     (int)text_cut(value.data, value.length, 100), value.data);
}

static PluginStatus check_choices(const UiFrame *frame, const UiWidget *widget, PluginText chosen, PluginError *error) {
    PluginStatus status = PLUGIN_OK;
    UiValues choices;
    size_t next;
    if (frame->choices.failed) return error_set_status(error, PLUGIN_INVALID_ARGUMENT);
    if (chosen.length == 0) return PLUGIN_OK;
    ui_values_init(&choices, widget->limits.choices.count ? frame->choices.data + widget->limits.choices.start : "",
                   widget->limits.choices.count ? widget->limits.choices.length : 0);
    for (size_t at = 0; at < chosen.length && status == PLUGIN_OK; at = next) {
        const PluginText value = value_at(chosen.data, (size_t)chosen.length, at, &next);
        if (!ui_values_have(&choices, value)) status = no_choice(value, error);
    }
    ui_values_free(&choices);
    return status;
}

/* ---- each kind of value ---- */

static PluginStatus check_text(PluginText value, int flags, PluginText *text, PluginError *error) {
    if (text_in(value, UI_TEXT_MAX_BYTES, flags, "the value", text, error) == PLUGIN_OK) return PLUGIN_OK;
    if (error) error->status = PLUGIN_INVALID_ARGUMENT;
    return PLUGIN_INVALID_ARGUMENT;
}

static PluginStatus check_day(const UiWidget *widget, PluginText text, PluginError *error) {
    const int64_t day = ui_day(text);
    if (text.length == 0) return PLUGIN_OK;
    if (day < 0)
        return error_set(error, PLUGIN_INVALID_ARGUMENT, "\"%.*s\" is no day; write it as 2006-01-31",
                         (int)text_cut(text.data, text.length, 100), text.data);
    if (day >= widget->limits.integer.minimum && day <= widget->limits.integer.maximum) return PLUGIN_OK;
    return error_set(error, PLUGIN_INVALID_ARGUMENT, "%.10s is before the first day or after the last one that can be",
                     text.data);
}

static PluginStatus check_number(const UiWidget *widget, double number, PluginError *error) {
    const double minimum = widget->limits.number.minimum;
    const double maximum = widget->limits.number.maximum;
    if (isfinite(number) && number >= minimum && number <= maximum) return PLUGIN_OK;
    return error_set(error, PLUGIN_INVALID_ARGUMENT, "%g is not between %g and %g", number, minimum, maximum);
}

static PluginStatus check_integer(int64_t value, int64_t minimum, int64_t maximum, PluginError *error) {
    if (value >= minimum && value <= maximum) return PLUGIN_OK;
    return error_set(error, PLUGIN_INVALID_ARGUMENT, "%lld is not between %lld and %lld", (long long)value,
                     (long long)minimum, (long long)maximum);
}

static PluginStatus check_color(PluginText text, PluginError *error) {
    if (ui_is_color(text)) return PLUGIN_OK;
    return error_set(error, PLUGIN_INVALID_ARGUMENT, "\"%.*s\" is no colour; write it as #rrggbb",
                     (int)text_cut(text.data, text.length, 100), text.data);
}

PluginStatus ui_check_value(const UiFrame *frame, const UiWidget *widget, const CoreUiEvent *event,
                            PluginError *error) {
    PluginText text = event->text;
    PluginStatus status;
    switch (widget->kind) {
    case UI_INTEGER:
        return check_integer(event->integer, widget->limits.integer.minimum, widget->limits.integer.maximum, error);
    case UI_NUMBER:
    case UI_SLIDER:
        return check_number(widget, event->number, error);
    case UI_CHECKBOX:
    case UI_TOGGLE:
    case UI_SELECTABLE_VALUE:
    case UI_CONFIRM:
        return check_integer(event->integer, 0, 1, error);
    case UI_TEXT_EDIT_SINGLELINE:
    case UI_TEXT_EDIT_MULTILINE:
    case UI_FILE_PICK:
        return check_text(event->text, 0, &text, error);
    case UI_RADIO:
    case UI_COMBO_BOX:
    case UI_TABLE:
    case UI_TABS:
        status = check_text(event->text, 0, &text, error);
        return status != PLUGIN_OK || is_choice(frame, widget, text) ? status : no_choice(text, error);
    case UI_MULTI_SELECT:
        status = check_text(event->text, TEXT_NUL_ALLOWED, &text, error);
        return status != PLUGIN_OK ? status : check_choices(frame, widget, text, error);
    case UI_COLOR:
        status = check_text(event->text, 0, &text, error);
        return status != PLUGIN_OK ? status : check_color(text, error);
    case UI_DATE:
        status = check_text(event->text, 0, &text, error);
        return status != PLUGIN_OK ? status : check_day(widget, text, error);
    default:
        return error_set(error, PLUGIN_INVALID_ARGUMENT, "a %s has no value", ui_kind_name(widget->kind));
    }
}

uint32_t ui_find(const UiFrame *frame, uint64_t id) {
    for (uint32_t index = 0; index < frame->count; index++)
        if (frame->widgets[index].id == id) return index;
    return UINT32_MAX;
}

PluginStatus ui_check_event(const Ui *ui, const CoreUiEvent *event, PluginError *error) {
    const UiFrame *frame = &ui->written;
    const uint32_t index = ui_find(frame, event->id);
    if (index == UINT32_MAX)
        return error_set(error, PLUGIN_NOT_FOUND, "the widget is not shown any more, or never was: draw the UI anew");
    const UiWidget *widget = &frame->widgets[index];
    if (!ui_is_operated(widget->kind))
        return error_set(error, PLUGIN_INVALID_ARGUMENT, "a %s cannot be operated", ui_kind_name(widget->kind));
    if (widget->disabled) return error_set(error, PLUGIN_INVALID_ARGUMENT, "the widget is disabled");
    if (widget->kind == UI_TABLE && widget->limits.choices.count == 0)
        return error_set(error, PLUGIN_INVALID_ARGUMENT, "the table has no row that can be chosen");
    /* An answer is a click that has a value. */
    if (event->flags &
        (widget->kind == UI_CONFIRM ? PLUGIN_RESPONSE_CLICKED | PLUGIN_RESPONSE_CHANGED : PLUGIN_RESPONSE_CHANGED))
        return ui_check_value(frame, widget, event, error);
    return PLUGIN_OK;
}
