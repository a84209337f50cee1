#include "ast/lean.hpp"

namespace pyccolo::ast {

namespace {

void Lean_dealloc(PyObject* self);

int slot_of(const LeanLayout& layout, PyObject* name) {
  for (int i = 0; i < LeanLayout::kSlots; ++i) {
    if (layout.names[i].get() == name) return i;
  }
  return -1;
}

/// As slot_of, also for a name that is equal but not interned.
int find_slot(const LeanLayout& layout, PyObject* name) {
  const int same = slot_of(layout, name);
  if (same >= 0 || PyUnicode_CHECK_INTERNED(name)) return same;
  for (int i = 0; i < LeanLayout::kSlots; ++i) {
    if (layout.names[i] && PyUnicode_Compare(layout.names[i].get(), name) == 0) return i;
  }
  return -1;
}

PyObject* Lean_getattro(PyObject* self, PyObject* name) {
  const LeanLayout& layout = *lean_layout(self);
  // What isinstance() asks where the answer is no, which is most often.
  if (name == layout.class_name.get()) return Py_NewRef(Py_TYPE(self));
  const int slot = find_slot(layout, name);
  if (slot < 0) return PyObject_GenericGetAttr(self, name);
  PyObject* value = lean_slots(self)[slot];
  return value != nullptr ? Py_NewRef(value) : PyObject_GenericGetAttr(self, name);
}

int Lean_setattro(PyObject* self, PyObject* name, PyObject* value) {
  const LeanLayout& layout = *lean_layout(self);
  const int slot = find_slot(layout, name);
  if (slot < 0) return PyObject_GenericSetAttr(self, name, value);
  Ref old = Ref::steal(std::exchange(lean_slots(self)[slot], Py_XNewRef(value)));
  if (value == nullptr && !old) {
    PyErr_SetObject(PyExc_AttributeError, name);
    return -1;
  }
  return 0;
}

int Lean_traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  PyObject** dict = _PyObject_GetDictPtr(self);
  if (dict != nullptr) Py_VISIT(*dict);
  PyObject** slots = lean_slots(self);
  for (int i = 0; i < LeanLayout::kSlots; ++i) Py_VISIT(slots[i]);
  return 0;
}

int Lean_clear(PyObject* self) {
  PyObject** slots = lean_slots(self);
  for (int i = 0; i < LeanLayout::kSlots; ++i) Py_CLEAR(slots[i]);
  PyObject** dict = _PyObject_GetDictPtr(self);
  if (dict != nullptr) Py_CLEAR(*dict);
  return 0;
}

void Lean_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  Py_TRASHCAN_BEGIN(self, Lean_dealloc);
  PyObject_ClearWeakRefs(self);
  Lean_clear(self);
  type->tp_free(self);
  Py_DECREF(type);
  Py_TRASHCAN_END
}

Ref fields_as_dict(Borrowed self) {
  const LeanLayout& layout = *lean_layout(self);
  Ref dict = take(PyDict_New());
  for (int i = 0; i < LeanLayout::kSlots; ++i) {
    PyObject* value = lean_slots(self)[i];
    if (value != nullptr) set_item(dict, layout.names[i], value);
  }
  PyObject** extra = _PyObject_GetDictPtr(self.get());
  if (extra != nullptr && *extra != nullptr) ok(PyDict_Update(dict.get(), *extra));
  return dict;
}

PyObject* Lean_dict(PyObject* self, void*) {
  return guarded_object([&] { return fields_as_dict(self); });
}

/// A copy is a plain node, made without its constructor, which wants all fields.
PyObject* Lean_reduce(PyObject* self, PyObject*) {
  return guarded_object([&] {
    const Ref& type = lean_layout(self)->plain_type;
    Ref make = get_attr(type, "__new__");
    Ref arguments = take(PyTuple_Pack(1, type.get()));
    Ref dict = fields_as_dict(self);
    return take(PyTuple_Pack(3, make.get(), arguments.get(), dict.get()));
  });
}

/// type(node)(…) makes a plain node.
PyObject* Lean_new(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  return PyObject_Call(reinterpret_cast<PyObject*>(type->tp_base), args, keywords);
}

PyMethodDef methods[] = {
    {"__reduce__", Lean_reduce, METH_NOARGS, "Copied and pickled as a plain node."},
    {"__reduce_ex__", Lean_reduce, METH_O, "Copied and pickled as a plain node."},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef getset[] = {
    {"__dict__", Lean_dict, nullptr, "The fields, as a new dict.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot type_slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(Lean_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(Lean_dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(Lean_traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(Lean_clear)},
    {Py_tp_getattro, reinterpret_cast<void*>(Lean_getattro)},
    {Py_tp_setattro, reinterpret_cast<void*>(Lean_setattro)},
    {Py_tp_methods, methods},
    {Py_tp_getset, getset},
    {0, nullptr},
};

/// Behind the slots of an instance: its layout. Instances are made by us only, so it is always there.
constexpr Py_ssize_t kLayoutSlot = LeanLayout::kSlots;

}  // namespace

void make_lean_type(LeanLayout& layout, Borrowed plain_type, const char* name) {
  auto* base = reinterpret_cast<PyTypeObject*>(plain_type.get());
  PyType_Spec spec = {
      name,
      static_cast<int>(base->tp_basicsize + (kLayoutSlot + 1) * Py_ssize_t(sizeof(PyObject*))), 0,
      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, type_slots};
  Ref bases = take(PyTuple_Pack(1, plain_type.get()));
  layout.type = take(PyType_FromSpecWithBases(&spec, bases.get()));
  layout.plain_type = Ref::borrow(plain_type);
  layout.class_name = intern("__class__");
}

Ref copy_lean(const LeanLayout& layout, Borrowed node) {
  Ref copy = make_lean(layout);
  for (int i = 0; i < LeanLayout::kSlots; ++i) {
    lean_slots(copy)[i] = Py_XNewRef(lean_slots(node)[i]);
  }
  return copy;
}

Ref make_lean(const LeanLayout& layout) {
  auto* type = reinterpret_cast<PyTypeObject*>(layout.type.get());
  Ref node = take(type->tp_alloc(type, 0));
  lean_slots(node)[kLayoutSlot] = reinterpret_cast<PyObject*>(const_cast<LeanLayout*>(&layout));
  return node;
}

const LeanLayout* lean_layout(Borrowed node) {
  if (!node) return nullptr;
  PyTypeObject* type = Py_TYPE(node.get());
  if (type->tp_dealloc != Lean_dealloc) return nullptr;
  // Made by make_lean_type: the slots and the layout end the instance.
  const Py_ssize_t end = type->tp_basicsize - Py_ssize_t(sizeof(PyObject*));
  return *reinterpret_cast<const LeanLayout* const*>(reinterpret_cast<const char*>(node.get()) +
                                                     end);
}

}  // namespace pyccolo::ast
