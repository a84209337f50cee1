// What calls and functions take, by their protocols: a part of effect.hpp.
#include <algorithm>

#include "bytecode/effect.hpp"
#include "bytecode/operands.hpp"

namespace pyccolo::bytecode {

namespace {

// The parts of a function, as bits of operands.
constexpr std::uint32_t kDefaults = 1;
constexpr std::uint32_t kKeywordDefaults = 2;
constexpr std::uint32_t kAnnotations = 4;
constexpr std::uint32_t kClosure = 8;
constexpr std::uint32_t kAnnotate = 16;

}  // namespace

/// A function with arguments of the compiler's own gets them all in one CALL; it trusts their types. `first` is how many
/// values lie above the first argument; the others are above it.
void Effects::check_callable(std::int32_t above, std::int32_t first) {
  using namespace function_size;
  const Value& callable = at(above);
  if (!callable.may_be(kScopeFunction)) return check(above, objects_);
  bool is_right = callable.is(kScopeFunction) && callable.size != Value::kUnknown;
  std::int32_t argument = first;
  const auto takes = [&](std::uint32_t flag, Kinds kinds) {
    if ((callable.size & flag) == 0) return;
    is_right = is_right && argument >= 0 && at(argument).is(kinds);
    --argument;
  };
  takes(kTakesIterator, kIterator);
  takes(kTakesDefaults, kTuples);
  takes(kTakesKeywordDefaults, kDict);
  expect(is_right,
         " calls a function of the compiler's own with other arguments than it must have: an "
         "iterator for a comprehension; a tuple, a dict for defaults");
}

bool Effects::makes_generator(const Value& callable) const {
  return callable.is(kFunction) && callable.size != Value::kUnknown &&
         (callable.size & function_size::kGivesGenerator) != 0;
}

/// The arguments lie above the two. The lower one is the callable from 3.13 on; before that it is one if it is not NULL.
void Effects::call() {
  if (version_ == Version::V311) {  // PRECALL has looked at it all
    pop_and_push(2, kAny);
    return;
  }
  check_objects(0, count());
  Kinds result = kAny;
  if (version_ >= Version::V313) {
    check(count(), objects_ | kNull);
    const std::int32_t unknown = -1;
    check_callable(count() + 1, at(count()).is(kNull)       ? count() - 1
                                : at(count()).may_be(kNull) ? unknown
                                                            : count());
    if (makes_generator(at(count() + 1))) result = kIterator;
  } else {
    precall_check();
  }
  pop_and_push(count() + 2, result);
}

void Effects::precall_check() {
  const std::int32_t lower = count() + 1;
  const std::int32_t upper = count();
  if (at(lower).is(kNull)) return check_callable(upper, upper - 1);
  if (at(lower).may_be(kScopeFunction)) {
    check(upper, objects_);
    return check_callable(lower, upper);
  }
  check(lower, objects_ | kNull);
  check(upper, objects_);
}

void Effects::precall() {
  check_objects(0, count());
  precall_check();
  pop_and_push(count() + 2, kAny);
  push(kAny);
}

void Effects::call_keywords() {
  check(0, kTupleOfStr);
  expect(!at(0).is(kTupleOfStr) || at(0).size <= arg(),
         " has more names of arguments than arguments");
  check_objects(1, count() + 1);
  check(count() + 1, objects_ | kNull);
  check(count() + 2, objects_);
  pop_and_push(count() + 3, kAny);
}

void Effects::call_function_ex() {
  std::int32_t above = 0;
  if ((arg() & 1U) != 0) check(above++, version_ == Version::V311 ? objects_ : kDict);
  check(above, objects_);
  const bool is_null_above = version_ >= Version::V313;
  check(above + 1, is_null_above ? kNull : objects_);
  check(above + 2, is_null_above ? objects_ : kNull);
  pop_and_push(above + 3, kAny);
}

// -- functions --------------------------------------------------------------------------------------------------------

/// Of the code with `above` values above it.
std::uint32_t Effects::size_of_code(std::int32_t above) {
  check(above, kCode);
  if (!at(above).is(kCode)) return 0;
  const bool is_known =
      expect(at(above).size != Value::kUnknown, " must know how many free variables the code has");
  return is_known ? at(above).size : 0;
}

void Effects::check_closure(std::int32_t above, std::uint32_t size) {
  check(above, kTupleOfCells);
  const std::uint32_t wanted = function_size::free_of(size);
  if (!at(above).is(kTupleOfCells) || at(above).size == wanted) return;
  complain(index_, name() + " gets a closure of " + std::to_string(at(above).size) +
                       " cells for code with " + std::to_string(wanted) + " free variables");
}

void Effects::check_annotations(std::int32_t above) {
  check(above, kTuples);
  expect(at(above).size != Value::kUnknown && at(above).size % 2 == 0,
         " takes annotations as a tuple of names and values in turn");
}

void Effects::make_function() {
  const std::uint32_t size = size_of_code(0);
  const bool is_open = function_size::free_of(size) != 0;
  pop_and_push(1, is_open ? kOpenFunction : function_size::closed(size), size);
}

/// 3.11 and 3.12: with all parts at once.
void Effects::make_function_of_parts() {
  const std::uint32_t size = size_of_code(0);
  std::int32_t above = 1;
  if ((arg() & kClosure) != 0) {
    check_closure(above++, size);
  } else {
    expect(function_size::free_of(size) == 0, " needs a closure for code with free variables");
  }
  if ((arg() & kAnnotations) != 0) check_annotations(above++);
  if ((arg() & kKeywordDefaults) != 0) check(above++, kDict);
  if ((arg() & kDefaults) != 0) check(above++, kTuples);
  pop_and_push(above, function_size::closed(size), size);
}

void Effects::set_function_attribute() {
  check(0, kFunctions);
  Value function = at(0);
  if (!function.is(kFunctions)) {
    function = {kFunction, 0, Value::kOwned};
  } else {
    expect(function.size != Value::kUnknown && (function.size & arg()) == 0,
           " sets what may have been set before");
  }
  switch (arg()) {
    case kDefaults:
      check(1, kTuples);
      break;
    case kKeywordDefaults:
      check(1, kDict);
      break;
    case kAnnotations:
      check_annotations(1);
      break;
    case kClosure:
      check_closure(1, function.size);
      if (function.may_be(kOpenFunction)) function.kinds = function_size::closed(function.size);
      break;
    case kAnnotate:
      check(1, kFunction);
      break;
    default:
      break;
  }
  pop_and_push(2, function.kinds, function.size | (arg() & function_size::kParts));
}

// -- intrinsics -------------------------------------------------------------------------------------------------------

void Effects::intrinsic_1() {
  Kinds taken = objects_;
  Kinds left = kAny;
  switch (arg()) {
    case 3:  // STOPITERATION_ERROR
      expect((facts_.flags & kGeneratorFlags) != 0, " 3 needs a flag for generator or coroutine");
      taken = left = kException;
      break;
    case 4:  // ASYNC_GEN_WRAP
      expect((facts_.flags & kAsyncGeneratorFlag) != 0,
             " 4 needs the flag for an asynchronous generator");
      break;
    case 6:  // LIST_TO_TUPLE
      check(0, kLists);
      pop_and_push(1, kTuple, Value::kUnknown);
      return;
    case 7:  // TYPEVAR, PARAMSPEC, TYPEVARTUPLE: the name
    case 8:
    case 9:
      taken = kStr;
      break;
    case 10:  // SUBSCRIPT_GENERIC
      taken = kTuples;
      break;
    case 11:  // TYPEALIAS
      taken = kAliasTuple;
      break;
    default:
      break;
  }
  check(0, taken);
  pop_and_push(1, left);
}

void Effects::intrinsic_2() {
  Kinds lower = objects_;
  Kinds upper = objects_;
  Kinds left = kAny;
  switch (arg()) {
    case 1:  // PREP_RERAISE_STAR
      lower = kException;
      upper = kExceptionList;
      left = kSaved;
      break;
    case 2:  // TYPEVAR_WITH_BOUND, TYPEVAR_WITH_CONSTRAINTS: the name
    case 3:
      lower = kStr;
      upper = kFunction;
      break;
    case 4:  // SET_FUNCTION_TYPE_PARAMS
      lower = kFunction;
      upper = kTuples;
      left = kFunction;
      break;
    case 5:  // SET_TYPEPARAM_DEFAULT
      upper = kFunction;
      break;
    default:
      break;
  }
  check(0, upper);
  check(1, lower);
  const std::uint32_t parts = at(1).is(kFunction) ? at(1).size : 0;
  pop_and_push(2, left, parts);
}

bool Effects::run_call(const OpInfo& info) {
  switch (info.op) {
    case Op::CALL:
      call();
      return true;
    case Op::PRECALL:
      precall();
      return true;
    case Op::CALL_KW:
      call_keywords();
      return true;
    case Op::CALL_FUNCTION_EX:
      if (version_ >= Version::V314) return false;
      call_function_ex();
      return true;
    case Op::CALL_INTRINSIC_1:
      intrinsic_1();
      return true;
    case Op::CALL_INTRINSIC_2:
      intrinsic_2();
      return true;
    case Op::MAKE_FUNCTION:
      if (version_ >= Version::V313) {
        make_function();
      } else {
        make_function_of_parts();
      }
      return true;
    case Op::SET_FUNCTION_ATTRIBUTE:
      set_function_attribute();
      return true;
    default:
      return false;
  }
}

}  // namespace pyccolo::bytecode
