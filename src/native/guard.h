/* SPDX-License-Identifier: Apache-2.0 */
/* guard.h: what of the process a plugin leaves alone while it is made and initialized: working directory, numeric locale, and the
 * dispositions of SIGINT, SIGTERM, SIGPIPE and SIGCHLD. */
#ifndef PLUGIN_NATIVE_GUARD_H
#define PLUGIN_NATIVE_GUARD_H

#include <stddef.h>

/*
 * Around the code of a plugin. Guards of several threads may overlap: all compare with what was there when the first began, so
 * what one plugin changed is put back once; who did it is then not known, and the text says so.
 */
void guard_begin(void);

/* Puts back what was changed. 0 where nothing was; else `text` names it, as a sentence. */
int guard_end(char *text, size_t capacity);

#endif
