#include "codeobject/assembler.hpp"

#include "codeobject/operand.hpp"

namespace pyccolo::codeobject {

namespace {

using bytecode::Op;
using bytecode::Operand;
using bytecode::OpInfo;

constexpr unsigned kKindShift = 30;  // of a variable: its kind above its rank

struct Halves {
  Op pair;
  Op first;
  Op second;
};
constexpr Halves kPairs[] = {
    {Op::LOAD_FAST_LOAD_FAST, Op::LOAD_FAST, Op::LOAD_FAST},
    {Op::STORE_FAST_LOAD_FAST, Op::STORE_FAST, Op::LOAD_FAST},
    {Op::STORE_FAST_STORE_FAST, Op::STORE_FAST, Op::STORE_FAST},
    {Op::LOAD_FAST_BORROW_LOAD_FAST_BORROW, Op::LOAD_FAST_BORROW, Op::LOAD_FAST_BORROW},
};

bool has_type(PyObject* object, const Ref& type) {
  return Py_IS_TYPE(object, reinterpret_cast<PyTypeObject*>(type.get()));
}

std::uint32_t number_of(PyObject* arg) {
  const unsigned long number = PyLong_AsUnsignedLong(arg);
  if (number == static_cast<unsigned long>(-1) && PyErr_Occurred()) throw PyRaised{};
  return static_cast<std::uint32_t>(number);
}

/// The fields, if they fit together.
const Fields& checked_fields(State& state, CodeObject* code) {
  const Fields& fields = fields_of(code);
  const std::int64_t arguments = fields.argument_slots();
  const Py_ssize_t locals = PyTuple_GET_SIZE(fields.locals.get());
  if (arguments > locals) {
    raise_at(state, kNoItem, "%U: %lld arguments, but args has %zd names", fields.qualname.get(),
             static_cast<long long>(arguments), locals);
  }
  if (fields.positional_only > fields.arguments) {
    raise_at(state, kNoItem,
             "%U: %d arguments are positional-only, of %d that may be given by position",
             fields.qualname.get(), static_cast<int>(fields.positional_only),
             static_cast<int>(fields.arguments));
  }
  return fields;
}

}  // namespace

Assembler::Assembler(State& state, CodeObject* code, const Options& options,
                     BuildNested build_nested)
    : pools(state, checked_fields(state, code), (items_of(state, code), code->slots),
            options.is_compact, code->version),
      state_(state),
      code_(code),
      options_(options),
      build_nested_(build_nested),
      items_(take(PySequence_List(code->items))) {
  body.version = code->version;
  resolve_operands();
  pools.settle();
  emit();
  link_jumps();
}

void Assembler::resolve_operands() {
  const Py_ssize_t count = PyList_GET_SIZE(items_.get());
  resolved_.resize(static_cast<std::size_t>(count));
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyObject* item = PyList_GET_ITEM(items_.get(), i);
    if (!has_type(item, state_.instr_type)) continue;
    InstrObject* instr = as_instr(item);
    if (instr->version != code_->version)
      raise_item(i, "an instruction of CPython 3.%d in code of 3.%d", minor_of(instr->version),
                 minor_of(code_->version));
    resolved_[static_cast<std::size_t>(i)] = resolve(instr, i);
  }
}

Assembler::Resolved Assembler::resolve(InstrObject* instr, Py_ssize_t item) {
  const OpInfo& info = instr->info();
  PyObject* arg = instr->arg;
  const std::uint32_t hint = instr->raw;
  if (info.operand == Operand::None) return {hint == InstrObject::kNone ? 0 : hint, 0};
  if (arg == nullptr) raise_item(item, "it needs an operand");
  auto wants = [&](bool holds, const char* what) {
    if (!holds) raise_item(item, "its operand must be %s, not %R", what, arg);
  };
  switch (info.operand) {
    case Operand::Const:
      return resolve_constant(instr);
    case Operand::Name:
    case Operand::NameNull:
    case Operand::NameMethod:
    case Operand::NameSuper:
    case Operand::NameImport: {
      wants(PyUnicode_Check(arg), "a name");
      const unsigned shift = name_shift(info.operand);
      const std::uint32_t index =
          pools.name(arg, hint == InstrObject::kNone ? hint : hint >> shift);
      return {index << shift | instr->name_flags, 0};
    }
    case Operand::Fast:
    case Operand::Deref:
      wants(PyUnicode_Check(arg), "a variable");
      try {
        return {resolve_variable(arg, hint, info.operand == Operand::Deref), 0};
      } catch (const PyRaised&) {
        if (!PyErr_ExceptionMatches(PyExc_ValueError)) throw;
        const Caught caught = catch_raised();
        raise_item(item, "%S", caught.exception.get());
      }
    case Operand::FastPair: {
      wants(PyTuple_Check(arg) && PyTuple_GET_SIZE(arg) == 2, "a tuple of two variables");
      const bool hinted = hint <= 0xFF;
      return {resolve_variable(PyTuple_GET_ITEM(arg, 0), hinted ? hint >> 4 : InstrObject::kNone,
                               false),
              resolve_variable(PyTuple_GET_ITEM(arg, 1), hinted ? hint & 15 : InstrObject::kNone,
                               false)};
    }
    case Operand::JumpForward:
    case Operand::JumpBackward:
      wants(has_type(arg, state_.label_type), "a Label");
      return {};
    default: {
      wants(PyLong_Check(arg), name_of(info.operand));
      const std::uint32_t number = number_of(arg);
      // What the compiler writes beside the number is kept as long as the number is.
      const bool is_as_read =
          hint != InstrObject::kNone && number_of_raw(code_->version, info.operand, hint) == number;
      return {is_as_read ? hint : raw_of_number(code_->version, info.operand, number), 0};
    }
  }
}

Assembler::Resolved Assembler::resolve_constant(InstrObject* instr) {
  if (!is_code(state_, instr->arg)) return {pools.constant(instr->arg, instr->raw), 0};
  Ref& made = nested_[instr->arg];
  if (!made) {
    made = options_.builds_nested ? build_nested_(state_, as_code(instr->arg), options_)
                                  : Ref::borrow(instr->arg);
  }
  return {pools.nested(as_code(instr->arg), made.copy(), instr->raw), 0};
}

std::uint32_t Assembler::resolve_variable(Borrowed variable, std::uint32_t hint, bool is_deref) {
  const Pools::Variable found = pools.variable(variable, hint, is_deref);
  return static_cast<std::uint32_t>(found.kind) << kKindShift | found.rank;
}

void Assembler::emit() {
  const Py_ssize_t count = PyList_GET_SIZE(items_.get());
  body.instructions.reserve(static_cast<std::size_t>(count));
  item_of.reserve(static_cast<std::size_t>(count));
  here_.line = here_.end_line = fields_of(code_).first_line;
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyObject* item = PyList_GET_ITEM(items_.get(), i);
    if (has_type(item, state_.instr_type)) {
      emit_instr(as_instr(item), resolved_[static_cast<std::size_t>(i)], i);
    } else if (has_type(item, state_.label_type)) {
      const bool is_new =
          labels_.try_emplace(item, static_cast<std::uint32_t>(body.instructions.size())).second;
      if (!is_new) raise_item(i, "this Label is placed twice");
    } else if (has_type(item, state_.set_lineno_type)) {
      here_ = {};
      here_.line = here_.end_line = as_set_lineno(item)->line;
    } else if (has_type(item, state_.try_begin_type)) {
      begin_range(item, i);
    } else {
      end_range(item, i);
    }
  }
  if (!open_.empty()) raise_item(kNoItem, "%zu TryBegin without a TryEnd", open_.size());
  if (body.instructions.empty()) raise_item(kNoItem, "there are no instructions");
}

void Assembler::add(Op op, std::uint32_t arg, Py_ssize_t item) {
  body.instructions.push_back({op, arg, here_});
  item_of.push_back(static_cast<std::uint32_t>(item));
}

void Assembler::locate(InstrObject* instr) {
  if (instr->located == Located::Here) here_ = instr->position;
}

void Assembler::emit_instr(InstrObject* instr, const Resolved& resolved, Py_ssize_t item) {
  const Operand operand = instr->info().operand;
  locate(instr);
  auto slot = [&](std::uint32_t variable) {
    return pools.slot({static_cast<Pools::Variable::Kind>(variable >> kKindShift),
                       variable & ((1u << kKindShift) - 1)});
  };
  switch (operand) {
    case Operand::Fast:
    case Operand::Deref:
      add(instr->op, slot(resolved.first), item);
      break;
    case Operand::FastPair:
      emit_pair(instr, {slot(resolved.first), slot(resolved.second)}, item);
      break;
    case Operand::JumpForward:
    case Operand::JumpBackward:
      jumps_.push_back({static_cast<std::uint32_t>(body.instructions.size()), instr->arg});
      add(instr->op, 0, item);
      break;
    default:
      add(instr->op, resolved.first, item);
  }
  if (instr->located == Located::Nowhere) body.instructions.back().position = {};
}

/// A pair has four bits for each slot: if one needs more, its halves do the same.
void Assembler::emit_pair(InstrObject* instr, const Resolved& slots, Py_ssize_t item) {
  if (slots.first < 16 && slots.second < 16)
    return add(instr->op, slots.first << 4 | slots.second, item);
  for (const Halves& halves : kPairs) {
    if (halves.pair != instr->op) continue;
    add(halves.first, slots.first, item);
    if (instr->located == Located::Nowhere) body.instructions.back().position = {};
    add(halves.second, slots.second, item);
  }
}

void Assembler::close_segment() {
  const auto at = static_cast<std::uint32_t>(body.instructions.size());
  if (!open_.empty() && segment_ < at) {
    const OpenRange& innermost = open_.back();
    const TryBeginObject* begin = as_try_begin(innermost.begin);
    bytecode::TryRange range{};
    range.begin = segment_;
    range.end = at;
    range.lasti = begin->lasti;
    range.depth = begin->depth;
    range.drop = begin->drop;
    if (innermost.anchor != segment_) range.anchor = innermost.anchor;
    body.ranges.push_back(range);
    range_labels_.push_back(begin->target);
  }
  segment_ = at;
}

void Assembler::begin_range(PyObject* begin, Py_ssize_t item) {
  for (const OpenRange& open : open_) {
    if (open.begin == begin) raise_item(item, "this TryBegin is open already");
  }
  close_segment();
  open_.push_back({begin, static_cast<std::uint32_t>(body.instructions.size())});
}

void Assembler::end_range(PyObject* end, Py_ssize_t item) {
  PyObject* begin = as_try_end(end)->begin;
  if (open_.empty()) raise_item(item, "TryEnd without a TryBegin before it");
  if (begin != nullptr && begin != open_.back().begin)
    raise_item(
        item,
        "this TryEnd is not that of the innermost TryBegin: ranges nest, they do not overlap");
  close_segment();
  open_.pop_back();
}

void Assembler::link_jumps() {
  const std::size_t count = body.instructions.size();
  auto target = [&](PyObject* label, Py_ssize_t item) {
    const auto found = labels_.find(label);
    if (found == labels_.end()) raise_item(item, "its Label is not in the code");
    if (found->second >= count) raise_item(item, "its Label has no instruction behind it");
    return found->second;
  };
  for (const Jump& jump : jumps_) {
    body.instructions[jump.index].arg =
        target(jump.label, static_cast<Py_ssize_t>(item_of[jump.index]));
  }
  for (std::size_t i = 0; i < body.ranges.size(); ++i) {
    body.ranges[i].target =
        target(range_labels_[i], static_cast<Py_ssize_t>(item_of[body.ranges[i].begin]));
  }
}

Py_ssize_t Assembler::item_index(std::size_t index) const {
  return index < item_of.size() ? static_cast<Py_ssize_t>(item_of[index]) : kNoItem;
}

Ref Assembler::place_of(std::size_t index) const {
  Borrowed name = fields_of(code_).qualname;
  if (index >= item_of.size()) return take(PyUnicode_FromFormat("%U: ", name.get()));
  return take(PyUnicode_FromFormat("%U, item %zd (%U): ", name.get(), item_index(index),
                                   state_.op_name(body.instructions[index].op).get()));
}

void Assembler::raise_error(const bytecode::Error& error) const {
  Ref place = place_of(error.index());
  raise_at(state_, item_index(error.index()), "%U%s", place.get(), error.what());
}

void Assembler::raise_item(Py_ssize_t item, const char* format, ...) const {
  va_list arguments;
  va_start(arguments, format);
  Ref reason = Ref::steal(PyUnicode_FromFormatV(format, arguments));
  va_end(arguments);
  if (!reason) throw PyRaised{};
  Borrowed name = fields_of(code_).qualname;
  if (item == kNoItem) raise_at(state_, item, "%U: %U", name.get(), reason.get());
  Ref shown = take(PyObject_Repr(PyList_GET_ITEM(items_.get(), item)));
  raise_at(state_, item, "%U, item %zd, %U: %U", name.get(), item, shown.get(), reason.get());
}

}  // namespace pyccolo::codeobject
