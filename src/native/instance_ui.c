/* SPDX-License-Identifier: Apache-2.0 */
/* The settings UI of an instance: its entries, and what the front end is given. */
#include "instance.h"

/* How often update_ui runs for one thing that the person did; a plugin that asks for more frames gets them by an event. */
enum { RUNS_MAX = 8 };

typedef PluginStatus (*Draw)(void *plugin, const PluginInstanceContext *context, PluginUi *ui, PluginError *error);

/* Makes the Ui where this is the first frame; 0 where no memory is left. */
static int has_ui(Instance *instance) {
    if (!instance->ui) instance->ui = ui_new();
    return instance->ui != NULL;
}

/* One frame, of an instance that has a Ui. The entry's words are in `said`. */
static PluginStatus draw(Instance *instance, Draw entry, const CoreUiEvent *event, uint32_t flags, ErrorBuffer *said) {
    error_buffer_init(said);
    atomic_store(&instance->frame_again, 0);
    PluginUi *ui = ui_begin(instance->ui, event, flags, instance_age(instance));
    instance->frame_runs = 1;
    const PluginStatus status = entry(instance->entries.plugin_ptr, &instance->context, ui, &said->error);
    instance->frame_runs = 0;
    ui_finish(instance->ui, status, status < 0 ? error_buffer_text(said, status) : plugin_text(""));
    return status;
}

PluginStatus instance_init_ui(Instance *instance, ErrorBuffer *said) {
    if (!HAS(instance, init_ui)) return PLUGIN_OK;
    error_buffer_init(said);
    if (!has_ui(instance)) return PLUGIN_OUT_OF_MEMORY;
    const PluginStatus status = draw(instance, instance->entries.init_ui, NULL, 0, said);
    ui_forget_toasts(instance->ui); /* what init_ui draws is thrown away */
    return status;
}

/* Frames until the plugin is content. 0 where the event's widget was not drawn any more, so that nobody has seen it. */
static int draw_frames(Instance *instance, const CoreUiEvent *event, uint32_t flags) {
    ErrorBuffer said;
    int seen = 1;
    int runs = 0;
    int reported = 0; /* a mistake is told once, also where each frame repeats it */
    int again;
    do {
        const PluginStatus status = draw(instance, instance->entries.update_ui, event, flags, &said);
        const PluginText wrong = ui_misuse(instance->ui);
        if (wrong.length > 0 && !reported) instance_report(instance, PLUGIN_ERROR, "update_ui", "%s", wrong.data);
        reported = reported || wrong.length > 0;
        /* What the person did may have changed what stands above the widget that saw it. */
        again = event != NULL || atomic_load(&instance->frame_again);
        if (event && status >= 0) seen = ui_has_operable(instance->ui, event->id);
        event = NULL;
        if (status < 0) {
            instance_report_failure(instance, "update_ui", status, &said);
            again = 0;
        }
    } while (again && ++runs < RUNS_MAX);
    if (atomic_load(&instance->frame_again)) host_callbacks.refresh_ui(instance->host, NULL);
    return seen;
}

PluginStatus core_ui_update(PluginHost host, const CoreUiEvent *event, uint32_t ui_flags, uint64_t base,
                            PluginReceiveText receive, void *userdata, PluginError *error) {
    Instance *instance;
    Turn turn;
    PluginStatus status = instance_find(host, &instance, error);
    if (status != PLUGIN_OK) return status;
    status = instance_open_turn(instance, &turn, error);
    if (status == PLUGIN_OK) {
        const int32_t state = atomic_load(&instance->state);
        if (state != CORE_STATE_MOUNTED && state != CORE_STATE_CONNECTED)
            status = error_set(error, PLUGIN_INVALID_STATE, "the settings of a plugin can be drawn once it is mounted");
        else if (!HAS(instance, update_ui))
            status = error_set(error, PLUGIN_UNSUPPORTED, "the plugin draws no settings of its own");
        else if (!has_ui(instance))
            status = error_set_status(error, PLUGIN_OUT_OF_MEMORY);
        else if (event)
            status = ui_check_event(instance->ui, event, error);
        if (status == PLUGIN_OK && !draw_frames(instance, event, ui_flags)) {
            status = error_set(error, PLUGIN_NOT_FOUND,
                               "the widget was gone, or disabled, when the plugin drew it: nothing was done; draw the "
                               "UI anew");
        } else if (status == PLUGIN_OK) {
            status = ui_write(instance->ui, base, receive, userdata);
            if (status != PLUGIN_OK) error_set_status(error, status);
        }
        turn_end(&turn);
    }
    instance_release(instance);
    return status;
}
