/* SPDX-License-Identifier: Apache-2.0 */
/* library_file.h: looks at a file before it is mapped, because the loader's own words help no plugin author. */
#ifndef PLUGIN_NATIVE_LIBRARY_FILE_H
#define PLUGIN_NATIVE_LIBRARY_FILE_H

#include "plugin_interface.h"

#include <sys/stat.h>

/* PLUGIN_OK where the file is there, whole, and a shared library for this machine; `*found` is what stat says. */
PluginStatus library_file_check(const char *path, struct stat *found, PluginError *error);

#endif
