// py/object.hpp: the few calls of the C API that are used everywhere, in terms of Ref.
#pragma once

#include <initializer_list>

#include "py/error.hpp"

namespace pyccolo {

inline Ref none() { return Ref::borrow(Py_None); }
inline Ref boolean(bool value) { return Ref::borrow(value ? Py_True : Py_False); }
inline Ref id_of(Borrowed object) { return take(PyLong_FromVoidPtr(object.get())); }

inline Ref get_attr(Borrowed object, Borrowed name) {
  return take(PyObject_GetAttr(object.get(), name.get()));
}
inline Ref get_attr(Borrowed object, const char* name) {
  return take(PyObject_GetAttrString(object.get(), name));
}

/// An attribute, or null without an error if there is none.
inline Ref find_attr(Borrowed object, Borrowed name) {
  PyObject* value = PyObject_GetAttr(object.get(), name.get());
  if (value == nullptr) {
    if (!PyErr_ExceptionMatches(PyExc_AttributeError)) throw PyRaised{};
    PyErr_Clear();
  }
  return Ref::steal(value);
}

inline bool is_true(Borrowed object) { return ok(PyObject_IsTrue(object.get())) != 0; }
inline bool truth_of(Borrowed object, Borrowed name) { return is_true(get_attr(object, name)); }

inline std::size_t size_from(Borrowed number) {
  const std::size_t value = PyLong_AsSize_t(number.get());
  if (value == static_cast<std::size_t>(-1) && PyErr_Occurred()) throw PyRaised{};
  return value;
}

/// A dict's value, borrowed, or null.
inline Borrowed find_item(Borrowed dict, Borrowed key) {
  PyObject* value = PyDict_GetItemWithError(dict.get(), key.get());
  if (value == nullptr && PyErr_Occurred()) throw PyRaised{};
  return value;
}
inline void set_item(Borrowed dict, Borrowed key, Borrowed value) {
  ok(PyDict_SetItem(dict.get(), key.get(), value.get()));
}

inline Ref list_of(std::initializer_list<PyObject*> stolen) {
  PyObject* list = PyList_New(static_cast<Py_ssize_t>(stolen.size()));
  Py_ssize_t i = 0;
  for (PyObject* item : stolen) {
    if (list == nullptr) {
      Py_XDECREF(item);
    } else {
      PyList_SET_ITEM(list, i++, item);
    }
  }
  return take(list);
}
inline void append(Borrowed list, Borrowed item) { ok(PyList_Append(list.get(), item.get())); }

inline Ref call(Borrowed callable) { return take(PyObject_CallNoArgs(callable.get())); }
inline Ref call(Borrowed callable, Borrowed argument) {
  return take(PyObject_CallOneArg(callable.get(), argument.get()));
}
template <typename... Arguments>
Ref call(Borrowed callable, Borrowed first, Arguments... rest) {
  return take(PyObject_CallFunctionObjArgs(callable.get(), first.get(), rest.get()..., nullptr));
}

inline Ref intern(const char* text) { return take(PyUnicode_InternFromString(text)); }

/// Counts against the recursion limit; RecursionError instead of a crash.
class RecursionScope {
 public:
  explicit RecursionScope(const char* where) {
    if (Py_EnterRecursiveCall(where) != 0) throw PyRaised{};
  }
  ~RecursionScope() { Py_LeaveRecursiveCall(); }
  RecursionScope(const RecursionScope&) = delete;
  RecursionScope& operator=(const RecursionScope&) = delete;
};

/// Pauses the cyclic garbage collector: building a tree makes much and drops nothing.
class GcPause {
 public:
  GcPause() : was_enabled_(PyGC_Disable() != 0) {}
  ~GcPause() {
    if (was_enabled_) PyGC_Enable();
  }
  GcPause(const GcPause&) = delete;
  GcPause& operator=(const GcPause&) = delete;

 private:
  bool was_enabled_;
};

}  // namespace pyccolo
