/* SPDX-License-Identifier: Apache-2.0 */
/* python_life.h: entries of the life cycle as functions for Python, in the manner of python_module.c. */
#ifndef PYTHON_LIFE_H
#define PYTHON_LIFE_H

#include <Python.h>

extern PyMethodDef python_life_methods[];

#endif
