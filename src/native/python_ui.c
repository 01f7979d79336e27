/* SPDX-License-Identifier: Apache-2.0 */
/* The widgets for plugins in Python; see python_ui.h. What is drawn goes through the table that every plugin uses. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "python_args.h"
#include "python_ui.h"

static int take_ui(PyObject *object, PluginUi **ui) {
    *ui = (PluginUi *)PyLong_AsVoidPtr(object);
    if (*ui) return 1;
    if (!PyErr_Occurred())
        PyErr_SetString(PyExc_RuntimeError,
                        "this frame has ended: draw only in init_ui and update_ui, until they return");
    return 0;
}

/* Whether the response brings a value; otherwise the one that was passed in goes back, also where nothing was drawn. */
static int has_changed(const PluginResponse *response) { return (response->flags & PLUGIN_RESPONSE_CHANGED) != 0; }

static PyObject *same_value(PyObject *value) {
    Py_INCREF(value);
    return value;
}

static PyObject *text_value(const PluginResponse *response, PyObject *value) {
    if (!has_changed(response)) return same_value(value);
    return PyUnicode_DecodeUTF8(response->text.data, (Py_ssize_t)response->text.length, "replace");
}

/* Takes over the reference `value`, which is NULL where an exception is set. */
static PyObject *with_value(const PluginResponse *response, PyObject *value) {
    return value ? Py_BuildValue("(IKN)", (unsigned)response->flags, (unsigned long long)response->id, value) : NULL;
}

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

/* (ui, label, value, hint, flags) -> (flags, id, text) */
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
TEXT_AND_NUMBER(begin_grid)
TEXT_AND_NUMBER(begin_collapsing)
TEXT_EDIT(text_edit_singleline)
TEXT_EDIT(text_edit_multiline)
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

/* (ui, label, flags) -> (flags, id) */
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
    return Py_BuildValue("(IK)", (unsigned)response.flags, (unsigned long long)response.id);
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

/* A list of (value, label) as an array from PyMem_Malloc, whose texts the list lends. NULL with an exception set. */
static PluginChoice *take_choices(PyObject *object, uint32_t *count) {
    if (!PyList_Check(object) || PyList_Size(object) > (Py_ssize_t)(UINT32_MAX / sizeof(PluginChoice))) {
        PyErr_SetString(PyExc_TypeError, "choices are a list of (value, label)");
        return NULL;
    }
    *count = (uint32_t)PyList_Size(object);
    PluginChoice *choices = (PluginChoice *)PyMem_Malloc(sizeof *choices * (*count + 1u));
    if (!choices) return (PluginChoice *)PyErr_NoMemory();
    for (uint32_t index = 0; index < *count; index++) {
        PyObject *pair = PyList_GetItem(object, (Py_ssize_t)index); /* borrowed */
        if (pair && PyTuple_Check(pair) && PyTuple_Size(pair) == 2) {
            if (take_text(PyTuple_GetItem(pair, 0), &choices[index].value) &&
                take_text(PyTuple_GetItem(pair, 1), &choices[index].label))
                continue;
        } else {
            PyErr_SetString(PyExc_TypeError, "a choice is (value, label), two str");
        }
        PyMem_Free(choices);
        return NULL;
    }
    return choices;
}

/* (ui, label, value, choices, flags) -> (flags, id, text) */
static PyObject *ui_radio(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PluginUi *ui;
    PluginText label, value;
    uint32_t choice_count, flags;
    PluginChoice *choices;
    PluginResponse response = plugin_response();
    (void)module;
    if (!check_count("ui_radio", count, 5) || !take_ui(args[0], &ui) || !take_text(args[1], &label) ||
        !take_text(args[2], &value) || !take_u32(args[4], &flags) || !(choices = take_choices(args[3], &choice_count)))
        return NULL;
    ui->table->radio(ui, label, value, choices, choice_count, flags, &response);
    PyMem_Free(choices);
    return with_value(&response, text_value(&response, args[2]));
}

/* (ui, label, value, placeholder, choices, flags) -> (flags, id, text) */
static PyObject *ui_combo_box(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PluginUi *ui;
    PluginText label, value, placeholder;
    uint32_t choice_count, flags;
    PluginChoice *choices;
    PluginResponse response = plugin_response();
    (void)module;
    if (!check_count("ui_combo_box", count, 6) || !take_ui(args[0], &ui) || !take_text(args[1], &label) ||
        !take_text(args[2], &value) || !take_text(args[3], &placeholder) || !take_u32(args[5], &flags) ||
        !(choices = take_choices(args[4], &choice_count)))
        return NULL;
    ui->table->combo_box(ui, label, value, placeholder, choices, choice_count, flags, &response);
    PyMem_Free(choices);
    return with_value(&response, text_value(&response, args[2]));
}

#define METHOD(name)                                                                                                   \
    { "ui_" #name, (PyCFunction)(void (*)(void))ui_##name, METH_FASTCALL, NULL }

PyMethodDef python_ui_methods[] = {METHOD(heading),
                                   METHOD(label),
                                   METHOD(markdown),
                                   METHOD(error),
                                   METHOD(separator),
                                   METHOD(space),
                                   METHOD(spinner),
                                   METHOD(progress),
                                   METHOD(button),
                                   METHOD(text_edit_singleline),
                                   METHOD(text_edit_multiline),
                                   METHOD(integer),
                                   METHOD(number),
                                   METHOD(slider),
                                   METHOD(checkbox),
                                   METHOD(toggle),
                                   METHOD(selectable_value),
                                   METHOD(radio),
                                   METHOD(combo_box),
                                   METHOD(tooltip),
                                   METHOD(begin_horizontal),
                                   METHOD(begin_vertical),
                                   METHOD(begin_grid),
                                   METHOD(begin_collapsing),
                                   METHOD(end),
                                   METHOD(push_id),
                                   METHOD(pop_id),
                                   {NULL, NULL, 0, NULL}};
