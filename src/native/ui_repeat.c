/* SPDX-License-Identifier: Apache-2.0 */
#include "ui_repeat.h"

void ui_take_over_run(Ui *ui) {
    const UiRun run = ui->run;
    const UiFrame *before = &ui->written;
    UiFrame *frame = &ui->drawn;
    memset(&ui->run, 0, sizeof ui->run);
    char *to = ui_bytes_room(&frame->json, run.end - run.json + 1);
    if (!to || !ui_widgets_room(frame, run.count) || !ui_names_room(frame, run.names)) {
        ui->failed = 1;
        return;
    }
    if (to[-1] != '[') *to++ = ',';
    const size_t json = (size_t)(to - frame->json.data);
    memcpy(to, before->json.data + run.json, run.end - run.json);
    frame->json.length = json + run.end - run.json;
    UiWidget *widgets = frame->widgets + frame->count;
    memcpy(widgets, before->widgets + frame->count, run.count * sizeof *widgets);
    for (uint32_t at = 0; at < run.count; at++) {
        widgets[at].json += json - run.json;
        widgets[at].repeats = 1;
    }
    memcpy(frame->names + frame->name_count, before->names + frame->name_count, run.names * sizeof *frame->names);
    frame->count += run.count;
    frame->name_count += run.names;
}

int ui_repeat_pop(Ui *ui, uint32_t widget) {
    const uint32_t next = ui->drawn.count + ui->run.count;
    if (ui->run.count == 0) return 0;
    if (ui->written.widgets[widget].end != next) {
        ui_take_over_run(ui);
        return 0;
    }
    if (widget < ui->drawn.count) ui->drawn.widgets[widget].end = next;
    ui->run.end += strlen("]}");
    return 1;
}

int ui_repeats_all(const Ui *ui) {
    return ui->follows && !ui->failed && ui->drawn.count == 1 && ui->run.count > 0 &&
           ui->run.count == ui->written.count - 1 && ui->run.names == ui->written.name_count &&
           ui->run.end == ui->written.json.length;
}
