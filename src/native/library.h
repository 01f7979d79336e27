/* SPDX-License-Identifier: Apache-2.0 */
/* library.h: what instances need of a shared library beyond core_library_open and core_library_close. */
#ifndef PLUGIN_NATIVE_LIBRARY_H
#define PLUGIN_NATIVE_LIBRARY_H

#include "core.h"

CreatePluginFn library_create(const CoreLibrary *library);

/* NULL where the library does not export it. */
DestroyPluginFn library_destroy(const CoreLibrary *library);

/* An instance keeps its library open. */
void library_retain(CoreLibrary *library);
void library_release(CoreLibrary *library);

/* It stays mapped for ever: an abandoned instance may still run in it. */
void library_pin(CoreLibrary *library);

#endif
