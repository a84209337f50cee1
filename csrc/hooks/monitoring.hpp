// hooks/monitoring.hpp: interpreter events through sys.monitoring (CPython 3.12 and later).
//
// The beginnings of all code are asked for, and switched off at code that the filters reject, which from then on runs as
// if nobody looked. The other events are asked for code by code, where the filters pass.
#pragma once

#include <string>
#include <vector>

#include "hooks/state.hpp"
#include "hooks/thread.hpp"

namespace pyccolo::hooks {

class Monitoring {
 public:
  explicit Monitoring(SysHooks& its_hooks) : hooks(its_hooks) {}
  Monitoring(const Monitoring&) = delete;
  Monitoring& operator=(const Monitoring&) = delete;

  /// Why it cannot be used; empty if it can.
  std::string obstacle();
  /// Takes a tool id, asks for what is wanted, or gives the id back.
  void settle(Wanted wanted);
  void shutdown();
  int traverse(visitproc visit, void* arg) const;

  /// Where in the code, as far as it is told.
  struct Position {
    int line = 0;
    int offset = -1;
  };

  // What sys.monitoring tells: a callback each. They give None, or DISABLE for not again at this place.
  Ref begins(PyCodeObject* code);
  Ref happens(Event event, PyCodeObject* code, Borrowed argument, Position at);
  Ref ends(PyCodeObject* code, Borrowed argument, Position at);
  Ref raises(PyCodeObject* code, Borrowed exception, Position at);
  Ref stops(PyCodeObject* code, Borrowed exception, Position at);
  Ref jumps(PyCodeObject* code, int from, int to);
  Ref calls(Event event, PyCodeObject* code, Borrowed callable, Borrowed first_argument,
            Position at);

  SysHooks& hooks;

 private:
  Ref module();
  long constant(const char* name);
  void call(const char* function, std::initializer_list<long> numbers, Borrowed object);
  void acquire();
  void release();
  void ask_for(PyCodeObject* code, CodeFacts& known);
  Delivered tell(TracedThread& here, dispatch::Plan& plan, FollowedFrame& frame,
                 const SysEvent& event);
  FollowedFrames& frames(TracedThread& here);
  FollowedFrame* running_frame(TracedThread& here);
  Ref not_again(std::uint64_t stamp);
  Ref never_again();
  bool wanted_only(Event event) const;

  int tool_ = -1;
  SysEvents wanted_ = 0;
  bool has_locals_ = false;  ///< some handler has left a local trace function: it hears of all
  long local_events_ = 0;
  bool disabled_any_ = false;
  std::uint64_t disabled_stamp_ = 0;  ///< of the filters whose answer it was
  bool disabled_for_good_ = false;
  std::uint64_t session_ = 0;  ///< how often a tool id has been taken
  Ref disable_, missing_;
  std::vector<Ref> codes_;  ///< weak references to code that we have asked for events of
};

}  // namespace pyccolo::hooks
