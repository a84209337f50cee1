#include "site/node_table.hpp"

#include "py/module_state.hpp"

// NodeTable is a dict for every reader: each method and slot of dict fills the tables first, then is dict's own.
namespace pyccolo::site {

namespace {

void fill(PyObject* self) { slots_of_type(Py_TYPE(self)).site->fill_tables(); }

/// The methods of dict that read or change contents.
// clang-format off
#define DICT_METHODS(METHOD)                                                        \
  METHOD(get) METHOD(keys) METHOD(values) METHOD(items) METHOD(pop) METHOD(popitem) \
  METHOD(copy) METHOD(setdefault) METHOD(update) METHOD(clear) METHOD(__reversed__) \
  METHOD(__sizeof__) METHOD(__contains__)
// clang-format on

PyObject* forward(PyObject* self, const char* name, PyObject* const* args, Py_ssize_t count,
                  PyObject* keywords) noexcept {
  return guarded_object([&] {
    fill(self);
    Ref method = take(PyObject_GetAttrString(reinterpret_cast<PyObject*>(&PyDict_Type), name));
    std::vector<PyObject*> all{self};
    const Py_ssize_t named = keywords == nullptr ? 0 : PyTuple_GET_SIZE(keywords);
    all.insert(all.end(), args, args + count + named);
    return take(PyObject_Vectorcall(method.get(), all.data(), std::size_t(count) + 1, keywords));
  });
}

#define METHOD(name)                                                                  \
  PyObject* NodeTable_##name(PyObject* self, PyObject* const* args, Py_ssize_t count, \
                             PyObject* keywords) {                                    \
    return forward(self, #name, args, count, keywords);                               \
  }
DICT_METHODS(METHOD)
#undef METHOD

PyObject* NodeTable_subscript(PyObject* self, PyObject* key) {
  return guarded_object([&] {
    fill(self);
    Borrowed value = find_item(self, key);
    if (value) return Ref::borrow(value);
    Ref missing = Ref::steal(PyObject_GetAttrString(self, "__missing__"));
    if (missing) return call(missing, key);
    PyErr_Clear();
    PyErr_SetObject(PyExc_KeyError, key);
    throw PyRaised{};
  });
}

int NodeTable_ass_subscript(PyObject* self, PyObject* key, PyObject* value) {
  return guarded_status([&] {
    fill(self);
    ok(value == nullptr ? PyDict_DelItem(self, key) : PyDict_SetItem(self, key, value));
  });
}

Py_ssize_t NodeTable_length(PyObject* self) {
  return guarded(Py_ssize_t(-1), [&] {
    fill(self);
    return PyDict_GET_SIZE(self);
  });
}

int NodeTable_contains(PyObject* self, PyObject* key) {
  return guarded(-1, [&] {
    fill(self);
    return PyDict_Contains(self, key);
  });
}

PyObject* NodeTable_iter(PyObject* self) {
  return guarded_object([&] {
    fill(self);
    return take(PyDict_Type.tp_iter(self));
  });
}

PyObject* NodeTable_repr(PyObject* self) {
  return guarded_object([&] {
    fill(self);
    return take(PyDict_Type.tp_repr(self));
  });
}

PyObject* NodeTable_richcompare(PyObject* self, PyObject* other, int op) {
  return guarded_object([&] {
    fill(self);
    return take(PyDict_Type.tp_richcompare(self, other, op));
  });
}

PyObject* NodeTable_or(PyObject* left, PyObject* right) {
  return guarded_object([&] {
    for (PyObject* side : {left, right}) {
      if (Py_TYPE(side)->tp_as_number && Py_TYPE(side)->tp_as_number->nb_or == NodeTable_or) {
        fill(side);
      }
    }
    return take(PyDict_Type.tp_as_number->nb_or(left, right));
  });
}

int NodeTable_init(PyObject* self, PyObject* args, PyObject* keywords) {
  return guarded_status([&] {
    const char* kind = nullptr;
    static const char* names[] = {"kind", nullptr};
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "s:NodeTable", const_cast<char**>(names),
                                     &kind)) {
      throw PyRaised{};
    }
    for (const char* known : kTableNames) {
      if (std::string_view(known) == kind) return;
    }
    raise(PyExc_ValueError, "NodeTable: no kind %s; TABLE_KINDS lists them", kind);
    (void)self;
  });
}

PyMethodDef methods[] = {
#define METHOD(name)                                                                     \
  {#name, reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(NodeTable_##name)), \
   METH_FASTCALL | METH_KEYWORDS, nullptr},
    DICT_METHODS(METHOD)
#undef METHOD
        {nullptr, nullptr, 0, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("A dict of node ids, filled when it is first looked at.")},
    {Py_tp_methods, methods},
    {Py_tp_init, reinterpret_cast<void*>(NodeTable_init)},
    {Py_tp_iter, reinterpret_cast<void*>(NodeTable_iter)},
    {Py_tp_repr, reinterpret_cast<void*>(NodeTable_repr)},
    {Py_tp_richcompare, reinterpret_cast<void*>(NodeTable_richcompare)},
    {Py_mp_subscript, reinterpret_cast<void*>(NodeTable_subscript)},
    {Py_mp_ass_subscript, reinterpret_cast<void*>(NodeTable_ass_subscript)},
    {Py_mp_length, reinterpret_cast<void*>(NodeTable_length)},
    {Py_sq_contains, reinterpret_cast<void*>(NodeTable_contains)},
    {Py_nb_or, reinterpret_cast<void*>(NodeTable_or)},
    {0, nullptr},
};

PyType_Spec spec = {"pyccolo_native._native.NodeTable", 0, 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};

}  // namespace

Ref make_node_table_type(Borrowed module) {
  return take(
      PyType_FromModuleAndSpec(module.get(), &spec, reinterpret_cast<PyObject*>(&PyDict_Type)));
}

}  // namespace pyccolo::site
