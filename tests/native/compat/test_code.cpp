// compat/code.hpp: constants of fresh code, and whether a type has changed.
#include "compat/code.hpp"

#include <doctest/doctest.h>

#include "../source.hpp"

namespace pyccolo::test {

TEST_CASE("code gives the object that took the place of its constant") {
  const Ref function = value_after("def x(): return 123456789\n");
  PyObject* code = PyFunction_GET_CODE(function.get());
  const Ref mark = take(PyList_New(0));
  PyObject* consts = reinterpret_cast<PyCodeObject*>(code)->co_consts;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(consts); ++i) {
    if (PyLong_Check(PyTuple_GET_ITEM(consts, i))) compat::replace_const(code, i, mark.copy());
  }
  CHECK(count_of(mark) == 2);
  for (int i = 0; i < 100; ++i) CHECK(call(function).is(mark));
  CHECK(count_of(mark) == 2);
}

TEST_CASE("a type is at a version until it changes") {
  const Ref type = value_after("class x: a = 1\n");
  auto* object = reinterpret_cast<PyTypeObject*>(type.get());
  CHECK_FALSE(compat::type_is_at(object, 0));
  _PyType_Lookup(object, intern("a").get());  // gives the type a version
  const unsigned version = object->tp_version_tag;
  REQUIRE(version != 0);
  CHECK(compat::type_is_at(object, version));
  ok(PyObject_SetAttrString(type.get(), "a", Py_None));
  CHECK_FALSE(compat::type_is_at(object, version));
}

}  // namespace pyccolo::test
