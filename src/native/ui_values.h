/* SPDX-License-Identifier: Apache-2.0 */
/* ui_values.h: which values a widget can have; asked when an event arrives, and again when the widget is drawn. */
#ifndef PLUGIN_NATIVE_UI_VALUES_H
#define PLUGIN_NATIVE_UI_VALUES_H

#include "ui_frame.h"

/* "#rrggbb". */
int ui_is_color(PluginText text);

/* The number of a day "yyyy-mm-dd", which grows with time; -1 where the text is none. */
int64_t ui_day(PluginText text);

/* Several values in one text, each with a NUL behind it, made so that it is quick to ask for one. */
typedef struct UiValues {
    const char *data;
    size_t length;
    UiMap places; /* of the hash of a value; empty where no memory was left, and then asking takes longer */
} UiValues;

/* `data` is borrowed until ui_values_free. */
void ui_values_init(UiValues *values, const char *data, size_t length);
int ui_values_have(const UiValues *values, PluginText value);
void ui_values_free(UiValues *values);

/* Whether a widget of `frame` can have the value that an event brings: PLUGIN_INVALID_ARGUMENT, with a sentence. */
PluginStatus ui_check_value(const UiFrame *frame, const UiWidget *widget, const CoreUiEvent *event, PluginError *error);

#endif
