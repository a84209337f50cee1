#include "bytecode/effect.hpp"

#include <algorithm>
#include <utility>

#include "bytecode/operands.hpp"

namespace pyccolo::bytecode {

namespace {

constexpr std::size_t index_of_slot(std::uint32_t slot) { return slot; }

std::string place(std::int32_t above) {
  if (above == 0) return "on top of the stack";
  return "below the topmost " + (above == 1 ? "value" : std::to_string(above) + " values");
}

}  // namespace

Effects::Effects(const Body& body, const CodeFacts& facts, std::int32_t stack_size)
    : stack(static_cast<std::size_t>(stack_size) + 2),
      slots(facts.slots.size(), Slot{kNull}),
      body_(body),
      facts_(facts),
      version_(body.version),
      rules_(effect_rules(body.version)),
      objects_(objects_of(body.version)) {}

void Effects::enter() {
  depth = 0;
  std::fill(slots.begin(), slots.end(), Slot{kNull});
  std::fill_n(slots.begin(), facts_.argument_slots, Slot{kAny});
  if (facts_.iterator_slot >= 0) {
    slots[static_cast<std::size_t>(facts_.iterator_slot)] = Slot{kIterator};
  }
  if (facts_.defaults_slot >= 0) {
    slots[static_cast<std::size_t>(facts_.defaults_slot)] = Slot{kTuple};
  }
  if (facts_.keyword_defaults_slot >= 0) {
    slots[static_cast<std::size_t>(facts_.keyword_defaults_slot)] = Slot{kDict};
  }
}

// -- complaints -------------------------------------------------------------------------------------------------------

void Effects::complain(std::size_t index, const std::string& reason) {
  has_failed_ = true;
  if (report_ != nullptr) report_->add(index, reason);
}

bool Effects::expect(bool holds, const char* reason) {
  if (holds) return true;
  has_failed_ = true;
  if (report_ != nullptr) report_->add(index_, name() + reason);
  return false;
}

void Effects::complain_of(std::int32_t above, Kinds accepted) {
  has_failed_ = true;
  if (report_ == nullptr) return;
  report_->add(index_, name() + " takes " + described(accepted) + " " + place(above) +
                           "; here it may be " + first_of(at(above).kinds & ~accepted));
}

void Effects::check(std::int32_t above, Kinds accepted) {
  if (!at(above).is(accepted)) complain_of(above, accepted);
}

void Effects::check_objects(std::int32_t begin, std::int32_t end) {
  for (std::int32_t above = begin; above < end; ++above) check(above, objects_);
}

// -- the stack --------------------------------------------------------------------------------------------------------

void Effects::mark_written(std::int32_t above) {
  lowest_written = std::min(lowest_written, depth - 1 - above);
}

void Effects::pop(std::int32_t count) {
  depth -= count;
  lowest_written = std::min(lowest_written, depth);
}

void Effects::push(Kinds kinds, std::uint32_t size, std::uint32_t lender) {
  stack[static_cast<std::size_t>(depth)] = {kinds, size, lender};
  ++depth;
}

void Effects::pop_and_push(std::int32_t count, Kinds kinds, std::uint32_t size,
                           std::uint32_t lender) {
  pop(count);
  push(kinds, size, lender);
}

void Effects::run(std::size_t index, const OpInfo& info) {
  index_ = index;
  lowest_written = depth;
  written_slot_count = 0;
  wrote_all_slots = false;
  if (!run_slot(info) && !run_call(info) && !run_other(info)) run_letters(info);
}

void Effects::run_letters(const OpInfo& info) {
  const EffectRule& rule = rules_[static_cast<std::size_t>(info.op)];
  const std::int32_t pops = info.pops(arg(), false);
  const std::int32_t pushes = info.pushes(arg(), false);
  for (std::int32_t above = 0; above < pops; ++above) check(above, rule.taken(above));
  pop(pops);
  for (std::int32_t place = 0; place < pushes; ++place) {
    const Kinds kinds = rule.left(pushes - 1 - place);
    if (kinds == EffectRule::kSame) {
      ++depth;
    } else {
      push(kinds);
    }
  }
}

// -- slots ------------------------------------------------------------------------------------------------------------

void Effects::load_slot(std::uint32_t slot, bool checks, bool borrows) {
  Kinds kinds = slots[index_of_slot(slot)];
  if ((kinds & kNull) != 0) {
    if (!checks) {
      complain(index_, name() + " reads slot " + std::to_string(slot) +
                           ", which may be unbound here; LOAD_FAST_CHECK is for that");
    }
    kinds &= ~kNull;
    if (kinds == 0) kinds = kAny;
    slots[index_of_slot(slot)] = static_cast<Slot>(kinds);
    written_slots[written_slot_count++] = slot;
  }
  push(kinds, kinds == kTuple ? Value::kUnknown : 0, borrows ? slot + 1 : Value::kOwned);
}

void Effects::write_slot(std::uint32_t slot, Kinds kinds) {
  if (version_ >= Version::V314) {
    for (std::int32_t above = 0; above < depth; ++above) {
      if (!at(above).is_borrowed_from(slot)) continue;
      complain(index_, name() + " changes slot " + std::to_string(slot) +
                           ", whose value was borrowed by LOAD_FAST_BORROW and is still on the "
                           "stack; LOAD_FAST takes a reference of its own");
      break;
    }
  }
  slots[index_of_slot(slot)] = static_cast<Slot>(kinds);
  written_slots[written_slot_count++] = slot;
}

void Effects::store_slot(std::uint32_t slot) {
  check(0, objects_ | kNull);
  expect(at(0).lender == Value::kOwned,
         " keeps a value that LOAD_FAST_BORROW only borrowed; LOAD_FAST takes a reference of its "
         "own");
  expect((facts_.slots[index_of_slot(slot)] & kFreeSlot) == 0,
         " changes the slot of a free variable, which must hold a cell");
  const Kinds kinds = at(0).kinds;
  pop(1);
  write_slot(slot, stored(kinds));
}

void Effects::clear_slot(std::uint32_t slot) {
  expect((facts_.slots[index_of_slot(slot)] & kFreeSlot) == 0,
         " clears the slot of a free variable, which must hold a cell");
  write_slot(slot, kNull);
}

void Effects::make_cell() {
  const Slot held = slots[index_of_slot(arg())];
  write_slot(arg(), (held & ~(kNull | kTuple)) == 0 ? kCellOfTuple : kCell);
}

bool Effects::check_cell() {
  return expect((slots[index_of_slot(arg())] & ~kCells) == 0,
                " needs a cell in its slot; there may be none here");
}

void Effects::load_cell() {
  if (check_cell() && slots[index_of_slot(arg())] == kCellOfTuple) {
    push(kTuple, Value::kUnknown);
  } else {
    push(kAny);
  }
}

void Effects::store_cell() {
  check(0, objects_);
  check_cell();
  slots[index_of_slot(arg())] = static_cast<Slot>(at(0).is(kTuples) ? kCellOfTuple : kCell);
  written_slots[written_slot_count++] = arg();
  pop(1);
}

void Effects::copy_free_variables() {
  for (std::size_t slot = 0; slot < slots.size(); ++slot) {
    if ((facts_.slots[slot] & kFreeSlot) != 0) slots[slot] = Slot{kCell};
  }
  wrote_all_slots = true;
}

bool Effects::run_slot(const OpInfo& info) {
  switch (info.op) {
    case Op::LOAD_FAST:
      load_slot(arg(), version_ == Version::V311, false);
      return true;
    case Op::LOAD_FAST_CHECK:
    case Op::LOAD_CLOSURE:
      load_slot(arg(), true, false);
      return true;
    case Op::LOAD_FAST_BORROW:
      load_slot(arg(), false, true);
      return true;
    case Op::LOAD_FAST_LOAD_FAST:
      load_slot(arg() >> 4U, false, false);
      load_slot(arg() & 15U, false, false);
      return true;
    case Op::LOAD_FAST_BORROW_LOAD_FAST_BORROW:
      load_slot(arg() >> 4U, false, true);
      load_slot(arg() & 15U, false, true);
      return true;
    case Op::LOAD_FAST_AND_CLEAR: {
      const Kinds kinds = slots[index_of_slot(arg())];
      clear_slot(arg());
      push(kinds, kinds == kTuple ? Value::kUnknown : 0);
      return true;
    }
    case Op::STORE_FAST:
      store_slot(arg());
      return true;
    case Op::STORE_FAST_LOAD_FAST:
      store_slot(arg() >> 4U);
      load_slot(arg() & 15U, false, false);
      return true;
    case Op::STORE_FAST_STORE_FAST:
      store_slot(arg() >> 4U);
      store_slot(arg() & 15U);
      return true;
    case Op::DELETE_FAST:
      clear_slot(arg());
      return true;
    case Op::MAKE_CELL:
      make_cell();
      return true;
    case Op::COPY_FREE_VARS:
      copy_free_variables();
      return true;
    case Op::LOAD_DEREF:
      load_cell();
      return true;
    case Op::STORE_DEREF:
      store_cell();
      return true;
    case Op::DELETE_DEREF:
      check_cell();
      return true;
    case Op::LOAD_CLASSDEREF:
      expect((facts_.flags & kOptimizedFlag) == 0,
             " looks into the namespace of a class; code with CO_OPTIMIZED has none");
      check_cell();
      push(kAny);
      return true;
    case Op::LOAD_FROM_DICT_OR_DEREF:
      check(0, objects_);
      pop(1);
      load_cell();
      return true;
    default:
      return false;
  }
}

// -- constants, containers and other values ---------------------------------------------------------------------------

void Effects::load_constant() {
  const ConstantFacts& constant = facts_.constants[arg()];
  switch (constant.kind) {
    case ConstantFacts::Kind::None:
      return push(kNone);
    case ConstantFacts::Kind::Tuple:
      return push(kTuple, constant.size);
    case ConstantFacts::Kind::TupleOfStr:
      return push(kTupleOfStr, constant.size);
    case ConstantFacts::Kind::Str:
      return push(kStr);
    case ConstantFacts::Kind::Bool:
      return push(kBool);
    case ConstantFacts::Kind::Code:
      return push(kCode, constant.size | (constant.is_generator ? kGivesGenerator : 0));
    case ConstantFacts::Kind::Int:
      return push(kInt);
    case ConstantFacts::Kind::Other:
      return push(kAny);
  }
}

void Effects::load_common_constant() {
  switch (arg()) {
    case 7:
      return push(kNone);
    case 8:
      return push(kStr);
    case 9:
    case 10:
      return push(kBool);
    case 11:
      return push(kInt);
    default:
      return push(kAny);
  }
}

void Effects::load_global() {
  const bool with_null = (arg() & 1U) != 0;
  if (with_null && version_ <= Version::V312) push(kNull);
  push(kAny);
  if (with_null && version_ >= Version::V313) push(kNull);
}

/// LOAD_ATTR, LOAD_SUPER_ATTR and LOAD_SPECIAL may leave the object that they were given.
void Effects::load_method(std::int32_t pops) {
  check_objects(0, pops);
  const std::uint32_t lender = at(0).lender;
  pop(pops);
  if (version_ <= Version::V312) {
    push(kAny | kNull);
    push(kAny);
  } else {
    push(kAny);
    push(kAny | kNull, 0, lender);
  }
}

/// What is compared to a number is taken to give True or False, as compilers do.
void Effects::compare(const OpInfo& info) {
  const bool is_number = at(0).is(kInt);
  run_letters(info);
  if (is_number || (version_ >= Version::V313 && (arg() & 16U) != 0)) at(0).kinds = kBool;
}

void Effects::copy() {
  const std::int32_t above = count() - 1;
  check(above, objects_ | kLasti);
  Value& original = at(above);
  // What two places have is no longer for one to change.
  if (original.may_be(kFunction | kExceptionList)) {
    if (original.may_be(kFunction)) original.kinds |= kAny;
    if (original.may_be(kExceptionList)) original.kinds |= kList;
    original.kinds &= ~(kFunction | kExceptionList);
    mark_written(above);
  }
  Value copied = original;
  if (copied.may_be(kIterationOf)) copied.kinds = (copied.kinds & ~kIterationOf) | kAny;
  push(copied.kinds, copied.size, copied.lender);
}

void Effects::swap() {
  const std::int32_t above = count() - 1;
  std::swap(at(0), at(above));
  mark_written(above);
}

void Effects::build_tuple() {
  const std::int32_t size = count();
  check_objects(0, size);
  Kinds items = 0;
  for (std::int32_t above = 0; above < size; ++above) items |= at(above).kinds;
  Kinds kinds = kTuple;
  if ((items & ~kStr) == 0) {
    kinds = kTupleOfStr;
  } else if ((items & ~kCells) == 0) {
    kinds = kTupleOfCells;
  } else if (items == kInterpolation) {
    kinds = kTupleOfInterpolations;
  } else if (size == 3 && at(2).is(kStr) && at(1).is(kTuples | kNone)) {
    kinds = kAliasTuple;
  }
  pop_and_push(size, kinds, arg());
}

void Effects::build_key_map() {
  check(0, kTuples);
  expect(at(0).size == arg(), " needs a tuple with as many keys as there are values");
  check_objects(1, count() + 1);
  pop_and_push(count() + 1, kDict);
}

void Effects::build_template() {
  check(1, kTupleOfStr);
  if (at(0).size != 0 || !at(0).is(kTuples)) check(0, kTupleOfInterpolations);
  expect(at(0).size != Value::kUnknown && at(1).size == at(0).size + 1,
         " needs one string more than interpolations");
  pop_and_push(2, kAny);
}

void Effects::add_to_list(bool extends) {
  check(0, objects_);
  check(count(), kLists);
  Value& list = at(count());
  if (list.may_be(kExceptionList) && (extends || !at(0).is(kSaved))) {
    list.kinds = kList;
    mark_written(count());
  }
  pop(1);
}

void Effects::add_to(Kinds container, std::int32_t pops) {
  check_objects(0, pops);
  check(count() + pops - 1, container);
  pop(pops);
}

/// If it fails, it tells of the callable below.
void Effects::merge_dict() {
  check(0, objects_);
  check(count(), kDict);
  check(count() + (version_ <= Version::V312 ? 2 : 3), objects_);
  pop(1);
}

bool Effects::run_other(const OpInfo& info) {
  switch (info.op) {
    case Op::LOAD_CONST:
      load_constant();
      return true;
    case Op::LOAD_COMMON_CONSTANT:
      load_common_constant();
      return true;
    case Op::LOAD_GLOBAL:
      load_global();
      return true;
    case Op::LOAD_ATTR:
      if (version_ == Version::V311 || (arg() & 1U) == 0) return false;
      load_method(1);
      return true;
    case Op::LOAD_SUPER_ATTR:
      if ((arg() & 1U) == 0) return false;
      load_method(3);
      return true;
    case Op::LOAD_SPECIAL:
      load_method(1);
      return true;
    case Op::FORMAT_SIMPLE:
    case Op::GET_YIELD_FROM_ITER:
    case Op::END_SEND: {
      const std::uint32_t lender = at(0).lender;  // they may leave what they are given
      run_letters(info);
      at(0).lender = lender;
      return true;
    }
    case Op::COPY:
      copy();
      return true;
    case Op::SWAP:
      swap();
      return true;
    case Op::BUILD_LIST:
      check_objects(0, count());
      pop_and_push(count(), arg() == 0 ? kExceptionList : kList);
      return true;
    case Op::BUILD_TUPLE:
      build_tuple();
      return true;
    case Op::BUILD_CONST_KEY_MAP:
      build_key_map();
      return true;
    case Op::BUILD_TEMPLATE:
      build_template();
      return true;
    case Op::LIST_APPEND:
    case Op::LIST_EXTEND:
      add_to_list(info.op == Op::LIST_EXTEND);
      return true;
    case Op::SET_ADD:
      add_to(version_ >= Version::V314 ? objects_ : kSet, 1);  // looks what it gets from then on
      return true;
    case Op::SET_UPDATE:
      add_to(kSet, 1);
      return true;
    case Op::DICT_UPDATE:
      add_to(kDict, 1);
      return true;
    case Op::MAP_ADD:
      add_to(kDict, 2);
      return true;
    case Op::DICT_MERGE:
      merge_dict();
      return true;
    case Op::COMPARE_OP:
      compare(info);
      return true;
    case Op::ASYNC_GEN_WRAP:
      expect((facts_.flags & kAsyncGeneratorFlag) != 0,
             " needs the flag for an asynchronous generator");
      return false;
    case Op::RETURN_VALUE:
      expect(depth == 1, " must find nothing else on the stack");
      return false;
    case Op::RETURN_CONST:
      expect(depth == 0, " must find nothing on the stack");
      return false;
    case Op::RETURN_GENERATOR:
      for (std::int32_t above = 0; above < depth; ++above) {
        expect(at(above).lender == Value::kOwned, " must find no borrowed value on the stack");
      }
      return false;
    case Op::GET_ITER:
      if (version_ < Version::V315) return false;
      get_iter();
      return true;
    case Op::FOR_ITER:
      for_iter();
      return true;
    case Op::SEND:
      send();
      return true;
    case Op::YIELD_VALUE:
      yield_value();
      return true;
    case Op::RERAISE:
      reraise();
      return true;
    default:
      return false;
  }
}

// -- iterations and exceptions ----------------------------------------------------------------------------------------

/// 3.15: whether the value with `above` values above it is the position in the iteration below it.
bool Effects::is_iteration(std::int32_t above) {
  const Value& position = at(above);
  const Value& iterated = at(above + 1);
  return position.is(kPosition) && iterated.is(kIterationOf) && position.size == iterated.size &&
         position.size != Value::kUnknown;
}

void Effects::get_iter() {
  check(0, objects_);
  const std::uint32_t lender = at(0).lender;  // a list or a tuple is left as it is
  pop(1);
  const auto id = static_cast<std::uint32_t>(index_);
  // Halves of an earlier iteration of this instruction do not fit to the new one.
  for (std::int32_t above = 0; above < depth; ++above) {
    if (!at(above).may_be(kIterationOf | kPosition) || at(above).size != id) continue;
    at(above).size = Value::kUnknown;
    mark_written(above);
  }
  push(kIterationOf, id, lender);
  push(kPosition, id);
}

void Effects::for_iter() {
  if (version_ <= Version::V314) {
    check(0, kIterator);
  } else if (at(0).is(kNull)) {
    check(1, kIterator);
  } else {
    expect(is_iteration(0), " takes the two values that one GET_ITER left");
  }
  push(kAny);
}

void Effects::send() {
  check(0, objects_);
  if (version_ < Version::V315) {
    check(1, objects_);
  } else if (at(1).is(kNull)) {
    check(2, objects_);
  } else {
    expect(is_iteration(1), " takes an object with NULL, or the two values that one GET_ITER left");
  }
  pop_and_push(1, kAny);
}

void Effects::yield_value() {
  check(0, objects_);
  const bool delegates = version_ >= Version::V313
                             ? arg() == 1
                             : (body_.instructions[index_ + 1].arg & 3U) >= 2;
  // Who asks the generator what it waits for is told of the value below.
  const std::int32_t receiver = version_ >= Version::V315 ? 2 : 1;
  if (delegates && expect(depth > receiver, " passes on a value, but there is no iterator below")) {
    check(receiver, objects_);
  }
  pop_and_push(1, kAny);
}

void Effects::reraise() {
  check(0, kException);
  if (arg() != 0) check(count(), kLasti);
  pop(1);
}

}  // namespace pyccolo::bytecode
