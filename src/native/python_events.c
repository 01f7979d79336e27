/* SPDX-License-Identifier: Apache-2.0 */
#define PY_SSIZE_T_CLEAN
#include "python_events.h"

#include "core.h"
#include "python_args.h"
#include "python_call.h"

#include <string.h>

/* What has been drained, as Python has it. Many events have the same numbers: the last object of each is kept for the next. */
typedef struct Drained {
    PyObject *list;
    PyObject *empty;
    struct {
        uint64_t value;
        PyObject *object;
    } same[4];
    int failed; /* an exception is set */
} Drained;

/* Those that are likely to be as in the event before. */
enum { SAME_TIME = 0, SAME_HOST = 1, SAME_REQUEST = 2, SAME_STREAM = 3 };

static PyObject *same_number(Drained *drained, int which, uint64_t value) {
    if (!drained->same[which].object || drained->same[which].value != value) {
        Py_XDECREF(drained->same[which].object);
        drained->same[which].object = PyLong_FromUnsignedLongLong(value);
        drained->same[which].value = value;
    }
    return Py_XNewRef(drained->same[which].object);
}

static PyObject *drained_text(const Drained *drained, PluginText text) {
    return text.length == 0 ? Py_NewRef(drained->empty) : text_to_python(text.data, text.length);
}

/* A new reference; NULL with an exception. */
static PyObject *event_to_python(Drained *drained, const CoreEvent *event) {
    PyObject *const items[] = {
        PyLong_FromLong((long)event->type),
        PyLong_FromUnsignedLongLong(event->sequence),
        same_number(drained, SAME_TIME, (uint64_t)event->time_ms),
        same_number(drained, SAME_HOST, event->host),
        same_number(drained, SAME_REQUEST, event->request),
        same_number(drained, SAME_STREAM, event->stream),
        PyLong_FromUnsignedLongLong(event->number),
        PyLong_FromLongLong(event->value),
        drained_text(drained, event->name),
        drained_text(drained, event->text),
    };
    enum { COUNT = sizeof items / sizeof items[0] };
    PyObject *tuple = PyTuple_New(COUNT);
    int whole = tuple != NULL;
    for (Py_ssize_t index = 0; index < COUNT; index++) {
        if (!items[index]) whole = 0;
        if (tuple)
            PyTuple_SetItem(tuple, index, items[index]); /* takes it */
        else
            Py_XDECREF(items[index]);
    }
    if (!whole) Py_CLEAR(tuple);
    return tuple;
}

/* With the GIL: the core lets go of it only while it waits. */
static void visit_event(void *userdata, const CoreEvent *event) {
    Drained *drained = (Drained *)userdata;
    PyObject *tuple = drained->failed ? NULL : event_to_python(drained, event);
    if (!tuple || PyList_Append(drained->list, tuple) < 0) drained->failed = 1;
    Py_XDECREF(tuple);
}

static _Thread_local int is_drain;

int python_is_drain(void) { return is_drain; }

PyDoc_STRVAR(drain_doc, "drain(core, most, wait_ms) -> list of (type, sequence, time_ms, host, request, stream, "
                        "number, value, name, text)");

static PyObject *fast_drain(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    void *core;
    uint32_t most, wait_ms;
    Drained drained;
    (void)module;
    if (!check_count("drain", count, 3) || !take_pointer(args[0], &core) || !take_u32(args[1], &most) ||
        !take_u32(args[2], &wait_ms))
        return NULL;
    is_drain = 1;
    memset(&drained, 0, sizeof drained);
    drained.list = PyList_New(0);
    drained.empty = PyUnicode_FromStringAndSize("", 0);
    drained.failed = !drained.list || !drained.empty;
    if (!drained.failed) core_drain((Core *)core, most, wait_ms, visit_event, &drained);
    for (size_t index = 0; index < sizeof drained.same / sizeof drained.same[0]; index++)
        Py_XDECREF(drained.same[index].object);
    Py_XDECREF(drained.empty);
    if (drained.failed) Py_CLEAR(drained.list);
    return drained.list;
}

PyMethodDef python_event_methods[] = {PYTHON_METHOD(drain), {NULL, NULL, 0, NULL}};
