/* SPDX-License-Identifier: Apache-2.0 */
/* The widgets for plugins in Python; see python_ui.h. What is drawn goes through the table that every plugin uses. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "python_ui.h"

/* ---- widgets by the shape of their arguments ---- */

/* (ui) */
#define PLAIN(name)                                                                                                    \
    static PyObject *ui_##name(PyObject *module, PyObject *const *args, Py_ssize_t count) {                            \
        PluginUi *ui;                                                                                                  \
        (void)module;                                                                                                  \
        if (!check_count("ui_" #name, count, 1) || !take_ui(args[0], &ui)) return NULL;                                \
        ui->table->name(ui);                                                                                           \
        Py_RETURN_NONE;                                                                                                \
    }

/* (ui, text) */
#define TEXT(name)                                                                                                     \
    static PyObject *ui_##name(PyObject *module, PyObject *const *args, Py_ssize_t count) {                            \
        PluginUi *ui;                                                                                                  \
        PluginText text;                                                                                               \
        (void)module;                                                                                                  \
        if (!check_count("ui_" #name, count, 2) || !take_ui(args[0], &ui) || !take_text(args[1], &text)) return NULL;  \
        ui->table->name(ui, text);                                                                                     \
        Py_RETURN_NONE;                                                                                                \
    }

/* (ui, text, language or url) */
#define TWO_TEXTS(name)                                                                                                \
    static PyObject *ui_##name(PyObject *module, PyObject *const *args, Py_ssize_t count) {                            \
        PluginUi *ui;                                                                                                  \
        PluginText text, second;                                                                                       \
        (void)module;                                                                                                  \
        if (!check_count("ui_" #name, count, 3) || !take_ui(args[0], &ui) || !take_text(args[1], &text) ||             \
            !take_text(args[2], &second))                                                                              \
            return NULL;                                                                                               \
        ui->table->name(ui, text, second);                                                                             \
        Py_RETURN_NONE;                                                                                                \
    }

/* (ui, label, columns or flags) */
#define TEXT_AND_NUMBER(name)                                                                                          \
    static PyObject *ui_##name(PyObject *module, PyObject *const *args, Py_ssize_t count) {                            \
        PluginUi *ui;                                                                                                  \
        PluginText text;                                                                                               \
        uint32_t number;                                                                                               \
        (void)module;                                                                                                  \
        if (!check_count("ui_" #name, count, 3) || !take_ui(args[0], &ui) || !take_text(args[1], &text) ||             \
            !take_u32(args[2], &number))                                                                               \
            return NULL;                                                                                               \
        ui->table->name(ui, text, number);                                                                             \
        Py_RETURN_NONE;                                                                                                \
    }

/* (ui, label, value, hint or filter, flags) -> (flags, id, text) */
#define TEXT_EDIT(name)                                                                                                \
    static PyObject *ui_##name(PyObject *module, PyObject *const *args, Py_ssize_t count) {                            \
        PluginUi *ui;                                                                                                  \
        PluginText label, value, hint;                                                                                 \
        uint32_t flags;                                                                                                \
        PluginResponse response = plugin_response();                                                                   \
        (void)module;                                                                                                  \
        if (!check_count("ui_" #name, count, 5) || !take_ui(args[0], &ui) || !take_text(args[1], &label) ||            \
            !take_text(args[2], &value) || !take_text(args[3], &hint) || !take_u32(args[4], &flags))                   \
            return NULL;                                                                                               \
        ui->table->name(ui, label, value, hint, flags, &response);                                                     \
        return with_value(&response, text_value(&response, args[2]));                                                  \
    }

/* (ui, label, value, minimum, maximum, step, flags) -> (flags, id, float) */
#define NUMBER(name)                                                                                                   \
    static PyObject *ui_##name(PyObject *module, PyObject *const *args, Py_ssize_t count) {                            \
        PluginUi *ui;                                                                                                  \
        PluginText label;                                                                                              \
        double value, minimum, maximum, step;                                                                          \
        uint32_t flags;                                                                                                \
        PluginResponse response = plugin_response();                                                                   \
        (void)module;                                                                                                  \
        if (!check_count("ui_" #name, count, 7) || !take_ui(args[0], &ui) || !take_text(args[1], &label) ||            \
            !take_double(args[2], &value) || !take_double(args[3], &minimum) || !take_double(args[4], &maximum) ||     \
            !take_double(args[5], &step) || !take_u32(args[6], &flags))                                                \
            return NULL;                                                                                               \
        ui->table->name(ui, label, value, minimum, maximum, step, flags, &response);                                   \
        if (!has_changed(&response)) response.number = value;                                                          \
        return with_value(&response, PyFloat_FromDouble(response.number));                                             \
    }

/* (ui, label, value, flags) -> (flags, id, bool) */
#define SWITCH(name)                                                                                                   \
    static PyObject *ui_##name(PyObject *module, PyObject *const *args, Py_ssize_t count) {                            \
        PluginUi *ui;                                                                                                  \
        PluginText label;                                                                                              \
        int value;                                                                                                     \
        uint32_t flags;                                                                                                \
        PluginResponse response = plugin_response();                                                                   \
        (void)module;                                                                                                  \
        if (!check_count("ui_" #name, count, 4) || !take_ui(args[0], &ui) || !take_text(args[1], &label) ||            \
            (value = PyObject_IsTrue(args[2])) < 0 || !take_u32(args[3], &flags))                                      \
            return NULL;                                                                                               \
        ui->table->name(ui, label, value, flags, &response);                                                           \
        return with_value(&response, PyBool_FromLong(has_changed(&response) ? response.integer != 0 : value));         \
    }

PLAIN(separator)
PLAIN(begin_horizontal)
PLAIN(begin_vertical)
PLAIN(end)
PLAIN(pop_id)
TEXT(heading)
TEXT(label)
TEXT(markdown)
TEXT(error)
TEXT(spinner)
TEXT(tooltip)
TEXT(push_id)
TWO_TEXTS(code)
TWO_TEXTS(link)
TEXT_AND_NUMBER(begin_grid)
TEXT_AND_NUMBER(begin_collapsing)
TEXT_EDIT(text_edit_singleline)
TEXT_EDIT(text_edit_multiline)
TEXT_EDIT(file_pick)
NUMBER(number)
NUMBER(slider)
SWITCH(checkbox)
SWITCH(toggle)
SWITCH(selectable_value)

/* ---- widgets with a shape of their own ---- */

/* (ui, points) */
static PyObject *ui_space(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PluginUi *ui;
    double points;
    (void)module;
    if (!check_count("ui_space", count, 2) || !take_ui(args[0], &ui) || !take_double(args[1], &points)) return NULL;
    ui->table->space(ui, points);
    Py_RETURN_NONE;
}

/* (ui, label, fraction) */
static PyObject *ui_progress(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PluginUi *ui;
    PluginText label;
    double fraction;
    (void)module;
    if (!check_count("ui_progress", count, 3) || !take_ui(args[0], &ui) || !take_text(args[1], &label) ||
        !take_double(args[2], &fraction))
        return NULL;
    ui->table->progress(ui, label, fraction);
    Py_RETURN_NONE;
}

/* (ui, label, flags) -> (flags, id, None) */
static PyObject *ui_button(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PluginUi *ui;
    PluginText label;
    uint32_t flags;
    PluginResponse response = plugin_response();
    (void)module;
    if (!check_count("ui_button", count, 3) || !take_ui(args[0], &ui) || !take_text(args[1], &label) ||
        !take_u32(args[2], &flags))
        return NULL;
    ui->table->button(ui, label, flags, &response);
    return with_value(&response, same_value(Py_None));
}

/* (ui, label, value, minimum, maximum, flags) -> (flags, id, int) */
static PyObject *ui_integer(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PluginUi *ui;
    PluginText label;
    int64_t value, minimum, maximum;
    uint32_t flags;
    PluginResponse response = plugin_response();
    (void)module;
    if (!check_count("ui_integer", count, 6) || !take_ui(args[0], &ui) || !take_text(args[1], &label) ||
        !take_i64(args[2], &value) || !take_i64(args[3], &minimum) || !take_i64(args[4], &maximum) ||
        !take_u32(args[5], &flags))
        return NULL;
    ui->table->integer(ui, label, value, minimum, maximum, flags, &response);
    return with_value(&response, has_changed(&response) ? PyLong_FromLongLong(response.integer) : same_value(args[2]));
}

/* (ui, label, text, rows) */
static PyObject *ui_log_view(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PluginUi *ui;
    PluginText label, text;
    uint32_t rows;
    (void)module;
    if (!check_count("ui_log_view", count, 4) || !take_ui(args[0], &ui) || !take_text(args[1], &label) ||
        !take_text(args[2], &text) || !take_u32(args[3], &rows))
        return NULL;
    ui->table->log_view(ui, label, text, rows);
    Py_RETURN_NONE;
}

/* (ui, label, media type, bytes, width) */
static PyObject *ui_image(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PluginUi *ui;
    PluginText label, media_type;
    double width;
    Py_buffer data;
    (void)module;
    if (!check_count("ui_image", count, 5) || !take_ui(args[0], &ui) || !take_text(args[1], &label) ||
        !take_text(args[2], &media_type) || !take_double(args[4], &width) ||
        PyObject_GetBuffer(args[3], &data, PyBUF_SIMPLE) < 0)
        return NULL;
    ui->table->image(ui, label, media_type, data.buf, (uint64_t)data.len, width);
    PyBuffer_Release(&data);
    Py_RETURN_NONE;
}

/* (ui, label, value, flags) -> (flags, id, text) */
static PyObject *ui_color(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PluginUi *ui;
    PluginText label, value;
    uint32_t flags;
    PluginResponse response = plugin_response();
    (void)module;
    if (!check_count("ui_color", count, 4) || !take_ui(args[0], &ui) || !take_text(args[1], &label) ||
        !take_text(args[2], &value) || !take_u32(args[3], &flags))
        return NULL;
    ui->table->color(ui, label, value, flags, &response);
    return with_value(&response, text_value(&response, args[2]));
}

/* (ui, label, value, minimum, maximum, flags) -> (flags, id, text) */
static PyObject *ui_date(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PluginUi *ui;
    PluginText label, value, minimum, maximum;
    uint32_t flags;
    PluginResponse response = plugin_response();
    (void)module;
    if (!check_count("ui_date", count, 6) || !take_ui(args[0], &ui) || !take_text(args[1], &label) ||
        !take_text(args[2], &value) || !take_text(args[3], &minimum) || !take_text(args[4], &maximum) ||
        !take_u32(args[5], &flags))
        return NULL;
    ui->table->date(ui, label, value, minimum, maximum, flags, &response);
    return with_value(&response, text_value(&response, args[2]));
}

/* (ui, title, text, accept, dismiss) -> (flags, id, bool) */
static PyObject *ui_confirm(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PluginUi *ui;
    PluginText title, text, accept, dismiss;
    PluginResponse response = plugin_response();
    (void)module;
    if (!check_count("ui_confirm", count, 5) || !take_ui(args[0], &ui) || !take_text(args[1], &title) ||
        !take_text(args[2], &text) || !take_text(args[3], &accept) || !take_text(args[4], &dismiss))
        return NULL;
    ui->table->confirm(ui, title, text, accept, dismiss, &response);
    return with_value(&response, PyBool_FromLong(response.integer != 0));
}

/* (ui, kind, text) */
static PyObject *ui_toast(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PluginUi *ui;
    uint32_t kind;
    PluginText text;
    (void)module;
    if (!check_count("ui_toast", count, 3) || !take_ui(args[0], &ui) || !take_u32(args[1], &kind) ||
        !take_text(args[2], &text))
        return NULL;
    ui->table->toast(ui, kind, text);
    Py_RETURN_NONE;
}

PyMethodDef python_ui_methods[] = {PYTHON_UI_METHOD(heading),
                                   PYTHON_UI_METHOD(label),
                                   PYTHON_UI_METHOD(markdown),
                                   PYTHON_UI_METHOD(error),
                                   PYTHON_UI_METHOD(separator),
                                   PYTHON_UI_METHOD(space),
                                   PYTHON_UI_METHOD(spinner),
                                   PYTHON_UI_METHOD(progress),
                                   PYTHON_UI_METHOD(button),
                                   PYTHON_UI_METHOD(text_edit_singleline),
                                   PYTHON_UI_METHOD(text_edit_multiline),
                                   PYTHON_UI_METHOD(integer),
                                   PYTHON_UI_METHOD(number),
                                   PYTHON_UI_METHOD(slider),
                                   PYTHON_UI_METHOD(checkbox),
                                   PYTHON_UI_METHOD(toggle),
                                   PYTHON_UI_METHOD(selectable_value),
                                   PYTHON_UI_METHOD(tooltip),
                                   PYTHON_UI_METHOD(begin_horizontal),
                                   PYTHON_UI_METHOD(begin_vertical),
                                   PYTHON_UI_METHOD(begin_grid),
                                   PYTHON_UI_METHOD(begin_collapsing),
                                   PYTHON_UI_METHOD(end),
                                   PYTHON_UI_METHOD(push_id),
                                   PYTHON_UI_METHOD(pop_id),
                                   PYTHON_UI_METHOD(code),
                                   PYTHON_UI_METHOD(log_view),
                                   PYTHON_UI_METHOD(link),
                                   PYTHON_UI_METHOD(image),
                                   PYTHON_UI_METHOD(color),
                                   PYTHON_UI_METHOD(date),
                                   PYTHON_UI_METHOD(file_pick),
                                   PYTHON_UI_METHOD(confirm),
                                   PYTHON_UI_METHOD(toast),
                                   {NULL, NULL, 0, NULL}};
