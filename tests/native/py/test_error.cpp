// py/error.hpp: Python errors as C++ exceptions, and back at the border.
#include "py/error.hpp"

#include <doctest/doctest.h>

#include "../source.hpp"

namespace pyccolo::test {

namespace {

[[noreturn]] void fail() { raise(PyExc_ValueError, "%s is %d", "one", 1); }

}  // namespace

TEST_CASE("take owns a new reference") {
  const Ref list = take(PyList_New(0));
  CHECK(count_of(list) == 1);
}

TEST_CASE("take throws where a call failed, and leaves the error set") {
  CHECK(error_of([] { take(PyLong_FromString("no", nullptr, 10)); }) ==
        "ValueError: invalid literal for int() with base 10: 'no'");
}

TEST_CASE("ok gives a status back, and throws for a negative one") {
  CHECK(ok(0) == 0);
  CHECK(ok(1) == 1);
  const Ref list = take(PyList_New(0));
  CHECK(error_of([&] {
          ok(PyObject_SetAttrString(list.get(), "x", Py_None));
        }).starts_with("AttributeError: 'list' object has no attribute 'x'"));
}

TEST_CASE("raise formats as PyErr_Format") {
  CHECK(error_of(fail) == "ValueError: one is 1");
  CHECK(error_of([] { raise(PyExc_KeyError, "%R", Py_None); }) == "KeyError: 'None'");
}

TEST_CASE("the border gives back what the body gives") {
  CHECK(guarded(-1, [] { return 7; }) == 7);
  CHECK(guarded_status([] {}) == 0);
  const Ref list = take(PyList_New(0));
  const Ref same = Ref::steal(guarded_object([&] { return list.copy(); }));
  CHECK(same.is(list));
  CHECK(count_of(list) == 2);
  CHECK(take_error().empty());
}

TEST_CASE("the border turns a raised error into the failure value") {
  CHECK(guarded(-1, []() -> int { fail(); }) == -1);
  CHECK(take_error() == "ValueError: one is 1");
  CHECK(guarded_object([]() -> Ref { fail(); }) == nullptr);
  CHECK(take_error() == "ValueError: one is 1");
  CHECK(guarded_status(fail) == -1);
  CHECK(take_error() == "ValueError: one is 1");
}

TEST_CASE("the border turns exceptions of C++ into Python errors") {
  CHECK(guarded_status([] { throw std::bad_alloc(); }) == -1);
  CHECK(take_error().starts_with("MemoryError"));
  CHECK(guarded_status([] { throw std::runtime_error("too bad"); }) == -1);
  CHECK(take_error() == "SystemError: pyccolo_native: too bad");
}

TEST_CASE("what the body owns is dropped on the way out") {
  const Ref list = take(PyList_New(0));
  CHECK(guarded_status([&] {
          const Ref held = list.copy();
          fail();
        }) == -1);
  CHECK(count_of(list) == 1);
  CHECK_FALSE(take_error().empty());
}

TEST_CASE("a parked error is out of the way, and comes back") {
  PyErr_SetString(PyExc_ValueError, "parked");
  {
    const ErrorScope scope;
    CHECK(PyErr_Occurred() == nullptr);
    PyErr_SetString(PyExc_TypeError, "on the way");
  }
  CHECK(take_error() == "ValueError: parked");
  {
    const ErrorScope scope;
    PyErr_SetString(PyExc_TypeError, "on the way");
  }
  CHECK(PyErr_Occurred() == nullptr);
}

}  // namespace pyccolo::test
