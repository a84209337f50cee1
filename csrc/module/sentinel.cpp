// Null, Pass, Skip, SkipAll, Disable.
#include <cstddef>

#include "module/functions.hpp"

namespace pyccolo::module {

namespace {

struct SentinelObject {
  PyObject_HEAD
  PyObject* name;
};

PyObject* Sentinel_new(PyTypeObject* type, PyObject* args, PyObject*) {
  return guarded_object([&] {
    PyObject* name = nullptr;
    if (!PyArg_ParseTuple(args, "U:Sentinel", &name)) throw PyRaised{};
    Ref self = take(type->tp_alloc(type, 0));
    reinterpret_cast<SentinelObject*>(self.get())->name = Py_NewRef(name);
    return self;
  });
}

void Sentinel_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  Py_CLEAR(reinterpret_cast<SentinelObject*>(self)->name);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* Sentinel_repr(PyObject* self) {
  return PyUnicode_FromFormat("pyccolo_native.%U", reinterpret_cast<SentinelObject*>(self)->name);
}

/// Pickled by name: a global of the _native module.
PyObject* Sentinel_reduce(PyObject* self, PyObject*) {
  return Py_NewRef(reinterpret_cast<SentinelObject*>(self)->name);
}

PyMethodDef methods[] = {
    {"__reduce__", Sentinel_reduce, METH_NOARGS, "Pickled by name."},
    {nullptr, nullptr, 0, nullptr},
};

PyMemberDef members[] = {
    {"name", T_OBJECT_EX, offsetof(SentinelObject, name), READONLY,
     "Null, Pass, Skip, SkipAll or Disable"},
    {nullptr, 0, 0, 0, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_doc,
     const_cast<char*>("A return value of handlers that is no value: compared by identity.")},
    {Py_tp_new, reinterpret_cast<void*>(Sentinel_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(Sentinel_dealloc)},
    {Py_tp_repr, reinterpret_cast<void*>(Sentinel_repr)},
    {Py_tp_methods, methods},
    {Py_tp_members, members},
    {0, nullptr},
};

PyType_Spec spec = {"pyccolo_native._native.Sentinel", sizeof(SentinelObject), 0,
                    Py_TPFLAGS_DEFAULT, slots};

}  // namespace

Ref make_sentinel_type(Borrowed module) {
  return take(PyType_FromModuleAndSpec(module.get(), &spec, nullptr));
}

}  // namespace pyccolo::module
