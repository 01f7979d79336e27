/* SPDX-License-Identifier: Apache-2.0 */
/*
 * python_plugin.h: plugins in Python, in the manner of python_module.c: the callbacks that they call most, the messages that they
 * are given, and conversations, as functions for Python.
 */
#ifndef PYTHON_PLUGIN_H
#define PYTHON_PLUGIN_H

#include <Python.h>

extern PyMethodDef python_call_methods[];
extern PyMethodDef python_message_methods[];
extern PyMethodDef python_history_methods[];

#endif
