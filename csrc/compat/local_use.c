/* compat/local_use.c: reads instructions by the opcode numbers of the Python compiled for. */
#define Py_BUILD_CORE 1
#include "compat/local_use.h"

#include "internal/pycore_code.h"
#include <opcode.h>

/* Which locals an instruction has to do with: none, that of its argument, or two packed into it. */
static int locals_of(int opcode)
{
    switch (opcode) {
    case LOAD_FAST:
    case STORE_FAST:
    case DELETE_FAST:
#if PY_VERSION_HEX >= 0x030C0000
    case LOAD_FAST_CHECK:
    case LOAD_FAST_AND_CLEAR:
#endif
#if PY_VERSION_HEX >= 0x030E0000
    case LOAD_FAST_BORROW:
#endif
        return 1;
#if PY_VERSION_HEX >= 0x030D0000
    case LOAD_FAST_LOAD_FAST:
    case STORE_FAST_LOAD_FAST:
    case STORE_FAST_STORE_FAST:
#if PY_VERSION_HEX >= 0x030E0000
    case LOAD_FAST_BORROW_LOAD_FAST_BORROW:
#endif
        return 2;
#endif
    default:
        return 0;
    }
}

int PycCode_UsesLocal(PyCodeObject *code, int index)
{
    if ((_PyLocals_GetKind(code->co_localspluskinds, index) & (CO_FAST_CELL | CO_FAST_FREE)) != 0) {
        return 1;
    }
    PyObject *bytes = PyCode_GetCode(code);
    if (bytes == NULL) {
        return -1;
    }
    const unsigned char *unit = (const unsigned char *)PyBytes_AS_STRING(bytes);
    const unsigned char *end = unit + PyBytes_GET_SIZE(bytes);
    int used = 0;
    int argument = 0;
    for (; unit < end && !used; unit += 2) {
        argument = argument << 8 | unit[1];
        const int count = locals_of(unit[0]);
        used = (count == 1 && argument == index) ||
               (count == 2 && (argument >> 4 == index || (argument & 15) == index));
        if (unit[0] != EXTENDED_ARG) {
            argument = 0;
        }
    }
    Py_DECREF(bytes);
    return used;
}
