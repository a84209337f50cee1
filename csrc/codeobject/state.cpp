#include "codeobject/state.hpp"

#include "bytecode/version.hpp"
#include "compat/features.hpp"

namespace pyccolo::codeobject {

namespace {

using bytecode::Flow;
using bytecode::Op;
using bytecode::Operand;
using bytecode::Version;

constexpr const char* kOperandNames[] = {
    "None",          "Count",
    "Const",         "Name",
    "NameNull",      "NameMethod",
    "NameSuper",     "NameImport",
    "Fast",          "FastPair",
    "Deref",         "JumpForward",
    "JumpBackward",  "Compare",
    "BinaryOp",      "Intrinsic1",
    "Intrinsic2",    "CommonConstant",
    "SpecialMethod", "FormatValue",
    "Conversion",    "FunctionAttribute",
};
static_assert(std::size(kOperandNames) == kOperandCount);

constexpr const char* kFlowNames[] = {"Next", "Jump", "Branch", "Return", "Raise"};

}  // namespace

const char* name_of(Operand operand) { return kOperandNames[static_cast<std::size_t>(operand)]; }
const char* name_of(Flow flow) { return kFlowNames[static_cast<std::size_t>(flow)]; }

State::State(Borrowed operands, Borrowed errors, Borrowed opcode_type)
    : cell_var_type(get_attr(operands, "CellVar")),
      free_var_type(get_attr(operands, "FreeVar")),
      name_type(get_attr(operands, "Name")),
      error_type(get_attr(errors, "BytecodeError")),
      verify_error_type(get_attr(errors, "VerifyError")),
      opcode_type_(Ref::borrow(opcode_type)) {
  Ref dis = take(PyImport_ImportModule("dis"));
  positions_type = get_attr(dis, "Positions");
  Ref enums = get_attr(operands, "ENUMS");
  Ref symbols = get_attr(operands, "SYMBOLS");
  for (std::size_t i = 0; i < kOperandCount; ++i) {
    Ref kind = take(PyUnicode_FromString(kOperandNames[i]));
    Borrowed found = find_item(enums, kind);
    if (!found) continue;
    enums_[i].members = get_attr(found, "_value2member_map_");
    enums_[i].symbols = Ref::borrow(find_item(symbols, kind));
  }
  for (std::size_t i = 0; i < op_names_.size(); ++i) {
    const std::string_view name = bytecode::name_of(static_cast<Op>(i));
    PyObject* text = PyUnicode_FromStringAndSize(name.data(), static_cast<Py_ssize_t>(name.size()));
    if (text != nullptr) PyUnicode_InternInPlace(&text);
    op_names_[i] = take(text);
  }
}

int State::traverse(visitproc visit, void* arg) const {
  for (const Ref* held : {&code_type, &instr_type, &label_type, &try_begin_type, &try_end_type,
                          &set_lineno_type, &cell_var_type, &free_var_type, &name_type,
                          &positions_type, &error_type, &verify_error_type, &opcode_type_}) {
    Py_VISIT(held->get());
  }
  for (const OperandEnum& each : enums_) {
    Py_VISIT(each.members.get());
    Py_VISIT(each.symbols.get());
  }
  for (const auto& of_version : opcodes_) {
    for (const Ref& opcode : of_version) Py_VISIT(opcode.get());
  }
  return 0;
}

void State::clear() {
  for (Ref* held : {&code_type, &instr_type, &label_type, &try_begin_type, &try_end_type,
                    &set_lineno_type, &cell_var_type, &free_var_type, &name_type, &positions_type,
                    &error_type, &verify_error_type, &opcode_type_}) {
    *held = nullptr;
  }
  enums_ = {};
  opcodes_ = {};
}

Borrowed State::opcode(const bytecode::OpInfo& info, Version version) {
  Ref& made =
      opcodes_[static_cast<std::size_t>(index_of(version))][static_cast<std::size_t>(info.op)];
  if (!made) {
    Ref number = take(PyLong_FromLong(info.number));
    made = call(opcode_type_, Borrowed(number), op_name(info.op));
  }
  return made;
}

const bytecode::OpInfo& State::find_instruction(Borrowed op) const {
  const Version version = running();
  const int minor = minor_of(version);
  const bytecode::OpInfo* info = nullptr;
  if (PyUnicode_Check(op.get())) {
    Py_ssize_t size = 0;
    const char* text = PyUnicode_AsUTF8AndSize(op.get(), &size);
    if (text == nullptr) throw PyRaised{};
    const std::optional<Op> named = bytecode::op_named({text, static_cast<std::size_t>(size)});
    if (named) info = bytecode::find_op(version, *named);
    if (info == nullptr)
      raise(PyExc_ValueError, "CPython 3.%d has no instruction %U", minor, op.get());
  } else if (PyLong_Check(op.get())) {
    const long number = PyLong_AsLong(op.get());
    if (number == -1 && PyErr_Occurred()) throw PyRaised{};
    if (number >= 0 && number < 256)
      info = bytecode::find_number(version, static_cast<std::uint8_t>(number));
    if (info == nullptr)
      raise(PyExc_ValueError, "CPython 3.%d has no instruction %ld", minor, number);
  } else {
    raise(PyExc_TypeError, "an instruction is named by a str or an int, not %.200s",
          Py_TYPE(op.get())->tp_name);
  }
  return *info;
}

Version State::running() const {
  constexpr int kMinor = compat::kMinorVersion;
  if constexpr (bytecode::is_known_minor(kMinor)) {
    return bytecode::version_of_minor(kMinor);
  } else {
    raise(PyExc_NotImplementedError,
          "the bytecode of CPython 3.%d is not known to this version of pyccolo_native: it can be "
          "listed, not edited",
          kMinor);
  }
}

State& state_of_type(PyTypeObject* type) { return *slots_of_type(type).bytecode; }

void raise_at(State& state, Py_ssize_t item, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  Ref message = Ref::steal(PyUnicode_FromFormatV(format, arguments));
  va_end(arguments);
  if (!message) throw PyRaised{};
  Ref index = item == kNoItem ? none() : take(PyLong_FromSsize_t(item));
  Ref error = call(state.error_type, Borrowed(message), Borrowed(index));
  PyErr_SetObject(state.error_type.get(), error.get());
  throw PyRaised{};
}

}  // namespace pyccolo::codeobject
