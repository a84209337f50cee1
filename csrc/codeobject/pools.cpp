#include "codeobject/pools.hpp"

#include <algorithm>

#include "codeobject/operand.hpp"
#include "codeobject/origin.hpp"

namespace pyccolo::codeobject {

namespace {

using bytecode::ConstantFacts;

constexpr std::uint32_t kOptimized = 0x1;           // CO_OPTIMIZED: it is a function's
constexpr std::uint32_t kHasDocstring = 0x4000000;  // CO_HAS_DOCSTRING, 3.14

bool is_a(Borrowed value, const Ref& type) {
  return Py_IS_TYPE(value.get(), reinterpret_cast<PyTypeObject*>(type.get()));
}

Ref plain(Borrowed text) {
  Ref exact = take(PyUnicode_FromObject(text.get()));
  PyObject* name = exact.release();
  PyUnicode_InternInPlace(&name);
  return Ref::steal(name);
}

bool is_named(Borrowed name, const char* text) {
  return PyUnicode_CompareWithASCIIString(name.get(), text) == 0;
}

/// What its arguments are given by code that is around it, by their names.
void note_arguments(ConstantFacts& facts, Borrowed locals, Py_ssize_t count) {
  for (Py_ssize_t i = 0; i < std::min(count, PyTuple_GET_SIZE(locals.get())); ++i) {
    Borrowed name = PyTuple_GET_ITEM(locals.get(), i);
    facts.takes_defaults = facts.takes_defaults || is_named(name, ".defaults");
    facts.takes_keyword_defaults = facts.takes_keyword_defaults || is_named(name, ".kwdefaults");
  }
}

bool has_iterator_argument(Borrowed locals, Py_ssize_t count) {
  return count > 0 && PyTuple_GET_SIZE(locals.get()) > 0 &&
         is_named(PyTuple_GET_ITEM(locals.get(), 0), ".0");
}

bool takes_iterator(Borrowed origin, bytecode::Version version) {
  const Written written = read_written(origin);
  return bytecode::takes_iterator(version, written.encoded().code);
}

ConstantFacts facts_of_code(Borrowed constant, bytecode::Version version) {
  auto* code = reinterpret_cast<PyCodeObject*>(constant.get());
  ConstantFacts facts{ConstantFacts::Kind::Code,
                      static_cast<std::uint32_t>(PyCode_GetNumFree(code))};
  facts.is_generator = (code->co_flags & CO_GENERATOR) != 0;
  if (code->co_nlocalsplus == 0 || code->co_argcount + code->co_kwonlyargcount == 0) return facts;
  note_arguments(facts, code->co_localsplusnames, code->co_argcount + code->co_kwonlyargcount);
  facts.takes_iterator = has_iterator_argument(code->co_localsplusnames, code->co_argcount) &&
                         takes_iterator(constant, version);
  return facts;
}

/// As bytecode::takes_iterator() says of bytes: the first loop is over what is given.
bool takes_iterator(Borrowed items, State& state) {
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items.get()); ++i) {
    Borrowed item = PyList_GET_ITEM(items.get(), i);
    if (!is_a(item, state.instr_type)) continue;
    const bytecode::Op op = as_instr(item.get())->op;
    if (op == bytecode::Op::FOR_ITER) return true;
    if (op == bytecode::Op::GET_ITER || op == bytecode::Op::GET_ANEXT) return false;
  }
  return false;
}

ConstantFacts facts_of_nested(State& state, CodeObject* code) {
  const Fields& fields = fields_of(code);
  ConstantFacts facts{ConstantFacts::Kind::Code,
                      static_cast<std::uint32_t>(PyTuple_GET_SIZE(fields.frees.get()))};
  facts.is_generator = (fields.flags & CO_GENERATOR) != 0;
  const auto arguments = static_cast<Py_ssize_t>(fields.argument_slots());
  note_arguments(facts, fields.locals, arguments);
  if (!has_iterator_argument(fields.locals, arguments)) return facts;
  facts.takes_iterator = code->items != nullptr ? takes_iterator(code->items, state)
                                                : takes_iterator(code->origin, code->version);
  return facts;
}

ConstantFacts facts_of(State& state, Borrowed constant, bytecode::Version version) {
  PyObject* object = constant.get();
  auto sized = [](ConstantFacts::Kind kind, Py_ssize_t size) {
    return ConstantFacts{kind, static_cast<std::uint32_t>(size)};
  };
  if (object == Py_None) return {ConstantFacts::Kind::None, 0};
  if (PyBool_Check(object)) return {ConstantFacts::Kind::Bool, 0};
  if (PyUnicode_CheckExact(object)) return {ConstantFacts::Kind::Str, 0};
  if (PyLong_CheckExact(object)) return {ConstantFacts::Kind::Int, 0};
  if (PyCode_Check(object)) return facts_of_code(constant, version);
  if (is_code(state, constant)) return facts_of_nested(state, as_code(object));
  if (PyTuple_CheckExact(object)) {
    bool all_str = true;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(object); ++i) {
      all_str = all_str && PyUnicode_CheckExact(PyTuple_GET_ITEM(object, i));
    }
    return sized(all_str ? ConstantFacts::Kind::TupleOfStr : ConstantFacts::Kind::Tuple,
                 PyTuple_GET_SIZE(object));
  }
  return {};
}

}  // namespace

std::size_t Pools::HashConstant::hash_of(Borrowed constant) { return hash_of_constant(constant); }
bool Pools::SameConstant::operator()(PyObject* left, PyObject* right) const {
  return same_constant(left, right);
}

void Pools::NameTable::fill(Borrowed tuple) {
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple.get()); ++i) {
    items.push_back(Ref::borrow(PyTuple_GET_ITEM(tuple.get(), i)));
  }
}

void Pools::NameTable::prepare() {
  if (index) return;
  index = take(PyDict_New());
  for (std::size_t i = 0; i < items.size(); ++i) {
    Ref rank = take(PyLong_FromSize_t(i));
    ok(PyDict_SetDefault(index.get(), items[i].get(), rank.get()) == nullptr ? -1 : 0);
  }
}

std::int64_t Pools::NameTable::find(Borrowed name) {
  prepare();
  Borrowed rank = find_item(index, name);
  return rank ? static_cast<std::int64_t>(PyLong_AsSize_t(rank.get())) : -1;
}

std::uint32_t Pools::NameTable::add(Borrowed name) {
  const std::int64_t found = find(name);
  if (found >= 0) return static_cast<std::uint32_t>(found);
  Ref rank = take(PyLong_FromSize_t(items.size()));
  Ref kept = plain(name);
  set_item(index, kept, rank);
  items.push_back(std::move(kept));
  return static_cast<std::uint32_t>(items.size() - 1);
}

Ref Pools::tuple_of(const std::vector<Ref>& items) {
  Ref tuple = take(PyTuple_New(static_cast<Py_ssize_t>(items.size())));
  for (std::size_t i = 0; i < items.size(); ++i) {
    PyTuple_SET_ITEM(tuple.get(), static_cast<Py_ssize_t>(i), items[i].copy().release());
  }
  return tuple;
}

Pools::Pools(State& state, const Fields& fields, Borrowed slots, bool is_compact,
             bytecode::Version version)
    : state_(state), version_(version), slots_(slots) {
  frees_.fill(fields.frees);
  if (is_compact) {
    // An argument keeps its place whether it is used or not, and so does the docstring.
    const std::int64_t arguments = fields.argument_slots();
    for (Py_ssize_t i = 0; i < arguments; ++i) {
      locals_.items.push_back(Ref::borrow(PyTuple_GET_ITEM(fields.locals.get(), i)));
    }
    const bool has_doc_place =
        (fields.flags & (version >= bytecode::Version::V314 ? kHasDocstring : kOptimized)) != 0;
    if (has_doc_place && PyTuple_GET_SIZE(fields.constants.get()) > 0) {
      constants_.push_back(Ref::borrow(PyTuple_GET_ITEM(fields.constants.get(), 0)));
    }
    return;
  }
  locals_.fill(fields.locals);
  cells_.fill(fields.cells);
  names_.fill(fields.names);
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(fields.constants.get()); ++i) {
    constants_.push_back(Ref::borrow(PyTuple_GET_ITEM(fields.constants.get(), i)));
  }
  if (!slots_) return;
  std::uint32_t cell = 0;
  std::uint32_t free = 0;
  settle();
  known_.reserve(kinds_.size());
  for (std::uint32_t slot = 0; slot < kinds_.size(); ++slot) {
    if ((kinds_[slot] & bytecode::kLocalSlot) != 0) {
      known_.push_back({Variable::Local, slot});
    } else if ((kinds_[slot] & bytecode::kCellSlot) != 0) {
      while (cell_slots_[cell] != slot) ++cell;
      known_.push_back({Variable::Cell, cell});
    } else {
      known_.push_back({Variable::Free, free++});
    }
  }
  if (known_.size() != static_cast<std::size_t>(PyTuple_GET_SIZE(slots_.get()))) slots_ = nullptr;
}

std::uint32_t Pools::constant(Borrowed value, std::uint32_t hint) {
  if (hint < constants_.size() && constants_[hint].is(value)) return hint;
  for (; indexed_ < constants_.size(); ++indexed_) {
    constant_index_.try_emplace(constants_[indexed_].get(), static_cast<std::uint32_t>(indexed_));
  }
  const auto found = constant_index_.find(value.get());
  if (found != constant_index_.end()) return found->second;
  constants_.push_back(Ref::borrow(value));
  return static_cast<std::uint32_t>(constants_.size() - 1);
}

std::uint32_t Pools::nested(CodeObject* code, Ref made, std::uint32_t hint) {
  std::size_t place = constants_.size();
  if (hint < constants_.size() && constants_[hint].get() == code->origin) {
    place = hint;
  } else {
    for (std::size_t i = 0; i < constants_.size(); ++i) {
      if (constants_[i].get() == code->origin || constants_[i].is(made)) place = i;
    }
  }
  if (place == constants_.size()) {
    constants_.push_back(std::move(made));
  } else if (!constants_[place].is(made)) {
    // The index may know the old one: it is made anew when it is needed again.
    constant_index_.clear();
    indexed_ = 0;
    constants_[place] = std::move(made);
  }
  return static_cast<std::uint32_t>(place);
}

std::uint32_t Pools::name(Borrowed name, std::uint32_t hint) {
  if (hint < names_.items.size() && names_.items[hint].is(name)) return hint;
  return names_.add(name);
}

Pools::Variable Pools::variable(Borrowed variable, std::uint32_t hint, bool is_deref) {
  if (slots_ && hint < known_.size() &&
      PyTuple_GET_ITEM(slots_.get(), static_cast<Py_ssize_t>(hint)) == variable.get())
    return known_[hint];
  if (is_a(variable, state_.cell_var_type)) return {Variable::Cell, cells_.add(variable)};
  if (is_a(variable, state_.free_var_type)) return {Variable::Free, frees_.add(variable)};
  if (!is_deref) return {Variable::Local, locals_.add(variable)};
  const std::int64_t cell = cells_.find(variable);
  const std::int64_t free = frees_.find(variable);
  if (cell >= 0 && free >= 0)
    raise(PyExc_ValueError, "%R is both a cell and a free variable: say CellVar(%R) or FreeVar(%R)",
          variable.get(), variable.get(), variable.get());
  if (cell < 0 && free < 0)
    raise(PyExc_ValueError,
          "%R is no cell and no free variable of this code: say CellVar(%R) or FreeVar(%R)",
          variable.get(), variable.get(), variable.get());
  if (cell >= 0) return {Variable::Cell, static_cast<std::uint32_t>(cell)};
  return {Variable::Free, static_cast<std::uint32_t>(free)};
}

void Pools::settle() {
  kinds_.assign(locals_.items.size(), bytecode::kLocalSlot);
  cell_slots_.clear();
  if (!cells_.items.empty()) locals_.prepare();
  for (const Ref& cell : cells_.items) {
    const std::int64_t local = locals_.find(cell);
    if (local >= 0) {
      kinds_[static_cast<std::size_t>(local)] |= bytecode::kCellSlot;
      cell_slots_.push_back(static_cast<std::uint32_t>(local));
    } else {
      cell_slots_.push_back(slot_count());
      kinds_.push_back(bytecode::kCellSlot);
    }
  }
  kinds_.insert(kinds_.end(), frees_.items.size(), bytecode::kFreeSlot);
}

std::uint32_t Pools::slot(Variable variable) const {
  switch (variable.kind) {
    case Variable::Local:
      return variable.rank;
    case Variable::Cell:
      return cell_slots_[variable.rank];
    case Variable::Free:
      break;
  }
  return slot_count() - free_count() + variable.rank;
}

bytecode::CodeFacts Pools::facts(std::uint32_t flags, std::uint32_t argument_slots) const {
  bytecode::CodeFacts facts;
  facts.flags = flags;
  facts.argument_slots = argument_slots;
  facts.slots = kinds_;
  facts.names = static_cast<std::uint32_t>(names_.items.size());
  facts.constants.reserve(constants_.size());
  for (const Ref& constant : constants_)
    facts.constants.push_back(facts_of(state_, constant, version_));
  const auto slot_of = [&](const char* name) {
    for (std::uint32_t i = 0; i < argument_slots; ++i) {
      if (is_named(locals_.items[i], name)) return static_cast<std::int32_t>(i);
    }
    return -1;
  };
  facts.iterator_slot = slot_of(".0");
  facts.defaults_slot = slot_of(".defaults");
  facts.keyword_defaults_slot = slot_of(".kwdefaults");
  return facts;
}

}  // namespace pyccolo::codeobject
