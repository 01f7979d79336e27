/* SPDX-License-Identifier: Apache-2.0 */
/* Conversations for Python, and from it: a message is the tuple of its texts, in the order of PluginHistoryMessage. */
#define PY_SSIZE_T_CLEAN
#include "python_plugin.h"

#include "python_args.h"
#include "python_call.h"

#include <stdlib.h>
#include <string.h>

static const size_t offsets[] = {
    offsetof(PluginHistoryMessage, id),         offsetof(PluginHistoryMessage, message_type),
    offsetof(PluginHistoryMessage, status),     offsetof(PluginHistoryMessage, content),
    offsetof(PluginHistoryMessage, plugin_id),  offsetof(PluginHistoryMessage, role),
    offsetof(PluginHistoryMessage, created_at),
};

enum { TEXTS = sizeof offsets / sizeof *offsets };

/* ---- to Python ---- */

/* What a record of an older host lacks is empty. */
static PluginText text_at(const PluginHistoryMessage *message, size_t offset) {
    PluginText text = {"", 0};
    if (offset + sizeof text <= message->struct_size) memcpy(&text, (const char *)message + offset, sizeof text);
    return text;
}

/* A word that is likely to be that of the message before: then it is the same object. A new reference, or NULL. */
static PyObject *word_to_python(PluginText text, PyObject *before) {
    PluginText known;
    if (before && take_text(before, &known) && known.length == text.length &&
        memcmp(known.data, text.data, (size_t)text.length) == 0)
        return Py_NewRef(before);
    PyErr_Clear();
    return text_to_python(text.data, text.length);
}

/* `before` is the tuple of the message before, or NULL. A new reference, or NULL with an exception. */
static PyObject *message_to_python(const PluginHistoryMessage *message, PyObject *before) {
    PyObject *tuple = PyTuple_New(TEXTS);
    for (Py_ssize_t index = 0; tuple && index < TEXTS; index++) {
        const PluginText text = text_at(message, offsets[index]);
        const int is_own = offsets[index] == offsetof(PluginHistoryMessage, id) ||
                           offsets[index] == offsetof(PluginHistoryMessage, content);
        PyObject *item = is_own ? text_to_python(text.data, text.length)
                                : word_to_python(text, before ? PyTuple_GetItem(before, index) : NULL);
        if (item)
            PyTuple_SetItem(tuple, index, item); /* takes it */
        else
            Py_CLEAR(tuple);
    }
    return tuple;
}

/* Messages as they come. `list` is NULL where one could not be kept, for want of memory. */
typedef struct Messages {
    PyObject *list;
    PyObject *last; /* in the list */
} Messages;

static void add_message(Messages *self, const PluginHistoryMessage *message) {
    if (!self->list) return;
    PyObject *tuple = message_to_python(message, self->last);
    if (!tuple || PyList_Append(self->list, tuple) < 0) {
        PyErr_Clear(); /* a receiver cannot raise: whoever takes the list does */
        Py_CLEAR(self->list);
    }
    self->last = tuple;
    Py_XDECREF(tuple); /* the list has it */
}

PyDoc_STRVAR(history_given_doc, "history_given(messages, count) -> list of tuples of texts\n\n"
                                "Of the messages that set_history is given.");

static PyObject *fast_history_given(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    uint64_t given;
    (void)module;
    if (!check_count("history_given", count, 2) || !take_u64(args[1], &given)) return NULL;
    const PluginHistoryMessage *const *messages = (const PluginHistoryMessage *const *)PyLong_AsVoidPtr(args[0]);
    if (PyErr_Occurred()) return NULL;
    Messages found = {PyList_New(0), NULL};
    for (uint64_t index = 0; index < given; index++) add_message(&found, messages[index]);
    return found.list ? found.list : PyErr_NoMemory();
}

static void receive_message(void *userdata, const PluginHistoryMessage *message) {
    const PyGILState_STATE gil = PyGILState_Ensure();
    add_message((Messages *)userdata, message);
    PyGILState_Release(gil);
}

PyDoc_STRVAR(get_history_doc,
             "get_history(callbacks, host, limit) -> list of tuples of texts, or (status, error text)");

static PyObject *fast_get_history(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    void *callbacks;
    PluginHost host;
    uint32_t limit;
    PluginStatus status;
    ErrorText error;
    (void)module;
    if (!check_count("get_history", count, 3) || !take_pointer(args[0], &callbacks) || !take_u64(args[1], &host) ||
        !take_u32(args[2], &limit))
        return NULL;
    Messages found = {PyList_New(0), NULL};
    if (!found.list) return NULL;
    error_text_begin(&error);
    Py_BEGIN_ALLOW_THREADS;
    status = ((const HostCallbacks *)callbacks)->get_history(host, limit, receive_message, &found, &error.error);
    Py_END_ALLOW_THREADS;
    if (!found.list) return PyErr_NoMemory();
    if (status >= 0) return found.list;
    Py_DECREF(found.list);
    return failure(status, &error);
}

/* ---- from Python ---- */

/* Borrows the texts of a tuple, which may have more behind them. */
static int take_message(PyObject *tuple, PluginHistoryMessage *message) {
    memset(message, 0, sizeof *message);
    message->struct_size = (uint32_t)sizeof *message;
    if (!PyTuple_Check(tuple) || PyTuple_Size(tuple) < TEXTS) {
        PyErr_SetString(PyExc_TypeError, "a message is a tuple of its texts");
        return 0;
    }
    for (Py_ssize_t index = 0; index < TEXTS; index++) {
        PluginText text;
        if (!take_text(PyTuple_GetItem(tuple, index), &text)) return 0;
        memcpy((char *)message + offsets[index], &text, sizeof text);
    }
    return 1;
}

PyDoc_STRVAR(give_history_doc, "give_history(receive, receiver, messages)\n\n"
                               "Calls the receiver with each message of a list, which nobody else changes.");

static PyObject *fast_give_history(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    void *pointer;
    PluginReceiveHistory receive;
    (void)module;
    if (!check_count("give_history", count, 3) || !take_pointer(args[0], &pointer)) return NULL;
    void *receiver = PyLong_AsVoidPtr(args[1]); /* may be NULL */
    const Py_ssize_t length = PyErr_Occurred() ? -1 : PyList_Size(args[2]);
    if (length <= 0) return length < 0 ? NULL : Py_NewRef(Py_None);
    memcpy(&receive, &pointer, sizeof receive);
    PluginHistoryMessage *messages = (PluginHistoryMessage *)malloc((size_t)length * sizeof *messages);
    if (!messages) return PyErr_NoMemory();
    int whole = 1;
    for (Py_ssize_t index = 0; whole && index < length; index++)
        whole = take_message(PyList_GetItem(args[2], index), &messages[index]);
    if (whole) {
        Py_BEGIN_ALLOW_THREADS; /* a receiver is the plugin's code */
        for (Py_ssize_t index = 0; index < length; index++) receive(receiver, &messages[index]);
        Py_END_ALLOW_THREADS;
    }
    free(messages);
    return whole ? Py_NewRef(Py_None) : NULL;
}

PyMethodDef python_history_methods[] = {
    PYTHON_METHOD(history_given), PYTHON_METHOD(get_history), PYTHON_METHOD(give_history), {NULL, NULL, 0, NULL}};
