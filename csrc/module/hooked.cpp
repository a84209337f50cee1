// Hooked: a callable in the place of another one. It asks `enter` first, and tells `leave` afterwards.
//
// No frame of ours is on the stack while the other one runs, and none is in the traceback of what it raises. For
// whoever looks at it, it has the attributes of the callable it stands for.
#include <cstddef>

#include "module/functions.hpp"

namespace pyccolo::module {

namespace {

struct HookedObject {
  PyObject_HEAD
  PyObject* function;
  PyObject* enter;
  PyObject* leave;  ///< or null
  vectorcallfunc vectorcall;
};

HookedObject* as_hooked(PyObject* self) { return reinterpret_cast<HookedObject*>(self); }

/// leave(state, failed, result); an error of the call itself comes before one of leave().
Ref finish(HookedObject* hooked, Borrowed state, Ref result) {
  if (result) {
    call(hooked->leave, state, Borrowed(Py_False), Borrowed(result));
    return result;
  }
  {
    const ErrorScope parked;
    const int status =
        guarded_status([&] { call(hooked->leave, state, Borrowed(Py_True), Borrowed(Py_None)); });
    if (status < 0) PyErr_WriteUnraisable(hooked->leave);
  }
  throw PyRaised{};
}

/// What enter() raises is the program's to see; a SyntaxError is that of its source, in which we have no frames.
[[noreturn]] void without_frames() {
  if (PyErr_ExceptionMatches(PyExc_SyntaxError)) {
    Caught caught = catch_raised();
    ok(PyException_SetTraceback(caught.exception.get(), Py_None));
    PyErr_SetObject(caught.type.get(), caught.exception.get());
  }
  throw PyRaised{};
}

PyObject* Hooked_vectorcall(PyObject* self, PyObject* const* args, std::size_t flagged,
                            PyObject* keywords) {
  return guarded_object([&] {
    HookedObject* hooked = as_hooked(self);
    const Ref alive = Ref::borrow(self);
    const auto count = static_cast<std::size_t>(PyVectorcall_NARGS(flagged));
    auto ask = [&](PyObject* callable) {
      return Ref::steal(
          calling_python([&] { return PyObject_Vectorcall(callable, args, count, keywords); }));
    };
    Ref state = ask(hooked->enter);
    if (!state) without_frames();
    if (state.is(Py_NotImplemented)) {
      Ref result = ask(hooked->function);
      if (!result) throw PyRaised{};
      return result;
    }
    if (hooked->leave == nullptr || PyTuple_CheckExact(state.get())) {
      if (!PyTuple_CheckExact(state.get()) || PyTuple_GET_SIZE(state.get()) != 1) {
        raise(PyExc_TypeError, "%R gave %R, not NotImplemented or a tuple of one", hooked->enter,
              state.get());
      }
      return Ref::borrow(PyTuple_GET_ITEM(state.get(), 0));
    }
    return finish(hooked, state, ask(hooked->function));
  });
}

PyObject* Hooked_new(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  return guarded_object([&] {
    PyObject *function, *enter, *leave = Py_None;
    static const char* names[] = {"function", "enter", "leave", nullptr};
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "OO|O:Hooked", const_cast<char**>(names),
                                     &function, &enter, &leave)) {
      throw PyRaised{};
    }
    for (PyObject* given : {function, enter}) {
      if (PyCallable_Check(given) == 0)
        raise(PyExc_TypeError, "Hooked() takes callables, not %R", given);
    }
    Ref self = take(type->tp_alloc(type, 0));
    HookedObject* made = as_hooked(self.get());
    made->function = Py_NewRef(function);
    made->enter = Py_NewRef(enter);
    made->leave = Py_IsNone(leave) ? nullptr : Py_NewRef(leave);
    made->vectorcall = Hooked_vectorcall;
    return self;
  });
}

int Hooked_traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(as_hooked(self)->function);
  Py_VISIT(as_hooked(self)->enter);
  Py_VISIT(as_hooked(self)->leave);
  return 0;
}

/// The callables stay until the end: whoever has kept the object may still call it.
void Hooked_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  Py_CLEAR(as_hooked(self)->function);
  Py_CLEAR(as_hooked(self)->enter);
  Py_CLEAR(as_hooked(self)->leave);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* Hooked_getattr(PyObject* self, PyObject* name) {
  return PyObject_GetAttr(as_hooked(self)->function, name);
}

PyObject* Hooked_repr(PyObject* self) { return PyObject_Repr(as_hooked(self)->function); }

/// A function binds to its instance; so does what stands for one. A builtin function does not.
PyObject* Hooked_bind(PyObject* self, PyObject* object, PyObject*) {
  if (object == nullptr || Py_IsNone(object) || !PyFunction_Check(as_hooked(self)->function)) {
    return Py_NewRef(self);
  }
  return PyMethod_New(self, object);
}

PyMemberDef members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(HookedObject, vectorcall), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(Hooked_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(Hooked_dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(Hooked_traverse)},
    {Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)},
    {Py_tp_getattro, reinterpret_cast<void*>(Hooked_getattr)},
    {Py_tp_repr, reinterpret_cast<void*>(Hooked_repr)},
    {Py_tp_descr_get, reinterpret_cast<void*>(Hooked_bind)},
    {Py_tp_members, members},
    {0, nullptr},
};

PyType_Spec spec = {"pyccolo_native._native.Hooked", sizeof(HookedObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL, slots};

}  // namespace

Ref make_hooked_type(Borrowed module) {
  return take(PyType_FromModuleAndSpec(module.get(), &spec, nullptr));
}

}  // namespace pyccolo::module
