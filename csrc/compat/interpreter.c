/* compat/interpreter.c: reads the interpreter state. */
#define Py_BUILD_CORE 1
#include "compat/interpreter.h"

#include "internal/pycore_interp.h"
#include "internal/pycore_runtime.h"

PyObject *PycInterpreter_BuiltinsCopy(void)
{
    return PyInterpreterState_Get()->builtins_copy;
}

int PycInterpreter_IsFirst(void)
{
    return PyInterpreterState_Get() == PyInterpreterState_Main();
}

unsigned long PycInterpreter_MainThread(void)
{
    return _PyRuntime.main_thread;
}
