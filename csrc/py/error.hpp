// py/error.hpp: C++ exceptions inside, NULL and -1 at the border.
//
// PyRaised carries nothing: the Python error is set. Every function CPython calls is one
// `return guarded<...>([&] { ... });`. Nothing that is expected to happen throws.
#pragma once

#if defined(__GLIBC__) || __has_include(<features.h>)
#include <cxxabi.h>
#include <unistd.h>
#endif

#include <cstdarg>
#include <exception>
#include <new>
#include <stdexcept>

#include "py/ref.hpp"

namespace pyccolo {

/// A Python exception is set in this thread.
struct PyRaised {};

/// Takes over a new reference, or throws if the call that made it failed.
inline Ref take(PyObject* object) {
  if (object == nullptr) throw PyRaised{};
  return Ref::steal(object);
}

/// Checks the status of a call that gives -1 for an error.
inline int ok(int status) {
  if (status < 0) throw PyRaised{};
  return status;
}

/// Raises a Python exception with a PyErr_Format message.
[[noreturn]] inline void raise(PyObject* type, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  PyErr_FormatV(type, format, arguments);
  va_end(arguments);
  throw PyRaised{};
}

/// The border: runs `body`, turns whatever it throws into `failure` with a Python error set.
template <typename Body, typename Result>
Result guarded(Result failure, Body&& body) noexcept {
  try {
    return body();
  } catch (const PyRaised&) {
    return failure;
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
    return failure;
  } catch (const std::exception& error) {
    PyErr_Format(PyExc_SystemError, "pyccolo_native: %s", error.what());
    return failure;
  }
}

/// guarded() for functions that return an object.
template <typename Body>
PyObject* guarded_object(Body&& body) noexcept {
  return guarded(static_cast<PyObject*>(nullptr), [&] { return body().release(); });
}

/// guarded() for functions that return 0 or -1.
template <typename Body>
int guarded_status(Body&& body) noexcept {
  return guarded(-1, [&] {
    body();
    return 0;
  });
}

/// A thread that wants the GIL back after the interpreter has ended is ended by unwinding its stack. Our destructors
/// would then touch objects without the GIL, so the thread stops here instead, until the process is gone. (CPython
/// 3.14 does the same itself.)
template <typename Call>
inline PyObject* calling_python(Call&& call) {
#if defined(__GLIBC__)
  try {
    return call();
  } catch (abi::__forced_unwind&) {
    for (;;) pause();
  }
#else
  return call();
#endif
}

/// Parks the error that is set, so that calls in between start clean; puts it back at the end.
class ErrorScope {
 public:
  ErrorScope() { PyErr_Fetch(&type_, &value_, &traceback_); }
  ~ErrorScope() { PyErr_Restore(type_, value_, traceback_); }
  ErrorScope(const ErrorScope&) = delete;
  ErrorScope& operator=(const ErrorScope&) = delete;

 private:
  PyObject* type_ = nullptr;
  PyObject* value_ = nullptr;
  PyObject* traceback_ = nullptr;
};

/// The exception that was set, taken out.
struct Caught {
  Ref type;
  Ref exception;  ///< with its traceback
  Ref traceback;  ///< or null
};

inline Caught catch_raised() {
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  Caught caught{Ref::steal(type), Ref::steal(value), Ref::steal(traceback)};
  if (caught.traceback)
    ok(PyException_SetTraceback(caught.exception.get(), caught.traceback.get()));
  return caught;
}

}  // namespace pyccolo
