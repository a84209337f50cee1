// bytecode/body.hpp: what a code object does, with jumps and exception ranges by index of instruction.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "bytecode/opcode.hpp"

namespace pyccolo::bytecode {

/// The place in the source that an instruction comes from. Lines count from 1, columns are bytes from 0.
struct Position {
  static constexpr std::int32_t kUnknown = -1;

  std::int32_t line = kUnknown;
  std::int32_t end_line = kUnknown;
  std::int32_t column = kUnknown;
  std::int32_t end_column = kUnknown;

  bool operator==(const Position&) const = default;
};

struct Instruction {
  Op op;
  /// As the version writes it, at full width; for an operand that is a jump, the index of the target.
  std::uint32_t arg = 0;
  Position position;

  bool operator==(const Instruction&) const = default;
};

/// A row of the exception table. An instruction is in one range at most; ranges are sorted and apart.
struct TryRange {
  static constexpr std::int32_t kFromStack = -1;
  static constexpr std::uint32_t kBegin = 0xFFFFFFFF;

  std::uint32_t begin;   ///< first instruction
  std::uint32_t end;     ///< behind the last
  std::uint32_t target;  ///< first instruction of the handler
  bool lasti = false;    ///< the handler gets the offset of the instruction that raised, too
  /// Values that the handler keeps; kFromStack: those that are there at `anchor`, without `drop`.
  std::int32_t depth = kFromStack;
  std::int32_t drop = 0;
  /// An instruction before `begin`, if a piece of a longer range: kBegin is `begin` itself.
  std::uint32_t anchor = kBegin;

  bool operator==(const TryRange&) const = default;
};

struct Body {
  Version version;
  std::vector<Instruction> instructions;
  std::vector<TryRange> ranges;

  const OpInfo& info(std::size_t index) const { return *find_op(version, instructions[index].op); }
};

/// What is wrong with a piece of bytecode, and where.
class Error : public std::runtime_error {
 public:
  static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

  explicit Error(const std::string& message, std::size_t index = kNowhere)
      : std::runtime_error(message), index_(index) {}
  std::size_t index() const { return index_; }  ///< of the instruction

 private:
  std::size_t index_;
};

}  // namespace pyccolo::bytecode
