// dispatch/emit.hpp: what emit() and run() are made of.
#pragma once

#include "dispatch/fire.hpp"

namespace pyccolo::dispatch {

/// The thread is inside a handler for as long as it lives.
class HandlingScope {
 public:
  explicit HandlingScope(ThreadData& thread)
      : thread_(thread), events_(thread.allow_events), reentrant_(thread.allow_reentrant) {
    thread.allow_events = false;
  }
  ~HandlingScope() {
    thread_.allow_events = events_;
    thread_.allow_reentrant = reentrant_;
  }
  HandlingScope(const HandlingScope&) = delete;
  HandlingScope& operator=(const HandlingScope&) = delete;
  bool was_handling() const { return !events_; }

 private:
  ThreadData& thread_;
  bool events_;
  int reentrant_;
};

/// What a tracer's filters say. One that raises says no, and is told of.
bool file_filter_passes(DispatchState& state, const TracerSlot& slot, Borrowed file);
bool event_filter_passes(DispatchState& state, const TracerSlot& slot, Event event, Borrowed file);

/// The file filter's answers for the tracers of a plan, one bit each, are remembered by the rewrite.
bool passes_asking(DispatchState& state, const Plan& plan, std::size_t slot,
                   site::Rewrite& rewrite);

inline bool passes(DispatchState& state, const Plan& plan, std::size_t slot,
                   site::Rewrite& rewrite) {
  constexpr std::size_t kBits = 64;
  if (!state.is_latest(
          plan)) {  // the stack has changed since: the answers there are may be for other slots
    return state.file_passes(plan.slots[slot].tracer, rewrite.file());
  }
  if (slot < kBits && rewrite.filter_plan == state.filter_stamp()) {
    return ((rewrite.filter_mask >> slot) & 1U) != 0;
  }
  return passes_asking(state, plan, slot, rewrite);
}

/// emit(), whatever it is given.
Ref emit_any(DispatchState& state, PyObject* const* args, Py_ssize_t count);
/// Fires the events that follow a site's with the value that it left.
Ref emit_followers(DispatchState& state, site::RewriteObject* owner, const site::Site& site,
                   Ref value);
/// What woven code goes on with after an only handler gave something, or raised (null).
Ref finish_single(DispatchState& state, ThreadData& thread, const Plan& plan, const EventList& list,
                  site::RewriteObject* owner, const site::Site& site, Borrowed given, Ref result,
                  PyObject* const* args, Py_ssize_t count);

}  // namespace pyccolo::dispatch
