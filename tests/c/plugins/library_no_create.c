/* SPDX-License-Identifier: Apache-2.0 */
/* A library that is no plugin. */
#include "plugin_interface.h"

PLUGIN_EXPORT int answer(void);
PLUGIN_EXPORT int answer(void) { return 42; }
