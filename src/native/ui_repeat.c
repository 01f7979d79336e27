/* SPDX-License-Identifier: Apache-2.0 */
#include "ui_repeat.h"

void ui_take_over_run(Ui *ui) {
    const UiRun *run = &ui->run;
    const UiFrame *before = &ui->written;
    UiFrame *frame = &ui->drawn;
    const uint32_t count = run->next - frame->count;
    const uint32_t names = run->next_name - frame->name_count;
    const size_t length = run->end - run->json;
    char *to = ui_bytes_room(&frame->json, length + 1);
    if (!to || !ui_widgets_room(frame, count) || !ui_names_room(frame, names)) {
        ui->failed = 1;
        return;
    }
    if (to[-1] != '[') *to++ = ',';
    const size_t json = (size_t)(to - frame->json.data);
    memcpy(to, before->json.data + run->json, length);
    frame->json.length = json + length;
    memcpy(frame->widgets + frame->count, before->widgets + frame->count, count * sizeof *frame->widgets);
    memcpy(frame->names + frame->name_count, before->names + frame->name_count, names * sizeof *frame->names);
    for (; frame->count < run->next; frame->count++) {
        frame->widgets[frame->count].json += json - run->json;
        frame->widgets[frame->count].repeats = 1;
    }
    frame->name_count = run->next_name;
}

int ui_repeat_pop(Ui *ui, uint32_t widget) {
    const uint32_t next = ui->run.next;
    if (next == ui->drawn.count) return 0;
    if (ui->written.widgets[widget].end != next) {
        ui_take_over_run(ui);
        return 0;
    }
    if (widget < ui->drawn.count) ui->drawn.widgets[widget].end = next;
    ui->run.end += strlen("]}");
    return 1;
}

int ui_repeats_all(const Ui *ui) {
    return ui->same_shape && !ui->failed && ui->drawn.count == 1 && ui->run.end == ui->written.json.length;
}
