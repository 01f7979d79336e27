/* SPDX-License-Identifier: Apache-2.0 */
/* watched.h: memory that is kept to be used again; until then the address sanitizer reports whoever touches it. */
#ifndef PLUGIN_NATIVE_WATCHED_H
#define PLUGIN_NATIVE_WATCHED_H

#if defined(__SANITIZE_ADDRESS__)
#define WATCHED_MEMORY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED_MEMORY 1
#endif
#endif
#ifdef WATCHED_MEMORY
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size)   ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

#endif
