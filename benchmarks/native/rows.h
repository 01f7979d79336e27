/* SPDX-License-Identifier: Apache-2.0 */
/* rows.h: the texts of the widgets that frames are measured with, made once, so that no frame pays for them. */
#ifndef BENCHMARKS_ROWS_H
#define BENCHMARKS_ROWS_H

#include <stdint.h>
#include <stdio.h>

enum { MOST_WIDGETS = 10000 };

/* Widget n is of kind n % 4: a label, a button, a text edit, a toggle. */
enum { ROW_LABEL, ROW_BUTTON, ROW_TEXT, ROW_TOGGLE, ROW_KINDS };

typedef struct Row {
    char label[24];
    char value[24];
} Row;

static inline void make_rows(Row *rows) {
    for (uint32_t at = 0; at < MOST_WIDGETS; at++) {
        snprintf(rows[at].label, sizeof rows[at].label, "Setting %u", (unsigned)at);
        snprintf(rows[at].value, sizeof rows[at].value, "value %u", (unsigned)at);
    }
}

#endif
