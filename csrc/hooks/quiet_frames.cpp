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

/// A frame whose beginning and end are counted by those tracers that hear of it.
struct CountedFrame {
  dispatch::PlanRef plan;
  Ref code;  ///< the frame may be the last that has it
  std::uint64_t followers = 0;
};

/// Those of `among` that hear of the event; their counters count it. All lists were made when the filters were asked.
std::uint64_t count(const CountedFrame& counted, Event event, std::uint64_t among) {
  const dispatch::ThreadData* data = dispatch::thread_cache.data;
  const dispatch::EventList* list = counted.plan->made_list(event);
  if (data == nullptr || list == nullptr) return 0;
  std::uint64_t heard = 0;
  for (std::size_t i = 0; i < counted.plan->slots.size() && i < CodeFacts::kMaxTracers; ++i) {
    const std::uint64_t bit = std::uint64_t(1) << i;
    if ((among & bit) != 0 && SysHooks::is_heard(counted.plan->slots[i], Hook::Settrace, *data))
      heard |= bit;
  }
  for (const dispatch::TracerHandlers& row : list->rows) {
    if (row.slot >= CodeFacts::kMaxTracers || ((heard >> row.slot) & 1U) == 0) continue;
    for (const dispatch::Handler& handler : row.handlers) {
      handler.counter->hit_frame(event, counted.code, 0, 0);
    }
  }
  return heard;
}

/// Counts the beginning of a frame. False, and nothing is counted, if that cannot be done here.
bool begin_counting(SysHooks& hooks, PyCodeObject* code, CountedFrame& counted) {
  const ErrorScope parked;  // a generator is thrown an error into
  const int status = guarded_status([&] {
    counted.plan = dispatch::PlanRef(hooks.state.plan());
    if (!counted.plan || hooks.how_to_run(code) != Frames::Counted)
      raise(PyExc_RuntimeError, "the filters are to be asked again");
    counted.code = Ref::borrow(reinterpret_cast<PyObject*>(code));
    counted.followers = count(counted, Event::call, hooks.known_facts(code).files);
  });
  if (status < 0) PyErr_Clear();  // the frame is traced, and meets it there
  return status == 0;
}

void end_counting(const CountedFrame& counted) {
  if (counted.followers == 0) return;
  const ErrorScope parked;
  if (guarded_status([&] { count(counted, Event::return_, counted.followers); }) < 0)
    PyErr_WriteUnraisable(counted.code.get());
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
  CountedFrame counted;
  if (frames == Frames::Counted && PycEval_MakesGenerator(frame) == 0) {
    // What counts inside handlers is found out where events are delivered.
    const bool is_counted = dispatch::thread_cache.data->allow_events &&
                            begin_counting(hooks, PycEval_Code(frame), counted);
    if (!is_counted) frames = Frames::Traced;
  }
  PycEval_SetTraced(thread, frames == Frames::Traced);
  PyObject* result = calling_python([&] { return PycEval_Default(thread, frame, throws); });
  end_counting(counted);
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
