// py/object.hpp: the everyday calls of the C API in terms of Ref.
#include "py/object.hpp"

#include <doctest/doctest.h>

#include "../source.hpp"

namespace pyccolo::test {

namespace {

/// How often a scope can be entered before RecursionError, if not more often than `most`.
int depth_of_recursion(int most = 1'000'000) {
  if (most == 0) return 0;
  try {
    const RecursionScope scope(" in a test");
    return depth_of_recursion(most - 1) + 1;
  } catch (const PyRaised&) {
    if (!PyErr_ExceptionMatches(PyExc_RecursionError)) throw;
    PyErr_Clear();
    return 0;
  }
}

bool gc_is_enabled() { return PyGC_IsEnabled() != 0; }

}  // namespace

TEST_CASE("an attribute that is not there is null without an error") {
  const Ref name = intern("real");
  const Ref other = intern("no_such_attribute");
  const Ref seven = take(PyLong_FromLong(7));
  CHECK(find_attr(seven, name).is(seven));
  CHECK_FALSE(find_attr(seven, other));
  CHECK(PyErr_Occurred() == nullptr);
  CHECK(error_of([&] { get_attr(seven, other); }).starts_with("AttributeError"));
  CHECK(error_of([&] { get_attr(seven, "no_such_attribute"); }).starts_with("AttributeError"));
}

TEST_CASE("an attribute that raises something else raises it") {
  const Ref object =
      value_after("class C:\n  @property\n  def a(self): raise OSError('a')\nx = C()\n");
  CHECK(error_of([&] { find_attr(object, intern("a")); }) == "OSError: a");
}

TEST_CASE("the truth of an object may raise") {
  CHECK(is_true(Py_True));
  CHECK_FALSE(is_true(Py_None));
  const Ref object = value_after("class C:\n  def __bool__(self): raise OSError('a')\nx = C()\n");
  CHECK(error_of([&] { is_true(object); }) == "OSError: a");
}

TEST_CASE("an item of a dict is borrowed, or null") {
  const Ref dict = take(PyDict_New());
  const Ref value = take(PyList_New(0));
  set_item(dict, intern("key"), value);
  CHECK(count_of(value) == 2);
  CHECK(find_item(dict, intern("key")).is(value));
  CHECK(count_of(value) == 2);
  CHECK_FALSE(find_item(dict, intern("other")));
  CHECK(error_of([&] { find_item(dict, value); }).starts_with("TypeError: "));
}

TEST_CASE("a list takes its items over") {
  const Ref item = take(PyList_New(0));
  const Ref list = list_of({item.copy().release(), none().release()});
  CHECK(PyList_GET_SIZE(list.get()) == 2);
  CHECK(count_of(item) == 2);
  CHECK(PyList_GET_SIZE(list_of({}).get()) == 0);
}

TEST_CASE("append keeps a reference of its own") {
  const Ref item = take(PyList_New(0));
  {
    const Ref list = list_of({});
    append(list, item);
    CHECK(count_of(item) == 2);
  }
  CHECK(count_of(item) == 1);
}

TEST_CASE("calls take none, one or more arguments") {
  const Ref join = value_after("x = lambda *args: ','.join(args)\n");
  const Ref a = intern("a");
  const Ref b = intern("b");
  CHECK(text_of(call(join)).empty());
  CHECK(text_of(call(join, a)) == "a");
  CHECK(text_of(call(join, Borrowed(a), Borrowed(b))) == "a,b");
  CHECK(error_of([&] { call(a); }) == "TypeError: 'str' object is not callable");
}

TEST_CASE("the id of an object is that of Python") {
  const Ref object = take(PyList_New(0));
  CHECK(holds("id(object) == number", {{"object", object}, {"number", id_of(object)}}));
}

TEST_CASE("recursion ends with RecursionError, and leaves the limit as it was") {
  const int first = depth_of_recursion();
  CHECK(first > 100);
  CHECK(first < 1'000'000);
  CHECK(depth_of_recursion() == first);
}

TEST_CASE("the garbage collector pauses, and goes on if it was on") {
  REQUIRE(gc_is_enabled());
  {
    const GcPause outer;
    CHECK_FALSE(gc_is_enabled());
    {
      const GcPause inner;
      CHECK_FALSE(gc_is_enabled());
    }
    CHECK_FALSE(gc_is_enabled());
  }
  CHECK(gc_is_enabled());
}

}  // namespace pyccolo::test
