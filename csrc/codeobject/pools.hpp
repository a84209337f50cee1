// codeobject/pools.hpp: co_consts, co_names and the variables of code that is being put together.
//
// They start with what the code object had, so that what is unchanged keeps its place; what is new comes behind.
#pragma once

#include <unordered_map>
#include <vector>

#include "bytecode/verify.hpp"
#include "codeobject/code.hpp"

namespace pyccolo::codeobject {

class Pools {
 public:
  /// `slots`: the variables by slot of whoever the instructions were read from, or null.
  Pools(State& state, const Fields& fields, Borrowed slots, bool is_compact,
        bytecode::Version version);

  /// The index of a constant. `hint`: where it was.
  std::uint32_t constant(Borrowed value, std::uint32_t hint);
  /// The same for nested code: `made` takes the place of what `code` was read from.
  std::uint32_t nested(CodeObject* code, Ref made, std::uint32_t hint);
  std::uint32_t name(Borrowed name, std::uint32_t hint);

  /// A variable, by kind and rank; its slot is known once all variables are.
  struct Variable {
    enum Kind : std::uint8_t { Local, Cell, Free } kind;
    std::uint32_t rank;
  };
  /// `is_deref`: a plain str means a cell or free variable. Throws NameError-like ValueError if that is not clear.
  Variable variable(Borrowed variable, std::uint32_t hint, bool is_deref);
  std::uint32_t slot(Variable variable) const;
  void settle();

  std::uint32_t slot_count() const { return static_cast<std::uint32_t>(kinds_.size()); }
  Ref constants() const { return tuple_of(constants_); }
  Ref names() const { return tuple_of(names_.items); }
  Ref locals() const { return tuple_of(locals_.items); }
  Ref cells() const { return tuple_of(cells_.items); }
  Ref frees() const { return tuple_of(frees_.items); }
  std::uint32_t free_count() const { return static_cast<std::uint32_t>(frees_.items.size()); }
  bytecode::CodeFacts facts(std::uint32_t flags, std::uint32_t argument_slots) const;

 private:
  struct NameTable {
    std::vector<Ref> items;
    Ref index;  ///< {name: rank}; made when first needed
    void fill(Borrowed tuple);
    void prepare();
    std::int64_t find(Borrowed name);
    std::uint32_t add(Borrowed name);
  };
  struct HashConstant {
    std::size_t operator()(PyObject* constant) const { return hash_of(constant); }
    static std::size_t hash_of(Borrowed constant);
  };
  struct SameConstant {
    bool operator()(PyObject* left, PyObject* right) const;
  };
  static Ref tuple_of(const std::vector<Ref>& items);

  State& state_;
  bytecode::Version version_;
  std::vector<Ref> constants_;
  std::unordered_map<PyObject*, std::uint32_t, HashConstant, SameConstant> constant_index_;
  std::size_t indexed_ = 0;  ///< constants in `constant_index_`
  NameTable names_;
  NameTable locals_;
  NameTable cells_;
  NameTable frees_;
  std::vector<Variable> known_;  ///< by slot of the origin
  Borrowed slots_;
  std::vector<std::uint8_t> kinds_;
  std::vector<std::uint32_t> cell_slots_;
};

}  // namespace pyccolo::codeobject
