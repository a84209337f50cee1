// bytecode/verify.hpp: calls, functions and intrinsics.
#include "bytecode/verify.hpp"

#include <doctest/doctest.h>

#include "bodies.hpp"

namespace pyccolo::test {

using namespace bytecode;

// -- calls ------------------------------------------------------------------------------------------------------------

TEST_CASE("PRECALL and CALL of 3.11 go together") {
  const auto calling = [](const Steps& steps) {
    Steps all = {{Op::PUSH_NULL}, {Op::LOAD_CONST, 0}, {Op::LOAD_CONST, 0}};
    all.insert(all.end(), steps.begin(), steps.end());
    all.push_back({Op::POP_TOP});
    return verdict(Version::V311, all);
  };
  CHECK(calling({{Op::PRECALL, 1}, {Op::CALL, 1}}) == "");
  CHECK(calling({{Op::PRECALL, 1}, {Op::NOP}, {Op::CALL, 1}}) ==
        "4: PRECALL must be followed by CALL with the same operand");
  CHECK(calling({{Op::PRECALL, 1}, {Op::CALL, 0}})
            .starts_with("4: PRECALL must be followed by CALL"));
  CHECK(calling({{Op::CALL, 1}}) == "4: CALL must come right behind PRECALL with the same operand");
}

TEST_CASE("nothing comes between PRECALL and CALL, not even a jump") {
  const Steps steps = {{Op::PUSH_NULL}, {Op::LOAD_CONST, 0}, {Op::PRECALL, 0},
                       {Op::CALL, 0},   {Op::LOAD_CONST, 0}, {Op::JUMP_BACKWARD, 4}};
  CHECK(verdict(Version::V311, steps) ==
        "3: PRECALL must be followed by CALL with the same operand");
}

TEST_CASE("KW_NAMES belongs to the CALL behind it") {
  const auto named = [](std::uint32_t names, std::uint32_t arguments) {
    Steps steps = {{Op::PUSH_NULL}, {Op::LOAD_CONST, 0}};
    for (std::uint32_t i = 0; i < arguments; ++i) steps.push_back({Op::LOAD_CONST, 0});
    steps.push_back({Op::KW_NAMES, names});
    steps.push_back({Op::CALL, arguments});
    steps.push_back({Op::POP_TOP});
    return verdict(Version::V312, steps);
  };
  CHECK(named(kOneNameConstant, 1) == "");
  CHECK(named(kOneNameConstant, 0) == "3: KW_NAMES has 1 names, CALL has 0 arguments");
  CHECK(named(kPairConstant, 2) == "5: KW_NAMES wants a constant that is a tuple of strings");
  CHECK(verdict(Version::V312, {{Op::KW_NAMES, kOneNameConstant}}) ==
        "1: KW_NAMES must be followed by its CALL");
  CHECK(verdict(Version::V311, {{Op::KW_NAMES, kOneNameConstant}}) ==
        "1: KW_NAMES must be followed by PRECALL and CALL");
}

TEST_CASE("what is called is no NULL") {
  CHECK(verdict(Version::V312,
                {{Op::PUSH_NULL}, {Op::LOAD_CONST, 0}, {Op::CALL, 0}, {Op::POP_TOP}}) == "");
  CHECK(verdict(Version::V312,
                {{Op::LOAD_CONST, 0}, {Op::PUSH_NULL}, {Op::CALL, 0}, {Op::POP_TOP}}) ==
        "3: CALL takes an object on top of the stack; here it may be NULL");
  CHECK(verdict(Version::V313,
                {{Op::LOAD_CONST, 0}, {Op::PUSH_NULL}, {Op::CALL, 0}, {Op::POP_TOP}}) == "");
  CHECK(verdict(Version::V313,
                {{Op::PUSH_NULL}, {Op::LOAD_CONST, 0}, {Op::CALL, 0}, {Op::POP_TOP}}) ==
        "3: CALL takes an object below the topmost value; here it may be NULL");
}

TEST_CASE("names of arguments are strings, and no more than arguments") {
  const auto named = [](std::uint32_t names, std::uint32_t arguments) {
    Steps steps = {{Op::LOAD_CONST, 0}, {Op::PUSH_NULL}};
    for (std::uint32_t i = 0; i < arguments; ++i) steps.push_back({Op::LOAD_CONST, 0});
    steps.push_back({Op::LOAD_CONST, names});
    steps.push_back({Op::CALL_KW, arguments});
    steps.push_back({Op::POP_TOP});
    return verdict(Version::V313, steps);
  };
  CHECK(named(kOneNameConstant, 1) == "");
  CHECK(named(kOneNameConstant, 0) == "4: CALL_KW has more names of arguments than arguments");
  CHECK(named(kPairConstant, 2) ==
        "6: CALL_KW takes a tuple of strings on top of the stack; here it may be a tuple");
}

TEST_CASE("a call with a dict gets a dict") {
  const auto passing = [](Version version, Op keywords) {
    Steps steps = {{Op::PUSH_NULL}, {Op::LOAD_CONST, 0}};
    if (version >= Version::V313) std::swap(steps[0], steps[1]);
    steps.push_back({Op::BUILD_TUPLE, 0});
    steps.push_back({keywords, 0});
    steps.push_back({Op::CALL_FUNCTION_EX, version >= Version::V314 ? 0U : 1U});
    steps.push_back({Op::POP_TOP});
    return verdict(version, steps);
  };
  CHECK(passing(Version::V311, Op::BUILD_LIST) == "");  // it makes one
  CHECK(passing(Version::V312, Op::BUILD_MAP) == "");
  CHECK(passing(Version::V312, Op::BUILD_LIST)
            .starts_with("5: CALL_FUNCTION_EX takes a dict on top of the stack"));
  CHECK(passing(Version::V314, Op::BUILD_MAP) == "");
  CHECK(passing(Version::V314, Op::PUSH_NULL) == "");
  CHECK(passing(Version::V314, Op::BUILD_LIST)
            .starts_with("5: CALL_FUNCTION_EX takes NULL or a dict on top of the stack"));
}

// -- functions --------------------------------------------------------------------------------------------------------

TEST_CASE("a function has the closure that its code wants") {
  const auto making = [](std::uint32_t code, const Steps& closure, std::uint32_t parts) {
    Steps steps = closure;
    steps.push_back({Op::LOAD_CONST, code});
    steps.push_back({Op::MAKE_FUNCTION, parts});
    steps.push_back({Op::POP_TOP});
    return cell_verdict(Version::V312, steps);
  };
  const Steps cell = {{Op::LOAD_CLOSURE, kCellVariable}, {Op::BUILD_TUPLE, 1}};
  const Steps cells = {
      {Op::LOAD_CLOSURE, kCellVariable}, {Op::LOAD_CLOSURE, kCellVariable}, {Op::BUILD_TUPLE, 2}};
  const Steps other = {{Op::LOAD_CONST, kPairConstant}};
  CHECK(making(kCodeConstant, {}, 0) == "");
  CHECK(making(kOpenCodeConstant, cell, 8) == "");
  CHECK(making(kOpenCodeConstant, {}, 0) ==
        "3: MAKE_FUNCTION needs a closure for code with free variables");
  CHECK(making(kOpenCodeConstant, cells, 8) ==
        "6: MAKE_FUNCTION gets a closure of 2 cells for code with 1 free variables");
  CHECK(making(kOpenCodeConstant, other, 8) ==
        "4: MAKE_FUNCTION takes a tuple of cells below the topmost value; here it may be a tuple");
  CHECK(making(kObjectConstant, {}, 0) ==
        "3: MAKE_FUNCTION takes a code object on top of the stack; here it may be any object");
  CHECK(making(kCodeConstant, {{Op::BUILD_LIST, 0}}, 1)
            .starts_with("4: MAKE_FUNCTION takes a tuple below the topmost value"));
}

TEST_CASE("a function of 3.13 has its closure before it is used") {
  const Steps closing = {{Op::LOAD_FAST, kCellVariable},      {Op::BUILD_TUPLE, 1},
                         {Op::LOAD_CONST, kOpenCodeConstant}, {Op::MAKE_FUNCTION},
                         {Op::SET_FUNCTION_ATTRIBUTE, 8},     {Op::STORE_FAST, kLocal}};
  CHECK(cell_verdict(Version::V313, closing) == "");
  CHECK(verdict(
            Version::V313,
            {{Op::LOAD_CONST, kOpenCodeConstant}, {Op::MAKE_FUNCTION}, {Op::STORE_FAST, kLocal}}) ==
        "3: STORE_FAST takes an object or NULL on top of the stack; here it may be a function "
        "without its closure");
  Steps twice = closing;
  twice.insert(twice.begin(), {{Op::LOAD_FAST, kCellVariable}, {Op::BUILD_TUPLE, 1}});
  twice.insert(twice.end() - 1, {Op::SET_FUNCTION_ATTRIBUTE, 8});
  CHECK(cell_verdict(Version::V313, twice) ==
        "9: SET_FUNCTION_ATTRIBUTE sets what may have been set before");
}

TEST_CASE("attributes are set on functions that nobody else has") {
  const auto setting = [](const Steps& between) {
    Steps steps = {{Op::BUILD_TUPLE, 0}, {Op::LOAD_CONST, kCodeConstant}, {Op::MAKE_FUNCTION}};
    steps.insert(steps.end(), between.begin(), between.end());
    steps.push_back({Op::SET_FUNCTION_ATTRIBUTE, 1});
    steps.push_back({Op::POP_TOP});
    return verdict(Version::V313, steps);
  };
  CHECK(setting({}) == "");
  CHECK(setting({{Op::COPY, 1}, {Op::STORE_FAST, kLocal}}) ==
        "6: SET_FUNCTION_ATTRIBUTE takes a function that was just made on top of the stack; here "
        "it may be any object");
}

TEST_CASE("annotations are names and values") {
  const auto annotated = [](std::uint32_t size) {
    Steps steps(size, Step{Op::LOAD_CONST, kNameConstant});
    const Steps rest = {{Op::BUILD_TUPLE, size},
                        {Op::LOAD_CONST, kCodeConstant},
                        {Op::MAKE_FUNCTION},
                        {Op::SET_FUNCTION_ATTRIBUTE, 4},
                        {Op::POP_TOP}};
    steps.insert(steps.end(), rest.begin(), rest.end());
    return verdict(Version::V313, steps);
  };
  CHECK(annotated(2) == "");
  CHECK(annotated(3) ==
        "7: SET_FUNCTION_ATTRIBUTE takes annotations as a tuple of names and values in turn");
}

TEST_CASE("a comprehension gets an iterator") {
  const auto calling = [](const Steps& argument) {
    Steps steps = {{Op::LOAD_CONST, kComprehensionConstant},
                   {Op::MAKE_FUNCTION, 0},
                   {Op::LOAD_FAST, kArgument}};
    steps.insert(steps.end(), argument.begin(), argument.end());
    steps.push_back({Op::CALL, 0});
    steps.push_back({Op::POP_TOP});
    return steps;
  };
  for (Version version : {Version::V312, Version::V313}) {
    CHECK(verdict(version, calling({{Op::GET_ITER}})) == "");
    CHECK(verdict(version, calling({}))
              .starts_with("4: CALL calls a function of the compiler's own with other arguments"));
  }
  CHECK(verdict(Version::V314, calling({})) == "");
  CHECK(verdict(Version::V312, {{Op::LOAD_CONST, kComprehensionConstant},
                                {Op::MAKE_FUNCTION, 0},
                                {Op::STORE_FAST, kLocal}}) ==
        "3: STORE_FAST takes an object or NULL on top of the stack; here it may be a function of "
        "the compiler's own, which can only be called");
}

TEST_CASE("only code whose loop takes what it is given must be given an iterator") {
  const auto number = [](Version version, Op op) { return find_op(version, op)->number; };
  const auto code = [&](Version version, Op first) {
    std::vector<std::uint8_t> bytes = {number(version, Op::LOAD_FAST), 0, number(version, first), 1,
                                       number(version, Op::FOR_ITER),  1};
    return takes_iterator(version, bytes);
  };
  CHECK(code(Version::V312, Op::NOP));
  CHECK_FALSE(code(Version::V312, Op::GET_ITER));
  CHECK_FALSE(code(Version::V312, Op::GET_ANEXT));
  CHECK_FALSE(takes_iterator(Version::V312, {}));
}

// -- intrinsics -------------------------------------------------------------------------------------------------------

TEST_CASE("a type variable has a name") {
  const auto made = [](std::uint32_t name) {
    return verdict(Version::V312,
                   {{Op::LOAD_CONST, name}, {Op::CALL_INTRINSIC_1, 7}, {Op::POP_TOP}});
  };
  CHECK(made(kNameConstant) == "");
  CHECK(made(kObjectConstant) ==
        "2: CALL_INTRINSIC_1 takes a string constant on top of the stack; here it may be any "
        "object");
}

TEST_CASE("a type alias has a name, parameters and a function") {
  const auto made = [](const Steps& last) {
    Steps steps = {{Op::LOAD_CONST, kNameConstant}, {Op::LOAD_CONST, kNoneConstant}};
    steps.insert(steps.end(), last.begin(), last.end());
    steps.insert(steps.end(), {{Op::BUILD_TUPLE, 3}, {Op::CALL_INTRINSIC_1, 11}, {Op::POP_TOP}});
    return verdict(Version::V313, steps);
  };
  CHECK(made({{Op::LOAD_CONST, kCodeConstant}, {Op::MAKE_FUNCTION}}) == "");
  CHECK(
      made({{Op::LOAD_CONST, kObjectConstant}})
          .starts_with("5: CALL_INTRINSIC_1 takes a tuple of name, type parameters and function"));
}

TEST_CASE("the intrinsics for generators need their flags") {
  CHECK(verdict(Version::V312, {{Op::LOAD_CONST, 0}, {Op::CALL_INTRINSIC_1, 4}, {Op::POP_TOP}}) ==
        "2: CALL_INTRINSIC_1 4 needs the flag for an asynchronous generator");
}

}  // namespace pyccolo::test
