/* SPDX-License-Identifier: Apache-2.0 */
/* python_args.h: the arguments of a METH_FASTCALL function as C values. Each returns 0 with a Python exception set. */
#ifndef PYTHON_ARGS_H
#define PYTHON_ARGS_H

#include <Python.h>

#include "plugin_interface.h"

static inline int check_count(const char *name, Py_ssize_t count, Py_ssize_t expected) {
    if (count == expected) return 1;
    PyErr_Format(PyExc_TypeError, "%s() takes %zd arguments, %zd given", name, expected, count);
    return 0;
}

/* By size_t: the conversion to unsigned long long takes several times as long for numbers as large as a handle. */
static inline int take_u64(PyObject *object, uint64_t *value) {
    *value = sizeof(size_t) == sizeof *value ? PyLong_AsSize_t(object) : PyLong_AsUnsignedLongLong(object);
    return !(*value == UINT64_MAX && PyErr_Occurred());
}

static inline int take_u32(PyObject *object, uint32_t *value) {
    uint64_t wide;
    if (!take_u64(object, &wide)) return 0;
    if (wide > UINT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "the number does not fit in 32 bits");
        return 0;
    }
    *value = (uint32_t)wide;
    return 1;
}

static inline int take_i64(PyObject *object, int64_t *value) {
    *value = PyLong_AsLongLong(object);
    return !(*value == -1 && PyErr_Occurred());
}

static inline int take_double(PyObject *object, double *value) {
    *value = PyFloat_AsDouble(object);
    return !(*value == -1.0 && PyErr_Occurred());
}

static inline int take_pointer(PyObject *object, void **value) {
    *value = PyLong_AsVoidPtr(object);
    if (*value) return 1;
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "the pointer is NULL");
    return 0;
}

/* Borrows the UTF-8 form that the str keeps; a lone surrogate is a UnicodeEncodeError. */
static inline int take_text(PyObject *object, PluginText *text) {
    Py_ssize_t length;
    text->data = PyUnicode_AsUTF8AndSize(object, &length);
    if (!text->data) return 0;
    text->length = (uint64_t)length;
    return 1;
}

#endif
