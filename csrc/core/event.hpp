// core/event.hpp: the events of def/events.def as an enum and a constexpr table.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace pyccolo {

/// Where an event comes from.
enum class Origin : std::uint8_t { Ast, Import, Sys, Profile };

/// What the rewriter emits for an event, and so what emit() gives back to the woven code.
enum class Shape : std::uint8_t {
  Value,       ///< emit(site, value) -> the value to go on with
  Notice,      ///< emit(site) -> None
  Stmt,        ///< if emit(site): statement
  Thunk,       ///< value if emit(site) else run()
  Operation,   ///< emit(site)(operands)
  Subscript,   ///< emit(site, object, key)[emit(saved slice)]
  SavedSlice,  ///< the key of the innermost Subscript
};

/// One event; the values are the rows of def/events.def.
enum class Event : std::uint16_t {
#define EVENT(name, value, origin, shape, alias, keywords, fires, returns) name,
#include "def/events.def"
};

struct EventInfo {
  const char* name;
  const char* value;
  Origin origin;
  Shape shape;
  const char* alias;
  const char* keywords;
};

inline constexpr EventInfo kEvents[] = {
#define EVENT(name, value, origin, shape, alias, keywords, fires, returns) \
  {#name, value, Origin::origin, Shape::shape, alias, keywords},
#include "def/events.def"
};

inline constexpr std::size_t kEventCount = sizeof(kEvents) / sizeof(kEvents[0]);
static_assert(kEventCount == 104, "rows are append-only: raise the count with each new row");

constexpr std::size_t index_of(Event event) { return static_cast<std::size_t>(event); }
constexpr const EventInfo& info(Event event) { return kEvents[index_of(event)]; }

}  // namespace pyccolo
