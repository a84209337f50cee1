// bytecode/verify.hpp: whether an interpreter can run a body without coming to harm.
//
// CPython trusts its compiler: it checks nothing of what it runs. This follows every path with the kinds of the values on
// the stack and in the slots, as a virtual machine with a verifier does. What it accepts does not crash the
// interpreter; all that CPython's compiler writes is accepted.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bytecode/body.hpp"

namespace pyccolo::bytecode {

/// A constant, as far as instructions care.
struct ConstantFacts {
  enum class Kind : std::uint8_t {
    Other,
    None,
    Tuple,
    TupleOfStr,
    Str,
    Int,
    Bool,
    Code
  } kind = Kind::Other;
  std::uint32_t size = 0;  ///< items of a tuple; free variables of a code object
  // Of a code object.
  bool is_generator = false;            ///< CO_GENERATOR is set
  bool takes_iterator = false;          ///< see takes_iterator()
  bool takes_defaults = false;          ///< it has an argument ".defaults"
  bool takes_keyword_defaults = false;  ///< it has an argument ".kwdefaults"
};

/// The kinds of a slot of co_localsplus, as bits (those of co_localspluskinds).
inline constexpr std::uint8_t kLocalSlot = 0x20;
inline constexpr std::uint8_t kCellSlot = 0x40;
inline constexpr std::uint8_t kFreeSlot = 0x80;

struct CodeFacts {
  std::uint32_t flags = 0;           ///< co_flags
  std::uint32_t argument_slots = 0;  ///< how many slots hold a value when the frame starts
  std::vector<std::uint8_t> slots;   ///< kinds
  std::int32_t iterator_slot =
      -1;  ///< of the argument ".0" that a generator expression is given, or -1
  /// Of the arguments ".defaults" and ".kwdefaults" that the scope of a generic function's type parameters is given.
  std::int32_t defaults_slot = -1;
  std::int32_t keyword_defaults_slot = -1;
  std::vector<ConstantFacts> constants;
  std::uint32_t names = 0;  ///< len(co_names)
};

/// Whether the code of a comprehension gives its argument ".0" to FOR_ITER as it is.
bool takes_iterator(Version version, std::span<const std::uint8_t> code);

struct Problem {
  std::size_t index;  ///< of the instruction; Error::kNowhere if it is about the whole
  std::string reason;
};

/// What is wrong, in order of instructions; empty if nothing is. At most `limit` problems.
std::vector<Problem> verify(const Body& body, const CodeFacts& facts, std::size_t limit = 20);

}  // namespace pyccolo::bytecode
