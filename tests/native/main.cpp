// tests/native/main.cpp: _native_tests, an extension whose run(arguments) runs the doctest cases linked into it.
#include "py/module_state.hpp"

#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <vector>

#include "source.hpp"

REGISTER_EXCEPTION_TRANSLATOR(const pyccolo::PyRaised&) {
  return pyccolo::test::take_error().c_str();
}

namespace {

/// run(["--test-case=...", ...]) -> the exit status. An error that a case leaves set is raised.
PyObject* Tests_run(PyObject*, PyObject* arguments) noexcept {
  std::vector<const char*> argv{"_native_tests"};
  PyObject* sequence = PySequence_Fast(arguments, "run() takes a list of strings");
  if (sequence == nullptr) return nullptr;
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(sequence); i++) {
    const char* argument = PyUnicode_AsUTF8(PySequence_Fast_GET_ITEM(sequence, i));
    if (argument == nullptr) {
      Py_DECREF(sequence);
      return nullptr;
    }
    argv.push_back(argument);
  }
  doctest::Context context(static_cast<int>(argv.size()), argv.data());
  const int status = context.run();
  Py_DECREF(sequence);
  return PyErr_Occurred() != nullptr ? nullptr : PyLong_FromLong(status);
}

PyMethodDef kMethods[] = {
    {"run", Tests_run, METH_O, "Runs the test cases; takes doctest's command-line arguments."},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

/// What py/module_state.hpp looks for: here the test module takes the place of the real one.
PyModuleDef pyccolo::module_def = {.m_base = PyModuleDef_HEAD_INIT,
                                   .m_name = "_native_tests",
                                   .m_size = sizeof(pyccolo::ModuleSlots),
                                   .m_methods = kMethods};

PyMODINIT_FUNC PyInit__native_tests() { return PyModuleDef_Init(&pyccolo::module_def); }
