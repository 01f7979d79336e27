/* SPDX-License-Identifier: Apache-2.0 */
/* The widgets for plugins in Python that take lists: choices, tables, plots; see python_ui.h. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "python_ui.h"

/* ---- lists as arrays ---- */

/* From PyMem_Malloc, also where `count` is 0; NULL with an exception set. */
static void *new_array(size_t count, size_t size) {
    void *array = PyMem_Malloc((count + 1) * size);
    return array ? array : PyErr_NoMemory();
}

/* A list of str as an array from PyMem_Malloc, whose texts the list lends. NULL with an exception set. */
static PluginText *take_texts(PyObject *object, uint32_t *count) {
    if (!PyList_Check(object) || PyList_Size(object) > (Py_ssize_t)(UINT32_MAX / sizeof(PluginText))) {
        PyErr_SetString(PyExc_TypeError, "texts are a list of str");
        return NULL;
    }
    *count = (uint32_t)PyList_Size(object);
    PluginText *texts = (PluginText *)new_array(*count, sizeof *texts);
    if (!texts) return NULL;
    for (uint32_t index = 0; index < *count; index++) {
        PyObject *text = PyList_GetItem(object, (Py_ssize_t)index); /* borrowed */
        if (text && take_text(text, &texts[index])) continue;
        PyMem_Free(texts);
        return NULL;
    }
    return texts;
}

/* A list of (value, label) as an array from PyMem_Malloc, whose texts the list lends. NULL with an exception set. */
static PluginChoice *take_choices(PyObject *object, uint32_t *count) {
    if (!PyList_Check(object) || PyList_Size(object) > (Py_ssize_t)(UINT32_MAX / sizeof(PluginChoice))) {
        PyErr_SetString(PyExc_TypeError, "choices are a list of (value, label)");
        return NULL;
    }
    *count = (uint32_t)PyList_Size(object);
    PluginChoice *choices = (PluginChoice *)new_array(*count, sizeof *choices);
    if (!choices) return NULL;
    for (uint32_t index = 0; index < *count; index++) {
        PyObject *pair = PyList_GetItem(object, (Py_ssize_t)index); /* borrowed */
        if (pair && PyTuple_Check(pair) && PyTuple_Size(pair) == 2) {
            if (take_text(PyTuple_GetItem(pair, 0), &choices[index].value) &&
                take_text(PyTuple_GetItem(pair, 1), &choices[index].label))
                continue;
        } else {
            PyErr_SetString(PyExc_TypeError, "a choice is (value, label), two str");
        }
        PyMem_Free(choices);
        return NULL;
    }
    return choices;
}

/* (ui, label, value, choices, flags) -> (flags, id, text) */
#define CHOICE(name)                                                                                                   \
    static PyObject *ui_##name(PyObject *module, PyObject *const *args, Py_ssize_t count) {                            \
        PluginUi *ui;                                                                                                  \
        PluginText label, value;                                                                                       \
        uint32_t choice_count, flags;                                                                                  \
        PluginChoice *choices;                                                                                         \
        PluginResponse response = plugin_response();                                                                   \
        (void)module;                                                                                                  \
        if (!check_count("ui_" #name, count, 5) || !take_ui(args[0], &ui) || !take_text(args[1], &label) ||            \
            !take_text(args[2], &value) || !take_u32(args[4], &flags) ||                                               \
            !(choices = take_choices(args[3], &choice_count)))                                                         \
            return NULL;                                                                                               \
        ui->table->name(ui, label, value, choices, choice_count, flags, &response);                                    \
        PyMem_Free(choices);                                                                                           \
        return with_value(&response, text_value(&response, args[2]));                                                  \
    }

CHOICE(radio)
CHOICE(begin_tabs)

/* (ui, label, value, placeholder, choices, flags) -> (flags, id, text) */
static PyObject *ui_combo_box(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PluginUi *ui;
    PluginText label, value, placeholder;
    uint32_t choice_count, flags;
    PluginChoice *choices;
    PluginResponse response = plugin_response();
    (void)module;
    if (!check_count("ui_combo_box", count, 6) || !take_ui(args[0], &ui) || !take_text(args[1], &label) ||
        !take_text(args[2], &value) || !take_text(args[3], &placeholder) || !take_u32(args[5], &flags) ||
        !(choices = take_choices(args[4], &choice_count)))
        return NULL;
    ui->table->combo_box(ui, label, value, placeholder, choices, choice_count, flags, &response);
    PyMem_Free(choices);
    return with_value(&response, text_value(&response, args[2]));
}

/* A list of bool as an array of 1 and 0 from PyMem_Malloc. NULL with an exception set. */
static int32_t *take_switches(PyObject *object, uint32_t count) {
    if (!PyList_Check(object) || PyList_Size(object) != (Py_ssize_t)count) {
        PyErr_SetString(PyExc_TypeError, "what is selected is a list with a bool for each choice");
        return NULL;
    }
    int32_t *switches = (int32_t *)new_array(count, sizeof *switches);
    if (!switches) return NULL;
    for (uint32_t index = 0; index < count; index++) {
        PyObject *item = PyList_GetItem(object, (Py_ssize_t)index); /* borrowed */
        switches[index] = item ? PyObject_IsTrue(item) : -1;
        if (switches[index] >= 0) continue;
        PyMem_Free(switches);
        return NULL;
    }
    return switches;
}

static PyObject *switches_to_python(const int32_t *switches, uint32_t count) {
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (uint32_t index = 0; list && index < count; index++) {
        if (PyList_SetItem(list, (Py_ssize_t)index, PyBool_FromLong(switches[index])) == 0) continue;
        Py_CLEAR(list);
    }
    return list;
}

/* (ui, label, choices, selected, flags) -> (flags, id, selected) */
static PyObject *ui_multi_select(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PluginUi *ui;
    PluginText label;
    uint32_t choice_count, flags;
    PluginResponse response = plugin_response();
    (void)module;
    if (!check_count("ui_multi_select", count, 5) || !take_ui(args[0], &ui) || !take_text(args[1], &label) ||
        !take_u32(args[4], &flags))
        return NULL;
    PluginChoice *choices = take_choices(args[2], &choice_count);
    int32_t *selected = choices ? take_switches(args[3], choice_count) : NULL;
    PyObject *result = NULL;
    if (selected) {
        ui->table->multi_select(ui, label, choices, selected, choice_count, flags, &response);
        result = with_value(&response,
                            has_changed(&response) ? switches_to_python(selected, choice_count) : same_value(args[3]));
    }
    PyMem_Free(choices);
    PyMem_Free(selected);
    return result;
}

/* ---- tables ---- */

/* (ui, label, columns, cells row by row, keys or None, value, flags) -> (flags, id, text) */
static PyObject *ui_table(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PluginUi *ui;
    PluginText label, value;
    uint32_t flags, cell_count, key_count = 0;
    PluginTable table;
    PluginText *columns = NULL, *cells = NULL, *keys = NULL;
    PyObject *result = NULL;
    PluginResponse response = plugin_response();
    (void)module;
    memset(&table, 0, sizeof table);
    table.struct_size = (uint32_t)sizeof table;
    if (!check_count("ui_table", count, 7) || !take_ui(args[0], &ui) || !take_text(args[1], &label) ||
        !take_text(args[5], &value) || !take_u32(args[6], &flags))
        return NULL;
    if ((columns = take_texts(args[2], &table.column_count)) && (cells = take_texts(args[3], &cell_count)) &&
        (args[4] == Py_None || (keys = take_texts(args[4], &key_count)))) {
        table.row_count = table.column_count ? cell_count / table.column_count : 0;
        if (keys && key_count != table.row_count) {
            PyErr_Format(PyExc_ValueError, "there are %u rows and %u keys; each row has one", table.row_count,
                         key_count);
        } else {
            table.columns = columns;
            table.cells = cells;
            table.keys = keys;
            ui->table->table(ui, label, &table, value, flags, &response);
            result = with_value(&response, text_value(&response, args[5]));
        }
    }
    PyMem_Free(columns);
    PyMem_Free(cells);
    PyMem_Free(keys);
    return result;
}

/* ---- plots ---- */

/* The bytes of an array of doubles; borrowed from the object. */
static int take_doubles(PyObject *object, const double **values, uint64_t *count) {
    char *data;
    Py_ssize_t length;
    if (PyBytes_AsStringAndSize(object, &data, &length) < 0) return 0;
    *values = (const double *)(const void *)data;
    *count = (uint64_t)length / sizeof(double);
    return 1;
}

/* (name, x or None, y, style), where x and y are the bytes of arrays of doubles */
static int take_series(PyObject *object, PluginSeries *series) {
    uint64_t x_count;
    memset(series, 0, sizeof *series);
    if (!PyTuple_Check(object) || PyTuple_Size(object) != 4) {
        PyErr_SetString(PyExc_TypeError, "a series is (name, x or None, y, style)");
        return 0;
    }
    PyObject *x = PyTuple_GetItem(object, 1); /* borrowed */
    if (!take_text(PyTuple_GetItem(object, 0), &series->name) ||
        !take_doubles(PyTuple_GetItem(object, 2), &series->y, &series->count) ||
        !take_u32(PyTuple_GetItem(object, 3), &series->style))
        return 0;
    if (x == Py_None) return 1;
    if (!take_doubles(x, &series->x, &x_count)) return 0;
    if (x_count == series->count) return 1;
    PyErr_SetString(PyExc_ValueError, "x and y of a series have different lengths");
    return 0;
}

/* (ui, label, list of series) */
static PyObject *ui_plot(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    PluginUi *ui;
    PluginText label;
    (void)module;
    if (!check_count("ui_plot", count, 3) || !take_ui(args[0], &ui) || !take_text(args[1], &label)) return NULL;
    if (!PyList_Check(args[2]) || PyList_Size(args[2]) > (Py_ssize_t)(UINT32_MAX / sizeof(PluginSeries))) {
        PyErr_SetString(PyExc_TypeError, "the series of a plot are a list");
        return NULL;
    }
    const uint32_t series_count = (uint32_t)PyList_Size(args[2]);
    PluginSeries *series = (PluginSeries *)new_array(series_count, sizeof *series);
    if (!series) return NULL;
    for (uint32_t index = 0; index < series_count; index++) {
        if (take_series(PyList_GetItem(args[2], (Py_ssize_t)index), &series[index])) continue;
        PyMem_Free(series);
        return NULL;
    }
    ui->table->plot(ui, label, series, series_count);
    PyMem_Free(series);
    Py_RETURN_NONE;
}

PyMethodDef python_ui_list_methods[] = {
    PYTHON_UI_METHOD(radio), PYTHON_UI_METHOD(combo_box), PYTHON_UI_METHOD(begin_tabs), PYTHON_UI_METHOD(multi_select),
    PYTHON_UI_METHOD(table), PYTHON_UI_METHOD(plot),      {NULL, NULL, 0, NULL}};
