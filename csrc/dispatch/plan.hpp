// dispatch/plan.hpp: the handlers of a tracer stack, event by event, ready to call.
//
// A plan is immutable but for lists that are made when an event first fires. It holds its tracers; dispatch holds it
// while handlers run, so a handler may pop, disable or drop the tracer that is dispatching.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "dispatch/handler.hpp"

namespace pyccolo::dispatch {

class DispatchState;

/// One tracer of the stack, with the answers its class gives.
struct TracerSlot {
  Ref tracer;
  unsigned version = 0;  ///< tp_version_tag the answers were read at
  Ref emit;              ///< what the class has under _emit_event when it was read; likewise below
  Ref instrument_filter;
  Ref event_filter;
  Ref propagate;
  bool overrides_emit = false;
  bool filters_events = false;
  bool may_propagate = false;
  bool threads_allowed = false;
  bool reentrant_allowed = false;
};

/// The handlers of one tracer for one event.
struct TracerHandlers {
  std::size_t slot;
  std::vector<Handler> handlers;
};

/// Most events have one handler, and it asks for little: how to call it without asking anything again.
struct SingleHandler {
  static constexpr std::size_t kMaxSources = 5;
  const Handler* handler = nullptr;  ///< null: the event needs the long way
  const TracerSlot* slot = nullptr;
  std::size_t source_count = 0;  ///< 0 for a full signature
  Source sources[kMaxSources] = {};
};

/// Puts the tracer and what the handler takes into `stack`, which has room for 1 + kMaxSources; gives how many that are.
/// `frame` makes the frame, if it is wanted.
template <typename Frame>
inline std::size_t give(const SingleHandler& single, PyObject** stack, PyObject* ret,
                        PyObject* node, PyObject* event, Frame&& frame) {
  stack[0] = single.slot->tracer.get();
  if (single.source_count == 0) {
    stack[1] = ret;
    stack[2] = node;
    stack[3] = frame();
    stack[4] = event;
    stack[5] = Py_None;
    return 6;
  }
  for (std::size_t i = 0; i < single.source_count; ++i) {
    const Source source = single.sources[i];
    stack[1 + i] = source == Source::Ret     ? ret
                   : source == Source::Node  ? node
                   : source == Source::Frame ? frame()
                                             : event;
  }
  return 1 + single.source_count;
}

struct EventList {
  std::vector<TracerHandlers> rows;
  SingleHandler single;
  bool reentrant_possible = false;  ///< some tracer takes events from inside handlers
  bool needs_frame = false;
  bool needs_ret = false;
  bool needs_node = false;   ///< the node, its id, or a keyword that is one's id
  bool only_counts = false;  ///< nothing but counters that ask nobody
};

class Plan {
 public:
  std::uint64_t id;
  std::uint64_t epoch;
  std::vector<TracerSlot> slots;

  Plan(DispatchState& state, Borrowed stack, std::uint64_t at_epoch, std::uint64_t its_id);

  const EventList& list(Event event) {
    const auto& made = lists_[index_of(event)];
    return made ? *made : make_list(event);
  }
  /// The list of an event that fired before, or null.
  const EventList* made_list(Event event) const { return lists_[index_of(event)].get(); }
  /// Rereads what a class says after it changed; false if anything we rely on did.
  bool refresh(TracerSlot& slot);

 private:
  friend class PlanRef;
  const EventList& make_list(Event event);
  void find_single(EventList& list);
  void read(TracerSlot& slot);

  DispatchState& state_;
  std::array<std::unique_ptr<EventList>, kEventCount> lists_;
  std::size_t references_ = 0;
};

/// Shares a plan between the state and running dispatches, all under the GIL.
class PlanRef {
 public:
  PlanRef() = default;
  explicit PlanRef(Plan* plan) : plan_(plan) {
    if (plan_ != nullptr) ++plan_->references_;
  }
  PlanRef(PlanRef&& other) noexcept : plan_(std::exchange(other.plan_, nullptr)) {}
  PlanRef(const PlanRef&) = delete;
  PlanRef& operator=(const PlanRef&) = delete;
  PlanRef& operator=(PlanRef&& other) noexcept {
    std::swap(plan_, other.plan_);
    return *this;
  }
  ~PlanRef() {
    if (plan_ != nullptr && --plan_->references_ == 0) delete plan_;
  }
  Plan* get() const { return plan_; }
  Plan* operator->() const { return plan_; }
  explicit operator bool() const { return plan_ != nullptr; }

 private:
  Plan* plan_ = nullptr;
};

}  // namespace pyccolo::dispatch
