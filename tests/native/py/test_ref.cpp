// py/ref.hpp: counts of references, and what must not compile.
#include "py/ref.hpp"

#include <doctest/doctest.h>

#include <type_traits>

#include "../source.hpp"

namespace pyccolo::test {

static_assert(!std::is_constructible_v<Ref, PyObject*>, "steal or borrow? say which");
static_assert(!std::is_constructible_v<Ref, Borrowed>);
static_assert(!std::is_copy_constructible_v<Ref> && !std::is_copy_assignable_v<Ref>);
static_assert(!std::is_assignable_v<Ref&, PyObject*> && !std::is_assignable_v<Ref&, Borrowed>);
static_assert(!std::is_convertible_v<Ref, PyObject*> &&
              !std::is_convertible_v<Borrowed, PyObject*>);
static_assert(!std::is_convertible_v<Ref, bool> && !std::is_convertible_v<Borrowed, bool>);
static_assert(std::is_nothrow_move_constructible_v<Ref> && std::is_nothrow_move_assignable_v<Ref>);
static_assert(std::is_convertible_v<const Ref&, Borrowed> &&
              std::is_convertible_v<PyObject*, Borrowed>);
static_assert(std::is_trivially_copyable_v<Borrowed>);
static_assert(sizeof(Ref) == sizeof(PyObject*) && sizeof(Borrowed) == sizeof(PyObject*));

TEST_CASE("stealing takes a reference over") {
  PyObject* list = PyList_New(0);
  {
    const Ref ref = Ref::steal(list);
    CHECK(count_of(list) == 1);
    Py_INCREF(list);
  }
  CHECK(count_of(list) == 1);
  Py_DECREF(list);
}

TEST_CASE("borrowing adds a reference of its own") {
  const Ref list = take(PyList_New(0));
  {
    const Ref ref = Ref::borrow(list);
    CHECK(ref.get() == list.get());
    CHECK(count_of(list) == 2);
    const Ref third = ref.copy();
    CHECK(count_of(list) == 3);
  }
  CHECK(count_of(list) == 1);
}

TEST_CASE("looking does not touch the count") {
  const Ref list = take(PyList_New(0));
  const Borrowed borrowed = list;
  const Borrowed again = borrowed;
  CHECK(again.is(list));
  CHECK(list.is(again));
  CHECK(count_of(list) == 1);
}

TEST_CASE("moving does not touch the count") {
  Ref list = take(PyList_New(0));
  PyObject* object = list.get();
  Ref moved = std::move(list);
  CHECK_FALSE(list);  // NOLINT(bugprone-use-after-move)
  CHECK(moved.get() == object);
  CHECK(count_of(moved) == 1);
}

TEST_CASE("assigning drops what was held before") {
  Ref first = take(PyList_New(0));
  const Ref second = first.copy();
  first = take(PyList_New(0));
  CHECK(count_of(second) == 1);
  first = second.copy();
  CHECK(count_of(second) == 2);
  first = nullptr;
  CHECK(count_of(second) == 1);
}

TEST_CASE("assigning to itself keeps the object") {
  Ref list = take(PyList_New(0));
  Ref& same = list;
  list = std::move(same);
  REQUIRE(list);
  CHECK(count_of(list) == 1);
}

TEST_CASE("what is dropped by an assignment goes after the new object is in place") {
  const Ref variables =
      run("class Last:\n  def __del__(self): seen.append(1)\nseen = []\nx = Last()\n");
  Ref held = Ref::borrow(PyDict_GetItemString(variables.get(), "x"));
  ok(PyDict_DelItemString(variables.get(), "x"));
  held = none();
  CHECK(held.is(Py_None));
  CHECK(PyList_GET_SIZE(PyDict_GetItemString(variables.get(), "seen")) == 1);
}

TEST_CASE("releasing gives the reference away") {
  Ref list = take(PyList_New(0));
  PyObject* object = list.release();
  CHECK_FALSE(list);
  CHECK(count_of(object) == 1);
  Py_DECREF(object);
}

TEST_CASE("null can be held, copied and borrowed") {
  const Ref null;
  CHECK_FALSE(null);
  CHECK_FALSE(null.copy());
  CHECK_FALSE(Ref::borrow(nullptr));
  CHECK_FALSE(Borrowed(null));
  CHECK_FALSE(Borrowed(null).is_none());
  CHECK(none().is(Py_None));
  CHECK(Borrowed(Py_None).is_none());
}

}  // namespace pyccolo::test
