/* SPDX-License-Identifier: Apache-2.0 */
/* handle_message of plugins in Python: what bridge.py makes of a message, put between the core's threads and the GIL. */
#define PY_SSIZE_T_CLEAN
#include "python_plugin.h"

#include "python_args.h"
#include "python_bytes.h"
#include "python_call.h"
#include "python_module.h"
#include "text.h"

/* Functions of bridge.py; see take_messages. */
static struct {
    PyObject *handle;
    PyObject *refuse;
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

/* What bridge.py makes of a message, for when the GIL is given back. */
typedef struct Answer {
    PluginStatus status;
    int is_reply; /* the text; else it is the error's */
    Bytes text;
} Answer;

static void take_reply(Answer *answer, PluginText text) {
    answer->is_reply = 1;
    bytes_add(&answer->text, text.data, text.length);
}

/* A status, or (status, UTF-8). */
static void take_status(Answer *answer, PyObject *result) {
    char *text;
    Py_ssize_t length;
    PyObject *status = result;
    if (PyTuple_Check(result) && PyTuple_Size(result) == 2) {
        status = PyTuple_GetItem(result, 0);
        if (PyBytes_AsStringAndSize(PyTuple_GetItem(result, 1), &text, &length) < 0) return;
        bytes_add(&answer->text, text, (uint64_t)length);
    }
    const long number = PyLong_AsLong(status);
    if (!PyErr_Occurred()) answer->status = (PluginStatus)number;
}

/* With the GIL. */
static void ask_bridge(void *plugin, const PluginInstanceContext *context, PluginRequest request, PluginText message,
                       Answer *answer) {
    PluginText reply = {"", 0};
    PyObject *text = text_to_python(message.data, message.length);
    PyObject *result = call_bridge(bridge.handle, plugin, context, request, text);
    Py_XDECREF(text);
    if (result && PyUnicode_Check(result) && !take_text(result, &reply)) {
        PyErr_Clear(); /* bridge.py says what is wrong with it */
        PyObject *refusal = call_bridge(bridge.refuse, plugin, context, request, result);
        Py_DECREF(result);
        result = refusal;
    }
    if (result && PyUnicode_Check(result))
        take_reply(answer, reply);
    else if (result)
        take_status(answer, result);
    if (PyErr_Occurred()) PyErr_WriteUnraisable(bridge.handle);
    Py_XDECREF(result);
}

/* Without it. */
static PluginStatus give_answer(const Answer *answer, const PluginInstanceContext *context, PluginRequest request,
                                PluginError *error) {
    const PluginText text = plugin_text_of(answer->text.data, (uint64_t)answer->text.length);
    if (answer->text.failed) return error_set_status(error, PLUGIN_OUT_OF_MEMORY);
    if (answer->is_reply) return context->callbacks->request_reply(context->host, request, text, error);
    return text.length > 0 ? error_set_text(error, answer->status, text) : answer->status;
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
    Answer answer;
    answer.status = PLUGIN_ERROR;
    answer.is_reply = 0;
    bytes_begin(&answer.text);
    const PyGILState_STATE gil = PyGILState_Ensure();
    ask_bridge(plugin, context, request, message, &answer);
    PyGILState_Release(gil);
    const PluginStatus status = give_answer(&answer, context, request, error);
    bytes_end(&answer.text);
    return status;
}

PyDoc_STRVAR(take_messages_doc, "take_messages(handle, refuse, greet)\n\n"
                                "`handle` is called with (plugin_ptr, context, request, text) for each message from "
                                "now on, and returns the reply, a status, or (status, error text in UTF-8). `refuse` "
                                "is called likewise with a reply that has no UTF-8 form, and returns the last of "
                                "these. `greet` is a handle_message of cffi's that calls python_handle_message.");

static PyObject *fast_take_messages(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    (void)module;
    if (!check_count("take_messages", count, 3) || !take_pointer(args[2], &bridge.greet)) return NULL;
    bridge.handle = Py_NewRef(args[0]);
    bridge.refuse = Py_NewRef(args[1]);
    Py_RETURN_NONE;
}

PyMethodDef python_message_methods[] = {PYTHON_METHOD(take_messages), {NULL, NULL, 0, NULL}};
