/* compat/local_use.h: what a function's instructions do with its locals. Plain C, see frame.h. */
#pragma once

#include <Python.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Does an instruction of the code itself read, bind or share the local with that index? -1 with an error set. */
int PycCode_UsesLocal(PyCodeObject *code, int index);

#ifdef __cplusplus
}
#endif
