// hooks/state.hpp: the interpreter's events on their way to the tracers.
//
// Two hooks tell of them: a trace function (settrace.hpp), which takes its place among others that are there, and
// sys.monitoring (monitoring.hpp). Each serves the tracers that chose it. What follows is the same for both:
// a frame begins, the filters are asked once per code object, the tracers that pass follow the frame to its end.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "compat/trace.h"
#include "dispatch/fire.hpp"
#include "hooks/facts.hpp"
#include "hooks/frame.hpp"

namespace pyccolo::hooks {

class Settrace;
class Monitoring;
struct TracedThread;

/// One event of a frame.
struct SysEvent {
  Event event;
  Hook hook;
  Borrowed argument;  ///< what handlers get as `ret`; null for None
  Borrowed frame;     ///< null: made when somebody asks
  PyCodeObject* code;
  int line = 0;     ///< if it is known
  int offset = -1;  ///< of the instruction, if it is known

  int its_line() const;
  int its_offset() const;
  /// Where handlers can be disabled for the event.
  Place place() const;
};

enum class Delivered : std::uint8_t {
  ToAll,
  SkipsTheRest,  ///< a handler wants nobody else to be told
  ToNobody,      ///< all handlers are disabled at the place
};

/// What the tracers that are on want of one hook.
struct Wanted {
  SysEvents here = 0;  ///< in the calling thread
  SysEvents all = 0;   ///< in every thread
  SysEvents any = 0;   ///< in some thread
};

class SysHooks final : public dispatch::InterpreterHooks {
 public:
  SysHooks(dispatch::DispatchState& dispatching, Borrowed module);
  ~SysHooks() override;
  SysHooks(const SysHooks&) = delete;
  SysHooks& operator=(const SysHooks&) = delete;

  dispatch::DispatchState& state;
  Borrowed module;  ///< whose state we are part of
  bool has_quiet_frames = false;

  void settle() override;
  /// The same where nobody is to hear of what goes wrong but sys.unraisablehook.
  void settle_quietly();
  /// Lets go of everything: the interpreter ends.
  void shutdown();
  int traverse(visitproc visit, void* arg) const;

  /// The filters' answers for a code object. Runs Python code when they are not known.
  CodeFacts& facts(dispatch::Plan& plan, PyCodeObject* code);
  /// The same without asking: what is known.
  CodeFacts& known_facts(PyCodeObject* code);
  /// How frames of this code can be run, as far as it is known.
  Frames how_to_run(PyCodeObject* code) const {
    const auto* known = static_cast<const CodeFacts*>(
        PycCode_Extra(reinterpret_cast<PyObject*>(code), extra_index_));
    return known != nullptr && known->stamp == state.filter_stamp() ? known->frames
                                                                    : Frames::Traced;
  }
  /// A frame begins: the tracers whose filters pass and that use the hook follow it. Null if there is none.
  FollowedFrame* follow(dispatch::Plan& plan, FollowedFrames& frames, const void* key,
                        PyCodeObject* code, CodeFacts& known, Hook hook);
  /// Gives the event to the tracers that follow the frame, which may be gone afterwards. Throws what must reach the
  /// program.
  Delivered deliver(dispatch::Plan& plan, FollowedFrames& frames, FollowedFrame& frame,
                    const SysEvent& event);
  /// deliver() to the only handler there is, if it asks for little; nothing if this is not such a case.
  std::optional<Delivered> deliver_directly(dispatch::Plan& plan, FollowedFrames& frames,
                                            FollowedFrame& frame, const SysEvent& event);
  /// The same without looking whether it is.
  Delivered call_directly(dispatch::Plan& plan, FollowedFrames& frames, const FollowedFrame& frame,
                          const SysEvent& event, const dispatch::SingleHandler& single);
  /// Gives a call of a C function to the tracers whose filters pass.
  Delivered deliver_call(dispatch::Plan& plan, const SysEvent& event);
  Settrace& settrace() { return *settrace_; }
  Monitoring& monitoring() { return *monitoring_; }
  /// Is there a tracer with interpreter events on the stack, enabled or not?
  bool any_on_stack() const { return any_on_stack_; }
  /// Is the tracer to hear of what this thread does?
  static bool is_heard(const dispatch::TracerSlot& slot, Hook hook,
                       const dispatch::ThreadData& thread);

 private:
  bool choose_hooks();
  void choose(dispatch::TracerObject* tracer);
  Wanted wanted(Hook hook);

  std::uint64_t listening_ = 0;  ///< changes with the tracers that have interpreter events
  bool any_on_stack_ = false;
  bool any_ = false;  ///< something was wanted when it was settled last
  Py_ssize_t extra_index_ = -1;
  std::unique_ptr<Settrace> settrace_;
  std::unique_ptr<Monitoring> monitoring_;
};

/// An event is being delivered in the thread. Settling is put off to the end of the outermost.
class Delivering {
 public:
  Delivering(SysHooks& hooks, TracedThread& here);
  ~Delivering();
  Delivering(const Delivering&) = delete;
  Delivering& operator=(const Delivering&) = delete;

 private:
  SysHooks& hooks_;
  TracedThread& here_;
};

}  // namespace pyccolo::hooks
