/* SPDX-License-Identifier: Apache-2.0 */
/* What plugins in Python call most, through the table that every plugin uses. */
#define PY_SSIZE_T_CLEAN
#include "python_plugin.h"

#include "python_args.h"
#include "python_bytes.h"
#include "python_call.h"

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
    error_text_begin(&error);
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
    error_text_begin(&error);
    Py_BEGIN_ALLOW_THREADS;
    status = ((const HostCallbacks *)callbacks)->request_reply(host, request, text, &error.error);
    Py_END_ALLOW_THREADS;
    return failure(status, &error);
}

PyDoc_STRVAR(call_other_plugin_doc, "call_other_plugin(callbacks, host, plugin_id, message, timeout_ms) -> reply, or "
                                    "(status, error text)");

static PyObject *fast_call_other_plugin(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    void *callbacks;
    PluginHost host;
    PluginText plugin_id, message;
    uint32_t timeout_ms;
    PluginStatus status;
    PyObject *result;
    ErrorText error;
    Bytes reply;
    (void)module;
    if (!check_count("call_other_plugin", count, 5) || !take_pointer(args[0], &callbacks) ||
        !take_u64(args[1], &host) || !take_text(args[2], &plugin_id) || !take_text(args[3], &message) ||
        !take_u32(args[4], &timeout_ms))
        return NULL;
    error_text_begin(&error);
    bytes_begin(&reply);
    Py_BEGIN_ALLOW_THREADS;
    status = ((const HostCallbacks *)callbacks)
                 ->call_other_plugin(host, plugin_id, message, timeout_ms, receive_bytes, &reply, &error.error);
    Py_END_ALLOW_THREADS;
    result = reply_or_failure(status, &reply, &error);
    bytes_end(&reply);
    return result;
}

PyMethodDef python_call_methods[] = {
    PYTHON_METHOD(stream_data), PYTHON_METHOD(request_reply), PYTHON_METHOD(call_other_plugin), {NULL, NULL, 0, NULL}};
