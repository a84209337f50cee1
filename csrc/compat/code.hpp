// compat/code.hpp: putting objects among the constants and names of fresh code.
#pragma once

#include <utility>

#include "py/object.hpp"

namespace pyccolo::compat {

/// Replaces co_consts[index] of code that has never run and that nobody else has seen.
/// The new object must be mortal, as LOAD_CONST may borrow or own it.
inline void replace_const(Borrowed code, Py_ssize_t index, Ref value) {
  PyObject* consts = reinterpret_cast<PyCodeObject*>(code.get())->co_consts;
  Ref old = Ref::steal(PyTuple_GET_ITEM(consts, index));
  PyTuple_SET_ITEM(consts, index, value.release());
}

/// Adds a constant that no instruction loads to such code: it lives as long as the code does.
inline void append_const(Borrowed code, Ref value) {
  auto* object = reinterpret_cast<PyCodeObject*>(code.get());
  const Py_ssize_t count = PyTuple_GET_SIZE(object->co_consts);
  Ref longer = take(PyTuple_New(count + 1));
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyTuple_SET_ITEM(longer.get(), i, Py_NewRef(PyTuple_GET_ITEM(object->co_consts, i)));
  }
  PyTuple_SET_ITEM(longer.get(), count, value.release());
  const Ref old = Ref::steal(std::exchange(object->co_consts, longer.release()));
}

/// Replaces co_names[index] of such code. The name must be interned.
inline void replace_name(Borrowed code, Py_ssize_t index, Ref name) {
  PyObject* names = reinterpret_cast<PyCodeObject*>(code.get())->co_names;
  Ref old = Ref::steal(PyTuple_GET_ITEM(names, index));
  PyTuple_SET_ITEM(names, index, name.release());
}

/// The arguments of a code object's constructor.
struct NewCode {
  int arguments;
  int positional_only;
  int keyword_only;
  int stacksize;
  int flags;
  int first_line;
  Borrowed code;
  Borrowed constants;
  Borrowed names;
  Borrowed locals;
  Borrowed frees;
  Borrowed cells;
  Borrowed filename;
  Borrowed name;
  Borrowed qualname;
  Borrowed line_table;
  Borrowed exception_table;
};

inline Ref new_code(const NewCode& parts) {
#if PY_VERSION_HEX >= 0x030C0000
  constexpr auto kMake = PyUnstable_Code_NewWithPosOnlyArgs;
#else
  constexpr auto kMake = PyCode_NewWithPosOnlyArgs;
#endif
  return take(reinterpret_cast<PyObject*>(
      kMake(parts.arguments, parts.positional_only, parts.keyword_only,
            static_cast<int>(PyTuple_GET_SIZE(parts.locals.get())), parts.stacksize, parts.flags,
            parts.code.get(), parts.constants.get(), parts.names.get(), parts.locals.get(),
            parts.frees.get(), parts.cells.get(), parts.filename.get(), parts.name.get(),
            parts.qualname.get(), parts.first_line, parts.line_table.get(),
            parts.exception_table.get())));
}

/// True if the type cannot have changed since `version` was read; 0 is never current.
inline bool type_is_at(PyTypeObject* type, unsigned version) {
  return version != 0 && type->tp_version_tag == version;
}

}  // namespace pyccolo::compat
