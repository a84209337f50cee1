// codeobject/disassemble.cpp: from a code object to fields and items.
#include <algorithm>
#include <memory>

#include "bytecode/depth.hpp"
#include "codeobject/code.hpp"
#include "codeobject/operand.hpp"
#include "codeobject/origin.hpp"

namespace pyccolo::codeobject {

namespace {

using bytecode::Body;
using bytecode::Decoded;
using bytecode::Depths;
using bytecode::Operand;
using bytecode::TryRange;

bool contains(Borrowed tuple, Borrowed item) {
  return ok(PySequence_Contains(tuple.get(), item.get())) != 0;
}

/// Makes the items of one code object.
class Disassembler {
 public:
  Disassembler(State& state, CodeObject* code, Decoded decoded)
      : state_(state), code_(code), fields_(fields_of(code)), decoded_(std::move(decoded)) {}

  Ref run() {
    make_slots();
    find_labels();
    place_ranges();
    Ref items = take(PyList_New(0));
    const Body& body = decoded_.body;
    std::size_t range = 0;
    Ref open;
    for (std::size_t i = 0; i <= body.instructions.size(); ++i) {
      if (open && body.ranges[range].end == i) {
        append(items, new_try_end(state_, open));
        open = nullptr;
        ++range;
      }
      if (i == body.instructions.size()) break;
      if (labels_[i]) append(items, labels_[i]);
      if (range < body.ranges.size() && body.ranges[range].begin == i) {
        const TryRange& at = body.ranges[range];
        open = new_try_begin(state_, labels_[at.target], at.lasti, at.depth, at.drop);
        append(items, open);
      }
      append(items, make_instr(i));
    }
    return items;
  }

  Ref take_slots() { return std::move(slots_); }

 private:
  void make_slots() {
    const Py_ssize_t locals = PyTuple_GET_SIZE(fields_.locals.get());
    slots_ = take(PyList_New(0));
    for (Py_ssize_t i = 0; i < locals; ++i) {
      Borrowed name = PyTuple_GET_ITEM(fields_.locals.get(), i);
      append(slots_,
             contains(fields_.cells, name) ? call(state_.cell_var_type, name) : Ref::borrow(name));
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(fields_.cells.get()); ++i) {
      Borrowed name = PyTuple_GET_ITEM(fields_.cells.get(), i);
      if (!contains(fields_.locals, name)) append(slots_, call(state_.cell_var_type, name));
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(fields_.frees.get()); ++i) {
      append(slots_,
             call(state_.free_var_type, Borrowed(PyTuple_GET_ITEM(fields_.frees.get(), i))));
    }
    slots_ = take(PyList_AsTuple(slots_.get()));
  }

  void find_labels() {
    const Body& body = decoded_.body;
    labels_.resize(body.instructions.size());
    auto need = [&](std::uint32_t index) {
      if (!labels_[index]) labels_[index] = new_label(state_);
    };
    for (std::size_t i = 0; i < body.instructions.size(); ++i) {
      if (is_jump_operand(body.info(i).operand)) need(body.instructions[i].arg);
    }
    for (const TryRange& range : body.ranges) need(range.target);
  }

  /// A range says how many of the values at its beginning its handler drops: so it stays right when code around it
  /// changes. Where control never gets to the beginning, it keeps the number.
  void place_ranges() {
    std::vector<TryRange>& ranges = decoded_.body.ranges;
    if (ranges.empty()) return;
    Depths depths;
    try {
      depths = bytecode::stack_depths(decoded_.body);
    } catch (const bytecode::Error&) {
      return;  // verify() tells what is wrong with it
    }
    for (TryRange& range : ranges) {
      const std::int32_t here = depths.before[range.begin];
      if (here < range.depth) continue;
      range.drop = here - range.depth;
      range.depth = TryRange::kFromStack;
    }
  }

  Ref slot(std::uint32_t index, std::size_t at) const {
    if (index >= static_cast<std::size_t>(PyTuple_GET_SIZE(slots_.get())))
      raise_at(state_, kNoItem, "instruction %zu uses variable %u; there are %zd", at, index,
               PyTuple_GET_SIZE(slots_.get()));
    return Ref::borrow(PyTuple_GET_ITEM(slots_.get(), static_cast<Py_ssize_t>(index)));
  }

  static Ref item(State& state, Borrowed tuple, std::uint32_t index, const char* what,
                  std::size_t at) {
    if (index >= static_cast<std::size_t>(PyTuple_GET_SIZE(tuple.get())))
      raise_at(state, kNoItem, "instruction %zu uses %s %u; there are %zd", at, what, index,
               PyTuple_GET_SIZE(tuple.get()));
    return Ref::borrow(PyTuple_GET_ITEM(tuple.get(), static_cast<Py_ssize_t>(index)));
  }

  /// A constant; nested code as a Code, one for each.
  Ref constant(std::uint32_t index, std::size_t at) {
    Ref value = item(state_, fields_.constants, index, "constant", at);
    const bool is_nested = Py_TYPE(value.get()) == Py_TYPE(code_->origin);
    if (!is_nested) return value;
    if (nested_.empty())
      nested_.resize(static_cast<std::size_t>(PyTuple_GET_SIZE(fields_.constants.get())));
    Ref& made = nested_[index];
    if (!made) made = code_from(Py_TYPE(reinterpret_cast<PyObject*>(code_)), value, code_->version);
    return made.copy();
  }

  Ref make_instr(std::size_t i) {
    const bytecode::Instruction& from = decoded_.body.instructions[i];
    const bytecode::OpInfo& info = decoded_.body.info(i);
    Ref made = new_instr(state_, code_->version, from.op);
    InstrObject* instr = as_instr(made.get());
    instr->position = from.position;
    instr->located = from.position.line < 0 ? Located::Nowhere : Located::Here;
    instr->offset = decoded_.offsets[i];
    instr->raw = from.arg;
    switch (info.operand) {
      case Operand::None:
        break;
      case Operand::Const:
        put_arg(instr, constant(from.arg, i));
        break;
      case Operand::Name:
      case Operand::NameNull:
      case Operand::NameMethod:
      case Operand::NameSuper:
      case Operand::NameImport: {
        const unsigned shift = name_shift(info.operand);
        put_arg(instr, item(state_, fields_.names, from.arg >> shift, "name", i));
        instr->name_flags = static_cast<std::uint8_t>(from.arg & ((1u << shift) - 1));
        break;
      }
      case Operand::Fast:
      case Operand::Deref:
        put_arg(instr, slot(from.arg, i));
        break;
      case Operand::FastPair: {
        Ref first = slot(from.arg >> 4, i);
        Ref second = slot(from.arg & 15, i);
        put_arg(instr, take(PyTuple_Pack(2, first.get(), second.get())));
        break;
      }
      case Operand::JumpForward:
      case Operand::JumpBackward:
        put_arg(instr, labels_[from.arg].copy());
        break;
      default: {
        const std::uint32_t number = number_of_raw(code_->version, info.operand, from.arg);
        Ref object = take(PyLong_FromUnsignedLong(number));
        const OperandEnum& names = state_.enum_of(info.operand);
        if (names.members) {
          Borrowed member = find_item(names.members, object);
          if (member) object = Ref::borrow(member);
        }
        put_arg(instr, std::move(object));
      }
    }
    return made;
  }

  State& state_;
  CodeObject* code_;
  Fields& fields_;
  Decoded decoded_;
  std::vector<Ref> labels_;
  std::vector<Ref> nested_;
  Ref slots_;
};

}  // namespace

Fields& fields_of(CodeObject* code) {
  if (code->fields != nullptr) return *code->fields;
  auto fields = std::make_unique<Fields>(read_fields(code->origin));
  // Another thread may have been here meanwhile.
  if (code->fields == nullptr) code->fields = fields.release();
  return *code->fields;
}

Borrowed items_of(State& state, CodeObject* code) {
  if (code->items != nullptr) return code->items;
  const Written written = read_written(code->origin);
  Decoded decoded;
  try {
    decoded = bytecode::decode(code->version, written.encoded());
  } catch (const bytecode::Error& error) {
    Borrowed name = fields_of(code).qualname;
    if (error.index() == bytecode::Error::kNowhere)
      raise_at(state, kNoItem, "%U: %s", name.get(), error.what());
    raise_at(state, kNoItem, "%U, instruction %zu: %s", name.get(), error.index(), error.what());
  }
  const GcPause pause;
  Disassembler disassembler(state, code, std::move(decoded));
  Ref items = disassembler.run();
  if (code->items != nullptr) return code->items;  // another thread's
  code->slots = disassembler.take_slots().release();
  code->items = items.release();
  return code->items;
}

}  // namespace pyccolo::codeobject
