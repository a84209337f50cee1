// py/ref.hpp: who owns a Python object, said by its type.
//
// 1. Ref owns one reference. It is move-only and made only by steal() or borrow().
// 2. Borrowed looks and owns nothing; whoever passes it keeps the object alive.
// 3. Functions take Borrowed to look at, Ref by value to keep. They return Ref for what is new.
// 4. A raw PyObject* appears only at the border with CPython.
#pragma once

#include <utility>

#include "py/python.hpp"

namespace pyccolo {

class Ref;

/// A reference somebody else owns. May be null.
class Borrowed {
 public:
  Borrowed() = default;
  Borrowed(std::nullptr_t) {}                      // NOLINT(google-explicit-constructor)
  Borrowed(PyObject* object) : object_(object) {}  // NOLINT(google-explicit-constructor)
  inline Borrowed(const Ref& ref);                 // NOLINT(google-explicit-constructor)

  PyObject* get() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }
  bool is(Borrowed other) const { return object_ == other.object_; }
  bool is_none() const { return object_ == Py_None; }

 private:
  PyObject* object_ = nullptr;
};

/// A reference we own. May be null.
class Ref {
 public:
  Ref() = default;
  Ref(std::nullptr_t) {}  // NOLINT(google-explicit-constructor)
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref(const Ref&) = delete;
  Ref& operator=(const Ref&) = delete;
  Ref& operator=(Ref&& other) noexcept {
    PyObject* old = std::exchange(object_, std::exchange(other.object_, nullptr));
    Py_XDECREF(old);
    return *this;
  }
  ~Ref() { Py_XDECREF(object_); }

  static Ref steal(PyObject* object) {
    Ref ref;
    ref.object_ = object;
    return ref;
  }
  static Ref borrow(Borrowed object) {
    Py_XINCREF(object.get());
    return steal(object.get());
  }

  PyObject* get() const { return object_; }
  PyObject* release() { return std::exchange(object_, nullptr); }
  explicit operator bool() const { return object_ != nullptr; }
  bool is(Borrowed other) const { return object_ == other.get(); }
  Ref copy() const { return borrow(Borrowed(object_)); }

 private:
  PyObject* object_ = nullptr;
};

Borrowed::Borrowed(const Ref& ref) : object_(ref.get()) {}

}  // namespace pyccolo
