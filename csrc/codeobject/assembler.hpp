// codeobject/assembler.hpp: from the items of a Code to a Body and its pools.
#pragma once

#include <unordered_map>
#include <vector>

#include "bytecode/body.hpp"
#include "codeobject/pools.hpp"

namespace pyccolo::codeobject {

struct Options {
  std::int32_t stacksize = -1;  ///< or -1: what is needed
  bool is_compact = false;
  bool verifies = true;
  bool reuses = true;
  bool builds_nested = true;  ///< otherwise nested code stands for itself
};

/// Gives the code object of a nested Code.
using BuildNested = Ref (*)(State& state, CodeObject* code, const Options& options);

/// What the items come to.
class Assembler {
 public:
  Assembler(State& state, CodeObject* code, const Options& options, BuildNested build_nested);

  bytecode::Body body;
  Pools pools;
  std::vector<std::uint32_t> item_of;  ///< by instruction

  /// Raises what is wrong with an instruction as BytecodeError.
  [[noreturn]] void raise_error(const bytecode::Error& error) const;
  /// "function, item 3 (LOAD_FAST): "; the index of an instruction, or Error::kNowhere.
  Ref place_of(std::size_t index) const;
  Py_ssize_t item_index(std::size_t index) const;

 private:
  struct Resolved {
    std::uint32_t first = 0;   ///< an index, or a variable
    std::uint32_t second = 0;  ///< of a pair
  };
  struct OpenRange {
    PyObject* begin;
    std::uint32_t anchor;
  };

  void resolve_operands();
  Resolved resolve(InstrObject* instr, Py_ssize_t item);
  Resolved resolve_constant(InstrObject* instr);
  std::uint32_t resolve_variable(Borrowed variable, std::uint32_t hint, bool is_deref);
  void emit();
  void emit_instr(InstrObject* instr, const Resolved& resolved, Py_ssize_t item);
  void emit_pair(InstrObject* instr, const Resolved& resolved, Py_ssize_t item);
  void add(bytecode::Op op, std::uint32_t arg, Py_ssize_t item);
  void locate(InstrObject* instr);
  void begin_range(PyObject* begin, Py_ssize_t item);
  void end_range(PyObject* end, Py_ssize_t item);
  void close_segment();
  void link_jumps();
  [[noreturn]] void raise_item(Py_ssize_t item, const char* format, ...) const;

  State& state_;
  CodeObject* code_;
  const Options& options_;
  BuildNested build_nested_;
  Ref items_;  ///< a copy: what runs in between may change the Code
  std::vector<Resolved> resolved_;
  std::unordered_map<PyObject*, Ref> nested_;
  std::unordered_map<PyObject*, std::uint32_t> labels_;
  struct Jump {
    std::uint32_t index;
    PyObject* label;
  };
  std::vector<Jump> jumps_;
  std::vector<OpenRange> open_;
  std::uint32_t segment_ = 0;  ///< where the innermost range goes on from
  std::vector<PyObject*> range_labels_;
  bytecode::Position here_;
};

}  // namespace pyccolo::codeobject
