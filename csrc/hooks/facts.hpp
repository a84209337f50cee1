// hooks/facts.hpp: what the tracers' filters say of a code object, asked once and remembered with it.
#pragma once

#include <array>
#include <memory>
#include <unordered_map>

#include "dispatch/disabled.hpp"
#include "dispatch/tracer.hpp"

namespace pyccolo::hooks {

/// Where in a code object handlers are disabled: an event, and the line or instruction it is at where there are several.
struct Place {
  Event event;
  int number;

  bool operator==(const Place&) const = default;
};

struct PlaceHash {
  std::size_t operator()(const Place& place) const {
    return (static_cast<std::size_t>(place.number) << 4) ^ sys_index(place.event);
  }
};

using DisabledPlaces = std::unordered_map<Place, dispatch::DisabledAt, PlaceHash>;

/// How frames of a code object can be run.
enum class Frames : std::uint8_t {
  Traced,
  Quiet,  ///< nobody follows them
  Counted,  ///< their beginnings and ends are counted, by event or code, and nothing else is wanted of them
};

/// The answers for the tracers of one plan; bit i is that of slot i.
struct CodeFacts {
  static constexpr std::size_t kMaxTracers = 64;

  std::uint64_t stamp = 0;                             ///< of the filters when they were asked
  std::uint64_t files = 0;                             ///< the file filter
  std::array<std::uint64_t, kSysEventCount> events{};  ///< and the filter of each event

  std::unique_ptr<DisabledPlaces> disabled;
  Frames frames = Frames::Traced;  ///< known at the stamp
  bool monitored = false;  ///< followed by a tracer that uses sys.monitoring; known at the stamp
  long local_events = 0;   ///< asked of sys.monitoring for this code

  bool follows(std::size_t slot) const { return is_in(files, slot); }
  bool wants(std::size_t slot, Event event) const { return is_in(events[sys_index(event)], slot); }

 private:
  static bool is_in(std::uint64_t slots, std::size_t slot) {
    return slot < kMaxTracers && ((slots >> slot) & 1U) != 0;
  }
};

/// Asks the filters of the tracers of `plan` that have interpreter events. Runs Python code.
void ask_filters(dispatch::DispatchState& state, dispatch::Plan& plan, PyCodeObject* code,
                 CodeFacts& facts);

}  // namespace pyccolo::hooks
