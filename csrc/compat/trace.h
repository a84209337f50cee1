/* compat/trace.h: trace functions, and what they need of frames and threads. Plain C, see frame.h. */
#pragma once

#include <Python.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Which of a thread's two functions is meant. */
typedef enum { PYC_TRACE, PYC_PROFILE } PycSlot;

/* Both borrowed; *object may be NULL. */
Py_tracefunc PycThread_Function(PyThreadState *thread, PycSlot slot, PyObject **object);
/* Sets that of the calling thread. -1 with an error set if an audit hook refused. */
int PycThread_SetFunction(PycSlot slot, Py_tracefunc function, PyObject *object);
/* Sets that of all threads of the interpreter. */
int PycThread_SetFunctionOfAll(PycSlot slot, Py_tracefunc function, PyObject *object);
/* Trace functions that are set from now on may be told of opcodes. 1 if this is new: CPython 3.12 heeds f_trace_opcodes, of any
   frame, from the next such setting on. */
int PycThread_AllowOpcodes(void);
/* Puts another function and object in the place of those of the calling thread, neither side being none: nothing but
   who is called changes. */
void PycThread_ExchangeFunction(PycSlot slot, Py_tracefunc function, PyObject *object);

/* Borrowed. */
PyCodeObject *PycFrame_Code(PyFrameObject *frame);
int PycFrame_HasEnded(PyFrameObject *frame);
int PycFrame_TracesLines(PyFrameObject *frame);
void PycFrame_SetTracesLines(PyFrameObject *frame, int traces);
/* f_trace_opcodes: whose wish it is. Set through the attribute, it is the program's. */
typedef enum { PYC_NOBODY, PYC_PROGRAM, PYC_OURS } PycWish;
PycWish PycFrame_TracesOpcodes(PyFrameObject *frame);
/* PYC_OURS also tells the interpreter. -1 with an error set. */
int PycFrame_SetTracesOpcodes(PyFrameObject *frame, PycWish wish);

/* What identifies the running frame without making its object; *code is borrowed. NULL if there is none. */
const void *PycFrame_Current(PyCodeObject **code);
const void *PycFrame_Key(PyFrameObject *frame);
/* Has a generator expression been called whose generator is not there yet? CPython 3.15 asks there for what it iterates over;
   if that raises, it tells of the error, and of the end, as if they were its caller's. */
int PycFrame_MakesGenerator(void);

/* CPython 3.11: a trace function slows every frame down, wanted or not, but a frame can be evaluated without it (PEP 523).
   Later ones instrument code instead, all of it or none. */
#define PYC_HAS_QUIET_FRAMES (PY_VERSION_HEX < 0x030C0000)
#if PYC_HAS_QUIET_FRAMES
/* `evaluate` is called in the place of PycEval_Default. */
struct _PyInterpreterFrame;
typedef PyObject *(*PycEvaluator)(PyThreadState *thread, struct _PyInterpreterFrame *frame, int throws);
/* 0 if somebody else evaluates frames already. */
int PycEval_Install(PycEvaluator evaluate);
void PycEval_Remove(PycEvaluator evaluate);
int PycEval_IsInstalled(PycEvaluator evaluate);
PyObject *PycEval_Default(PyThreadState *thread, struct _PyInterpreterFrame *frame, int throws);
PyCodeObject *PycEval_Code(struct _PyInterpreterFrame *frame);
/* Does the frame only make a generator, a coroutine or an asynchronous generator? */
int PycEval_MakesGenerator(struct _PyInterpreterFrame *frame);
/* Does the running frame tell the thread's functions of its events; and may it? Not inside of these functions. */
static inline int PycEval_IsTraced(const PyThreadState *thread) { return thread->cframe->use_tracing != 0; }
static inline int PycEval_MayTrace(const PyThreadState *thread)
{
    return thread->tracing == 0 && (thread->c_tracefunc != NULL || thread->c_profilefunc != NULL);
}
static inline void PycEval_SetTraced(PyThreadState *thread, int traced)
{
    thread->cframe->use_tracing = traced ? 255 : 0;
}
static inline int PycThread_HasFunctions(const PyThreadState *thread, Py_tracefunc trace, Py_tracefunc profile)
{
    return thread->c_tracefunc == trace && thread->c_profilefunc == profile;
}
/* The address that the calling thread's C stack should not grow below: what is left then is enough for everything else.
   NULL if it is not known. */
const char *PycThread_StackMark(void);
#endif

/* Is the instruction at an offset, in bytes, the end of a for loop? -1 with an error set. */
int PycCode_EndsLoop(PyCodeObject *code, int offset);

/* Data of our own that a code object carries. */
Py_ssize_t PycCode_RequestIndex(freefunc free);
void *PycCode_Extra(PyObject *code, Py_ssize_t index);
int PycCode_SetExtra(PyObject *code, Py_ssize_t index, void *extra);

#ifdef __cplusplus
}
#endif
