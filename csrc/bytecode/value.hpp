// bytecode/value.hpp: what may be in a place on the stack, or in a slot of co_localsplus, as a set of kinds.
#pragma once

#include <cstdint>
#include <string>

namespace pyccolo::bytecode {

/// A set: one bit for each kind of value that may be there.
using Kinds = std::uint32_t;

// Slots know the first eight only; whatever else is stored in one becomes kAny.
inline constexpr Kinds kNull = 1U << 0U;
inline constexpr Kinds kAny = 1U << 1U;  ///< an object of which nothing is known
inline constexpr Kinds kCell = 1U << 2U;
inline constexpr Kinds kCellOfTuple = 1U << 3U;  ///< empty, or with a tuple in it
inline constexpr Kinds kIterator = 1U << 4U;
inline constexpr Kinds kTuple = 1U << 5U;
inline constexpr Kinds kDict = 1U << 6U;
inline constexpr Kinds kNone = 1U << 7U;

inline constexpr Kinds kBool = 1U << 8U;
inline constexpr Kinds kStr = 1U << 9U;
inline constexpr Kinds kException = 1U << 10U;
inline constexpr Kinds kList = 1U << 11U;
inline constexpr Kinds kExceptionList = 1U << 12U;  ///< nothing but exceptions and None in it
inline constexpr Kinds kSet = 1U << 13U;
inline constexpr Kinds kInt = 1U << 14U;
inline constexpr Kinds kTupleOfStr = 1U << 15U;
inline constexpr Kinds kTupleOfCells = 1U << 16U;
inline constexpr Kinds kTupleOfInterpolations = 1U << 17U;
inline constexpr Kinds kAliasTuple = 1U << 18U;  ///< (name, type parameters or None, function)
inline constexpr Kinds kInterpolation = 1U << 19U;
inline constexpr Kinds kCode = 1U << 20U;
inline constexpr Kinds kFunction = 1U << 21U;     ///< just made, so that nothing else refers to it
inline constexpr Kinds kIterationOf = 1U << 22U;  ///< 3.15: what GET_ITER leaves, with kPosition

// No objects, or not to be used as such.
inline constexpr Kinds kOpenFunction = 1U << 24U;  ///< its code needs a closure
inline constexpr Kinds kScopeFunction =
    1U << 27U;  ///< its arguments are the compiler's own, see function_size
inline constexpr Kinds kLasti = 1U << 25U;     ///< where an exception was raised
inline constexpr Kinds kPosition = 1U << 26U;  ///< 3.15: NULL or the number of the next item

inline constexpr Kinds kCells = kCell | kCellOfTuple;
inline constexpr Kinds kLists = kList | kExceptionList;
inline constexpr Kinds kTuples =
    kTuple | kTupleOfStr | kTupleOfCells | kTupleOfInterpolations | kAliasTuple;
inline constexpr Kinds kFunctions = kFunction | kOpenFunction | kScopeFunction;
inline constexpr Kinds kSaved = kNone | kException;
inline constexpr Kinds kObjects = kAny | kCells | kIterator | kTuples | kNone | kBool | kInt |
                                  kStr | kException | kLists | kSet | kDict | kInterpolation |
                                  kCode | kFunction | kIterationOf;

/// The size of code and of a function that was just made.
namespace function_size {

inline constexpr std::uint32_t kParts = 0xFF;   ///< the attributes that it has got
inline constexpr std::uint32_t kFreeShift = 8;  ///< how many cells its closure must have
inline constexpr std::uint32_t kFree = 0xFFFF00;
inline constexpr std::uint32_t kGivesGenerator = 1U << 24U;
// Its arguments, in this order.
inline constexpr std::uint32_t kTakesIterator = 1U << 25U;
inline constexpr std::uint32_t kTakesDefaults = 1U << 26U;
inline constexpr std::uint32_t kTakesKeywordDefaults = 1U << 27U;
inline constexpr std::uint32_t kTakes = kTakesIterator | kTakesDefaults | kTakesKeywordDefaults;

constexpr std::uint32_t free_of(std::uint32_t size) { return (size & kFree) >> kFreeShift; }

/// What is left when the closure is there.
constexpr Kinds closed(std::uint32_t size) {
  return (size & kTakes) != 0 ? kScopeFunction : kFunction;
}

}  // namespace function_size

/// A place on the stack.
struct Value {
  static constexpr std::uint32_t kUnknown = static_cast<std::uint32_t>(-1);
  static constexpr std::uint32_t kOwned = 0;
  static constexpr std::uint32_t kManySlots = static_cast<std::uint32_t>(-1);

  Kinds kinds = 0;
  /// Items of a tuple; of code and functions, see below; the GET_ITER of an iteration.
  std::uint32_t size = 0;
  /// Slot + 1 that a borrowed reference was taken from.
  std::uint32_t lender = kOwned;

  bool is(Kinds kind) const { return (kinds & ~kind) == 0; }
  bool may_be(Kinds kind) const { return (kinds & kind) != 0; }
  bool is_borrowed_from(std::uint32_t slot) const {
    return lender == slot + 1 || lender == kManySlots;
  }

  /// Whether anything is new.
  bool merge(const Value& other) {
    const Value before = *this;
    kinds |= other.kinds;
    if (size != other.size) size = kUnknown;
    if (lender == kOwned) {
      lender = other.lender;
    } else if (other.lender != kOwned && lender != other.lender) {
      lender = kManySlots;
    }
    return kinds != before.kinds || size != before.size || lender != before.lender;
  }
};

using Slot = std::uint8_t;

/// What a slot knows of a value that is stored in it.
constexpr Slot stored(Kinds kinds) {
  const Kinds kept = kNull | kCells | kAny;
  Kinds slot = kinds & kept;
  if ((kinds & kTuples) != 0) slot |= kTuple;
  if ((kinds & ~(kept | kTuples)) != 0) slot |= kAny;
  return static_cast<Slot>(slot);
}

/// For users: the values of a set that an instruction accepts, and the first of those that may be there.
std::string described(Kinds accepted);
std::string first_of(Kinds kinds);

}  // namespace pyccolo::bytecode
