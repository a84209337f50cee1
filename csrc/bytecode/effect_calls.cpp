// What calls and functions take: the part of effect.hpp that knows their protocols.
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

// The size of a function that was just made: the parts that it has got, how many variables its closure must have, and
// kGivesGenerator.
constexpr std::uint32_t kPartBits = 8;
constexpr std::uint32_t kPartMask = (1U << kPartBits) - 1;

constexpr std::uint32_t closure_of(std::uint32_t function_size) {
  return (function_size & ~kGivesGenerator) >> kPartBits;
}

}  // namespace

/// Above them lie the arguments. (The lower one is the callable from 3.13 on.)
void Effects::call() {
  if (version_ == Version::V311) {  // PRECALL has looked at it all
    pop_and_push(2, kAny);
    return;
  }
  check_objects(0, count());
  const bool is_callable_first = version_ >= Version::V313;
  check(count(), is_callable_first ? objects_ | kNull : objects_);
  check(count() + 1, is_callable_first ? objects_ : objects_ | kNull);
  const Value& lower = at(count() + 1);
  const bool makes_generator = lower.is(kFunction) && lower.size != Value::kUnknown &&
                               (lower.size & kGivesGenerator) != 0;
  pop_and_push(count() + 2, makes_generator ? kIterator : kAny);
}

void Effects::precall() {
  check_objects(0, count() + 1);
  check(count() + 1, objects_ | kNull);
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

void Effects::check_closure(std::int32_t above, std::uint32_t wanted) {
  check(above, kTupleOfCells);
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
  check(0, kCode);
  const std::uint32_t code = at(0).is(kCode) ? at(0).size : 0;
  expect(code != Value::kUnknown, " must know how many free variables the code has");
  const std::uint32_t wanted = code == Value::kUnknown ? 0 : code & ~kGivesGenerator;
  pop_and_push(1, wanted != 0 ? kOpenFunction : kFunction,
               (code & kGivesGenerator) | wanted << kPartBits);
}

/// 3.11 and 3.12: with all parts at once.
void Effects::make_function_of_parts() {
  check(0, kCode);
  const std::uint32_t code = at(0).is(kCode) ? at(0).size : 0;
  expect(code != Value::kUnknown, " must know how many free variables the code has");
  const std::uint32_t wanted = code & ~kGivesGenerator;
  std::int32_t above = 1;
  if ((arg() & kClosure) != 0) {
    check_closure(above++, wanted);
  } else {
    expect(wanted == 0, " needs a closure for code with free variables");
  }
  if ((arg() & kAnnotations) != 0) check_annotations(above++);
  if ((arg() & kKeywordDefaults) != 0) check(above++, kDict);
  if ((arg() & kDefaults) != 0) check(above++, kTuples);
  pop_and_push(above, kFunction);
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
      check_closure(1, closure_of(function.size));
      if (function.may_be(kOpenFunction)) function.kinds = kFunction;
      break;
    case kAnnotate:
      check(1, kFunction);
      break;
    default:
      break;
  }
  pop_and_push(2, function.kinds, function.size | (arg() & kPartMask));
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
      break;
    case 4:  // SET_FUNCTION_TYPE_PARAMS
      lower = kFunction;
      upper = kTuples;
      left = kFunction;
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
