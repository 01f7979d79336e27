/* SPDX-License-Identifier: Apache-2.0 */
/*
 * python_ui.h: what plugins in Python draw with. For each function of PluginUiTable there is ui_<name>; the first argument is
 * the PluginUi as int, those that follow are the table's, with texts as str. A function with a response returns
 * (flags, id, value), with None for what has no value. The GIL is kept: a widget takes less than a microsecond.
 */
#ifndef PYTHON_UI_H
#define PYTHON_UI_H

#include <Python.h>

#include "python_args.h"

/* For the module of python_module.c; each ends with a NULL name. The second are those that take lists. */
extern PyMethodDef python_ui_methods[];
extern PyMethodDef python_ui_list_methods[];

/* The frame; a RuntimeError where it has ended. */
static inline int take_ui(PyObject *object, PluginUi **ui) {
    *ui = (PluginUi *)PyLong_AsVoidPtr(object);
    if (*ui) return 1;
    if (!PyErr_Occurred())
        PyErr_SetString(PyExc_RuntimeError,
                        "this frame has ended: draw only in init_ui and update_ui, until they return");
    return 0;
}

/* Whether the response brings a value; otherwise the one that was passed in goes back, also where nothing was drawn. */
static inline int has_changed(const PluginResponse *response) {
    return (response->flags & PLUGIN_RESPONSE_CHANGED) != 0;
}

static inline PyObject *same_value(PyObject *value) {
    Py_INCREF(value);
    return value;
}

static inline PyObject *text_value(const PluginResponse *response, PyObject *value) {
    if (!has_changed(response)) return same_value(value);
    return PyUnicode_DecodeUTF8(response->text.data, (Py_ssize_t)response->text.length, "replace");
}

/* (flags, id, value). Takes over the reference `value`, which is NULL where an exception is set. */
static inline PyObject *with_value(const PluginResponse *response, PyObject *value) {
    PyObject *flags = PyLong_FromUnsignedLong(response->flags);
    PyObject *id = PyLong_FromUnsignedLongLong(response->id);
    PyObject *result = flags && id && value ? PyTuple_Pack(3, flags, id, value) : NULL;
    Py_XDECREF(flags);
    Py_XDECREF(id);
    Py_XDECREF(value);
    return result;
}

#define PYTHON_UI_METHOD(name)                                                                                         \
    { "ui_" #name, (PyCFunction)(void (*)(void))ui_##name, METH_FASTCALL, NULL }

#endif
