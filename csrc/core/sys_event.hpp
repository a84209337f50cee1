// core/sys_event.hpp: the events of the interpreter as bits of a set.
#pragma once

#include "core/event.hpp"

namespace pyccolo {

/// A set of interpreter events, one bit each.
using SysEvents = std::uint8_t;

inline constexpr std::size_t kFirstSysEvent = index_of(Event::line);
inline constexpr std::size_t kSysEventCount = kEventCount - kFirstSysEvent;
static_assert(kSysEventCount <= 8, "a set of interpreter events is a byte");

constexpr bool is_sys_event(Event event) { return index_of(event) >= kFirstSysEvent; }
constexpr std::size_t sys_index(Event event) { return index_of(event) - kFirstSysEvent; }
constexpr SysEvents bit_of(Event event) { return static_cast<SysEvents>(1U << sys_index(event)); }

/// Events of frames, which a trace function is told of.
inline constexpr SysEvents kFrameEvents = bit_of(Event::line) | bit_of(Event::call) |
                                          bit_of(Event::return_) | bit_of(Event::exception) |
                                          bit_of(Event::opcode);
/// Those that local trace functions are told of without asking.
inline constexpr SysEvents kLocalEvents = kFrameEvents & ~bit_of(Event::opcode);
/// Events of calls of C functions, which a profile function is told of.
inline constexpr SysEvents kCallEvents =
    bit_of(Event::c_call) | bit_of(Event::c_return) | bit_of(Event::c_exception);

static_assert(info(Event::line).origin == Origin::Sys &&
                  info(Event::c_exception).origin == Origin::Profile &&
                  index_of(Event::c_exception) + 1 == kEventCount,
              "the interpreter's events are the last rows of the table");

/// How a tracer is told of interpreter events.
enum class Hook : std::uint8_t { None, Settrace, Monitoring };

}  // namespace pyccolo
