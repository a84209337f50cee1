// codeobject/instr.hpp: Instr, an instruction that can be changed.
#pragma once

#include "bytecode/body.hpp"
#include "codeobject/state.hpp"

namespace pyccolo::codeobject {

enum class Located : std::uint8_t {
  Unset,    ///< takes its position from its neighbours
  Nowhere,  ///< has none, and says so
  Here,
};

struct InstrObject {
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  PyObject_HEAD
  PyObject* arg;  ///< as operand.hpp tells; null if there is none
  bytecode::Position position;
  std::uint32_t raw;     ///< the operand as it was read, or kNone: where to look for `arg` first
  std::uint32_t offset;  ///< in co_code, or kNone
  bytecode::Op op;
  bytecode::Version version;
  std::uint8_t name_flags;  ///< the bits below the index of a name
  Located located;

  const bytecode::OpInfo& info() const { return *bytecode::find_op(version, op); }
};

inline InstrObject* as_instr(PyObject* item) { return reinterpret_cast<InstrObject*>(item); }

/// An Instr without operand and position.
Ref new_instr(State& state, bytecode::Version version, bytecode::Op op);
/// Stores the operand as it is, and tells the garbage collector what it must know.
void put_arg(InstrObject* instr, Ref arg);

Ref make_instr_type(Borrowed module);

}  // namespace pyccolo::codeobject
