// hooks/settrace.hpp: a trace function and a profile function of ours, each in front of one that may be there.
//
// Ours is set with PyEval_SetTrace in the threads whose events somebody wants, and calls the one it found there as the
// interpreter would have. sys.settrace, sys.gettrace and their kin are replaced meanwhile: a function that is set goes
// behind ours, and what is asked for is the function behind ours.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "hooks/state.hpp"
#include "hooks/thread.hpp"

namespace pyccolo::hooks {

/// What stands in sys for settrace, gettrace and their kin while ours are set; in _thread and threading, for what starts
/// threads, while new threads are wanted.
class Patches {
 public:
  /// Puts ours there, or puts back what was there.
  void settle(Borrowed self, bool functions, bool starters);
  /// What one of ours stands for, also when it does not stand there any more.
  Borrowed original(std::size_t index) const;
  int traverse(visitproc visit, void* arg) const;

 private:
  struct Patch {
    Ref original, ours;
    std::unique_ptr<PyMethodDef> definition;
  };
  void put(std::size_t index, Borrowed self);
  void remove(std::size_t index);

  std::vector<Patch> patches_;
  bool functions_in_ = false;
  bool starters_in_ = false;
};

class Settrace {
 public:
  explicit Settrace(SysHooks& hooks);
  Settrace(const Settrace&) = delete;
  Settrace& operator=(const Settrace&) = delete;

  /// Sets and takes away our functions in the calling thread, and in all if that is wanted. What somebody else has set
  /// meanwhile goes behind ours.
  void settle(Wanted wanted);
  /// Every thread is to settle at its next event.
  void look_anew() { ++epoch_; }
  /// Has nothing changed since the thread was looked at?
  bool is_settled(const TracedThread& here) const { return here.epoch == epoch_; }
  /// Both functions: what the interpreter calls. -1 with an error set.
  int tell(PycSlot slot, PyFrameObject* frame, int what, Borrowed argument);
  /// Gives the running frames of the calling thread their attributes back.
  void restore_frames();
  /// Keeps what our function was called with, and what is not set any more, until the next that is.
  void retire(PycSlot slot, Ref anchor);
  /// What the calling thread's function is for others: the one behind ours, if ours is there.
  Ref visible(PycSlot slot);

  void shutdown();
  int traverse(visitproc visit, void* arg) const;

  SysHooks& hooks;
  Patches patches;
  Ref anchor_type;

 private:
  bool is_ours(PycSlot slot) const;
  void set(TracedThread& here, PycSlot slot);
  void unset(TracedThread& here, PycSlot slot);
  void cover(PycSlot slot);
  void take_parked(TracedThread& here);
  int tell_of_line(TracedThread& here, PyFrameObject* frame);
  Delivered trace(TracedThread& here, PyFrameObject* frame, int what, Borrowed argument);
  int call_behind(TracedThread& here, PycSlot slot, PyFrameObject* frame, int what,
                  Borrowed argument);

  SysEvents all_ = 0;
  std::uint64_t epoch_ = 1;
  /// What was found in threads that ours was set in from outside, if only that there was nothing; each takes its own at
  /// its next event.
  using Parked = std::array<std::optional<Foreign>, kSlots>;
  std::unordered_map<std::uint64_t, Parked> parked_;
};

}  // namespace pyccolo::hooks
