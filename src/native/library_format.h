/* SPDX-License-Identifier: Apache-2.0 */
/* library_format.h: what a file is, before the dynamic linker sees it, whose words for a damaged file help nobody. */
#ifndef PLUGIN_NATIVE_LIBRARY_FORMAT_H
#define PLUGIN_NATIVE_LIBRARY_FORMAT_H

#include "plugin_interface.h"

/*
 * Whether an open regular file of `size` bytes may be a shared library for this process. `name` is how the error calls
 * it. PLUGIN_UNSUPPORTED: it is one, or nearly, but for another system; PLUGIN_ERROR: it is none, or is damaged.
 */
PluginStatus library_format_check(int file, uint64_t size, const char *name, PluginError *error);

#endif
