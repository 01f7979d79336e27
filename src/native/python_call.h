/* SPDX-License-Identifier: Apache-2.0 */
/* python_call.h: what the functions for Python have in common behind their arguments: errors of the core, texts, waits. */
#ifndef PYTHON_CALL_H
#define PYTHON_CALL_H

#include <Python.h>

#include "plugin_interface.h"

/* How long a wait lasts before signals are looked at, so that Ctrl-C is heard. */
#define WAIT_SLICE_MS 50u

/* Room for an error's text, as long as that of request_fail; longer ones are cut by the core between two characters. */
#define ERROR_TEXT_BYTES 4096u

typedef struct ErrorText {
    PluginError error;
    char text[ERROR_TEXT_BYTES];
} ErrorText;

static inline void error_text_begin(ErrorText *self) {
    self->error.struct_size = (uint32_t)sizeof self->error;
    self->error.status = PLUGIN_OK;
    self->error.text = self->text;
    self->error.capacity = ERROR_TEXT_BYTES;
    self->error.length = 0;
}

static inline PyObject *text_to_python(const char *data, uint64_t length) {
    if (length == 0) return PyUnicode_FromStringAndSize("", 0);
    return PyUnicode_DecodeUTF8(data, (Py_ssize_t)length, "replace");
}

static inline PyObject *error_text_to_python(const ErrorText *self) {
    return text_to_python(self->text, self->error.length);
}

/* (status, error text) */
static inline PyObject *failure(PluginStatus status, const ErrorText *error) {
    PyObject *text = error_text_to_python(error);
    return text ? Py_BuildValue("(iN)", (int)status, text) : NULL;
}

/* The function fast_<name>, whose docstring is <name>_doc. */
#define PYTHON_METHOD(name)                                                                                            \
    { #name, (PyCFunction)(void (*)(void))fast_##name, METH_FASTCALL, name##_doc }

#endif
