/* SPDX-License-Identifier: Apache-2.0 */
/* Images and plots. */
#include "ui_repeat.h"
#include "ui_widgets.h"

#include <math.h>
#include <string.h>

/* "image/" and what a media type may have behind that, so that it cannot end the URL that it becomes a part of. */
static int is_image(PluginText media_type) {
    const size_t length = strlen("image/");
    if (!ui_begins_with(media_type, "image/") || media_type.length == length) return 0;
    for (uint64_t at = length; at < media_type.length; at++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+-_", media_type.data[at]))
            return 0;
    return 1;
}

static int has_room_for(Ui *ui, uint64_t bytes) {
    ui_take_over(ui);
    const uint64_t used = ui->drawn.json.length + ui->drawn.choices.length;
    return used <= UI_FRAME_MAX_BYTES && bytes / 3 <= (UI_FRAME_MAX_BYTES - used) / 4;
}

void PLUGIN_CALL widget_image(PluginUi *handle, PluginText label, PluginText media_type, const void *data,
                              uint64_t length, double width) {
    Ui *ui = ui_of(handle);
    if (!ui_take(ui, UI_IMAGE, "label", &label) || !ui_take(ui, UI_IMAGE, "media_type", &media_type)) return;
    if (!is_image(media_type)) {
        ui_refuse(ui, UI_IMAGE, "the media type is one such as image/png; this one is \"%.*s\"",
                  (int)text_cut(media_type.data, media_type.length, 100), media_type.data);
        return;
    }
    if (!data || length == 0) {
        ui_refuse(ui, UI_IMAGE, "there is no data");
        return;
    }
    if (!has_room_for(ui, length)) {
        ui_refuse(ui, UI_IMAGE, "its %llu bytes are more than the frame has room for", (unsigned long long)length);
        return;
    }
    UiWidget *widget = ui_add_widget(ui, UI_IMAGE, label);
    if (!widget) return;
    ui_member_text(ui, "label", label);
    ui_member(ui, "source");
    ui_bytes_text(&ui->drawn.json, "\"data:");
    ui_bytes_add(&ui->drawn.json, media_type.data, (size_t)media_type.length);
    ui_bytes_text(&ui->drawn.json, ";base64,");
    ui_json_base64(&ui->drawn.json, data, length);
    ui_bytes_text(&ui->drawn.json, "\"");
    if (width > 0 && isfinite(width)) ui_member_number(ui, "width", width);
    ui_complete(ui, widget, 0);
}

/* ---- plots ---- */

/* Whether all series can be drawn; else what is wrong was told. */
static int check_series(Ui *ui, const PluginSeries *series, uint32_t count) {
    uint64_t points = 0;
    if (count > UI_SERIES_MAX || (count > 0 && !series)) {
        ui_refuse(ui, UI_PLOT, "the series are NULL, or more than %d", UI_SERIES_MAX);
        return 0;
    }
    for (uint32_t index = 0; index < count; index++) {
        PluginText name = series[index].name;
        if (!ui_take(ui, UI_PLOT, "the name of a series", &name)) return 0;
        if (series[index].count > 0 && !series[index].y) {
            ui_refuse(ui, UI_PLOT, "the values of series %u are NULL", index);
            return 0;
        }
        if (series[index].count > UI_POINTS_MAX - points) {
            ui_refuse(ui, UI_PLOT, "more than %d points; draw fewer of them, such as means", UI_POINTS_MAX);
            return 0;
        }
        points += series[index].count;
    }
    return 1;
}

static void write_values(Ui *ui, const char *name, const double *values, uint64_t count) {
    UiBytes *json = &ui->drawn.json;
    ui_member(ui, name);
    ui_bytes_text(json, "[");
    for (uint64_t at = 0; at < count; at++) {
        if (at > 0) ui_bytes_text(json, ",");
        ui_json_number(json, values[at]);
    }
    ui_bytes_text(json, "]");
}

static void write_series(Ui *ui, const PluginSeries *series) {
    static const char *const styles[] = {"line", "points", "bars"}; /* by PLUGIN_SERIES_… */
    UiBytes *json = &ui->drawn.json;
    PluginText name = series->name;
    if (!ui_text_in(&name)) name = plugin_text("");
    ui_bytes_text(json, "{\"name\":");
    ui_json_string(json, name);
    ui_bytes_text(json, ",\"style\":\"");
    ui_bytes_text(json, styles[series->style < sizeof styles / sizeof *styles ? series->style : PLUGIN_SERIES_LINE]);
    ui_bytes_text(json, "\"");
    if (series->x) write_values(ui, "x", series->x, series->count);
    write_values(ui, "y", series->y, series->count);
    ui_bytes_text(json, "}");
}

void PLUGIN_CALL widget_plot(PluginUi *handle, PluginText label, const PluginSeries *series, uint32_t count) {
    Ui *ui = ui_of(handle);
    if (!ui_take(ui, UI_PLOT, "label", &label) || !check_series(ui, series, count)) return;
    UiWidget *widget = ui_add_widget(ui, UI_PLOT, label);
    if (!widget) return;
    ui_member_text(ui, "label", label);
    ui_member(ui, "series");
    ui_bytes_text(&ui->drawn.json, "[");
    for (uint32_t index = 0; index < count; index++) {
        if (index > 0) ui_bytes_text(&ui->drawn.json, ",");
        write_series(ui, &series[index]);
    }
    ui_bytes_text(&ui->drawn.json, "]");
    ui_complete(ui, widget, 0);
}
