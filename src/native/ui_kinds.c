/* SPDX-License-Identifier: Apache-2.0 */
#include "ui_frame.h"

typedef struct Kind {
    const char *name;
    int contains;
    int operated;
} Kind;

#define KIND(kind, name, contains, operated) [kind] = {name, contains, operated},
static const Kind kinds[UI_KIND_COUNT] = {UI_KIND_LIST(KIND)};
#undef KIND

const char *ui_kind_name(int kind) { return kinds[kind].name; }

int ui_is_container(int kind) { return kinds[kind].contains; }

int ui_is_operated(int kind) { return kinds[kind].operated; }
