/* SPDX-License-Identifier: Apache-2.0 */
/*
 * python_module.h: the functions of the hot paths as Python sees them, `plugin_interfaces._ffi.fast`.
 *
 * cffi makes the module _native; these functions are written against CPython's own API, because a call through cffi
 * costs several times as much. They are in the same library and use the same core.
 */
#ifndef PYTHON_MODULE_H
#define PYTHON_MODULE_H

#include "plugin_interface.h"

/* Makes the module plugin_interfaces._native_fast and enters it in sys.modules. Called once by _ffi.py, without the
 * GIL, as cffi calls everything. 0, or -1 with a Python exception set. */
int python_module_install(void);

/* The handle_message of plugins in Python, for their tables. */
PluginStatus python_handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error);

#endif
