#include "hooks/quiet_frames.hpp"

#include "hooks/settrace.hpp"

namespace pyccolo::hooks::quiet_frames {

#if PYC_HAS_QUIET_FRAMES

namespace {

TracedThread* thread_here() {
  dispatch::ThreadData* data = dispatch::thread_cache.data;
  return data == nullptr ? nullptr : static_cast<TracedThread*>(data->hooks.get());
}

/// May frames of this thread go untraced? Only if nobody but us is told of them.
bool is_alone(const TracedThread& here, const PyThreadState* thread) {
  return here.is_alone && PycThread_HasFunctions(thread, here.functions[PYC_TRACE],
                                                 here.functions[PYC_PROFILE]) != 0;
}

PyObject* evaluate(PyThreadState* thread, _PyInterpreterFrame* frame, int throws);

/// Evaluated this way, frames use up the C stack, which they do not by themselves. Deep recursion is left to the
/// interpreter: it is traced.
void stop(SysHooks& hooks, PyThreadState* own) {
  end(hooks);
  for (PyThreadState* thread = PyInterpreterState_ThreadHead(PyThreadState_GetInterpreter(own));
       thread != nullptr; thread = PyThreadState_Next(thread)) {
    PycEval_SetTraced(thread, PycEval_MayTrace(thread));
  }
}

PyObject* evaluate(PyThreadState* thread, _PyInterpreterFrame* frame, int throws) {
  TracedThread* here = thread_here();
  if (here == nullptr || PycEval_MayTrace(thread) == 0 || !is_alone(*here, thread)) {
    return PycEval_Default(thread, frame, throws);
  }
  const char mark = 0;
  const bool caller_is_traced = PycEval_IsTraced(thread) != 0;
  if (&mark < here->stack_mark && here->hooks->has_quiet_frames) stop(*here->hooks, thread);
  const bool goes_on = here->hooks->has_quiet_frames;
  PycEval_SetTraced(thread, !goes_on || !here->hooks->is_rejected(PycEval_Code(frame)));
  PyObject* result = PycEval_Default(thread, frame, throws);
  // A frame leaves its own state behind. If it has set another function, its callers are traced from now on.
  const bool stays_quiet =
      !caller_is_traced && here->hooks->has_quiet_frames && is_alone(*here, thread);
  PycEval_SetTraced(thread, !stays_quiet && PycEval_MayTrace(thread) != 0);
  return result;
}

}  // namespace

void begin(TracedThread& here) {
  const char mark = 0;
  if (here.stack_mark == nullptr) here.stack_mark = PycThread_StackMark();
  if (here.stack_mark != nullptr && &mark > here.stack_mark)
    here.hooks->has_quiet_frames = PycEval_Install(evaluate) != 0;
}

void end(SysHooks& hooks) {
  if (std::exchange(hooks.has_quiet_frames, false)) PycEval_Remove(evaluate);
}

#else

void begin(TracedThread&) {}
void end(SysHooks&) {}

#endif

}  // namespace pyccolo::hooks::quiet_frames
