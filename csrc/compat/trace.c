/* compat/trace.c: trace functions, frames and threads through CPython's own headers. */
#define Py_BUILD_CORE 1
#define _GNU_SOURCE 1
#include "compat/trace.h"

#if defined(__linux__)
#include <pthread.h>
#endif

#include <opcode.h>

#include "internal/pycore_code.h"
#include "internal/pycore_frame.h"
#include "internal/pycore_interp.h"
#if PY_VERSION_HEX >= 0x030E0000
#include "internal/pycore_interpframe.h"
#endif

Py_tracefunc PycThread_Function(PyThreadState *thread, PycSlot slot, PyObject **object)
{
    *object = slot == PYC_TRACE ? thread->c_traceobj : thread->c_profileobj;
    return slot == PYC_TRACE ? thread->c_tracefunc : thread->c_profilefunc;
}

int PycThread_SetFunction(PycSlot slot, Py_tracefunc function, PyObject *object)
{
#if PY_VERSION_HEX < 0x030D0000
    PyThreadState *thread = PyThreadState_Get();
    return slot == PYC_TRACE ? _PyEval_SetTrace(thread, function, object) : _PyEval_SetProfile(thread, function, object);
#else
    if (slot == PYC_TRACE) {
        PyEval_SetTrace(function, object);
    }
    else {
        PyEval_SetProfile(function, object);
    }
    return PyErr_Occurred() == NULL ? 0 : -1;
#endif
}

int PycThread_SetFunctionOfAll(PycSlot slot, Py_tracefunc function, PyObject *object)
{
#if PY_VERSION_HEX < 0x030C0000
    PyInterpreterState *interpreter = PyInterpreterState_Get();
    for (PyThreadState *thread = PyInterpreterState_ThreadHead(interpreter); thread != NULL;
         thread = PyThreadState_Next(thread)) {
        int status = slot == PYC_TRACE ? _PyEval_SetTrace(thread, function, object)
                                       : _PyEval_SetProfile(thread, function, object);
        if (status < 0) {
            return -1;
        }
    }
    return 0;
#else
    if (slot == PYC_TRACE) {
        PyEval_SetTraceAllThreads(function, object);
    }
    else {
        PyEval_SetProfileAllThreads(function, object);
    }
    return PyErr_Occurred() == NULL ? 0 : -1;
#endif
}

int PycThread_AllowOpcodes(void)
{
#if PY_VERSION_HEX >= 0x030C0000 && PY_VERSION_HEX < 0x030D0000
    PyInterpreterState *interpreter = PyInterpreterState_Get();
    int is_new = !interpreter->f_opcode_trace_set;
    interpreter->f_opcode_trace_set = true;
    return is_new;
#else
    return 0;
#endif
}

void PycThread_ExchangeFunction(PycSlot slot, Py_tracefunc function, PyObject *object)
{
    PyThreadState *thread = PyThreadState_Get();
    PyObject *old;
    Py_XINCREF(object);
    if (slot == PYC_TRACE) {
        old = thread->c_traceobj;
        thread->c_tracefunc = function;
        thread->c_traceobj = object;
    }
    else {
        old = thread->c_profileobj;
        thread->c_profilefunc = function;
        thread->c_profileobj = object;
    }
    Py_XDECREF(old);
}

static PyCodeObject *code_of(struct _PyInterpreterFrame *frame)
{
#if PY_VERSION_HEX >= 0x030D0000
    return _PyFrame_GetCode(frame);
#else
    return frame->f_code;
#endif
}

PyCodeObject *PycFrame_Code(PyFrameObject *frame)
{
    return code_of(frame->f_frame);
}

int PycFrame_HasEnded(PyFrameObject *frame)
{
    return frame->f_frame->owner == FRAME_OWNED_BY_FRAME_OBJECT;
}

int PycFrame_TracesLines(PyFrameObject *frame)
{
    return frame->f_trace_lines;
}

void PycFrame_SetTracesLines(PyFrameObject *frame, int traces)
{
    frame->f_trace_lines = (char)traces;
}

PycWish PycFrame_TracesOpcodes(PyFrameObject *frame)
{
    return (PycWish)frame->f_trace_opcodes;
}

int PycFrame_SetTracesOpcodes(PyFrameObject *frame, PycWish wish)
{
    if (wish == PYC_OURS) {
        /* The interpreter takes note of what it is asked for through the attribute; since 3.13 only in frames that have a
           local trace function. */
        PyObject *local = frame->f_trace;
        if (local == NULL) {
            frame->f_trace = Py_True;
        }
        const int status = PyObject_SetAttrString((PyObject *)frame, "f_trace_opcodes", Py_True);
        frame->f_trace = local;
        if (status < 0) {
            return -1;
        }
    }
    frame->f_trace_opcodes = (char)wish;
    return 0;
}

const void *PycFrame_Key(PyFrameObject *frame)
{
    return frame->f_frame;
}

const void *PycFrame_Current(PyCodeObject **code)
{
    PyThreadState *thread = PyThreadState_Get();
#if PY_VERSION_HEX >= 0x030D0000
    struct _PyInterpreterFrame *frame = thread->current_frame;
#else
    struct _PyInterpreterFrame *frame = thread->cframe->current_frame;
#endif
    while (frame != NULL && _PyFrame_IsIncomplete(frame)) {
        frame = frame->previous;
    }
    *code = frame == NULL ? NULL : code_of(frame);
    return frame;
}

int PycFrame_MakesGenerator(void)
{
#if PY_VERSION_HEX >= 0x030F0000
    struct _PyInterpreterFrame *frame = PyThreadState_Get()->current_frame;
    return frame != NULL && frame->owner == FRAME_OWNED_BY_THREAD && _PyFrame_IsIncomplete(frame);
#else
    return 0;
#endif
}

#if PYC_HAS_QUIET_FRAMES
int PycEval_Install(PycEvaluator evaluate)
{
    PyInterpreterState *interpreter = PyInterpreterState_Get();
    if (_PyInterpreterState_GetEvalFrameFunc(interpreter) != _PyEval_EvalFrameDefault) {
        return PycEval_IsInstalled(evaluate);
    }
    _PyInterpreterState_SetEvalFrameFunc(interpreter, evaluate);
    return 1;
}

void PycEval_Remove(PycEvaluator evaluate)
{
    if (PycEval_IsInstalled(evaluate)) {
        _PyInterpreterState_SetEvalFrameFunc(PyInterpreterState_Get(), _PyEval_EvalFrameDefault);
    }
}

int PycEval_IsInstalled(PycEvaluator evaluate)
{
    return _PyInterpreterState_GetEvalFrameFunc(PyInterpreterState_Get()) == evaluate;
}

PyObject *PycEval_Default(PyThreadState *thread, struct _PyInterpreterFrame *frame, int throws)
{
    return _PyEval_EvalFrameDefault(thread, frame, throws);
}

PyCodeObject *PycEval_Code(struct _PyInterpreterFrame *frame)
{
    return frame->f_code;
}

int PycEval_MakesGenerator(struct _PyInterpreterFrame *frame)
{
    const int kinds = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR;
    return (frame->f_code->co_flags & kinds) != 0 && frame->owner != FRAME_OWNED_BY_GENERATOR;
}

const char *PycThread_StackMark(void)
{
#if defined(__GLIBC__)
    pthread_attr_t attributes;
    void *lowest;
    size_t size;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) {
        return NULL;
    }
    int status = pthread_attr_getstack(&attributes, &lowest, &size);
    pthread_attr_destroy(&attributes);
    return status != 0 ? NULL : (const char *)lowest + size - size / 3;
#else
    return NULL;
#endif
}
#endif

int PycCode_EndsLoop(PyCodeObject *code, int offset)
{
#ifdef END_FOR
    PyObject *bytes = PyCode_GetCode(code);
    if (bytes == NULL) {
        return -1;
    }
    int ends = offset >= 0 && offset < PyBytes_GET_SIZE(bytes) && (unsigned char)PyBytes_AS_STRING(bytes)[offset] == END_FOR;
    Py_DECREF(bytes);
    return ends;
#else
    (void)code;
    (void)offset;
    return 0;
#endif
}

Py_ssize_t PycCode_RequestIndex(freefunc free)
{
#if PY_VERSION_HEX >= 0x030C0000
    return PyUnstable_Eval_RequestCodeExtraIndex(free);
#else
    return _PyEval_RequestCodeExtraIndex(free);
#endif
}

void *PycCode_Extra(PyObject *code, Py_ssize_t index)
{
    void *extra = NULL;
    if (((PyCodeObject *)code)->co_extra == NULL) {
        return NULL;
    }
#if PY_VERSION_HEX >= 0x030C0000
    PyUnstable_Code_GetExtra(code, index, &extra);
#else
    _PyCode_GetExtra(code, index, &extra);
#endif
    return extra;
}

int PycCode_SetExtra(PyObject *code, Py_ssize_t index, void *value)
{
#if PY_VERSION_HEX >= 0x030C0000
    return PyUnstable_Code_SetExtra(code, index, value);
#else
    return _PyCode_SetExtra(code, index, value);
#endif
}
