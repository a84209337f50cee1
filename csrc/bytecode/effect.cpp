#include "bytecode/effect.hpp"

#include <algorithm>
#include <utility>

#include "bytecode/operands.hpp"

namespace pyccolo::bytecode {

namespace {

std::uint32_t size_of_constant(Version version, const ConstantFacts& code) {
  using namespace function_size;
  std::uint32_t size = std::min(code.size, kFree >> kFreeShift) << kFreeShift;
  if (code.is_generator) size |= kGivesGenerator;
  if (code.takes_iterator && version <= Version::V313) size |= kTakesIterator;
  if (code.takes_defaults) size |= kTakesDefaults;
  if (code.takes_keyword_defaults) size |= kTakesKeywordDefaults;
  return size;
}

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
      return push(kCode, size_of_constant(version_, constant));
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
  } else if (size == 3 && at(2).is(kStr) && at(1).is(kTuples | kNone) && at(0).is(kFunction)) {
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
    case Op::END_FOR:
      end_for();
      return false;
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
    expect(is_iteration(0) && body_.instructions[at(0).size].arg == 0,
           " takes the two values that one GET_ITER 0 left");
  }
  push(kAny);
}

/// It has a form for tracing that looks whether the iterator below is a generator.
void Effects::end_for() {
  const std::int32_t iterator = version_ >= Version::V315 ? 2 : 1;
  if (expect(depth > iterator, " must find the iterator below the value")) {
    check(iterator, objects_);
  }
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
  const bool delegates =
      version_ >= Version::V313 ? arg() == 1 : (body_.instructions[index_ + 1].arg & 3U) >= 2;
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
