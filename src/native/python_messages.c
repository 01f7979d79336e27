/* SPDX-License-Identifier: Apache-2.0 */
/* handle_message of plugins in Python: what bridge.py makes of a message, put between the core's threads and the GIL. */
#define PY_SSIZE_T_CLEAN
#include "python_plugin.h"

#include "python_args.h"
#include "python_call.h"
#include "python_module.h"
#include "text.h"

/* Functions of bridge.py; see take_messages. */
static struct {
    PyObject *handle;
    PyObject *reply;
    void *greet;
} bridge;

/* Calls a function of bridge.py. NULL with an exception. */
static PyObject *call_bridge(PyObject *function, void *plugin, const PluginInstanceContext *context,
                             PluginRequest request, PyObject *text) {
    PyObject *plugin_number = PyLong_FromVoidPtr(plugin);
    PyObject *context_number = PyLong_FromVoidPtr((void *)(uintptr_t)context);
    PyObject *request_number = PyLong_FromUnsignedLongLong(request);
    PyObject *result = NULL;
    if (plugin_number && context_number && request_number && text)
        result = PyObject_CallFunctionObjArgs(function, plugin_number, context_number, request_number, text, NULL);
    Py_XDECREF(plugin_number);
    Py_XDECREF(context_number);
    Py_XDECREF(request_number);
    return result;
}

/* A status, or (status, UTF-8). */
static PluginStatus status_of(PyObject *result, PluginError *error) {
    char *text;
    Py_ssize_t length;
    if (PyTuple_Check(result) && PyTuple_Size(result) == 2 &&
        PyBytes_AsStringAndSize(PyTuple_GetItem(result, 1), &text, &length) == 0)
        return error_set_text(error, (PluginStatus)PyLong_AsLong(PyTuple_GetItem(result, 0)),
                              plugin_text_of(text, (uint64_t)length));
    return (PluginStatus)PyLong_AsLong(result);
}

/* With the GIL. */
static PluginStatus handle(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                           PluginText message, PluginError *error) {
    PluginText text;
    PyObject *given = text_to_python(message.data, message.length);
    PyObject *result = call_bridge(bridge.handle, plugin, context, request, given);
    Py_XDECREF(given);
    PluginStatus status = PLUGIN_ERROR;
    if (result && PyUnicode_Check(result)) {
        if (take_text(result, &text)) {
            Py_BEGIN_ALLOW_THREADS;
            status = context->callbacks->request_reply(context->host, request, text, error);
            Py_END_ALLOW_THREADS;
            Py_DECREF(result);
            return status;
        }
        PyErr_Clear(); /* bridge.py says what is wrong with it */
        PyObject *answer = call_bridge(bridge.reply, plugin, context, request, result);
        Py_DECREF(result);
        result = answer;
    }
    if (result) status = status_of(result, error);
    if (PyErr_Occurred()) PyErr_WriteUnraisable(bridge.handle);
    Py_XDECREF(result);
    return status;
}

PluginStatus python_handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    typedef PluginStatus (*HandleMessage)(void *, const PluginInstanceContext *, PluginRequest, PluginText,
                                          PluginError *);
    /* What cffi calls has a state of Python's from then on, which lasts as long as the thread: `threading.local` of a
       plugin does too. It calls here again. */
    if (!PyGILState_GetThisThreadState()) {
        HandleMessage greet;
        memcpy(&greet, &bridge.greet, sizeof greet);
        return greet(plugin, context, request, message, error);
    }
    const PyGILState_STATE gil = PyGILState_Ensure();
    const PluginStatus status = handle(plugin, context, request, message, error);
    PyGILState_Release(gil);
    return status;
}

PyDoc_STRVAR(
    take_messages_doc,
    "take_messages(handle, reply, greet)\n\n"
    "From now on `handle` is called with (plugin_ptr, context, request, text) for each message. It returns the "
    "reply, a status, or (status, error text in UTF-8). `reply` is called likewise for a reply that has no UTF-8 "
    "form. `greet` is a handle_message of cffi's that calls python_handle_message.");

static PyObject *fast_take_messages(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    (void)module;
    if (!check_count("take_messages", count, 3) || !take_pointer(args[2], &bridge.greet)) return NULL;
    bridge.handle = Py_NewRef(args[0]);
    bridge.reply = Py_NewRef(args[1]);
    Py_RETURN_NONE;
}

PyMethodDef python_message_methods[] = {PYTHON_METHOD(take_messages), {NULL, NULL, 0, NULL}};
