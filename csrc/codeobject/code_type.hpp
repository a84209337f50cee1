// codeobject/code_type.hpp: the functions that make up the type CodeCore.
#pragma once

#include "codeobject/code.hpp"

namespace pyccolo::codeobject {

// sequence.cpp: the items as a list.
Py_ssize_t code_length(PyObject* self);
PyObject* code_item(PyObject* self, PyObject* index);
int code_set_item(PyObject* self, PyObject* index, PyObject* value);
PyObject* code_iterator(PyObject* self);
PyObject* code_insert(PyObject* self, PyObject* args);
PyObject* code_children(PyObject* self, PyObject*);

// build.cpp: what the items come to.
PyObject* code_to_code(PyObject* self, PyObject* args, PyObject* keywords);
PyObject* code_assemble(PyObject* self, PyObject* args, PyObject* keywords);
PyObject* code_stack_depths(PyObject* self, PyObject*);
PyObject* code_stacksize(PyObject* self, PyObject*);
PyObject* code_problems(PyObject* self, PyObject*);
PyObject* code_infer_flags(PyObject* self, PyObject*);

extern PyGetSetDef code_attributes[];  ///< attributes.cpp

}  // namespace pyccolo::codeobject
