// bytecode/opcode.hpp: every instruction of every known version: its number, operand, stack effect and flow.
//
// Op names an instruction whatever its version; OpInfo is what a version makes of it. EXTENDED_ARG and CACHE are no
// Ops: decoding folds them away and assembling puts them back. Neither are instrumented and specialized forms.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bytecode/version.hpp"

namespace pyccolo::bytecode {

enum class Op : std::uint8_t {
#define NUMBERS(name, ...) name,
#include "def/opcode_numbers.def"
  kCount
};

inline constexpr int kOpCount = static_cast<int>(Op::kCount);

/// What the operand of an instruction means.
enum class Operand : std::uint8_t {
  None,          ///< there is none; the byte is 0
  Count,         ///< a number: a count, a depth, a set of bits
  Const,         ///< index into co_consts
  Name,          ///< index into co_names
  NameNull,      ///< index << 1 | push NULL too (LOAD_GLOBAL)
  NameMethod,    ///< index << 1 | load as method (LOAD_ATTR of 3.12)
  NameSuper,     ///< index << 2 | two-argument form << 1 | load as method (LOAD_SUPER_ATTR)
  NameImport,    ///< index << 2 | eager << 1 | lazy (IMPORT_NAME of 3.15)
  Fast,          ///< index into co_localsplus, of any kind
  FastPair,      ///< two of them, four bits each
  Deref,         ///< index into co_localsplus, of a cell or a free variable
  JumpForward,   ///< distance in units, from the end of the instruction with its caches
  JumpBackward,  ///< the same, towards the beginning
  Compare,       ///< a comparison, as the version writes it
  BinaryOp,      ///< the numbers of the enums of pyccolo_native.bytecode, from here on
  Intrinsic1,
  Intrinsic2,
  CommonConstant,
  SpecialMethod,
  FormatValue,        ///< conversion of FORMAT_VALUE: conversion | has format spec << 2
  Conversion,         ///< of CONVERT_VALUE
  FunctionAttribute,  ///< of SET_FUNCTION_ATTRIBUTE
};

/// Where control goes after an instruction that does not raise.
enum class Flow : std::uint8_t {
  Next,    ///< on
  Jump,    ///< to the target, always
  Branch,  ///< to the target or on
  Return,  ///< out of the frame
  Raise,   ///< to a handler, always
};

constexpr bool is_jump_operand(Operand operand) {
  return operand == Operand::JumpForward || operand == Operand::JumpBackward;
}

using StackCount = int (*)(std::uint32_t arg, bool jump);

/// A row of opcodes.def, in one version.
struct OpInfo {
  Op op;
  std::uint8_t number;  ///< the opcode
  std::uint8_t caches;  ///< units of inline cache that follow
  Operand operand;
  Flow flow;
  bool may_raise;
  const char* in;   ///< what it takes, top of the stack last; see opcodes.def
  const char* out;  ///< what it leaves
  StackCount pops;
  StackCount pushes;

  /// It jumps to its target. (Some operands are written as jumps and are none: END_ASYNC_FOR of 3.14.)
  bool jumps() const { return flow == Flow::Jump || flow == Flow::Branch; }
  bool ends_block() const {
    return flow == Flow::Jump || flow == Flow::Return || flow == Flow::Raise;
  }
};

/// The instructions of a version.
struct OpTable {
  static constexpr std::uint8_t kNoOp = 255;

  std::array<OpInfo, kOpCount> by_op;  ///< without `pops` where the version has no such instruction
  std::array<std::uint8_t, 256> op_of_number;
};
static_assert(kOpCount < OpTable::kNoOp);

extern const std::array<OpTable, kVersionCount> kOpTables;

/// The instruction of that number, or null if the version has none.
inline const OpInfo* find_number(Version version, std::uint8_t number) {
  const OpTable& table = kOpTables[static_cast<std::size_t>(index_of(version))];
  const std::uint8_t op = table.op_of_number[number];
  return op == OpTable::kNoOp ? nullptr : &table.by_op[op];
}

/// What the version makes of `op`, or null if it has no such instruction.
inline const OpInfo* find_op(Version version, Op op) {
  if (op >= Op::kCount) return nullptr;
  const OpInfo& info =
      kOpTables[static_cast<std::size_t>(index_of(version))].by_op[static_cast<std::size_t>(op)];
  return info.pops == nullptr ? nullptr : &info;
}

std::string_view name_of(Op op);
std::optional<Op> op_named(std::string_view name);

std::uint8_t extended_arg(Version version);  ///< the opcode of EXTENDED_ARG

}  // namespace pyccolo::bytecode
