// codeobject/code.hpp: CodeCore, a code object as a list of items and attributes; what pyccolo_native.bytecode.Code is made of.
#pragma once

#include "codeobject/instr.hpp"
#include "codeobject/items.hpp"

namespace pyccolo::codeobject {

/// What a code object is besides its instructions.
struct Fields {
  Ref name;
  Ref qualname;
  Ref filename;
  std::int32_t first_line = 1;
  std::uint32_t flags = 0;
  std::int32_t arguments = 0;  ///< co_argcount
  std::int32_t positional_only = 0;
  std::int32_t keyword_only = 0;
  Ref constants;  ///< these five are tuples; instructions add to them
  Ref names;
  Ref locals;
  Ref cells;
  Ref frees;

  Fields copy() const;
  /// Slots that hold an argument when a frame starts.
  std::int64_t argument_slots() const;
};

struct CodeObject {
  PyObject_HEAD
  PyObject*
      origin;       ///< the code object it was made from, or something with its attributes, or null
  PyObject* items;  ///< a list, or null as long as nobody has looked
  PyObject*
      slots;  ///< the variables of the origin by slot: str, CellVar and FreeVar; made with the items
  Fields* fields;  ///< or null as long as nobody has looked
  bytecode::Version version;
  bool infers_flags;  ///< the flags were never said
};

inline CodeObject* as_code(PyObject* self) { return reinterpret_cast<CodeObject*>(self); }
inline bool is_code(State& state, Borrowed object) {
  return PyObject_TypeCheck(object.get(), reinterpret_cast<PyTypeObject*>(state.code_type.get()));
}

/// A Code of `type` for a code object, or for what has the attributes of one of that version.
Ref code_from(PyTypeObject* type, Borrowed origin, bytecode::Version version);

Fields& fields_of(CodeObject* code);
/// The items, read when first asked for. Throws BytecodeError if the origin's bytes make no sense.
Borrowed items_of(State& state, CodeObject* code);

/// Throws ValueError if the Code is of another version than runs.
void check_editable(State& state, CodeObject* code);
bool is_item(State& state, Borrowed object);
/// Gives the instructions from `first` to `last` that have no location the one of their neighbours.
void inherit_locations(State& state, Borrowed items, Py_ssize_t first, Py_ssize_t last);

Ref make_code_type(Borrowed module);

}  // namespace pyccolo::codeobject
