// compat/code.hpp: putting objects among the constants and names of fresh code.
#pragma once

#include <string>
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

#if PY_VERSION_HEX >= 0x030E0000
/// Since 3.14 the compiler notes of each argument how it is given; the constructor forgets it.
inline void note_arguments(PyCodeObject* code) {
  constexpr char kPositional = 0x02;
  constexpr char kKeyword = 0x04;
  constexpr char kVariadic = 0x08;
  PyObject* kinds = code->co_localspluskinds;
  std::string noted(PyBytes_AS_STRING(kinds), static_cast<std::size_t>(PyBytes_GET_SIZE(kinds)));
  std::size_t slot = 0;
  const auto note = [&](int count, int bits) {
    for (; count > 0; --count, ++slot) noted[slot] = static_cast<char>(noted[slot] | bits);
  };
  note(code->co_posonlyargcount, kPositional);
  note(code->co_argcount - code->co_posonlyargcount, kPositional | kKeyword);
  note(code->co_kwonlyargcount, kKeyword);
  note((code->co_flags & CO_VARARGS) != 0 ? 1 : 0, kVariadic | kPositional);
  note((code->co_flags & CO_VARKEYWORDS) != 0 ? 1 : 0, kVariadic | kKeyword);
  const Ref old = Ref::steal(std::exchange(
      code->co_localspluskinds,
      take(PyBytes_FromStringAndSize(noted.data(), static_cast<Py_ssize_t>(noted.size())))
          .release()));
}
#endif

inline Ref new_code(const NewCode& parts) {
#if PY_VERSION_HEX >= 0x030C0000
  constexpr auto kMake = PyUnstable_Code_NewWithPosOnlyArgs;
#else
  constexpr auto kMake = PyCode_NewWithPosOnlyArgs;
#endif
  Ref code = take(reinterpret_cast<PyObject*>(
      kMake(parts.arguments, parts.positional_only, parts.keyword_only,
            static_cast<int>(PyTuple_GET_SIZE(parts.locals.get())), parts.stacksize, parts.flags,
            parts.code.get(), parts.constants.get(), parts.names.get(), parts.locals.get(),
            parts.frees.get(), parts.cells.get(), parts.filename.get(), parts.name.get(),
            parts.qualname.get(), parts.first_line, parts.line_table.get(),
            parts.exception_table.get())));
#if PY_VERSION_HEX >= 0x030E0000
  note_arguments(reinterpret_cast<PyCodeObject*>(code.get()));
#endif
  return code;
}

/// True if the type cannot have changed since `version` was read; 0 is never current.
inline bool type_is_at(PyTypeObject* type, unsigned version) {
  return version != 0 && type->tp_version_tag == version;
}

}  // namespace pyccolo::compat
