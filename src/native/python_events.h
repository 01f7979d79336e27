/* SPDX-License-Identifier: Apache-2.0 */
/* python_events.h: the drain for Python, in the manner of python_module.c; the core lets go of the GIL while it waits. */
#ifndef PYTHON_EVENTS_H
#define PYTHON_EVENTS_H

#include <Python.h>

extern PyMethodDef python_event_methods[];

/* Whether this thread drains a core: events come to listeners on it. */
int python_is_drain(void);

#endif
