/* compat/interpreter.c: reads the interpreter state. */
#define Py_BUILD_CORE 1
#include "compat/interpreter.h"

#include "internal/pycore_interp.h"

PyObject *PycInterpreter_BuiltinsCopy(void)
{
    return PyInterpreterState_Get()->builtins_copy;
}
