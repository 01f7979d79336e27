/* SPDX-License-Identifier: Apache-2.0 */
/* The hot paths for Python; see python_module.h. Each function releases the GIL around the core. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "core.h"
#include "python_args.h"
#include "python_life.h"
#include "python_module.h"
#include "python_ui.h"

#include <stdlib.h>
#include <string.h>

/* How long a wait for a kept request lasts before signals are looked at, so that Ctrl-C is heard. */
#define WAIT_SLICE_MS 50u

/* Room for an error's text; longer ones are cut by the core between two characters. */
#define ERROR_TEXT_BYTES 2048u

/* ---- results ---- */

typedef struct ErrorText {
    PluginError error;
    char text[ERROR_TEXT_BYTES];
} ErrorText;

static void error_begin(ErrorText *self) {
    self->error.struct_size = (uint32_t)sizeof self->error;
    self->error.status = PLUGIN_OK;
    self->error.text = self->text;
    self->error.capacity = ERROR_TEXT_BYTES;
    self->error.length = 0;
}

static PyObject *text_to_python(const char *data, uint64_t length) {
    if (length == 0) return PyUnicode_FromStringAndSize("", 0);
    return PyUnicode_DecodeUTF8(data, (Py_ssize_t)length, "replace");
}

/* (status, error text) */
static PyObject *failure(PluginStatus status, const ErrorText *error) {
    PyObject *text = text_to_python(error->text, error->error.length);
    return text ? Py_BuildValue("(iN)", (int)status, text) : NULL;
}

/* Bytes that grow. What a receiver or a visit is given is borrowed, and there the GIL is not held: so it is copied. */
typedef struct Bytes {
    char *data;
    size_t length;
    size_t capacity;
    int failed; /* no memory was left */
    char small[512];
} Bytes;

static void bytes_begin(Bytes *self) {
    self->data = self->small;
    self->length = 0;
    self->capacity = sizeof self->small;
    self->failed = 0;
}

static void bytes_end(Bytes *self) {
    if (self->data != self->small) free(self->data);
}

static void bytes_add(Bytes *self, const char *data, uint64_t length) {
    if (length > (uint64_t)(PY_SSIZE_T_MAX / 4) - self->length) {
        self->failed = 1;
        return;
    }
    if (self->length + (size_t)length > self->capacity) {
        size_t capacity = (self->length + (size_t)length) * 2;
        char *grown = (char *)(self->data == self->small ? malloc(capacity) : realloc(self->data, capacity));
        if (!grown) {
            self->failed = 1;
            return;
        }
        if (self->data == self->small) memcpy(grown, self->small, self->length);
        self->data = grown;
        self->capacity = capacity;
    }
    if (length > 0) memcpy(self->data + self->length, data, (size_t)length);
    self->length += (size_t)length;
}

static void receive_bytes(void *userdata, PluginText text) { bytes_add((Bytes *)userdata, text.data, text.length); }

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

/* The reply, or (status, error text). */
static PyObject *send_result(PluginStatus status, const Bytes *reply, const ErrorText *error) {
    if (reply->failed) return PyErr_NoMemory();
    return status == PLUGIN_OK ? text_to_python(reply->data, reply->length) : failure(status, error);
}

PyDoc_STRVAR(send_doc, "send(host, text, timeout_ms) -> reply, or (status, error text)\n\n"
                       "A kept request is waited for with an eye on signals: Ctrl-C cancels it and is raised.");

static PyObject *fast_send(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PluginHost host;
    PluginText text;
    PluginRequest request = PLUGIN_NONE;
    PluginStatus status;
    uint32_t timeout_ms;
    int interrupted = 0;
    PyObject *result = NULL;
    ErrorText error;
    Bytes reply;
    (void)module;
    if (!check_count("send", count, 3) || !take_u64(args[0], &host) || !take_text(args[1], &text) ||
        !take_u32(args[2], &timeout_ms))
        return NULL;
    error_begin(&error);
    bytes_begin(&reply);
    Py_BEGIN_ALLOW_THREADS;
    status = core_request_new(host, timeout_ms, 0, &request, &error.error);
    if (status == PLUGIN_OK) {
        status = core_request_run(request, text, &error.error);
        if (status == PLUGIN_OK) status = core_request_wait(request, 0, receive_bytes, &reply, &error.error);
    }
    Py_END_ALLOW_THREADS;
    if (status == PLUGIN_PENDING) status = wait_in_slices(request, PLUGIN_WAIT_FOREVER, &reply, &error, &interrupted);
    if (interrupted)
        core_request_cancel(request, NULL);
    else
        result = send_result(status, &reply, &error);
    if (request != PLUGIN_NONE) core_request_release(request);
    bytes_end(&reply);
    return result;
}

PyDoc_STRVAR(request_run_doc, "request_run(request, text) -> (status, error text)");

static PyObject *fast_request_run(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PluginRequest request;
    PluginText text;
    PluginStatus status;
    ErrorText error;
    (void)module;
    if (!check_count("request_run", count, 2) || !take_u64(args[0], &request) || !take_text(args[1], &text))
        return NULL;
    error_begin(&error);
    Py_BEGIN_ALLOW_THREADS;
    status = core_request_run(request, text, &error.error);
    Py_END_ALLOW_THREADS;
    return failure(status, &error);
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
    error_begin(&error);
    bytes_begin(&reply);
    status = wait_in_slices(request, wait_ms, &reply, &error, &interrupted);
    if (!interrupted) {
        result = send_result(status, &reply, &error);
        if (result && status == PLUGIN_OK) result = Py_BuildValue("(iN)", (int)status, result);
    }
    bytes_end(&reply);
    return result;
}

/* ---- events ---- */

/* An event whose texts stand in `Drained.texts`, `name_length` bytes before `text_length`. */
typedef struct DrainedEvent {
    CoreEvent event;
    size_t name_length;
    size_t text_length;
} DrainedEvent;

typedef struct Drained {
    DrainedEvent *events;
    uint32_t count;
    Bytes texts;
} Drained;

static void visit_event(void *userdata, const CoreEvent *event) {
    Drained *drained = (Drained *)userdata;
    DrainedEvent *copy = &drained->events[drained->count];
    copy->event = *event;
    copy->name_length = (size_t)event->name.length;
    copy->text_length = (size_t)event->text.length;
    bytes_add(&drained->texts, event->name.data, event->name.length);
    bytes_add(&drained->texts, event->text.data, event->text.length);
    if (!drained->texts.failed) drained->count++;
}

static PyObject *event_to_python(const DrainedEvent *drained, const char *texts) {
    const CoreEvent *event = &drained->event;
    PyObject *name = text_to_python(texts, drained->name_length);
    PyObject *text = name ? text_to_python(texts + drained->name_length, drained->text_length) : NULL;
    if (!text) {
        Py_XDECREF(name);
        return NULL;
    }
    return Py_BuildValue("(IKLKKKKLNN)", (unsigned int)event->type, (unsigned long long)event->sequence,
                         (long long)event->time_ms, (unsigned long long)event->host, (unsigned long long)event->request,
                         (unsigned long long)event->stream, (unsigned long long)event->number, (long long)event->value,
                         name, text);
}

PyDoc_STRVAR(drain_doc, "drain(core, most, wait_ms) -> list of (type, sequence, time_ms, host, request, stream, "
                        "number, value, name, text)");

static PyObject *fast_drain(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    void *core;
    uint32_t most, wait_ms, index;
    const char *texts;
    PyObject *list;
    Drained drained;
    (void)module;
    if (!check_count("drain", count, 3) || !take_pointer(args[0], &core) || !take_u32(args[1], &most) ||
        !take_u32(args[2], &wait_ms))
        return NULL;
    drained.count = 0;
    drained.events = (DrainedEvent *)malloc(sizeof *drained.events * (most > 0 ? most : 1));
    if (!drained.events) return PyErr_NoMemory();
    bytes_begin(&drained.texts);
    Py_BEGIN_ALLOW_THREADS;
    core_drain((Core *)core, most, wait_ms, visit_event, &drained);
    Py_END_ALLOW_THREADS;
    list = drained.texts.failed ? PyErr_NoMemory() : PyList_New((Py_ssize_t)drained.count);
    texts = drained.texts.data;
    for (index = 0; list && index < drained.count; index++) {
        PyObject *event = event_to_python(&drained.events[index], texts);
        if (!event || PyList_SetItem(list, (Py_ssize_t)index, event) < 0) Py_CLEAR(list);
        texts += drained.events[index].name_length + drained.events[index].text_length;
    }
    bytes_end(&drained.texts);
    free(drained.events);
    return list;
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
    error_begin(&error);
    bytes_begin(&json);
    Py_BEGIN_ALLOW_THREADS;
    status = core_ui_update(host, given, ui_flags, base, receive_bytes, &json, &error.error);
    Py_END_ALLOW_THREADS;
    if (json.failed) {
        PyErr_NoMemory();
    } else {
        PyObject *text = text_to_python(error.text, error.error.length);
        if (text) result = Py_BuildValue("(iy#N)", (int)status, json.data, (Py_ssize_t)json.length, text);
    }
    bytes_end(&json);
    return result;
}

/* ---- for plugins in Python: through the table that every plugin uses ---- */

PyDoc_STRVAR(stream_data_doc, "stream_data(callbacks, host, stream, text, flags, wait_ms) -> (status, error text)");

static PyObject *fast_stream_data(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    void *callbacks;
    PluginHost host;
    PluginStream stream;
    PluginText text;
    uint32_t flags, wait_ms;
    PluginStatus status;
    ErrorText error;
    (void)module;
    if (!check_count("stream_data", count, 6) || !take_pointer(args[0], &callbacks) || !take_u64(args[1], &host) ||
        !take_u64(args[2], &stream) || !take_text(args[3], &text) || !take_u32(args[4], &flags) ||
        !take_u32(args[5], &wait_ms))
        return NULL;
    error_begin(&error);
    Py_BEGIN_ALLOW_THREADS;
    status = ((const HostCallbacks *)callbacks)->stream_data(host, stream, text, flags, wait_ms, &error.error);
    Py_END_ALLOW_THREADS;
    return failure(status, &error);
}

PyDoc_STRVAR(request_reply_doc, "request_reply(callbacks, host, request, text) -> (status, error text)");

static PyObject *fast_request_reply(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    void *callbacks;
    PluginHost host;
    PluginRequest request;
    PluginText text;
    PluginStatus status;
    ErrorText error;
    (void)module;
    if (!check_count("request_reply", count, 4) || !take_pointer(args[0], &callbacks) || !take_u64(args[1], &host) ||
        !take_u64(args[2], &request) || !take_text(args[3], &text))
        return NULL;
    error_begin(&error);
    Py_BEGIN_ALLOW_THREADS;
    status = ((const HostCallbacks *)callbacks)->request_reply(host, request, text, &error.error);
    Py_END_ALLOW_THREADS;
    return failure(status, &error);
}

/* ---- the module ---- */

#define METHOD(name)                                                                                                   \
    { #name, (PyCFunction)(void (*)(void))fast_##name, METH_FASTCALL, name##_doc }

static PyMethodDef methods[] = {METHOD(send),      METHOD(request_run), METHOD(request_wait),  METHOD(drain),
                                METHOD(ui_update), METHOD(stream_data), METHOD(request_reply), {NULL, NULL, 0, NULL}};

int python_module_install(void) {
    const PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *module = PyImport_AddModule("plugin_interfaces._native_fast"); /* borrowed from sys.modules */
    int result = module ? PyModule_AddFunctions(module, methods) : -1;
    if (result == 0) result = PyModule_AddFunctions(module, python_life_methods);
    if (result == 0) result = PyModule_AddFunctions(module, python_ui_methods);
    if (result == 0) result = PyModule_AddFunctions(module, python_ui_list_methods);
    PyGILState_Release(gil);
    return result;
}
