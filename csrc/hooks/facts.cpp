#include "hooks/facts.hpp"

#include "dispatch/emit.hpp"

namespace pyccolo::hooks {

using dispatch::DispatchState;
using dispatch::TracerSlot;

namespace {

/// The function that exec() runs source in is ours, not the program's.
bool is_sandbox(DispatchState& state, PyCodeObject* code) {
  return PyUnicode_Compare(code->co_name, state.names.sandbox.get()) == 0;
}

}  // namespace

void ask_filters(DispatchState& state, const dispatch::Plan& plan, PyCodeObject* code,
                 CodeFacts& facts) {
  CodeFacts made;
  made.stamp = state.filter_stamp();
  Ref file = Ref::borrow(code->co_filename);
  for (std::size_t i = 0; i < plan.slots.size() && i < CodeFacts::kMaxTracers; ++i) {
    const TracerSlot& slot = plan.slots[i];
    const SysEvents events = dispatch::sys_events_of(state, dispatch::as_tracer(slot.tracer));
    if (events == 0 || is_sandbox(state, code)) continue;
    if (!dispatch::file_filter_passes(state, slot, file)) continue;
    made.files |= std::uint64_t(1) << i;
    for (std::size_t k = 0; k < kSysEventCount; ++k) {
      const auto event = static_cast<Event>(kFirstSysEvent + k);
      const bool wanted =
          !slot.filters_events || dispatch::event_filter_passes(state, slot, event, file);
      if (wanted) made.events[k] |= std::uint64_t(1) << i;
    }
  }
  made.local_events = facts.local_events;
  made.tool = facts.tool;
  facts = made;
}

}  // namespace pyccolo::hooks
