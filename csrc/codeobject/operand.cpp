#include "codeobject/operand.hpp"

#include <array>
#include <bit>
#include <functional>

namespace pyccolo::codeobject {

namespace {

using bytecode::Operand;
using bytecode::Version;

constexpr std::uint32_t kCast = 16;  // of the enum Compare, and of the operand since 3.13

/// Since 3.12 the low bits of a comparison say which outcomes make it true: unordered, less, greater, equal.
constexpr std::uint32_t kUnordered = 1;
constexpr std::uint32_t kLess = 2;
constexpr std::uint32_t kGreater = 4;
constexpr std::uint32_t kEqual = 8;
constexpr std::array<std::uint32_t, 6> kOutcomes = {
    kLess, kLess | kEqual, kEqual, kUnordered | kLess | kGreater, kGreater, kGreater | kEqual,
};

[[noreturn]] void misfit(State& state, const InstrObject* instr, const char* wanted,
                         Borrowed value) {
  raise(PyExc_TypeError, "%U takes %s, not %.200s", state.op_name(instr->op).get(), wanted,
        Py_TYPE(value.get())->tp_name);
}

bool is_a(Borrowed value, const Ref& type) {
  return Py_IS_TYPE(value.get(), reinterpret_cast<PyTypeObject*>(type.get()));
}

Ref interned(Borrowed text) {
  if (!PyUnicode_CheckExact(text.get())) return Ref::borrow(text);
  PyObject* name = Py_NewRef(text.get());
  PyUnicode_InternInPlace(&name);
  return Ref::steal(name);
}

/// A plain str of the same text; a Name is a str too.
Ref plain(Borrowed text) {
  if (PyUnicode_CheckExact(text.get())) return interned(text);
  return interned(take(PyUnicode_FromObject(text.get())));
}

void set_name(State& state, InstrObject* instr, Borrowed value) {
  if (!PyUnicode_Check(value.get())) misfit(state, instr, "a name", value);
  if (is_a(value, state.name_type)) {
    const std::size_t flags = size_from(get_attr(value, "flags"));
    if (flags >= std::size_t{1} << name_shift(instr->info().operand))
      raise(PyExc_ValueError, "%U has no flags %zu for its name", state.op_name(instr->op).get(),
            flags);
    instr->name_flags = static_cast<std::uint8_t>(flags);
  }
  put_arg(instr, plain(value));
}

Ref variable(State& state, InstrObject* instr, Borrowed value) {
  if (!PyUnicode_Check(value.get()))
    misfit(state, instr, "a variable: a str, a CellVar or a FreeVar", value);
  const bool is_marked = is_a(value, state.cell_var_type) || is_a(value, state.free_var_type);
  return is_marked ? Ref::borrow(value) : plain(value);
}

void set_number(State& state, InstrObject* instr, Borrowed value) {
  const Operand operand = instr->info().operand;
  const OperandEnum& names = state.enum_of(operand);
  if (names.members) {
    Borrowed found;
    if (PyUnicode_Check(value.get())) {
      found = find_item(names.symbols, value);
    } else if (PyLong_Check(value.get())) {
      found = find_item(names.members, value);
      if (!found && operand == Operand::FunctionAttribute) found = value;
    } else {
      misfit(state, instr, name_of(operand), value);
    }
    if (!found)
      raise(PyExc_ValueError, "%U takes a %s, and %R is none", state.op_name(instr->op).get(),
            name_of(operand), value.get());
    return put_arg(instr, Ref::borrow(found));
  }
  if (!PyLong_Check(value.get())) misfit(state, instr, "a number", value);
  const unsigned long long number = PyLong_AsUnsignedLongLong(value.get());
  if (PyErr_Occurred() || number >= InstrObject::kNone) {
    PyErr_Clear();
    raise(PyExc_ValueError, "%U takes a number from 0 to 4294967294, not %R",
          state.op_name(instr->op).get(), value.get());
  }
  put_arg(instr, Ref::borrow(value));
}

}  // namespace

unsigned name_shift(Operand operand) {
  switch (operand) {
    case Operand::NameNull:
    case Operand::NameMethod:
      return 1;
    case Operand::NameSuper:
    case Operand::NameImport:
      return 2;
    default:
      return 0;
  }
}

std::uint32_t raw_of_number(Version version, Operand operand, std::uint32_t number) {
  if (operand != Operand::Compare || version == Version::V311) return number;
  const std::uint32_t comparison = number & ~kCast;
  if (comparison >= kOutcomes.size()) return number;
  const std::uint32_t outcomes = kOutcomes[comparison];
  if (version == Version::V312) return comparison << 4 | outcomes;
  return comparison << 5 | (number & kCast) | outcomes;
}

std::uint32_t number_of_raw(Version version, Operand operand, std::uint32_t raw) {
  if (operand != Operand::Compare || version == Version::V311) return raw;
  return version == Version::V312 ? raw >> 4 : raw >> 5 | (raw & kCast);
}

Ref shown_arg(State& state, InstrObject* instr) {
  if (instr->arg == nullptr) return none();
  if (instr->name_flags == 0) return Ref::borrow(instr->arg);
  Ref flags = take(PyLong_FromLong(instr->name_flags));
  return call(state.name_type, Borrowed(instr->arg), Borrowed(flags));
}

void set_arg(State& state, InstrObject* instr, Borrowed value) {
  switch (instr->info().operand) {
    case Operand::None:
      if (!value.is_none())
        raise(PyExc_ValueError, "%U has no operand", state.op_name(instr->op).get());
      return put_arg(instr, nullptr);
    case Operand::Const:
      return put_arg(instr, Ref::borrow(value));
    case Operand::Name:
    case Operand::NameNull:
    case Operand::NameMethod:
    case Operand::NameSuper:
    case Operand::NameImport:
      return set_name(state, instr, value);
    case Operand::Fast:
      return put_arg(instr, variable(state, instr, value));
    case Operand::Deref:
      return put_arg(instr, variable(state, instr, value));
    case Operand::FastPair: {
      if (!PyTuple_Check(value.get()) || PyTuple_GET_SIZE(value.get()) != 2)
        misfit(state, instr, "a tuple of two variables", value);
      Ref first = variable(state, instr, PyTuple_GET_ITEM(value.get(), 0));
      Ref second = variable(state, instr, PyTuple_GET_ITEM(value.get(), 1));
      return put_arg(instr, take(PyTuple_Pack(2, first.get(), second.get())));
    }
    case Operand::JumpForward:
    case Operand::JumpBackward:
      if (!is_a(value, state.label_type)) misfit(state, instr, "a Label", value);
      return put_arg(instr, Ref::borrow(value));
    default:
      return set_number(state, instr, value);
  }
}

bool same_constant(Borrowed left, Borrowed right) {
  if (left.is(right)) return true;
  PyObject* a = left.get();
  PyObject* b = right.get();
  if (Py_TYPE(a) != Py_TYPE(b)) return false;
  if (PyUnicode_CheckExact(a) || PyLong_CheckExact(a) || PyBytes_CheckExact(a))
    return ok(PyObject_RichCompareBool(a, b, Py_EQ)) != 0;
  if (PyFloat_CheckExact(a)) {
    return std::bit_cast<std::uint64_t>(PyFloat_AS_DOUBLE(a)) ==
           std::bit_cast<std::uint64_t>(PyFloat_AS_DOUBLE(b));
  }
  if (PyComplex_CheckExact(a)) {
    const Py_complex x = PyComplex_AsCComplex(a);
    const Py_complex y = PyComplex_AsCComplex(b);
    return std::bit_cast<std::uint64_t>(x.real) == std::bit_cast<std::uint64_t>(y.real) &&
           std::bit_cast<std::uint64_t>(x.imag) == std::bit_cast<std::uint64_t>(y.imag);
  }
  if (PyTuple_CheckExact(a)) {
    if (PyTuple_GET_SIZE(a) != PyTuple_GET_SIZE(b)) return false;
    const RecursionScope scope(" while comparing constants");
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(a); ++i) {
      if (!same_constant(PyTuple_GET_ITEM(a, i), PyTuple_GET_ITEM(b, i))) return false;
    }
    return true;
  }
  if (PySlice_Check(a)) {
    const auto* x = reinterpret_cast<PySliceObject*>(a);
    const auto* y = reinterpret_cast<PySliceObject*>(b);
    return same_constant(x->start, y->start) && same_constant(x->stop, y->stop) &&
           same_constant(x->step, y->step);
  }
  if (PyFrozenSet_CheckExact(a)) {
    // Equal sets may differ in types (1 and True), and their order is no help.
    if (PySet_GET_SIZE(a) != PySet_GET_SIZE(b)) return false;
    Ref others = take(PySequence_List(b));
    Ref items = take(PySequence_List(a));
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items.get()); ++i) {
      bool found = false;
      for (Py_ssize_t k = 0; k < PyList_GET_SIZE(others.get()) && !found; ++k) {
        found = same_constant(PyList_GET_ITEM(items.get(), i), PyList_GET_ITEM(others.get(), k));
      }
      if (!found) return false;
    }
    return true;
  }
  return false;
}

std::size_t hash_of_constant(Borrowed constant) {
  PyObject* object = constant.get();
  const auto by_type = std::hash<const void*>{}(Py_TYPE(object));
  if (PyUnicode_CheckExact(object) || PyLong_CheckExact(object) || PyBytes_CheckExact(object) ||
      PyFrozenSet_CheckExact(object)) {
    const Py_hash_t hash = PyObject_Hash(object);
    if (hash == -1) throw PyRaised{};
    return by_type ^ static_cast<std::size_t>(hash);
  }
  // By their bits, as they are compared: not a number is never equal to itself.
  const auto of_double = [](double value) {
    return std::hash<std::uint64_t>{}(std::bit_cast<std::uint64_t>(value));
  };
  if (PyFloat_CheckExact(object)) return by_type ^ of_double(PyFloat_AS_DOUBLE(object));
  if (PyComplex_CheckExact(object)) {
    const Py_complex value = PyComplex_AsCComplex(object);
    return by_type ^ of_double(value.real) ^ of_double(value.imag) * 3;
  }
  if (PySlice_Check(object)) {
    const auto* slice = reinterpret_cast<PySliceObject*>(object);
    return by_type ^ hash_of_constant(slice->start) ^ hash_of_constant(slice->stop) * 3 ^
           hash_of_constant(slice->step) * 5;
  }
  if (PyTuple_CheckExact(object)) {
    const RecursionScope scope(" while hashing constants");
    std::size_t hash = by_type;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(object); ++i) {
      hash = hash * 1000003 ^ hash_of_constant(PyTuple_GET_ITEM(object, i));
    }
    return hash;
  }
  return std::hash<const void*>{}(object);
}

}  // namespace pyccolo::codeobject
