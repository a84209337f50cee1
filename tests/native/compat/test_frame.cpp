// compat/frame.h: a variable of a running frame, as its value or as the cell it lives in; the code that runs.
#include "compat/frame.h"

#include <doctest/doctest.h>

#include "../source.hpp"

namespace pyccolo::test {

namespace {

/// look(name): (is it a cell, the cell or the value) in the frame of the caller, or None.
PyObject* Frame_look(PyObject*, PyObject* name) {
  int is_cell = -1;
  Ref found = Ref::steal(PycFrame_Variable(PyEval_GetFrame(), name, &is_cell));
  if (!found) return Py_NewRef(Py_None);
  return Py_BuildValue("(iO)", is_cell, found.get());
}

PyObject* Frame_code(PyObject*, PyObject*) {
  PyObject* code = reinterpret_cast<PyObject*>(PycFrame_CurrentCode());
  return Py_NewRef(code == nullptr ? Py_None : code);
}

PyMethodDef code_def = {"code", Frame_code, METH_NOARGS, nullptr};
PyMethodDef look_def = {"look", Frame_look, METH_O, nullptr};

Ref look_from(const char* source) {
  return value_after(source, {{"look", take(PyCFunction_New(&look_def, nullptr))}});
}

}  // namespace

TEST_CASE("a plain local is found with its value") {
  CHECK(text_of(look_from("def f(a, *b, c=3):\n  d = 4\n  return "
                          "    [look('a'), look('b'), look('c'), look('d')]\nx = f(1, 2)\n")) ==
        "[(0, 1), (0, (2,)), (0, 3), (0, 4)]");
}

TEST_CASE("a variable that an inner function uses is found as its cell") {
  const Ref found = look_from(
      "def f(a):\n"
      "  b = [a]\n"
      "  def g(): return a, b\n"
      "  return [(is_cell, cell.cell_contents) for is_cell, cell in (look('a'), look('b'))]\n"
      "x = f(1)\n");
  CHECK(text_of(found) == "[(1, 1), (1, [1])]");
}

TEST_CASE("a variable of an outer function is found as the same cell") {
  const Ref found = look_from(
      "def f(a):\n"
      "  def g():\n"
      "    return look('a')[0], look('a')[1] is g.__closure__[0], a\n"
      "  return g()\n"
      "x = f(5)\n");
  CHECK(text_of(found) == "(1, True, 5)");
}

TEST_CASE("an unbound local and a name of no variable are not found") {
  CHECK(text_of(look_from(
            "def f():\n  found = look('a'), look('other'), look('look')\n  a = 1\n  del a\n"
            "  return found, look('a')\nx = f()\n")) == "((None, None, None), None)");
}

TEST_CASE("an argument that is a cell object is no cell of the frame") {
  CHECK(text_of(look_from(
            "import types\ndef f(a): return look('a')\nx = f(types.CellType(5))[0]\n")) == "0");
}

TEST_CASE("a name that is equal but not the same object is found, too") {
  CHECK(text_of(look_from(
            "def f(name_of_a_local): return look('_'.join(['name', 'of', 'a', 'local']))\n"
            "x = f(7)\n")) == "(0, 7)");
}

TEST_CASE("the frame keeps its variables") {
  const Ref object = take(PyList_New(0));
  run("def f(a):\n  for _ in range(10): look('a')\nf(object)\n",
      {{"look", take(PyCFunction_New(&look_def, nullptr))}, {"object", object}});
  PyGC_Collect();
  CHECK(count_of(object) == 1);
}

TEST_CASE("the code that runs is that of the innermost Python frame") {
  const Ref code = take(PyCFunction_New(&code_def, nullptr));
  CHECK(text_of(value_after(
            "def f(): return code()\n"
            "def g(): yield code()\n"
            "class C:\n  def __init__(self): self.code = code()\n"
            "x = (f() is f.__code__, next(g()) is g.__code__, C().code is C.__init__.__code__,\n"
            "     list(map(lambda _: code().co_name, [1])), sorted([1], key=lambda _: f() is "
            "f.__code__))\n",
            {{"code", code}})) == "(True, True, True, ['<lambda>'], [1])");
}

}  // namespace pyccolo::test
