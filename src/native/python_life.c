/* SPDX-License-Identifier: Apache-2.0 */
#define PY_SSIZE_T_CLEAN
#include "python_life.h"

#include "core.h"
#include "leavable.h"
#include "python_args.h"

#include <stdlib.h>
#include <string.h>

/* How long a wait lasts before signals are looked at, so that Ctrl-C is heard. */
enum { WAIT_SLICE_MS = 50, ERROR_TEXT_BYTES = 4096 };

typedef struct InitializeCall {
    Leavable call;
    PluginHost host;
    PluginStatus status;
    PluginError error;
    char text[ERROR_TEXT_BYTES];
    int has_state;
    size_t length;
    char state[]; /* a copy: who leaves takes the original along */
} InitializeCall;

static void run_initialize(Leavable *call) {
    InitializeCall *self = (InitializeCall *)call;
    self->error.struct_size = (uint32_t)sizeof self->error;
    self->error.status = PLUGIN_OK;
    self->error.text = self->text;
    self->error.capacity = sizeof self->text;
    self->error.length = 0;
    const void *state = self->has_state ? self->state : NULL;
    self->status = core_instance_initialize(self->host, state, (uint64_t)self->length, &self->error);
}

/* Waits for it; 0 with an exception set where the handler of a signal raises. Called with the GIL. */
static int wait_or_leave(Leavable *call) {
    int done;
    for (;;) {
        Py_BEGIN_ALLOW_THREADS;
        done = leavable_wait(call, WAIT_SLICE_MS);
        Py_END_ALLOW_THREADS;
        if (done) return 1;
        if (PyErr_CheckSignals() < 0) return 0;
    }
}

static InitializeCall *new_initialize(PluginHost host, PyObject *state) {
    char *data = NULL;
    Py_ssize_t length = 0;
    if (state != Py_None && PyBytes_AsStringAndSize(state, &data, &length) < 0) return NULL;
    InitializeCall *self = (InitializeCall *)malloc(sizeof *self + (size_t)length);
    if (!self) {
        PyErr_NoMemory();
        return NULL;
    }
    self->call.run = run_initialize;
    self->host = host;
    self->has_state = state != Py_None;
    self->length = (size_t)length;
    if (length > 0) memcpy(self->state, data, (size_t)length);
    return self;
}

static PyObject *result_of(const InitializeCall *self) {
    const uint64_t length = self->error.length < sizeof self->text ? self->error.length : sizeof self->text;
    PyObject *text = PyUnicode_DecodeUTF8(self->text, (Py_ssize_t)length, "replace");
    return text ? Py_BuildValue("(iN)", (int)self->status, text) : NULL;
}

PyDoc_STRVAR(initialize_doc, "initialize(host, state or None, leavable) -> (status, error text)\n\n"
                             "Where it is leavable, signals are looked at meanwhile; what their handlers raise leaves "
                             "the call, which goes on on a thread of its own.");

static PyObject *fast_initialize(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PluginHost host;
    PyObject *result = NULL;
    (void)module;
    if (!check_count("initialize", count, 3) || !take_u64(args[0], &host)) return NULL;
    const int leavable = PyObject_IsTrue(args[2]);
    InitializeCall *self = leavable < 0 ? NULL : new_initialize(host, args[1]);
    if (!self) return NULL;
    if (!leavable) {
        Py_BEGIN_ALLOW_THREADS;
        run_initialize(&self->call);
        Py_END_ALLOW_THREADS;
        result = result_of(self);
        free(self);
        return result;
    }
    Py_BEGIN_ALLOW_THREADS;
    leavable_start(&self->call);
    Py_END_ALLOW_THREADS;
    if (wait_or_leave(&self->call)) result = result_of(self);
    leavable_release(&self->call);
    return result;
}

PyMethodDef python_life_methods[] = {
    {"initialize", (PyCFunction)(void (*)(void))fast_initialize, METH_FASTCALL, initialize_doc}, {NULL, NULL, 0, NULL}};
