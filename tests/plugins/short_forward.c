/* SPDX-License-Identifier: Apache-2.0 */
/* As forward, and promises that its calls are short. */
#define FEATURES PLUGIN_FEATURE_SHORT_CALLS
#include "forward.c"
