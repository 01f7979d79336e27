/* SPDX-License-Identifier: Apache-2.0 */
#define PY_SSIZE_T_CLEAN
#include "python_life.h"

#include "core.h"
#include "leavable.h"
#include "python_args.h"
#include "python_call.h"

#include <stdlib.h>
#include <string.h>

/* ---- loading ---- */

/* Borrows the texts of a PluginMetadataFFI from a tuple of str, in their order. */
static int take_metadata(PyObject *texts, PluginMetadataFFI *metadata) {
    PluginText *const slots[] = {&metadata->id,           &metadata->name,        &metadata->description,
                                 &metadata->version,      &metadata->author,      &metadata->config_path,
                                 &metadata->library_path, &metadata->instance_id, &metadata->permissions};
    const Py_ssize_t count = sizeof slots / sizeof *slots;
    if (!PyTuple_Check(texts) || PyTuple_Size(texts) != count) {
        PyErr_SetString(PyExc_TypeError, "metadata is a tuple of all its texts");
        return 0;
    }
    for (Py_ssize_t index = 0; index < count; index++)
        if (!take_text(PyTuple_GetItem(texts, index), slots[index])) return 0;
    return 1;
}

static PluginStatus load_library(Core *core, const char *path, int32_t unmap, const PluginMetadataFFI *metadata,
                                 PluginHost *host, PluginError *error) {
    CoreLibrary *library = core_library_open(path, error);
    if (!library) return error->status;
    const PluginStatus status = core_instance_new(core, library, metadata, host, error);
    core_library_close(library, unmap); /* from here on the instance alone keeps it open */
    return status;
}

PyDoc_STRVAR(load_library_doc, "load_library(core, path, unmap, flags, texts) -> (status, PluginHost, error text)\n\n"
                               "The texts are those of a PluginMetadataFFI, in its order.");

static PyObject *fast_load_library(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    void *core;
    PluginHost host = PLUGIN_NONE;
    PluginStatus status;
    PluginMetadataFFI metadata;
    ErrorText said;
    (void)module;
    memset(&metadata, 0, sizeof metadata);
    metadata.struct_size = (uint32_t)sizeof metadata;
    if (!check_count("load_library", count, 5) || !take_pointer(args[0], &core) ||
        !take_u32(args[3], &metadata.flags) || !take_metadata(args[4], &metadata))
        return NULL;
    const int unmap = PyObject_IsTrue(args[2]);
    PyObject *path = unmap < 0 ? NULL : PyUnicode_EncodeFSDefault(args[1]);
    const char *name = path ? PyBytes_AsString(path) : NULL;
    if (!name) return NULL;
    error_text_begin(&said);
    Py_BEGIN_ALLOW_THREADS;
    status = load_library((Core *)core, name, unmap, &metadata, &host, &said.error);
    Py_END_ALLOW_THREADS;
    Py_DECREF(path);
    PyObject *text = error_text_to_python(&said);
    return text ? Py_BuildValue("(iKN)", (int)status, (unsigned long long)host, text) : NULL;
}

PyDoc_STRVAR(instance_offers_doc, "instance_offers(host) -> (bits of core_instance_entries, PLUGIN_FEATURE_… bits)\n\n"
                                  "Both 0 where the instance is gone.");

static PyObject *fast_instance_offers(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PluginHost host;
    (void)module;
    if (!check_count("instance_offers", count, 1) || !take_u64(args[0], &host)) return NULL;
    const PluginInterface *table = core_instance_table(host);
    return Py_BuildValue("(IK)", core_instance_entries(host), (unsigned long long)(table ? table->features : 0));
}

/* ---- initialize ---- */

typedef struct InitializeCall {
    Leavable call;
    PluginHost host;
    PluginStatus status;
    ErrorText said;
    int has_state;
    size_t length;
    char state[]; /* a copy: who leaves takes the original along */
} InitializeCall;

static void run_initialize(Leavable *call) {
    InitializeCall *self = (InitializeCall *)call;
    error_text_begin(&self->said);
    const void *state = self->has_state ? self->state : NULL;
    self->status = core_instance_initialize(self->host, state, (uint64_t)self->length, &self->said.error);
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
        result = failure(self->status, &self->said);
        free(self);
        return result;
    }
    Py_BEGIN_ALLOW_THREADS;
    leavable_start(&self->call);
    Py_END_ALLOW_THREADS;
    if (wait_or_leave(&self->call)) result = failure(self->status, &self->said);
    leavable_release(&self->call);
    return result;
}

PyMethodDef python_life_methods[] = {
    PYTHON_METHOD(load_library), PYTHON_METHOD(instance_offers), PYTHON_METHOD(initialize), {NULL, NULL, 0, NULL}};
