#include "codeobject/items.hpp"

#include <algorithm>
#include <climits>

namespace pyccolo::codeobject {

namespace {

template <typename Object>
PyObject* allocate(PyTypeObject* type) {
  return take(type->tp_alloc(type, 0)).release();
}

std::int32_t depth_from(PyObject* value, const char* what) {
  if (value == nullptr || value == Py_None) return -1;
  const long depth = PyLong_AsLong(value);
  if (depth == -1 && PyErr_Occurred()) throw PyRaised{};
  if (depth < 0 || depth > INT_MAX) raise(PyExc_ValueError, "%s must not be negative", what);
  return static_cast<std::int32_t>(depth);
}

/// So that a loop over a Code may ask every item for its name and operand.
PyObject* get_none(PyObject*, void*) { return Py_NewRef(Py_None); }

constexpr PyGetSetDef kNoName = {"name", get_none, nullptr, "None: it is no instruction", nullptr};
constexpr PyGetSetDef kNoArg = {"arg", get_none, nullptr, "None: it is no instruction", nullptr};
constexpr PyGetSetDef kNoOparg = {"oparg", get_none, nullptr, "None: it is no instruction",
                                  nullptr};

// ---- Label

PyObject* Label_new(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  return guarded_object([&] {
    static const char* const kNames[] = {nullptr};
    if (!PyArg_ParseTupleAndKeywords(args, keywords, ":Label", const_cast<char**>(kNames)))
      throw PyRaised{};
    return Ref::steal(allocate<PyObject>(type));
  });
}

void Label_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* Label_repr(PyObject* self) { return PyUnicode_FromFormat("<Label %p>", self); }

PyGetSetDef kLabelAttributes[] = {kNoName, kNoArg, kNoOparg, {}};

PyDoc_STRVAR(Label_doc,
             "Label()\n--\n\n"
             "A place in a Code: put it into the list, and name it as the operand of jumps. Two "
             "are never equal.");

PyType_Slot kLabelSlots[] = {
    {Py_tp_new, reinterpret_cast<void*>(Label_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(Label_dealloc)},
    {Py_tp_repr, reinterpret_cast<void*>(Label_repr)},
    {Py_tp_getset, kLabelAttributes},
    {Py_tp_doc, const_cast<char*>(Label_doc)},
    {0, nullptr},
};
PyType_Spec kLabelSpec = {"pyccolo_native.bytecode.Label", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT,
                          kLabelSlots};

// ---- TryBegin

PyObject* TryBegin_new(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  return guarded_object([&] {
    static const char* const kNames[] = {"target", "lasti", "depth", "drop", nullptr};
    State& state = state_of_type(type);
    PyObject* target = nullptr;
    int lasti = 0;
    PyObject* depth = nullptr;
    PyObject* drop = nullptr;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "O!|p$OO:TryBegin", const_cast<char**>(kNames),
                                     state.label_type.get(), &target, &lasti, &depth, &drop)) {
      throw PyRaised{};
    }
    return new_try_begin(state, target, lasti != 0, depth_from(depth, "depth"),
                         drop == nullptr ? 0 : std::max(depth_from(drop, "drop"), 0));
  });
}

void TryBegin_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  Py_XDECREF(as_try_begin(self)->target);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* TryBegin_repr(PyObject* self) {
  const TryBeginObject* begin = as_try_begin(self);
  return PyUnicode_FromFormat("TryBegin(%R%s)", begin->target, begin->lasti ? ", lasti=True" : "");
}

PyObject* TryBegin_target(PyObject* self, void*) { return Py_NewRef(as_try_begin(self)->target); }
int TryBegin_set_target(PyObject* self, PyObject* value, void*) {
  return guarded_status([&] {
    if (value == nullptr ||
        !Py_IS_TYPE(value, reinterpret_cast<PyTypeObject*>(state_of(self).label_type.get())))
      raise(PyExc_TypeError, "the target of a TryBegin is a Label");
    Ref old = Ref::steal(std::exchange(as_try_begin(self)->target, Py_NewRef(value)));
  });
}
PyObject* TryBegin_lasti(PyObject* self, void*) {
  return PyBool_FromLong(as_try_begin(self)->lasti);
}
int TryBegin_set_lasti(PyObject* self, PyObject* value, void*) {
  return guarded_status([&] { as_try_begin(self)->lasti = value != nullptr && is_true(value); });
}
PyObject* TryBegin_depth(PyObject* self, void*) {
  const std::int32_t depth = as_try_begin(self)->depth;
  return depth < 0 ? Py_NewRef(Py_None) : PyLong_FromLong(depth);
}
int TryBegin_set_depth(PyObject* self, PyObject* value, void*) {
  return guarded_status([&] { as_try_begin(self)->depth = depth_from(value, "depth"); });
}
PyObject* TryBegin_drop(PyObject* self, void*) { return PyLong_FromLong(as_try_begin(self)->drop); }
int TryBegin_set_drop(PyObject* self, PyObject* value, void*) {
  return guarded_status([&] { as_try_begin(self)->drop = std::max(depth_from(value, "drop"), 0); });
}

PyGetSetDef kTryBeginAttributes[] = {
    kNoName,
    kNoArg,
    kNoOparg,
    {"target", TryBegin_target, TryBegin_set_target, "the Label of the handler", nullptr},
    {"lasti", TryBegin_lasti, TryBegin_set_lasti,
     "whether the handler also gets the offset of the instruction that raised", nullptr},
    {"depth", TryBegin_depth, TryBegin_set_depth,
     "how many values of the stack the handler keeps; None: as many as there are here, less `drop`",
     nullptr},
    {"drop", TryBegin_drop, TryBegin_set_drop,
     "how many of the values that are here the handler does not keep", nullptr},
    {},
};

PyDoc_STRVAR(TryBegin_doc,
             "TryBegin(target, lasti=False, *, depth=None, drop=0)\n--\n\n"
             "From here to its TryEnd, exceptions go to the handler at the Label `target`. Ranges "
             "may nest.");

PyType_Slot kTryBeginSlots[] = {
    {Py_tp_new, reinterpret_cast<void*>(TryBegin_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(TryBegin_dealloc)},
    {Py_tp_repr, reinterpret_cast<void*>(TryBegin_repr)},
    {Py_tp_getset, kTryBeginAttributes},
    {Py_tp_doc, const_cast<char*>(TryBegin_doc)},
    {0, nullptr},
};
PyType_Spec kTryBeginSpec = {"pyccolo_native.bytecode.TryBegin", sizeof(TryBeginObject), 0,
                             Py_TPFLAGS_DEFAULT, kTryBeginSlots};

// ---- TryEnd

PyObject* TryEnd_new(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  return guarded_object([&] {
    static const char* const kNames[] = {"begin", nullptr};
    State& state = state_of_type(type);
    PyObject* begin = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "|O:TryEnd", const_cast<char**>(kNames),
                                     &begin))
      throw PyRaised{};
    if (begin != Py_None &&
        !Py_IS_TYPE(begin, reinterpret_cast<PyTypeObject*>(state.try_begin_type.get())))
      raise(PyExc_TypeError, "a TryEnd ends a TryBegin, not %.200s", Py_TYPE(begin)->tp_name);
    return new_try_end(state, begin == Py_None ? nullptr : begin);
  });
}

void TryEnd_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  Py_XDECREF(as_try_end(self)->begin);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* TryEnd_repr(PyObject* self) {
  PyObject* begin = as_try_end(self)->begin;
  return begin == nullptr ? PyUnicode_FromString("TryEnd()")
                          : PyUnicode_FromFormat("TryEnd(%R)", begin);
}

PyObject* TryEnd_begin(PyObject* self, void*) {
  PyObject* begin = as_try_end(self)->begin;
  return Py_NewRef(begin == nullptr ? Py_None : begin);
}

PyGetSetDef kTryEndAttributes[] = {
    kNoName,
    kNoArg,
    kNoOparg,
    {"begin", TryEnd_begin, nullptr, "the TryBegin that ends here, or None: the innermost",
     nullptr},
    {},
};

PyDoc_STRVAR(
    TryEnd_doc,
    "TryEnd(begin=None)\n--\n\nThe end of the range of `begin`, or of the innermost open one.");

PyType_Slot kTryEndSlots[] = {
    {Py_tp_new, reinterpret_cast<void*>(TryEnd_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(TryEnd_dealloc)},
    {Py_tp_repr, reinterpret_cast<void*>(TryEnd_repr)},
    {Py_tp_getset, kTryEndAttributes},
    {Py_tp_doc, const_cast<char*>(TryEnd_doc)},
    {0, nullptr},
};
PyType_Spec kTryEndSpec = {"pyccolo_native.bytecode.TryEnd", sizeof(TryEndObject), 0,
                           Py_TPFLAGS_DEFAULT, kTryEndSlots};

// ---- SetLineno

PyObject* SetLineno_new(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  return guarded_object([&] {
    static const char* const kNames[] = {"lineno", nullptr};
    int line = 0;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "i:SetLineno", const_cast<char**>(kNames),
                                     &line))
      throw PyRaised{};
    if (line < 0) raise(PyExc_ValueError, "a line number must not be negative");
    Ref made = Ref::steal(allocate<SetLinenoObject>(type));
    as_set_lineno(made.get())->line = line;
    return made;
  });
}

PyObject* SetLineno_repr(PyObject* self) {
  return PyUnicode_FromFormat("SetLineno(%d)", static_cast<int>(as_set_lineno(self)->line));
}

PyObject* SetLineno_compare(PyObject* self, PyObject* other, int operation) {
  if ((operation != Py_EQ && operation != Py_NE) || Py_TYPE(self) != Py_TYPE(other))
    Py_RETURN_NOTIMPLEMENTED;
  const bool same = as_set_lineno(self)->line == as_set_lineno(other)->line;
  return PyBool_FromLong(same == (operation == Py_EQ));
}

Py_hash_t SetLineno_hash(PyObject* self) { return as_set_lineno(self)->line; }

PyObject* SetLineno_lineno(PyObject* self, void*) {
  return PyLong_FromLong(as_set_lineno(self)->line);
}

PyGetSetDef kSetLinenoAttributes[] = {
    kNoName, kNoArg, kNoOparg, {"lineno", SetLineno_lineno, nullptr, "the line", nullptr}, {},
};

PyDoc_STRVAR(SetLineno_doc,
             "SetLineno(lineno)\n--\n\n"
             "The line of the instructions that follow and have no location of their own.");

PyType_Slot kSetLinenoSlots[] = {
    {Py_tp_new, reinterpret_cast<void*>(SetLineno_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(Label_dealloc)},
    {Py_tp_repr, reinterpret_cast<void*>(SetLineno_repr)},
    {Py_tp_richcompare, reinterpret_cast<void*>(SetLineno_compare)},
    {Py_tp_hash, reinterpret_cast<void*>(SetLineno_hash)},
    {Py_tp_getset, kSetLinenoAttributes},
    {Py_tp_doc, const_cast<char*>(SetLineno_doc)},
    {0, nullptr},
};
PyType_Spec kSetLinenoSpec = {"pyccolo_native.bytecode.SetLineno", sizeof(SetLinenoObject), 0,
                              Py_TPFLAGS_DEFAULT, kSetLinenoSlots};

PyTypeObject* type_from(const Ref& type) { return reinterpret_cast<PyTypeObject*>(type.get()); }

Ref make_type(Borrowed module, PyType_Spec& spec) {
  return take(PyType_FromModuleAndSpec(module.get(), &spec, nullptr));
}

}  // namespace

Ref new_label(State& state) { return Ref::steal(allocate<PyObject>(type_from(state.label_type))); }

Ref new_try_begin(State& state, Borrowed target, bool lasti, std::int32_t depth,
                  std::int32_t drop) {
  Ref made = Ref::steal(allocate<TryBeginObject>(type_from(state.try_begin_type)));
  TryBeginObject* begin = as_try_begin(made.get());
  begin->target = Py_NewRef(target.get());
  begin->lasti = lasti;
  begin->depth = depth;
  begin->drop = drop;
  return made;
}

Ref new_try_end(State& state, Borrowed begin) {
  Ref made = Ref::steal(allocate<TryEndObject>(type_from(state.try_end_type)));
  as_try_end(made.get())->begin = Py_XNewRef(begin.get());
  return made;
}

Ref make_label_type(Borrowed module) { return make_type(module, kLabelSpec); }
Ref make_try_begin_type(Borrowed module) { return make_type(module, kTryBeginSpec); }
Ref make_try_end_type(Borrowed module) { return make_type(module, kTryEndSpec); }
Ref make_set_lineno_type(Borrowed module) { return make_type(module, kSetLinenoSpec); }

}  // namespace pyccolo::codeobject
