#include "hooks/quiet_frames.hpp"

#include "dispatch/counter.hpp"
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

/// The beginning and the end of a frame, for tracers that only count them.
class CountedFrame {
 public:
  CountedFrame(SysHooks& hooks, PyCodeObject* code) : plan_(hooks.state.plan()), code_(code) {
    if (plan_) followers_ = count(Event::call, hooks.known_facts(code).files);
  }
  ~CountedFrame() {
    if (followers_ != 0) count(Event::return_, followers_);
  }
  CountedFrame(const CountedFrame&) = delete;
  CountedFrame& operator=(const CountedFrame&) = delete;

 private:
  /// Gives the tracers of those in `mask` that hear of it.
  std::uint64_t count(Event event, std::uint64_t mask) {
    std::uint64_t heard = 0;
    for (std::size_t i = 0; i < plan_->slots.size(); ++i) {
      const std::uint64_t bit = std::uint64_t(1) << i;
      if ((mask & bit) != 0 &&
          SysHooks::is_heard(plan_->slots[i], Hook::Settrace, *dispatch::thread_cache.data))
        heard |= bit;
    }
    for (const dispatch::TracerHandlers& row : plan_->list(event).rows) {
      if (((heard >> row.slot) & 1U) == 0) continue;
      for (const dispatch::Handler& handler : row.handlers) {
        handler.counter->hit_frame(event, reinterpret_cast<PyObject*>(code_), 0, 0);
      }
    }
    return heard;
  }

  const dispatch::PlanRef plan_;
  PyCodeObject* code_;
  std::uint64_t followers_ = 0;
};

PyObject* evaluate_counted(TracedThread& here, PyThreadState* thread, _PyInterpreterFrame* frame,
                           int throws) {
  if (PycEval_MakesGenerator(frame) != 0) return PycEval_Default(thread, frame, throws);
  // The frame goes with its evaluation, and may be the last that has its code.
  PyCodeObject* code = PycEval_Code(frame);
  Ref alive = Ref::borrow(reinterpret_cast<PyObject*>(code));
  const CountedFrame counted(*here.hooks, code);
  return PycEval_Default(thread, frame, throws);
}

PyObject* evaluate(PyThreadState* thread, _PyInterpreterFrame* frame, int throws) {
  TracedThread* here = thread_here();
  if (here == nullptr || PycEval_MayTrace(thread) == 0 || !is_alone(*here, thread)) {
    return PycEval_Default(thread, frame, throws);
  }
  const char mark = 0;
  const bool caller_is_traced = PycEval_IsTraced(thread) != 0;
  SysHooks& hooks = *here->hooks;
  if (&mark < here->stack_mark && hooks.has_quiet_frames) stop(hooks, thread);
  Frames frames = hooks.has_quiet_frames ? hooks.how_to_run(PycEval_Code(frame)) : Frames::Traced;
  if (frames == Frames::Counted && !dispatch::thread_cache.data->allow_events)
    frames = Frames::Traced;  // what counts inside handlers is found out there
  PycEval_SetTraced(thread, frames == Frames::Traced);
  PyObject* result = frames == Frames::Counted ? evaluate_counted(*here, thread, frame, throws)
                                               : PycEval_Default(thread, frame, throws);
  // A frame leaves its own state behind. If it has set another function, its callers are traced from now on.
  const bool stays_quiet = !caller_is_traced && hooks.has_quiet_frames && is_alone(*here, thread);
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
