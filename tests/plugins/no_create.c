/* SPDX-License-Identifier: Apache-2.0 */
/* A library without create_plugin. */
int something_else(void);
int something_else(void) { return 1; }
