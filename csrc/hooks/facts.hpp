// hooks/facts.hpp: what the tracers' filters say of a code object, asked once and remembered with it.
#pragma once

#include <array>

#include "dispatch/tracer.hpp"

namespace pyccolo::hooks {

/// The answers for the tracers of one plan; bit i is that of slot i.
struct CodeFacts {
  static constexpr std::size_t kMaxTracers = 64;

  std::uint64_t stamp = 0;                             ///< of the filters when they were asked
  std::uint64_t files = 0;                             ///< the file filter
  std::array<std::uint64_t, kSysEventCount> events{};  ///< and the filter of each event

  long local_events = 0;  ///< asked of sys.monitoring for this code
  int tool = -1;          ///< under this id

  bool follows(std::size_t slot) const { return ((files >> slot) & 1U) != 0; }
  bool wants(std::size_t slot, Event event) const {
    return ((events[sys_index(event)] >> slot) & 1U) != 0;
  }
};

/// Asks the filters of the tracers of `plan` that have interpreter events. Runs Python code.
void ask_filters(dispatch::DispatchState& state, const dispatch::Plan& plan, PyCodeObject* code,
                 CodeFacts& facts);

}  // namespace pyccolo::hooks
