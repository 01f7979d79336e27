/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ui.h: one instance's settings UI. A frame is drawn through the table of the ABI, compared with the one before, and written as
 * JSON: whole, or as a patch (docs/ui.md). Used under the instance's turn alone, so nothing here is locked.
 */
#ifndef PLUGIN_NATIVE_UI_H
#define PLUGIN_NATIVE_UI_H

#include "core.h"

typedef struct Ui Ui;

/* NULL where no memory is left. */
Ui *ui_new(void);
void ui_free(Ui *ui);

/* Whether the person can have done this in the frame that was written last: PLUGIN_NOT_FOUND, PLUGIN_INVALID_ARGUMENT. */
PluginStatus ui_check_event(const Ui *ui, const CoreUiEvent *event, PluginError *error);

/* Begins a frame. `event` (may be NULL) is what the person did, seen by its widget in this frame; copied. `time` as in PluginUi. */
PluginUi *ui_begin(Ui *ui, const CoreUiEvent *event, uint32_t flags, double time);

/* Ends it: closes what is open. A `status` below zero adds an error widget with `text`. */
void ui_finish(Ui *ui, PluginStatus status, PluginText text);

/* Whether the frame that ended last has a widget that can be operated, so that one that something was done to has seen it. */
int ui_has_operable(const Ui *ui, uint64_t id);

/* What the plugin did wrong in the frame, as a sentence; empty where nothing. Valid until the next ui_begin. */
PluginText ui_misuse(const Ui *ui);

/* Toasts are collected from frame to frame until one is written. */
void ui_forget_toasts(Ui *ui);

/* Gives the frame that ended last as JSON; `base` and the forms as in core_ui_update. PLUGIN_OUT_OF_MEMORY. */
PluginStatus ui_write(Ui *ui, uint64_t base, PluginReceiveText receive, void *userdata);

#endif
