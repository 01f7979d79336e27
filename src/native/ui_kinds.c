/* SPDX-License-Identifier: Apache-2.0 */
#include "ui_frame.h"

#define KIND(kind, name, contains, operated) [kind] = {name, sizeof(name) - 1, contains, operated},
const UiKind ui_kinds[UI_KIND_COUNT] = {UI_KIND_LIST(KIND)};
#undef KIND
