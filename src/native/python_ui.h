/* SPDX-License-Identifier: Apache-2.0 */
/*
 * python_ui.h: what plugins in Python draw with. For each function of PluginUiTable there is ui_<name>; the first argument is
 * the PluginUi as int, those that follow are the table's, with texts as str. A function with a response returns
 * (flags, id), and where the widget has a value (flags, id, value). The GIL is kept: a widget takes less than a microsecond.
 */
#ifndef PYTHON_UI_H
#define PYTHON_UI_H

#include <Python.h>

/* For the module of python_module.c; ends with a NULL name. */
extern PyMethodDef python_ui_methods[];

#endif
