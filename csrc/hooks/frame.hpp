// hooks/frame.hpp: the frames of a thread whose beginning tracers were told of, and who follows each.
#pragma once

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <iterator>
#include <utility>
#include <vector>

#include "compat/trace.h"
#include "hooks/facts.hpp"

namespace pyccolo::hooks {

/// A tracer that follows a frame: it was told of the call, or would have been had it a handler for that.
struct Follower {
  const dispatch::TracerObject* tracer;  ///< only compared
  Ref local;  ///< what its handlers left to be called in their place, or null
};

struct FollowedFrame {
  FollowedFrame(const void* its_key, PyCodeObject* its_code)
      : key(its_key), code(Ref::borrow(reinterpret_cast<PyObject*>(its_code))) {}
  FollowedFrame(FollowedFrame&&) = default;
  FollowedFrame& operator=(FollowedFrame&&) = default;
  FollowedFrame(const FollowedFrame&) = delete;
  FollowedFrame& operator=(const FollowedFrame&) = delete;

  const void* key;                                        ///< of the running frame; only compared
  boost::container::small_vector<Follower, 2> followers;  ///< the tracer enabled last comes first
  Ref code;
  CodeFacts* facts = nullptr;  ///< of the code
  std::uint64_t stamp = 0;     ///< of the filters when it began, or when they were asked again
  const dispatch::SingleHandler* line_handler = nullptr;  ///< all there is for lines, in that plan
  std::uint64_t line_plan = 0;
  bool has_locals = false;
  bool lines_off = false;  ///< f_trace_lines was true, and we have cleared it
  Ref frame;               ///< if the frame's attributes are not the program's
  bool wants_opcodes = false;
  bool opcodes_on = false;  ///< f_trace_opcodes is set, and that is our wish only
};

/// Frames end in the order of a stack, but for those of greenlets and what was not told of.
class FollowedFrames {
 public:
  FollowedFrame& push(const void* key, PyCodeObject* code) {
    // The end of a frame may have gone by while nobody was told; then the next one takes its place.
    while (!frames_.empty() && frames_.back().key == key) frames_.pop_back();
    missed_ = nullptr;
    return frames_.emplace_back(key, code);
  }
  /// Null if nobody follows the frame. One of other code has taken the place of a frame whose end went by unseen.
  FollowedFrame* find(const void* key, const PyCodeObject* code) {
    FollowedFrame* found = find(key);
    return found != nullptr && found->code.get() == reinterpret_cast<const PyObject*>(code)
               ? found
               : nullptr;
  }
  /// The same for a frame that is known to be followed, or to have been a moment ago.
  FollowedFrame* find(const void* key) {
    if (key == missed_) return nullptr;
    for (std::size_t i = frames_.size(); i-- > 0;) {
      if (frames_[i].key == key) return &frames_[i];
    }
    missed_ = key;  // every line of a frame that nobody follows asks
    return nullptr;
  }
  void erase(FollowedFrame& frame) { frames_.erase(frames_.begin() + (&frame - frames_.data())); }
  /// Letting go of a frame may run code of the program, which may come here again.
  void clear() { const std::vector<FollowedFrame> gone = std::exchange(frames_, {}); }
  /// Holds those that are on the stack, so that it can be told later which of them have ended; forgets the others.
  void hold_running() {
    Ref frame = Ref::borrow(reinterpret_cast<PyObject*>(PyEval_GetFrame()));
    for (; frame; frame = previous(frame)) {
      FollowedFrame* its = find(PycFrame_Key(reinterpret_cast<PyFrameObject*>(frame.get())));
      if (its != nullptr && !its->frame) its->frame = frame.copy();
    }
    keep([](const FollowedFrame& its) { return its.frame && !has_ended(its); });
  }
  /// Forgets those whose ends nobody was told of, as far as that can be seen.
  void drop_ended() {
    keep([](const FollowedFrame& its) { return !its.frame || !has_ended(its); });
  }
  bool empty() const { return frames_.empty(); }
  auto begin() { return frames_.begin(); }
  auto end() { return frames_.end(); }

 private:
  static bool has_ended(const FollowedFrame& its) {
    return PycFrame_HasEnded(reinterpret_cast<PyFrameObject*>(its.frame.get())) != 0;
  }
  template <typename Wanted>
  void keep(Wanted&& wanted) {
    const auto others = std::stable_partition(frames_.begin(), frames_.end(), wanted);
    const std::vector<FollowedFrame> gone(std::make_move_iterator(others),
                                          std::make_move_iterator(frames_.end()));
    frames_.erase(others, frames_.end());
  }
  static Ref previous(const Ref& frame) {
    auto* back = PyFrame_GetBack(reinterpret_cast<PyFrameObject*>(frame.get()));
    return Ref::steal(reinterpret_cast<PyObject*>(back));
  }

  std::vector<FollowedFrame> frames_;
  const void* missed_ = nullptr;
};

}  // namespace pyccolo::hooks
