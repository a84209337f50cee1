// codeobject/operand.hpp: operands as Python objects.
//
// An Instr holds: for Const the constant itself, for the kinds of Name a str, for Fast a str, CellVar or FreeVar, for FastPair a
// tuple of two of them, for Deref a CellVar or FreeVar, for jumps a Label, for what has an enum its member, for Count an int.
#pragma once

#include "codeobject/instr.hpp"

namespace pyccolo::codeobject {

/// What an operand shows to the program.
Ref shown_arg(State& state, InstrObject* instr);
/// Checks `value` and makes it the operand. Throws TypeError or ValueError, which name the instruction.
void set_arg(State& state, InstrObject* instr, Borrowed value);

/// The bits that stand below the index of a name.
unsigned name_shift(bytecode::Operand operand);

/// Numbers of enums are written differently by version and instruction.
std::uint32_t raw_of_number(bytecode::Version version, bytecode::Operand operand,
                            std::uint32_t number);
std::uint32_t number_of_raw(bytecode::Version version, bytecode::Operand operand,
                            std::uint32_t raw);

/// The same constant for the compiler: types count, and the signs of zeros (co_consts holds one of each).
bool same_constant(Borrowed left, Borrowed right);
std::size_t hash_of_constant(Borrowed constant);

}  // namespace pyccolo::codeobject
