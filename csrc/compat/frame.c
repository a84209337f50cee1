/* compat/frame.c: reads frames of the interpreter. The layout comes from the headers of the Python compiled for. */
#define Py_BUILD_CORE 1
#include "compat/frame.h"

#include "internal/pycore_code.h"
#include "internal/pycore_frame.h"
#if PY_VERSION_HEX >= 0x030E0000
#include "internal/pycore_interpframe.h"
#include "internal/pycore_stackref.h"
#endif

static PyCodeObject *code_of(_PyInterpreterFrame *frame)
{
#if PY_VERSION_HEX >= 0x030E0000
    return _PyFrame_GetCode(frame);
#elif PY_VERSION_HEX >= 0x030D0000
    return _PyFrame_GetCode(frame);
#else
    return frame->f_code;
#endif
}

static PyObject *local_at(_PyInterpreterFrame *frame, int index)
{
#if PY_VERSION_HEX >= 0x030E0000
    return PyStackRef_IsNull(frame->localsplus[index]) ? NULL : PyStackRef_AsPyObjectBorrow(frame->localsplus[index]);
#else
    return frame->localsplus[index];
#endif
}

PyObject *PycFrame_Variable(PyFrameObject *object, PyObject *name, int *is_cell)
{
    _PyInterpreterFrame *frame = object->f_frame;
    PyCodeObject *code = code_of(frame);
    *is_cell = 0;
    for (int i = 0; i < code->co_nlocalsplus; i++) {
        PyObject *variable = PyTuple_GET_ITEM(code->co_localsplusnames, i);
        if (variable != name && PyUnicode_Compare(variable, name) != 0) {
            continue;
        }
        PyObject *value = local_at(frame, i);
        _PyLocals_Kind kind = _PyLocals_GetKind(code->co_localspluskinds, i);
        if (value == NULL) {
            continue;
        }
        *is_cell = (kind & (CO_FAST_CELL | CO_FAST_FREE)) != 0 && PyCell_Check(value);
        return Py_NewRef(value);
    }
    return NULL;
}

PyObject *PycFrame_Namespace(PyFrameObject *object)
{
    _PyInterpreterFrame *frame = object->f_frame;
    return (code_of(frame)->co_flags & CO_OPTIMIZED) != 0 ? NULL : frame->f_locals;
}

PyCodeObject *PycFrame_CurrentCode(void)
{
    PyThreadState *thread = PyThreadState_Get();
#if PY_VERSION_HEX >= 0x030D0000
    _PyInterpreterFrame *frame = thread->current_frame;
#else
    _PyInterpreterFrame *frame = thread->cframe->current_frame;
#endif
    while (frame != NULL && _PyFrame_IsIncomplete(frame)) {
        frame = frame->previous;
    }
    return frame == NULL ? NULL : code_of(frame);
}
