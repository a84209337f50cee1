/* compat/interpreter.h: what the interpreter keeps of its builtins, and of its main thread. Plain C: CPython's internal headers are not C++. */
#pragma once

#include <Python.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The dict that builtins are restored from when the interpreter ends; borrowed, may be NULL. Code that runs that
   late (finalizers, generators that are closed) finds only what is in it. */
PyObject *PycInterpreter_BuiltinsCopy(void);

/* Is this the interpreter that the process began with? */
int PycInterpreter_IsFirst(void);

/* Ident of the thread that counts as the process's main one. */
unsigned long PycInterpreter_MainThread(void);

#ifdef __cplusplus
}
#endif
