// codeobject/state.hpp: what the types of pyccolo_native.bytecode share, for one module object.
#pragma once

#include <array>
#include <optional>

#include "bytecode/opcode.hpp"
#include "py/module_state.hpp"
#include "py/object.hpp"

namespace pyccolo::codeobject {

inline constexpr std::size_t kOperandCount =
    static_cast<std::size_t>(bytecode::Operand::FunctionAttribute) + 1;

const char* name_of(bytecode::Operand operand);
const char* name_of(bytecode::Flow flow);

/// The numbers of an operand that have names: {number: member} and {symbol: member}.
struct OperandEnum {
  Ref members;
  Ref symbols;
};

class State {
 public:
  /// Takes the Python halves: the modules operands and errors of pyccolo_native.bytecode, and the class Opcode.
  State(Borrowed operands, Borrowed errors, Borrowed opcode_type);

  int traverse(visitproc visit, void* arg) const;
  void clear();

  Borrowed op_name(bytecode::Op op) const { return op_names_[static_cast<std::size_t>(op)]; }
  /// The Opcode, made when it is first asked for.
  Borrowed opcode(const bytecode::OpInfo& info, bytecode::Version version);
  /// By name, by number or by Opcode.
  const bytecode::OpInfo& find_instruction(Borrowed op) const;

  const OperandEnum& enum_of(bytecode::Operand operand) const {
    return enums_[static_cast<std::size_t>(operand)];
  }

  /// The version that runs. Throws NotImplementedError if it is a newer one than is known here.
  bytecode::Version running() const;

  Ref code_type;
  Ref instr_type;
  Ref label_type;
  Ref try_begin_type;
  Ref try_end_type;
  Ref set_lineno_type;

  Ref cell_var_type;
  Ref free_var_type;
  Ref name_type;
  Ref positions_type;
  Ref error_type;
  Ref verify_error_type;

 private:
  std::array<OperandEnum, kOperandCount> enums_;
  std::array<Ref, bytecode::kOpCount> op_names_;
  std::array<std::array<Ref, bytecode::kOpCount>, bytecode::kVersionCount> opcodes_;
  Ref opcode_type_;
};

/// The State of the module that `type` belongs to.
State& state_of_type(PyTypeObject* type);
inline State& state_of(PyObject* self) { return state_of_type(Py_TYPE(self)); }
/// The same for an instance of a type of ours itself, which nobody can derive from.
inline State& state_of_final(PyObject* self) {
  return *static_cast<ModuleSlots*>(PyType_GetModuleState(Py_TYPE(self)))->bytecode;
}

inline constexpr Py_ssize_t kNoItem = -1;

/// Raises BytecodeError(message, index of the item).
[[noreturn]] void raise_at(State& state, Py_ssize_t item, const char* format, ...);

}  // namespace pyccolo::codeobject
