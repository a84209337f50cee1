/* compat/interpreter.h: what the interpreter keeps of its builtins. Plain C: CPython's internal headers are not C++. */
#pragma once

#include <Python.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The dict that builtins are restored from when the interpreter ends; borrowed, may be NULL. Code that runs that
   late (finalizers, generators that are closed) finds only what is in it. */
PyObject *PycInterpreter_BuiltinsCopy(void);

#ifdef __cplusplus
}
#endif
