#include "hooks/facts.hpp"

#include "dispatch/counter.hpp"
#include "dispatch/emit.hpp"

namespace pyccolo::hooks {

using dispatch::DispatchState;
using dispatch::TracerSlot;

namespace {

/// The function that exec() runs source in is ours, not the program's.
bool is_sandbox(DispatchState& state, PyCodeObject* code) {
  return PyUnicode_Compare(code->co_name, state.names.sandbox.get()) == 0;
}

/// Do the tracers that follow a frame want its beginning and end counted, and nothing else?
bool are_only_counted(dispatch::Plan& plan, std::uint64_t files) {
  using By = dispatch::Counter::By;
  for (std::size_t i = 0; i < kSysEventCount; ++i) {
    const auto event = static_cast<Event>(kFirstSysEvent + i);
    const bool is_countable = event == Event::call || event == Event::return_;
    for (const dispatch::TracerHandlers& row : plan.list(event).rows) {
      if (((files >> row.slot) & 1U) == 0) continue;
      if (!is_countable || !plan.list(event).only_counts) return false;
      for (const dispatch::Handler& handler : row.handlers) {
        const By by = handler.counter->by();
        if (by != By::Event && by != By::Code) return false;
      }
    }
  }
  return true;
}

}  // namespace

void ask_filters(DispatchState& state, dispatch::Plan& plan, PyCodeObject* code, CodeFacts& facts) {
  const std::uint64_t stamp = state.filter_stamp();
  std::uint64_t files = 0;
  bool monitored = false;
  std::array<std::uint64_t, kSysEventCount> events{};
  Ref file = Ref::borrow(code->co_filename);
  for (std::size_t i = 0; i < plan.slots.size() && i < CodeFacts::kMaxTracers; ++i) {
    const TracerSlot& slot = plan.slots[i];
    const SysEvents its_events = dispatch::sys_events_of(state, dispatch::as_tracer(slot.tracer));
    if (its_events == 0 || is_sandbox(state, code)) continue;
    if (!dispatch::file_filter_passes(state, slot, file)) continue;
    files |= std::uint64_t(1) << i;
    monitored = monitored || dispatch::as_tracer(slot.tracer)->hook == Hook::Monitoring;
    for (std::size_t k = 0; k < kSysEventCount; ++k) {
      const auto event = static_cast<Event>(kFirstSysEvent + k);
      const bool wanted =
          !slot.filters_events || dispatch::event_filter_passes(state, slot, event, file);
      if (wanted) events[k] |= std::uint64_t(1) << i;
    }
  }
  facts.stamp = stamp;
  facts.files = files;
  facts.events = events;
  facts.monitored = monitored;
  facts.frames = files == 0                      ? Frames::Quiet
                 : are_only_counted(plan, files) ? Frames::Counted
                                                 : Frames::Traced;
}

}  // namespace pyccolo::hooks
