/* SPDX-License-Identifier: Apache-2.0 */
/*
 * library.h: the shared libraries of plugins, for the modules that make instances from them; core.h has what the
 * embedder calls. A library is there as long as somebody has a share of it. All functions: any thread.
 */
#ifndef PLUGIN_NATIVE_LIBRARY_H
#define PLUGIN_NATIVE_LIBRARY_H

#include "core.h"

/* The entry symbols; library_destroy is NULL where the library does not export destroy_plugin. */
CreatePluginFn library_create(const CoreLibrary *library);
DestroyPluginFn library_destroy(const CoreLibrary *library);

/* The path that it was first opened with; valid as long as the library. */
const char *library_path(const CoreLibrary *library);

/* One more share, and one less. An instance's share asks for nothing about unmapping. */
void library_retain(CoreLibrary *library);
void library_release(CoreLibrary *library);

/* Keeps it mapped for ever, whoever asks otherwise: code of it may still be running. */
void library_pin(CoreLibrary *library);

/* The number of libraries that somebody has a share of, for leak counts. */
uint32_t library_count(void);

#endif
