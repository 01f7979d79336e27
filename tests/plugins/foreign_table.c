/* SPDX-License-Identifier: Apache-2.0 */
/* A table of another layout: it begins with a pointer, as those of the crate do. */
#include "plugin_interface.h"

static void *table[64];

PLUGIN_EXPORT void *create_plugin(void);
PLUGIN_EXPORT void *create_plugin(void) {
    table[0] = table;
    return table;
}
