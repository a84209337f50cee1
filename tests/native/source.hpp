// tests/native/source.hpp: Python source in the cases: run, asked, expected to raise.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "py/object.hpp"

namespace pyccolo::test {

using Variables = std::initializer_list<std::pair<const char*, Borrowed>>;

/// Runs source; gives the variables there are afterwards.
inline Ref run(const char* source, Variables variables = {}) {
  Ref globals = take(PyDict_New());
  ok(PyDict_SetItemString(globals.get(), "__builtins__", PyEval_GetBuiltins()));
  for (const auto& [name, value] : variables) {
    ok(PyDict_SetItemString(globals.get(), name, value.get()));
  }
  take(PyRun_String(source, Py_file_input, globals.get(), globals.get()));
  return globals;
}

/// A variable that source leaves, x if no other is named.
inline Ref value_after(const char* source, Variables variables = {}, const char* name = "x") {
  Ref globals = run(source, variables);
  PyObject* value = PyDict_GetItemString(globals.get(), name);
  if (value == nullptr) raise(PyExc_NameError, "%s is not set by %s", name, source);
  return Ref::borrow(value);
}

/// Is an expression true? `ast` and `copy` are imported.
inline bool holds(const std::string& expression, Variables variables = {}) {
  const std::string source = "import ast, copy\nx = bool(" + expression + ")\n";
  return is_true(value_after(source.c_str(), variables));
}

inline Ref parse(const char* source) {
  Ref code = take(Py_CompileStringFlags(source, "<test>", Py_file_input, nullptr));
  Ref text = take(PyUnicode_FromString(source));
  return value_after("import ast\nx = ast.parse(text)\n", {{"text", text}});
}

/// str(object)
inline std::string text_of(Borrowed object) {
  Ref text = take(PyObject_Str(object.get()));
  const char* bytes = PyUnicode_AsUTF8(text.get());
  if (bytes == nullptr) throw PyRaised{};
  return bytes;
}

/// "Type: message" of the error that is set, which is cleared; "" if there is none.
inline std::string take_error() {
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  if (type == nullptr) return "";
  PyErr_NormalizeException(&type, &value, &traceback);
  Ref owned[] = {Ref::steal(type), Ref::steal(value), Ref::steal(traceback)};
  return std::string(reinterpret_cast<PyTypeObject*>(type)->tp_name) + ": " + text_of(value);
}

/// What take_error() gives for what `body` throws.
template <typename Body>
std::string error_of(Body&& body) {
  try {
    body();
  } catch (const PyRaised&) {
    return take_error();
  }
  return "";
}

inline Py_ssize_t count_of(Borrowed object) { return Py_REFCNT(object.get()); }

}  // namespace pyccolo::test
