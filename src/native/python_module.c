/* SPDX-License-Identifier: Apache-2.0 */
/* The hot paths for Python; see python_module.h. Each function releases the GIL around the core; `send` lets the core do so. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "core.h"
#include "python_args.h"
#include "python_bytes.h"
#include "python_call.h"
#include "python_events.h"
#include "python_life.h"
#include "python_module.h"
#include "python_plugin.h"
#include "python_ui.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

/* ---- requests ---- */

/*
 * Waits for a request in slices. PLUGIN_PENDING: `wait_ms` is over. With a signal pending whose handler raises,
 * `*interrupted` is set, and the exception too. Called with the GIL.
 */
static PluginStatus wait_in_slices(PluginRequest request, uint32_t wait_ms, Bytes *reply, ErrorText *error,
                                   int *interrupted) {
    PluginStatus status;
    uint32_t left = wait_ms;
    for (;;) {
        const uint32_t slice = left < WAIT_SLICE_MS ? left : WAIT_SLICE_MS;
        Py_BEGIN_ALLOW_THREADS;
        status = core_request_wait(request, slice, receive_bytes, reply, &error->error);
        Py_END_ALLOW_THREADS;
        if (status != PLUGIN_PENDING) return status;
        if (PyErr_CheckSignals() < 0) {
            *interrupted = 1;
            return status;
        }
        if (left != PLUGIN_WAIT_FOREVER) {
            left -= slice;
            if (left == 0) return status;
        }
    }
}

/* With the GIL: the core calls it when handle_message has returned. */
static void receive_reply(void *userdata, PluginText text) {
    *(PyObject **)userdata = text_to_python(text.data, text.length);
}

PyDoc_STRVAR(send_doc, "send(host, text, timeout_ms, notify) -> reply, (status, error text), request, or None\n\n"
                       "The direct way, core_send: None where nothing was done, and a request where the reply comes by "
                       "events or request_wait. The GIL is kept for a plugin that has promised short calls, and let go "
                       "of for any other and while the core waits.");

static PyObject *fast_send(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PluginHost host;
    PluginText text;
    PluginRequest request;
    uint32_t timeout_ms, notify;
    PyObject *reply = NULL;
    ErrorText error;
    (void)module;
    if (!check_count("send", count, 4) || !take_u64(args[0], &host) || !take_text(args[1], &text) ||
        !take_u32(args[2], &timeout_ms) || !take_u32(args[3], &notify))
        return NULL;
    /* A listener must not wait for a reply, which comes through its own thread; nor for a plugin. */
    if (python_is_drain()) Py_RETURN_NONE;
    error_text_begin(&error);
    const PluginStatus status =
        core_send(host, text, timeout_ms, (int32_t)notify, receive_reply, &reply, &request, &error.error);
    switch (status) {
    case PLUGIN_OK:
        return reply; /* NULL with an exception set where there was no memory for it */
    case PLUGIN_PENDING:
        return PyLong_FromUnsignedLongLong(request);
    case CORE_NOT_DIRECT:
        Py_RETURN_NONE;
    default:
        return failure(status, &error);
    }
}

PyDoc_STRVAR(request_new_doc, "request_new(host, text, timeout_ms, notify) -> request, or (status, error text)");

static PyObject *fast_request_new(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PluginHost host;
    PluginText text;
    PluginRequest request;
    PluginStatus status;
    uint32_t timeout_ms, notify;
    ErrorText error;
    (void)module;
    if (!check_count("request_new", count, 4) || !take_u64(args[0], &host) || !take_text(args[1], &text) ||
        !take_u32(args[2], &timeout_ms) || !take_u32(args[3], &notify))
        return NULL;
    error_text_begin(&error);
    Py_BEGIN_ALLOW_THREADS;
    status = core_request_new(host, text, timeout_ms, (int32_t)notify, &request, &error.error);
    Py_END_ALLOW_THREADS;
    return status == PLUGIN_OK ? PyLong_FromUnsignedLongLong(request) : failure(status, &error);
}

PyDoc_STRVAR(request_run_doc, "request_run(request, text) -> reply, (status, error text), or None\n\n"
                              "None where the reply, or a part of it, comes by events.");

static PyObject *fast_request_run(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PluginRequest request;
    PluginText text;
    PluginStatus status;
    PyObject *result;
    ErrorText error;
    Bytes reply;
    (void)module;
    if (!check_count("request_run", count, 2) || !take_u64(args[0], &request) || !take_text(args[1], &text))
        return NULL;
    error_text_begin(&error);
    bytes_begin(&reply);
    Py_BEGIN_ALLOW_THREADS;
    status = core_request_run(request, text, &error.error);
    if (status != PLUGIN_PENDING) status = core_request_take(request, receive_bytes, &reply, &error.error);
    Py_END_ALLOW_THREADS;
    result = status == PLUGIN_PENDING ? Py_NewRef(Py_None) : reply_or_failure(status, &reply, &error);
    bytes_end(&reply);
    return result;
}

PyDoc_STRVAR(request_wait_doc, "request_wait(request, wait_ms) -> (status, reply or error text)\n\n"
                               "Signals are looked at while it waits; what their handlers raise leaves it.");

static PyObject *fast_request_wait(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PluginRequest request;
    PluginStatus status;
    uint32_t wait_ms;
    int interrupted = 0;
    PyObject *result = NULL;
    ErrorText error;
    Bytes reply;
    (void)module;
    if (!check_count("request_wait", count, 2) || !take_u64(args[0], &request) || !take_u32(args[1], &wait_ms))
        return NULL;
    error_text_begin(&error);
    bytes_begin(&reply);
    status = wait_in_slices(request, wait_ms, &reply, &error, &interrupted);
    if (!interrupted) {
        result = reply_or_failure(status, &reply, &error);
        if (result && status == PLUGIN_OK) result = Py_BuildValue("(iN)", (int)status, result);
    }
    bytes_end(&reply);
    return result;
}

/* ---- UI ---- */

static int take_ui_event(PyObject *object, CoreUiEvent *event) {
    memset(event, 0, sizeof *event);
    if (!PyTuple_Check(object) || PyTuple_Size(object) != 6) {
        PyErr_SetString(PyExc_TypeError, "an event is (id, revision, flags, integer, number, text) or None");
        return 0;
    }
    if (!take_u64(PyTuple_GetItem(object, 0), &event->id) || !take_u64(PyTuple_GetItem(object, 1), &event->revision) ||
        !take_u32(PyTuple_GetItem(object, 2), &event->flags) || !take_i64(PyTuple_GetItem(object, 3), &event->integer))
        return 0;
    event->number = PyFloat_AsDouble(PyTuple_GetItem(object, 4));
    if (event->number == -1.0 && PyErr_Occurred()) return 0;
    return take_text(PyTuple_GetItem(object, 5), &event->text);
}

PyDoc_STRVAR(ui_update_doc, "ui_update(host, event or None, ui_flags, base) -> (status, JSON, error text)\n\n"
                            "An event is (id, revision, flags, integer, number, text).");

static PyObject *fast_ui_update(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PluginHost host;
    uint64_t base;
    uint32_t ui_flags;
    PluginStatus status;
    CoreUiEvent event;
    const CoreUiEvent *given = NULL;
    PyObject *result = NULL;
    ErrorText error;
    Bytes json;
    (void)module;
    if (!check_count("ui_update", count, 4) || !take_u64(args[0], &host) || !take_u32(args[2], &ui_flags) ||
        !take_u64(args[3], &base))
        return NULL;
    if (args[1] != Py_None) {
        if (!take_ui_event(args[1], &event)) return NULL;
        given = &event;
    }
    error_text_begin(&error);
    bytes_begin(&json);
    Py_BEGIN_ALLOW_THREADS;
    status = core_ui_update(host, given, ui_flags, base, receive_bytes, &json, &error.error);
    Py_END_ALLOW_THREADS;
    if (json.failed) {
        PyErr_NoMemory();
    } else {
        PyObject *text = error_text_to_python(&error);
        if (text) result = Py_BuildValue("(iy#N)", (int)status, json.data, (Py_ssize_t)json.length, text);
    }
    bytes_end(&json);
    return result;
}

/* ---- the GIL ---- */

/* Not in the limited API, although each CPython has it: whether this thread holds the GIL. */
static int (*holds_gil)(void);

static void *let_go_of_gil(void) { return holds_gil() ? PyEval_SaveThread() : NULL; }

static void take_gil(void *state) { PyEval_RestoreThread((PyThreadState *)state); }

static const CoreYield gil_yield = {let_go_of_gil, take_gil};

/* 0, or -1 with a Python exception set. */
static int install_yield(void) {
    *(void **)&holds_gil = dlsym(RTLD_DEFAULT, "PyGILState_Check");
    if (!holds_gil) {
        PyErr_SetString(PyExc_ImportError, "this Python does not tell who holds the GIL (PyGILState_Check)");
        return -1;
    }
    core_set_yield(&gil_yield);
    return 0;
}

/* ---- the module ---- */

static PyMethodDef methods[] = {PYTHON_METHOD(send),         PYTHON_METHOD(request_new), PYTHON_METHOD(request_run),
                                PYTHON_METHOD(request_wait), PYTHON_METHOD(ui_update),   {NULL, NULL, 0, NULL}};

int python_module_install(void) {
    const PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *module = PyImport_AddModule("plugin_interfaces._native_fast"); /* borrowed from sys.modules */
    int result = module ? install_yield() : -1;
    if (result == 0) result = PyModule_AddFunctions(module, methods);
    if (result == 0) result = PyModule_AddFunctions(module, python_event_methods);
    if (result == 0) result = PyModule_AddFunctions(module, python_life_methods);
    if (result == 0) result = PyModule_AddFunctions(module, python_call_methods);
    if (result == 0) result = PyModule_AddFunctions(module, python_message_methods);
    if (result == 0) result = PyModule_AddFunctions(module, python_history_methods);
    if (result == 0) result = PyModule_AddFunctions(module, python_ui_methods);
    if (result == 0) result = PyModule_AddFunctions(module, python_ui_list_methods);
    PyGILState_Release(gil);
    return result;
}
