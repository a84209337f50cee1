/* compat/frame.h: what a running frame has that the public C API does not show. Plain C: CPython's internal
   headers are not C++. */
#pragma once

#include <Python.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A new reference to the cell that variable `name` of the frame lives in, or to its value if it is a plain
   local; *is_cell says which. NULL without an error if the variable is unbound or not of the frame. */
PyObject *PycFrame_Variable(PyFrameObject *frame, PyObject *name, int *is_cell);

/* The namespace that the frame keeps variables in, borrowed: that of a class body or of eval(), the globals of a
   module; NULL for a function. */
PyObject *PycFrame_Namespace(PyFrameObject *frame);

/* The code that runs in this thread, borrowed, as PyEval_GetFrame() would say, without making a frame object; NULL if
   no Python code runs. */
PyCodeObject *PycFrame_CurrentCode(void);

#ifdef __cplusplus
}
#endif
