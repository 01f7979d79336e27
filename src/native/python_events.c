/* SPDX-License-Identifier: Apache-2.0 */
#define PY_SSIZE_T_CLEAN
#include "python_events.h"

#include "bundle.h"
#include "core.h"
#include "python_args.h"
#include "python_call.h"

#include <string.h>

/* What is wanted of a drain: the byte of its argument `wanted`. */
enum {
    DRAIN_EVENTS = 1, /* every event: there are listeners */
    DRAIN_BUNDLES = 2 /* messages in bundles, for the conversation */
};

/* A run of chunks: of one stream, from the same millisecond, with nothing of the core between them. One object for all of them
   instead of one for each. */
typedef struct Chunks {
    PyObject *texts; /* a list; NULL where there is no run */
    CoreEvent first;
    CoreEvent last; /* of neither the texts are there any more */
} Chunks;

/* Of so many instances, whose events come in turn, messages are bundled at the same time. */
enum { BUNDLES = 16 };

/* What has been drained, as Python has it. Many events have the same numbers: the last object of each is kept for the next. */
typedef struct Drained {
    PyThreadState *without_gil; /* NULL while this thread has the GIL */
    const volatile unsigned char *asked;
    int wanted; /* what was asked for when the first event came; -1 before */
    PyObject *list;
    PyObject *empty;
    Chunks chunks;
    Bundle bundles[BUNDLES]; /* that are open, of different instances */
    uint32_t next_bundle;    /* is ended where one more is needed */
    struct {
        uint64_t value;
        PyObject *object;
    } same[4];
    int failed; /* an exception is set */
} Drained;

/* Until the end of the drain, from the first event on of which an object is made: messages are packed without the GIL. */
static void take_gil(Drained *drained) {
    if (drained->without_gil) PyEval_RestoreThread(drained->without_gil);
    drained->without_gil = NULL;
}

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

/* Appends what stands for an event, with `text` (a new reference, which is taken, or NULL with an exception) as its last member. */
static void append(Drained *drained, const CoreEvent *event, PyObject *text) {
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
        text,
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
    if (!whole || PyList_Append(drained->list, tuple) < 0) drained->failed = 1;
    Py_XDECREF(tuple);
}

/* ---- runs of chunks ---- */

static void end_chunks(Drained *drained) {
    Chunks *chunks = &drained->chunks;
    if (!chunks->texts) return;
    chunks->first.value = chunks->last.value; /* only the last can be final */
    append(drained, &chunks->first, chunks->texts);
    chunks->texts = NULL;
}

static int is_next_chunk(const Chunks *chunks, const CoreEvent *event) {
    const CoreEvent *last = &chunks->last;
    return chunks->texts && event->stream == last->stream && event->sequence == last->sequence + 1 &&
           event->time_ms == last->time_ms && !(last->value & PLUGIN_CHUNK_FINAL);
}

static void add_chunk(Drained *drained, const CoreEvent *event) {
    Chunks *chunks = &drained->chunks;
    if (!is_next_chunk(chunks, event)) {
        end_chunks(drained);
        chunks->texts = PyList_New(0);
        chunks->first = *event;
        chunks->first.name = chunks->first.text = plugin_text("");
    }
    chunks->last = *event;
    PyObject *text = drained_text(drained, event->text);
    if (!chunks->texts || !text || PyList_Append(chunks->texts, text) < 0) drained->failed = 1;
    Py_XDECREF(text);
}

/* ---- bundles ---- */

/* That of an instance; NULL where none is open. */
static Bundle *find_bundle(Drained *drained, PluginHost host) {
    for (uint32_t at = 0; at < BUNDLES; at++)
        if (drained->bundles[at].count > 0 && drained->bundles[at].host == host) return &drained->bundles[at];
    return NULL;
}

static void end_bundle(Drained *drained, Bundle *bundle) {
    if (!bundle || bundle->count == 0) return;
    take_gil(drained);
    CoreEvent event;
    memset(&event, 0, sizeof event); /* type 0: no event of the core has that */
    event.sequence = bundle->sequence;
    event.time_ms = bundle->time_ms;
    event.host = bundle->host;
    event.number = bundle->count;
    append(drained, &event, PyBytes_FromStringAndSize(bundle->data, (Py_ssize_t)bundle->length));
    bundle->count = 0; /* its memory is for the next */
}

static void add_to_bundle(Drained *drained, const CoreEvent *event) {
    Bundle *bundle = find_bundle(drained, event->host);
    if (!bundle) {
        bundle = &drained->bundles[drained->next_bundle++ % BUNDLES];
        end_bundle(drained, bundle);
    }
    if (!bundle_add(bundle, event)) {
        take_gil(drained);
        PyErr_NoMemory();
        drained->failed = 1;
    }
}

/* ---- the drain ---- */

/* Of a message that is in a bundle, whether the host itself has to do something about it. */
static int is_acted_on(const CoreEvent *event) {
    return event->type == CORE_EVENT_REQUEST_ENDED && !(event->number & CORE_REQUEST_TAKEN);
}

/* Streams and messages stand in the conversation in the order of their events; and nothing comes behind an instance's end. */
static int is_after_bundle(uint32_t type) { return type == CORE_EVENT_STREAM_START || type == CORE_EVENT_STATE; }

static int is_message(uint32_t type) {
    return type == CORE_EVENT_MESSAGE || type == CORE_EVENT_REQUEST_STARTED || type == CORE_EVENT_REQUEST_ENDED;
}

static void visit_event(void *userdata, const CoreEvent *event) {
    Drained *drained = (Drained *)userdata;
    /* Only now: who has begun to listen while the drain waited is told. */
    if (drained->wanted < 0) drained->wanted = *drained->asked;
    if (drained->failed) return;
    if (!is_message(event->type)) {
        take_gil(drained);
        if (event->type == CORE_EVENT_STREAM_DATA) {
            add_chunk(drained, event);
            return;
        }
        end_chunks(drained);
        if (is_after_bundle(event->type)) end_bundle(drained, find_bundle(drained, event->host));
        append(drained, event, drained_text(drained, event->text));
        return;
    }
    const int is_kept = (drained->wanted & DRAIN_BUNDLES) != 0;
    const int is_bundled = is_kept && bundle_takes(event);
    if (is_bundled) add_to_bundle(drained, event);
    /* Where a conversation is kept, somebody may wait for the number of an event that adds nothing to it. */
    if ((drained->wanted & DRAIN_EVENTS) || is_acted_on(event) || (is_kept && !is_bundled)) {
        take_gil(drained);
        end_chunks(drained);
        append(drained, event, drained_text(drained, event->text));
    }
}

static _Thread_local int is_drain;

int python_is_drain(void) { return is_drain; }

/* What it returns; frees all. */
static PyObject *end_drain(Drained *drained, Py_buffer *wanted, uint32_t events) {
    PyObject *result = NULL;
    if (drained->list && drained->empty && !drained->failed)
        result = events > 0 ? Py_BuildValue("(OO)", drained->wanted & DRAIN_EVENTS ? Py_True : Py_False, drained->list)
                            : Py_NewRef(Py_None);
    PyBuffer_Release(wanted);
    for (uint32_t at = 0; at < BUNDLES; at++) bundle_end(&drained->bundles[at]);
    Py_XDECREF(drained->chunks.texts);
    for (size_t index = 0; index < sizeof drained->same / sizeof drained->same[0]; index++)
        Py_XDECREF(drained->same[index].object);
    Py_XDECREF(drained->empty);
    Py_XDECREF(drained->list);
    return result;
}

PyDoc_STRVAR(
    drain_doc,
    "drain(core, most, wait_ms, wanted) -> (told, list of (type, sequence, time_ms, host, request, stream, "
    "number, value, name, text)), or None where there was no event\n\n"
    "For STREAM_DATA, a run of chunks: the text is a list of them, sequence and number are of the first, and "
    "value is of the last.\nOf type 0 is a bundle of messages for the conversation: the number of them, and "
    "bytes instead of a text.\nThe first byte of `wanted` is looked at when there are events: 1, also what only "
    "listeners want, which `told` says; 2, bundles.");

static PyObject *fast_drain(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    void *core;
    uint32_t most, wait_ms, events;
    Drained drained;
    Py_buffer wanted;
    (void)module;
    if (!check_count("drain", count, 4) || !take_pointer(args[0], &core) || !take_u32(args[1], &most) ||
        !take_u32(args[2], &wait_ms))
        return NULL;
    if (PyObject_GetBuffer(args[3], &wanted, PyBUF_SIMPLE) < 0) return NULL;
    is_drain = 1;
    memset(&drained, 0, sizeof drained);
    drained.asked = (const volatile unsigned char *)wanted.buf;
    drained.wanted = -1;
    drained.list = PyList_New(0);
    drained.empty = PyUnicode_FromStringAndSize("", 0);
    if (!drained.list || !drained.empty) return end_drain(&drained, &wanted, 0);
    drained.without_gil = PyEval_SaveThread();
    events = core_drain((Core *)core, most, wait_ms, visit_event, &drained);
    take_gil(&drained);
    if (!drained.failed) end_chunks(&drained);
    for (uint32_t at = 0; at < BUNDLES && !drained.failed; at++) end_bundle(&drained, &drained.bundles[at]);
    return end_drain(&drained, &wanted, events);
}

PyMethodDef python_event_methods[] = {PYTHON_METHOD(drain), {NULL, NULL, 0, NULL}};
