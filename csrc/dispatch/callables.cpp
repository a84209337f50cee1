#include "dispatch/callables.hpp"

#include <cstddef>

#include "ast/node.hpp"
#include "compat/frame.h"
#include "py/module_state.hpp"

namespace pyccolo::dispatch {

namespace {

// ---- Thunk

struct ThunkObject {
  PyObject_HEAD
  DispatchState* state;
  PyObject* owner;
  const site::Site* site;
  PyObject* frame;
};

ThunkObject* as_thunk(PyObject* self) { return reinterpret_cast<ThunkObject*>(self); }

int Thunk_traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(as_thunk(self)->frame);
  return 0;
}

int Thunk_clear(PyObject* self) {
  Py_CLEAR(as_thunk(self)->frame);
  return 0;
}

void Thunk_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  Thunk_clear(self);
  Py_CLEAR(as_thunk(self)->owner);
  type->tp_free(self);
  Py_DECREF(type);
}

/// The cell a free variable of the thunk's code is bound to: the frame's own, if it is one.
Ref cell_of(Borrowed frame, Borrowed name) {
  int is_cell = 0;
  Ref found = Ref::steal(
      PycFrame_Variable(reinterpret_cast<PyFrameObject*>(frame.get()), name.get(), &is_cell));
  if (found && is_cell != 0) return found;
  return take(PyCell_New(found.get()));
}

Borrowed code_for(ThunkObject* thunk, Borrowed frame_code) {
  site::Rewrite& rewrite = site::rewrite_of(thunk->owner);
  const auto index = static_cast<std::uint32_t>(thunk->site - rewrite.sites.data());
  for (const auto& [at, code] : rewrite.thunk_code) {
    if (at == index) return code;
  }
  Ref made = thunk->state->thunk_code(thunk->state->sites,
                                      reinterpret_cast<site::RewriteObject*>(thunk->owner),
                                      *thunk->site, frame_code);
  rewrite.thunk_code.emplace_back(index, std::move(made));
  return rewrite.thunk_code.back().second;
}

PyObject* Thunk_call(PyObject* self, PyObject*, PyObject*) {
  return guarded_object([&] {
    ThunkObject* thunk = as_thunk(self);
    auto* frame = reinterpret_cast<PyFrameObject*>(thunk->frame);
    if (frame == nullptr) raise(PyExc_RuntimeError, "the frame of this thunk is gone");
    Ref frame_code = take(reinterpret_cast<PyObject*>(PyFrame_GetCode(frame)));
    Ref code = Ref::borrow(code_for(thunk, frame_code));
    Ref globals = take(PyFrame_GetGlobals(frame));
    auto* object = reinterpret_cast<PyCodeObject*>(code.get());
    if ((object->co_flags & CO_OPTIMIZED) == 0) {
      Ref locals = take(PyFrame_GetLocals(frame));
      return take(
          calling_python([&] { return PyEval_EvalCode(code.get(), globals.get(), locals.get()); }));
    }
    Ref free_names = get_attr(code, "co_freevars");
    const Py_ssize_t count = PyTuple_GET_SIZE(free_names.get());
    Ref closure = take(PyTuple_New(count));
    for (Py_ssize_t i = 0; i < count; ++i) {
      PyTuple_SET_ITEM(closure.get(), i,
                       cell_of(thunk->frame, PyTuple_GET_ITEM(free_names.get(), i)).release());
    }
    Ref function = take(PyFunction_New(code.get(), globals.get()));
    if (count != 0) ok(PyFunction_SetClosure(function.get(), closure.get()));
    if (object->co_argcount == 0) {
      return take(calling_python([&] { return PyObject_CallNoArgs(function.get()); }));
    }
    Ref variables = get_attr(frame_code, "co_varnames");
    Ref cell = cell_of(thunk->frame, PyTuple_GET_ITEM(variables.get(), 0));
    Ref first = Ref::steal(PyCell_Get(cell.get()));
    if (!first)
      raise(PyExc_RuntimeError, "the first argument of this thunk's function was deleted");
    return take(calling_python([&] { return PyObject_CallOneArg(function.get(), first.get()); }));
  });
}

PyObject* Thunk_repr(PyObject* self) {
  const ThunkObject* thunk = as_thunk(self);
  return PyUnicode_FromFormat("<thunk of %s>", info(thunk->site->event).name);
}

PyObject* Thunk_name(PyObject* self, void*) {
  return as_thunk(self)->state->names.traced_lambda.copy().release();
}

PyGetSetDef thunk_getset[] = {
    {"__name__", Thunk_name, nullptr, "<traced_lambda>", nullptr},
    {"__qualname__", Thunk_name, nullptr, "<traced_lambda>", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot thunk_slots[] = {
    {Py_tp_doc, const_cast<char*>("The expression of a before-event: call it to evaluate it.")},
    {Py_tp_dealloc, reinterpret_cast<void*>(Thunk_dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(Thunk_traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(Thunk_clear)},
    {Py_tp_call, reinterpret_cast<void*>(Thunk_call)},
    {Py_tp_repr, reinterpret_cast<void*>(Thunk_repr)},
    {Py_tp_getset, thunk_getset},
    {0, nullptr},
};

PyType_Spec thunk_spec = {
    "pyccolo_native._native.Thunk", sizeof(ThunkObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION, thunk_slots};

// ---- Operations: builtin functions, which the interpreter calls fastest

PyObject* not_op(PyObject* operand) {
  const int truth = PyObject_IsTrue(operand);
  return truth < 0 ? nullptr : PyBool_FromLong(truth == 0);
}

PyObject* contains(PyObject* left, PyObject* right, bool wanted) {
  const int found = PySequence_Contains(right, left);
  return found < 0 ? nullptr : PyBool_FromLong((found != 0) == wanted);
}

PyObject* apply(Op op, PyObject* const* operands) {
  PyObject* left = operands[0];
  switch (op) {
    case Op::Invert:
      return PyNumber_Invert(left);
    case Op::Not:
      return not_op(left);
    case Op::UAdd:
      return PyNumber_Positive(left);
    case Op::USub:
      return PyNumber_Negative(left);
    default:
      break;
  }
  PyObject* right = operands[1];
  switch (op) {
    case Op::Add:
      return PyNumber_Add(left, right);
    case Op::Sub:
      return PyNumber_Subtract(left, right);
    case Op::Mult:
      return PyNumber_Multiply(left, right);
    case Op::MatMult:
      return PyNumber_MatrixMultiply(left, right);
    case Op::Div:
      return PyNumber_TrueDivide(left, right);
    case Op::Mod:
      return PyNumber_Remainder(left, right);
    case Op::Pow:
      return PyNumber_Power(left, right, Py_None);
    case Op::LShift:
      return PyNumber_Lshift(left, right);
    case Op::RShift:
      return PyNumber_Rshift(left, right);
    case Op::BitOr:
      return PyNumber_Or(left, right);
    case Op::BitXor:
      return PyNumber_Xor(left, right);
    case Op::BitAnd:
      return PyNumber_And(left, right);
    case Op::FloorDiv:
      return PyNumber_FloorDivide(left, right);
    case Op::Eq:
      return PyObject_RichCompare(left, right, Py_EQ);
    case Op::NotEq:
      return PyObject_RichCompare(left, right, Py_NE);
    case Op::Lt:
      return PyObject_RichCompare(left, right, Py_LT);
    case Op::LtE:
      return PyObject_RichCompare(left, right, Py_LE);
    case Op::Gt:
      return PyObject_RichCompare(left, right, Py_GT);
    case Op::GtE:
      return PyObject_RichCompare(left, right, Py_GE);
    case Op::Is:
      return PyBool_FromLong(left == right);
    case Op::IsNot:
      return PyBool_FromLong(left != right);
    case Op::In:
    case Op::NotIn:
      return contains(left, right, op == Op::In);
    default:
      PyErr_SetString(PyExc_SystemError, "pyccolo_native: not an operator");
      return nullptr;
  }
}

template <Op op, int arity>
PyObject* operation(PyObject*, PyObject* const* operands, Py_ssize_t count) {
  if (count != arity) {
    PyErr_Format(PyExc_TypeError, "this operation takes %d operands, %zd given", arity, count);
    return nullptr;
  }
  return apply(op, operands);
}

template <Op op, int arity>
PyCFunction operation_function() {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(operation<op, arity>));
}

PyMethodDef operation_methods[] = {
#define OPERATION(name, arity)                                  \
  {#name, operation_function<Op::name, arity>(), METH_FASTCALL, \
   "The operator as a function of its operands."},
#include "def/operations.def"
};

/// A comparison with several operators: (operators as bytes) -> callable of the operands, evaluated already.
PyObject* chain(PyObject* self, PyObject* const* operands, Py_ssize_t given) {
  const char* ops = PyBytes_AS_STRING(self);
  const Py_ssize_t count = PyBytes_GET_SIZE(self);
  if (given != count + 1) {
    PyErr_Format(PyExc_TypeError, "this comparison takes %zd operands, %zd given", count + 1,
                 given);
    return nullptr;
  }
  Ref result;
  for (Py_ssize_t i = 0; i < count; ++i) {
    result = Ref::steal(apply(static_cast<Op>(ops[i]), operands + i));
    if (!result || i == count - 1) break;
    const int truth = PyObject_IsTrue(result.get());
    if (truth < 0) return nullptr;
    if (truth == 0) break;
  }
  return result.release();
}

PyMethodDef chain_method = {"Compare",
                            reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(chain)),
                            METH_FASTCALL, "The comparison as a function of its operands."};

// ---- Constant

struct ConstantObject {
  PyObject_HEAD
  PyObject* value;
};

PyObject* Constant_call(PyObject* self, PyObject*, PyObject*) {
  return Py_NewRef(reinterpret_cast<ConstantObject*>(self)->value);
}

void Constant_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  Py_CLEAR(reinterpret_cast<ConstantObject*>(self)->value);
  type->tp_free(self);
  Py_DECREF(type);
}

PyType_Slot constant_slots[] = {
    {Py_tp_doc, const_cast<char*>("Gives its value whatever it is called with.")},
    {Py_tp_dealloc, reinterpret_cast<void*>(Constant_dealloc)},
    {Py_tp_call, reinterpret_cast<void*>(Constant_call)},
    {0, nullptr},
};

PyType_Spec constant_spec = {"pyccolo_native._native.Constant", sizeof(ConstantObject), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                             constant_slots};

Ref make_type(Borrowed module, PyType_Spec& spec) {
  return take(PyType_FromModuleAndSpec(module.get(), &spec, nullptr));
}

}  // namespace

Ref make_thunk(DispatchState& state, site::RewriteObject* owner, const site::Site& site,
               Borrowed frame) {
  Ref made = std::move(state.spare_thunk);
  if (!made) {
    auto* type = reinterpret_cast<PyTypeObject*>(state.thunk_type.get());
    made = take(type->tp_alloc(type, 0));
  }
  ThunkObject* thunk = as_thunk(made.get());
  thunk->state = &state;
  thunk->owner = Py_NewRef(reinterpret_cast<PyObject*>(owner));
  thunk->site = &site;
  thunk->frame = Py_NewRef(frame.get());
  return made;
}

void drop_thunk(DispatchState& state, Ref thunk) {
  if (Py_REFCNT(thunk.get()) != 1 || state.spare_thunk) return;
  Thunk_clear(thunk.get());
  Py_CLEAR(as_thunk(thunk.get())->owner);
  state.spare_thunk = std::move(thunk);
}

Ref make_chain(site::RewriteObject* owner, const site::Site& site) {
  return take(PyCFunction_New(&chain_method, owner->rewrite->chain_operators(site).get()));
}

Ref make_constant(DispatchState& state, Borrowed value) {
  auto* type = reinterpret_cast<PyTypeObject*>(state.constant_type.get());
  Ref made = take(type->tp_alloc(type, 0));
  reinterpret_cast<ConstantObject*>(made.get())->value = Py_NewRef(value.get());
  return made;
}

void add_callables(Borrowed module, DispatchState& state) {
  state.thunk_type = make_type(module, thunk_spec);
  state.constant_type = make_type(module, constant_spec);
  std::size_t at = std::size_t(Op::None);
  for (PyMethodDef& method : operation_methods) {
    state.operations[++at] = take(PyCFunction_NewEx(&method, nullptr, nullptr));
  }
}

}  // namespace pyccolo::dispatch
