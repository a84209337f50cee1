#include "codeobject/instr.hpp"

#include <algorithm>
#include <climits>

#include "codeobject/operand.hpp"

namespace pyccolo::codeobject {

namespace {

using bytecode::Flow;
using bytecode::Operand;
using bytecode::OpInfo;
using bytecode::Position;
using bytecode::Version;

/// What Instr() is given for a location that it is to inherit.
PyObject* const kInherit = nullptr;

std::int32_t coordinate(Borrowed value, const char* what) {
  if (value.is_none()) return Position::kUnknown;
  const long number = PyLong_AsLong(value.get());
  if (number == -1 && PyErr_Occurred()) throw PyRaised{};
  if (number < 0 || number > INT_MAX - 1)
    raise(PyExc_ValueError, "a location's %s must be from 0 to %d, not %ld", what, INT_MAX - 1,
          number);
  return static_cast<std::int32_t>(number);
}

void set_location(InstrObject* instr, PyObject* value) {
  if (value == kInherit) {
    instr->located = Located::Unset;
    return;
  }
  if (value == Py_None) {
    instr->position = Position{};
    instr->located = Located::Nowhere;
    return;
  }
  Position position;
  if (PyLong_Check(value)) {
    position.line = position.end_line = coordinate(value, "line");
  } else {
    Ref items = Ref::steal(PySequence_Tuple(value));
    if (!items || PyTuple_GET_SIZE(items.get()) != 4) {
      raise(PyExc_TypeError,
            "a location is (lineno, end_lineno, col_offset, end_col_offset), a line number or "
            "None, not %R",
            value);
    }
    position.line = coordinate(PyTuple_GET_ITEM(items.get(), 0), "line");
    position.end_line = coordinate(PyTuple_GET_ITEM(items.get(), 1), "end line");
    position.column = coordinate(PyTuple_GET_ITEM(items.get(), 2), "column");
    position.end_column = coordinate(PyTuple_GET_ITEM(items.get(), 3), "end column");
    if (position.line < 0) position = Position{};
    if (position.end_line < 0) position.end_line = position.line;
    if (position.end_line < position.line)
      raise(PyExc_ValueError, "a location ends at line %d, before it begins at line %d",
            static_cast<int>(position.end_line), static_cast<int>(position.line));
  }
  instr->position = position;
  instr->located = position.line < 0 ? Located::Nowhere : Located::Here;
}

Ref coordinate_object(std::int32_t value) {
  return value < 0 ? none() : take(PyLong_FromLong(value));
}

const OpInfo& info_of(PyObject* self) { return as_instr(self)->info(); }

void check_editable(State& state, InstrObject* instr) {
  if (instr->version != state.running())
    raise(PyExc_ValueError, "%U is an instruction of CPython 3.%d: it can be read, not changed",
          state.op_name(instr->op).get(), minor_of(instr->version));
}

PyObject* Instr_new(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  return guarded_object([&] {
    static const char* const kNames[] = {"op", "arg", "location", nullptr};
    State& state = state_of_type(type);
    PyObject* op = nullptr;
    PyObject* arg = Py_None;
    PyObject* location = kInherit;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "O|OO:Instr", const_cast<char**>(kNames), &op,
                                     &arg, &location))
      throw PyRaised{};
    const OpInfo& info = state.find_instruction(op);
    Ref made = new_instr(state, state.running(), info.op);
    InstrObject* instr = as_instr(made.get());
    set_arg(state, instr, arg);
    set_location(instr, location);
    return made;
  });
}

int Instr_traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(as_instr(self)->arg);
  return 0;
}

int Instr_clear(PyObject* self) {
  Py_CLEAR(as_instr(self)->arg);
  return 0;
}

void Instr_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  Py_XDECREF(as_instr(self)->arg);
  PyObject_GC_Del(self);
  Py_DECREF(type);
}

PyObject* Instr_repr(PyObject* self) {
  return guarded_object([&] {
    State& state = state_of_final(self);
    InstrObject* instr = as_instr(self);
    Borrowed name = state.op_name(instr->op);
    if (instr->info().operand == Operand::None)
      return take(PyUnicode_FromFormat("Instr(%R)", name.get()));
    const RecursionScope scope(" while showing an instruction");
    Ref shown = shown_arg(state, instr);
    return take(PyUnicode_FromFormat("Instr(%R, %R)", name.get(), shown.get()));
  });
}

bool same_arg(State& state, InstrObject* left, InstrObject* right) {
  if (left->name_flags != right->name_flags) return false;
  if (left->arg == right->arg) return true;
  if (left->arg == nullptr || right->arg == nullptr) return false;
  const Operand operand = left->info().operand;
  if (is_jump_operand(operand)) return false;
  if (Py_TYPE(left->arg) != Py_TYPE(right->arg)) return false;
  if (operand == Operand::Const &&
      !PyObject_TypeCheck(left->arg, reinterpret_cast<PyTypeObject*>(state.code_type.get()))) {
    return same_constant(left->arg, right->arg);
  }
  return ok(PyObject_RichCompareBool(left->arg, right->arg, Py_EQ)) != 0;
}

PyObject* Instr_compare(PyObject* self, PyObject* other, int operation) {
  return guarded_object([&] {
    if ((operation != Py_EQ && operation != Py_NE) || Py_TYPE(self) != Py_TYPE(other))
      return Ref::borrow(Py_NotImplemented);
    InstrObject* left = as_instr(self);
    InstrObject* right = as_instr(other);
    const bool same = left->op == right->op && left->version == right->version &&
                      left->located == right->located &&
                      (left->located != Located::Here || left->position == right->position) &&
                      same_arg(state_of_final(self), left, right);
    return boolean(same == (operation == Py_EQ));
  });
}

PyObject* Instr_copy(PyObject* self, PyObject*) {
  return guarded_object([&] {
    InstrObject* from = as_instr(self);
    Ref made = new_instr(state_of_final(self), from->version, from->op);
    InstrObject* to = as_instr(made.get());
    put_arg(to, Ref::borrow(from->arg));
    to->position = from->position;
    to->raw = from->raw;
    to->offset = from->offset;
    to->name_flags = from->name_flags;
    to->located = from->located;
    return made;
  });
}

/// The number of the operand, as far as the stack effect depends on it.
std::uint32_t effective_arg(InstrObject* instr) {
  const Operand operand = instr->info().operand;
  if (name_shift(operand) > 0) return instr->name_flags;
  if (instr->arg == nullptr || operand == Operand::Const || operand == Operand::FastPair ||
      is_jump_operand(operand) || !PyLong_Check(instr->arg)) {
    return 0;
  }
  const unsigned long number = PyLong_AsUnsignedLong(instr->arg);
  if (number == static_cast<unsigned long>(-1) && PyErr_Occurred()) throw PyRaised{};
  return raw_of_number(instr->version, operand, static_cast<std::uint32_t>(number));
}

PyObject* Instr_stack_effect(PyObject* self, PyObject* args, PyObject* keywords) {
  return guarded_object([&] {
    static const char* const kNames[] = {"jump", nullptr};
    PyObject* jump = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "|O:stack_effect", const_cast<char**>(kNames),
                                     &jump))
      throw PyRaised{};
    const OpInfo& info = info_of(self);
    const std::uint32_t arg = effective_arg(as_instr(self));
    auto effect = [&](bool jumps) { return info.pushes(arg, jumps) - info.pops(arg, jumps); };
    if (jump == Py_None) return take(PyLong_FromLong(std::max(effect(false), effect(true))));
    return take(PyLong_FromLong(effect(is_true(jump))));
  });
}

PyObject* Instr_pops_pushes(PyObject* self, PyObject* args, PyObject* keywords) {
  return guarded_object([&] {
    static const char* const kNames[] = {"jump", nullptr};
    int jump = 0;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "|p:pops_pushes", const_cast<char**>(kNames),
                                     &jump))
      throw PyRaised{};
    const OpInfo& info = info_of(self);
    const std::uint32_t arg = effective_arg(as_instr(self));
    return take(Py_BuildValue("(ii)", info.pops(arg, jump != 0), info.pushes(arg, jump != 0)));
  });
}

PyMethodDef kMethods[] = {
    {"copy", Instr_copy, METH_NOARGS, "copy($self, /)\n--\n\nAnother Instr like this one."},
    {"__copy__", Instr_copy, METH_NOARGS, nullptr},
    {"stack_effect", reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(Instr_stack_effect)),
     METH_VARARGS | METH_KEYWORDS,
     "stack_effect($self, /, jump=None)\n--\n\n"
     "How many values the stack grows by; if it jumps, if it does not, or the greater of both "
     "(None)."},
    {"pops_pushes", reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(Instr_pops_pushes)),
     METH_VARARGS | METH_KEYWORDS,
     "pops_pushes($self, /, jump=False)\n--\n\nHow many values it takes from the stack, and how "
     "many it leaves."},
    {},
};

// ---- attributes

PyObject* Instr_name(PyObject* self, void*) {
  return guarded_object(
      [&] { return Ref::borrow(state_of_final(self).op_name(as_instr(self)->op)); });
}
PyObject* Instr_opcode(PyObject* self, void*) {
  return guarded_object([&] {
    return Ref::borrow(state_of_final(self).opcode(info_of(self), as_instr(self)->version));
  });
}
int Instr_set_op(PyObject* self, PyObject* value, void*) {
  return guarded_status([&] {
    State& state = state_of_final(self);
    InstrObject* instr = as_instr(self);
    if (value == nullptr) raise(PyExc_TypeError, "an Instr is of some instruction");
    check_editable(state, instr);
    const OpInfo& info = state.find_instruction(value);
    if (info.operand != instr->info().operand) {
      instr->name_flags = 0;
      instr->raw = InstrObject::kNone;
      if (info.operand == Operand::None) put_arg(instr, nullptr);
    }
    instr->op = info.op;
  });
}
PyObject* Instr_arg(PyObject* self, void*) {
  const InstrObject* instr = as_instr(self);
  if (instr->arg != nullptr && instr->name_flags == 0) return Py_NewRef(instr->arg);
  return guarded_object([&] { return shown_arg(state_of_final(self), as_instr(self)); });
}
int Instr_set_arg(PyObject* self, PyObject* value, void*) {
  return guarded_status([&] {
    State& state = state_of_final(self);
    check_editable(state, as_instr(self));
    set_arg(state, as_instr(self), value == nullptr ? Py_None : value);
  });
}
PyObject* Instr_location(PyObject* self, void*) {
  return guarded_object([&] {
    InstrObject* instr = as_instr(self);
    if (instr->located != Located::Here) return none();
    const Position& at = instr->position;
    Ref line = coordinate_object(at.line);
    Ref end_line = coordinate_object(at.end_line);
    Ref column = coordinate_object(at.column);
    Ref end_column = coordinate_object(at.end_column);
    return call(state_of_final(self).positions_type, Borrowed(line), Borrowed(end_line),
                Borrowed(column), Borrowed(end_column));
  });
}
int Instr_set_location(PyObject* self, PyObject* value, void*) {
  return guarded_status([&] {
    check_editable(state_of_final(self), as_instr(self));
    set_location(as_instr(self), value);
  });
}
PyObject* Instr_lineno(PyObject* self, void*) {
  return guarded_object([&] {
    const InstrObject* instr = as_instr(self);
    return instr->located == Located::Here ? coordinate_object(instr->position.line) : none();
  });
}
PyObject* Instr_offset(PyObject* self, void*) {
  const std::uint32_t offset = as_instr(self)->offset;
  return offset == InstrObject::kNone ? Py_NewRef(Py_None) : PyLong_FromUnsignedLong(offset);
}
PyObject* Instr_version(PyObject* self, void*) {
  return Py_BuildValue("(ii)", 3, minor_of(as_instr(self)->version));
}

enum class Trait : std::uintptr_t {
  HasArg,
  Jump,
  CondJump,
  UncondJump,
  Terminator,
  Return,
  MayRaise,
  Located
};

PyObject* Instr_trait(PyObject* self, void* closure) {
  const OpInfo& info = info_of(self);
  bool holds = false;
  switch (static_cast<Trait>(reinterpret_cast<std::uintptr_t>(closure))) {
    case Trait::HasArg:
      holds = info.operand != Operand::None;
      break;
    case Trait::Jump:
      holds = info.jumps();
      break;
    case Trait::CondJump:
      holds = info.flow == Flow::Branch;
      break;
    case Trait::UncondJump:
      holds = info.flow == Flow::Jump;
      break;
    case Trait::Terminator:
      holds = info.ends_block();
      break;
    case Trait::Return:
      holds = info.flow == Flow::Return;
      break;
    case Trait::MayRaise:
      holds = info.may_raise;
      break;
    case Trait::Located:
      holds = as_instr(self)->located != Located::Unset;
      break;
  }
  return PyBool_FromLong(holds);
}

PyGetSetDef trait(const char* name, Trait which, const char* doc) {
  return {name, Instr_trait, nullptr, doc,
          reinterpret_cast<void*>(static_cast<std::uintptr_t>(which))};
}

PyGetSetDef kAttributes[] = {
    {"name", Instr_name, Instr_set_op, "the name of the instruction", nullptr},
    {"opcode", Instr_opcode, Instr_set_op, "its number, an Opcode", nullptr},
    {"arg", Instr_arg, Instr_set_arg, "the operand; None if there is none", nullptr},
    {"oparg", Instr_arg, Instr_set_arg, "the same as arg", nullptr},
    {"location", Instr_location, Instr_set_location, "a dis.Positions, or None", nullptr},
    {"lineno", Instr_lineno, Instr_set_location,
     "the line, or None; setting it forgets the columns", nullptr},
    {"offset", Instr_offset, nullptr, "where it was in co_code, in bytes; None if it is new",
     nullptr},
    {"version", Instr_version, nullptr, "the version of CPython that it is of", nullptr},
    trait("has_arg", Trait::HasArg, "it has an operand"),
    trait("is_jump", Trait::Jump, "it goes to its Label, always or sometimes"),
    trait("is_cond_jump", Trait::CondJump, "it goes to its Label or on"),
    trait("is_uncond_jump", Trait::UncondJump, "it goes to its Label, always"),
    trait("is_terminator", Trait::Terminator, "it never goes on to the next instruction"),
    trait("is_return", Trait::Return, "it leaves the frame"),
    trait("may_raise", Trait::MayRaise, "it can raise"),
    trait("is_located", Trait::Located, "it was given a location, or None for one"),
    {},
};

PyDoc_STRVAR(
    Instr_doc,
    "Instr(op, arg=None, location=<inherited>)\n--\n\n"
    "An instruction of the running version of CPython.\n\n"
    "op: its name, its number or an Opcode.\n"
    "arg: the operand: a constant, a name, a CellVar, a Label, a number; what fits the "
    "instruction.\n"
    "location: (lineno, end_lineno, col_offset, end_col_offset), a line number, or None for an "
    "instruction\n"
    "without one. If it is not given, the instruction takes that of its neighbours in a Code.\n\n"
    "Raises ValueError if the version has no such instruction, TypeError or ValueError if the "
    "operand does not fit.");

PyType_Slot kSlots[] = {
    {Py_tp_new, reinterpret_cast<void*>(Instr_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(Instr_dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(Instr_traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(Instr_clear)},
    {Py_tp_repr, reinterpret_cast<void*>(Instr_repr)},
    {Py_tp_richcompare, reinterpret_cast<void*>(Instr_compare)},
    {Py_tp_hash, reinterpret_cast<void*>(PyObject_HashNotImplemented)},
    {Py_tp_methods, kMethods},
    {Py_tp_getset, kAttributes},
    {Py_tp_doc, const_cast<char*>(Instr_doc)},
    {0, nullptr},
};
PyType_Spec kSpec = {"pyccolo_native.bytecode.Instr", sizeof(InstrObject), 0,
                     Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, kSlots};

}  // namespace

Ref new_instr(State& state, Version version, bytecode::Op op) {
  auto* type = reinterpret_cast<PyTypeObject*>(state.instr_type.get());
  InstrObject* instr = PyObject_GC_New(InstrObject, type);
  Ref made = take(reinterpret_cast<PyObject*>(instr));
  instr->arg = nullptr;
  instr->position = Position{};
  instr->raw = InstrObject::kNone;
  instr->offset = InstrObject::kNone;
  instr->op = op;
  instr->version = version;
  instr->name_flags = 0;
  instr->located = Located::Unset;
  return made;
}

void put_arg(InstrObject* instr, Ref arg) {
  auto* self = reinterpret_cast<PyObject*>(instr);
  // Most operands cannot be part of a cycle: the collector need not look at the instruction.
  if (arg && PyObject_IS_GC(arg.get()) && !PyObject_GC_IsTracked(self)) PyObject_GC_Track(self);
  const Ref old = Ref::steal(std::exchange(instr->arg, arg.release()));
}

Ref make_instr_type(Borrowed module) {
  return take(PyType_FromModuleAndSpec(module.get(), &kSpec, nullptr));
}

}  // namespace pyccolo::codeobject
