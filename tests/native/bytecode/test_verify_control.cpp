// bytecode/verify.hpp: exceptions, loops and generators.
#include "bytecode/verify.hpp"

#include <doctest/doctest.h>

#include <chrono>

#include "bodies.hpp"

namespace pyccolo::test {

using namespace bytecode;

namespace {

/// RETURN_GENERATOR and what goes with it, then `steps`: the first has index 3.
Body generator(Version version, const Steps& steps, std::vector<TryRange> ranges = {}) {
  Steps all = {{Op::RETURN_GENERATOR}, {Op::POP_TOP}, {Op::RESUME, 0}};
  all.insert(all.end(), steps.begin(), steps.end());
  all.insert(all.end(), {{Op::LOAD_CONST, kNoneConstant}, {Op::RETURN_VALUE}});
  return whole(version, all, std::move(ranges));
}

}  // namespace

// -- exceptions -------------------------------------------------------------------------------------------------------

TEST_CASE("what is raised again is an exception") {
  CHECK(verdict(Version::V313, {{Op::LOAD_CONST, 0}, {Op::RERAISE, 0}}) ==
        "2: RERAISE takes an exception on top of the stack; here it may be None");
  const Steps handled = {{Op::NOP}, {Op::LOAD_CONST, 0}, {Op::RETURN_VALUE}, {Op::RERAISE, 0}};
  CHECK(verdict(Version::V313, handled, {{.begin = 1, .end = 2, .target = 4}}) == "");
}

TEST_CASE("the place of an exception comes from a range that keeps it") {
  const Steps steps = {{Op::NOP},     {Op::LOAD_CONST, 0}, {Op::RETURN_VALUE}, {Op::PUSH_EXC_INFO},
                       {Op::SWAP, 2}, {Op::POP_EXCEPT},    {Op::RERAISE, 1}};
  CHECK(verdict(Version::V313, steps, {{.begin = 1, .end = 2, .target = 4, .lasti = true}}) == "");
  CHECK(verdict(Version::V313, steps, {{.begin = 1, .end = 2, .target = 4}})
            .starts_with("7: RERAISE takes 2 values"));
  Steps number = steps;
  number.insert(number.begin() + 3, {{Op::LOAD_CONST, 0}, {Op::SWAP, 2}});
  CHECK(verdict(Version::V313, number, {{.begin = 1, .end = 2, .target = 4}}) ==
        "9: RERAISE takes the place of an exception below the topmost value; here it may be None");
}

TEST_CASE("POP_EXCEPT takes what was saved") {
  const auto handling = [](const Steps& handler) {
    Steps steps = {{Op::NOP}, {Op::LOAD_CONST, 0}, {Op::RETURN_VALUE}, {Op::PUSH_EXC_INFO}};
    steps.insert(steps.end(), handler.begin(), handler.end());
    return verdict(Version::V313, steps, {{.begin = 1, .end = 2, .target = 4}});
  };
  CHECK(handling({{Op::POP_TOP}, {Op::POP_EXCEPT}}) == "");
  CHECK(handling({{Op::POP_TOP}, {Op::POP_TOP}, {Op::LOAD_FAST, kArgument}, {Op::POP_EXCEPT}}) ==
        "8: POP_EXCEPT takes None or an exception on top of the stack; here it may be any object");
}

TEST_CASE("except* looks whether an exception is left") {
  const auto handling = [](Op jump) {
    return verdict(Version::V312,
                   {{Op::NOP},
                    {Op::LOAD_CONST, 0},
                    {Op::RETURN_VALUE},
                    {Op::PUSH_EXC_INFO},
                    {Op::BUILD_LIST, 0},
                    {Op::CALL_INTRINSIC_2, 1},
                    {Op::COPY, 1},
                    {jump, 10},
                    {Op::RERAISE, 0},
                    {Op::POP_TOP},  // 10
                    {Op::POP_EXCEPT}},
                   {{.begin = 1, .end = 2, .target = 4}});
  };
  CHECK(handling(Op::POP_JUMP_IF_NONE) == "");
  CHECK(handling(Op::POP_JUMP_IF_NOT_NONE) ==
        "9: RERAISE takes an exception on top of the stack; here it may be None");
}

TEST_CASE("what except* collects are exceptions") {
  const auto handling = [](const Steps& added) {
    Steps steps = {{Op::NOP},
                   {Op::LOAD_CONST, 0},
                   {Op::RETURN_VALUE},
                   {Op::PUSH_EXC_INFO},
                   {Op::BUILD_LIST, 0}};
    steps.insert(steps.end(), added.begin(), added.end());
    steps.insert(steps.end(), {{Op::CALL_INTRINSIC_2, 1}, {Op::POP_TOP}, {Op::POP_EXCEPT}});
    return verdict(Version::V313, steps, {{.begin = 1, .end = 2, .target = 4}});
  };
  CHECK(handling({{Op::LOAD_CONST, kNoneConstant}, {Op::LIST_APPEND, 1}}) == "");
  CHECK(
      handling({{Op::LOAD_FAST, kArgument}, {Op::LIST_APPEND, 1}}) ==
      "8: CALL_INTRINSIC_2 takes a list of exceptions on top of the stack; here it may be a list");
  CHECK(handling({{Op::COPY, 1}, {Op::STORE_FAST, kLocal}})
            .starts_with("8: CALL_INTRINSIC_2 takes a list of exceptions"));
}

TEST_CASE("WITH_EXCEPT_START finds the place of the exception") {
  const auto handling = [](bool lasti) {
    Steps steps = {{Op::LOAD_FAST, kArgument}};
    if (!lasti) steps.push_back({Op::LOAD_CONST, 0});
    steps.insert(steps.end(), {{Op::NOP}, {Op::LOAD_CONST, 0}, {Op::STORE_GLOBAL, 0}});
    const auto begin = static_cast<std::uint32_t>(lasti ? 2 : 3);
    steps.insert(steps.end(), {{Op::POP_TOP}});
    if (!lasti) steps.push_back({Op::POP_TOP});
    steps.insert(steps.end(), {{Op::LOAD_CONST, 0}, {Op::RETURN_VALUE}});
    const auto handler = static_cast<std::uint32_t>(steps.size() + 1);
    steps.insert(steps.end(), {{Op::PUSH_EXC_INFO},
                               {Op::WITH_EXCEPT_START},
                               {Op::POP_TOP},
                               {Op::POP_TOP},
                               {Op::POP_EXCEPT},
                               {Op::POP_TOP},
                               {Op::POP_TOP}});
    return verdict(Version::V313, steps,
                   {{.begin = begin, .end = begin + 3, .target = handler, .lasti = lasti}});
  };
  CHECK(handling(true) == "");
  CHECK(handling(false).find("WITH_EXCEPT_START takes the place of an exception") !=
        std::string::npos);
}

TEST_CASE("a handler finds the values that it keeps") {
  const Steps steps = {{Op::LOAD_CONST, 0}, {Op::POP_TOP}, {Op::NOP},    {Op::LOAD_CONST, 0},
                       {Op::RETURN_VALUE},  {Op::POP_TOP}, {Op::POP_TOP}};
  CHECK(verdict(Version::V313, steps, {{.begin = 2, .end = 3, .target = 6, .depth = 1}}) == "");
  CHECK(verdict(Version::V313, steps, {{.begin = 2, .end = 4, .target = 6, .depth = 1}}) ==
        "3: NOP has fewer values on the stack than the handler of its exception range keeps");
}

TEST_CASE("a range keeps no fewer values than none") {
  const Steps steps = {{Op::NOP}, {Op::LOAD_CONST, 0}, {Op::RETURN_VALUE}, {Op::POP_TOP}};
  CHECK(verdict(Version::V313, steps, {{.begin = 1, .end = 2, .target = 4, .depth = 0}}) == "");
  CHECK(verdict(Version::V313, steps, {{.begin = 1, .end = 2, .target = 4, .depth = -2}}) ==
        "1: an exception range begins here that is not in its place");
}

TEST_CASE("an exception out of a frame comes from the instruction before the call, from 3.13 on") {
  const Steps steps = {{Op::LOAD_CONST, 0}, {Op::PUSH_NULL}, {Op::NOP},
                       {Op::CALL, 0},       {Op::POP_TOP},   {Op::LOAD_CONST, 0},
                       {Op::RETURN_VALUE},  {Op::POP_TOP},  // the handler
                       {Op::POP_TOP},       {Op::POP_TOP}};
  const std::vector<TryRange> before_call = {{.begin = 3, .end = 4, .target = 8, .depth = 2}};
  Steps old = steps;
  std::swap(old[0], old[1]);
  old[9] = {Op::POP_TOP};
  CHECK(verdict(Version::V313, steps, before_call)
            .starts_with("4: CALL may enter the handler of the exception range that ends before"));
  CHECK_FALSE(verdict(Version::V312, old, before_call).starts_with("4: CALL may enter"));
}

// -- loops ------------------------------------------------------------------------------------------------------------

TEST_CASE("a loop has an iterator") {
  const auto looping = [](Version version, const Steps& before) {
    Steps steps = before;
    const auto head = static_cast<std::uint32_t>(before.size() + 1);
    steps.insert(steps.end(), {{Op::FOR_ITER, head + 3}, {Op::POP_TOP}, {Op::JUMP_BACKWARD, head}});
    if (version >= Version::V312) steps.push_back({Op::END_FOR});
    if (version == Version::V313) steps.push_back({Op::POP_TOP});
    if (version >= Version::V314) steps.push_back({Op::POP_ITER});
    return verdict(version, steps);
  };
  const Step load = {Op::LOAD_FAST, kArgument};
  for (Version version : {Version::V311, Version::V312, Version::V313, Version::V314}) {
    CHECK(looping(version, {load, {Op::GET_ITER}}) == "");
    CHECK(looping(version, {load}) ==
          "2: FOR_ITER takes an iterator on top of the stack; here it may be any object");
    CHECK(looping(version, {{Op::BUILD_LIST, 0}})
              .starts_with("2: FOR_ITER takes an iterator on top of the stack"));
  }
  CHECK(looping(Version::V315, {load, {Op::GET_ITER}}) == "");
  CHECK(looping(Version::V315, {load, {Op::PUSH_NULL}})
            .starts_with("3: FOR_ITER takes an iterator below the topmost value"));
  CHECK(looping(Version::V315, {load, load}) ==
        "3: FOR_ITER takes the two values that one GET_ITER 0 left");
  CHECK(looping(Version::V315, {load, {Op::GET_ITER, 3}}) ==
        "3: FOR_ITER takes the two values that one GET_ITER 0 left");
  // any() and all() of a generator expression
  CHECK(looping(Version::V315, {{Op::LOAD_CONST, kGeneratorConstant},
                                {Op::MAKE_FUNCTION},
                                load,
                                {Op::CALL, 0},
                                {Op::PUSH_NULL}}) == "");
}

TEST_CASE("halves of two iterations do not go together") {
  CHECK(verdict(Version::V315, {{Op::LOAD_FAST, kArgument},
                                {Op::GET_ITER},
                                {Op::LOAD_FAST, kArgument},
                                {Op::GET_ITER},
                                {Op::SWAP, 3},
                                {Op::FOR_ITER, 9},
                                {Op::POP_TOP},
                                {Op::JUMP_BACKWARD, 6},
                                {Op::END_FOR},
                                {Op::POP_ITER},
                                {Op::POP_ITER}}) ==
        "6: FOR_ITER takes the two values that one GET_ITER 0 left");
}

TEST_CASE("the argument of a comprehension is an iterator") {
  CodeFacts facts = plain_facts();
  const Steps steps = {{Op::LOAD_FAST, kArgument},
                       {Op::FOR_ITER, 5},
                       {Op::POP_TOP},
                       {Op::JUMP_BACKWARD, 2},
                       {Op::END_FOR}};
  CHECK(verdict(Version::V312, steps, {}, facts).starts_with("2: FOR_ITER takes an iterator"));
  facts.iterator_slot = 0;
  CHECK(verdict(Version::V312, steps, {}, facts) == "");
}

TEST_CASE("a loop ends where the interpreter thinks") {
  CHECK(verdict(Version::V312, {{Op::LOAD_FAST, kArgument},
                                {Op::GET_ITER},
                                {Op::FOR_ITER, 6},
                                {Op::POP_TOP},
                                {Op::JUMP_BACKWARD, 3},
                                {Op::NOP},
                                {Op::END_FOR}}) ==
        "3: FOR_ITER must go to END_FOR, which the interpreter skips");
  CHECK(verdict(Version::V313, {{Op::LOAD_FAST, kArgument},
                                {Op::GET_ITER},
                                {Op::FOR_ITER, 6},
                                {Op::POP_TOP},
                                {Op::JUMP_BACKWARD, 3},
                                {Op::END_FOR},
                                {Op::NOP},
                                {Op::POP_TOP}}) ==
        "3: FOR_ITER must go to END_FOR and POP_TOP, which the interpreter skips");
}

TEST_CASE("END_FOR has an iterator below, also where no loop ends") {
  CHECK(verdict(Version::V313, {{Op::LOAD_CONST, 0}, {Op::END_FOR}}) ==
        "2: END_FOR must find the iterator below the value");
  CHECK(verdict(Version::V313,
                {{Op::PUSH_NULL}, {Op::LOAD_CONST, 0}, {Op::END_FOR}, {Op::STORE_FAST, kLocal}})
            .starts_with("3: END_FOR takes an object below the topmost value"));
}

TEST_CASE("nothing else is on the stack when code returns") {
  CHECK(verdict(whole(
            Version::V313,
            {{Op::RESUME, 0}, {Op::LOAD_CONST, 0}, {Op::LOAD_CONST, 0}, {Op::RETURN_VALUE}})) ==
        "3: RETURN_VALUE must find nothing else on the stack");
}

// -- generators -------------------------------------------------------------------------------------------------------

TEST_CASE("YIELD_VALUE is for generators, and RESUME follows it") {
  const Steps yielding = {
      {Op::LOAD_CONST, 0}, {Op::YIELD_VALUE, 0}, {Op::RESUME, 1}, {Op::POP_TOP}};
  CHECK(verdict(generator(Version::V313, yielding), generator_facts()) == "");
  CHECK(verdict(Version::V313, yielding) ==
        "2: YIELD_VALUE needs a flag for generator or coroutine");
  CHECK(
      verdict(generator(Version::V313, {{Op::LOAD_CONST, 0}, {Op::YIELD_VALUE, 0}, {Op::POP_TOP}}),
              generator_facts()) == "4: YIELD_VALUE must be followed by RESUME 1, 2 or 3");
  CHECK(verdict(generator(Version::V313, {{Op::RESUME, 1}}), generator_facts()) ==
        "3: RESUME 1 belongs right behind YIELD_VALUE");
}

TEST_CASE("what passes values on is a SEND") {
  const auto delegating = [](Version version, bool with_send) {
    Steps steps = {{Op::LOAD_FAST, kArgument}, {Op::GET_YIELD_FROM_ITER}, {Op::LOAD_CONST, 0}};
    const std::uint32_t yields = version >= Version::V313 ? 1 : 0;
    steps.push_back(with_send ? Step{Op::SEND, 10} : Step{Op::NOP});
    steps.insert(steps.end(), {{Op::YIELD_VALUE, yields}, {Op::RESUME, 2}});
    steps.push_back({Op::JUMP_BACKWARD_NO_INTERRUPT, 6});
    if (version >= Version::V312) steps.push_back({Op::END_SEND});
    steps.push_back({Op::POP_TOP});
    return verdict(generator(version, steps), generator_facts());
  };
  for (Version version : {Version::V311, Version::V312, Version::V313, Version::V314}) {
    CHECK(delegating(version, true) == "");
    CHECK(delegating(version, false).starts_with("7: YIELD_VALUE passes on what SEND got"));
  }
}

TEST_CASE("tracing looks behind what SEND goes to, and for lines at targets") {
  const auto sending = [](Op end, const Steps& rest) {
    Steps steps = {{Op::LOAD_FAST, kArgument}, {Op::LOAD_CONST, 0}, {Op::SEND, 6}, {end}};
    steps.insert(steps.end(), rest.begin(), rest.end());
    return verdict(generator(Version::V313, steps), generator_facts());
  };
  CHECK(sending(Op::END_SEND, {{Op::POP_TOP}}) == "");
  CHECK(sending(Op::POP_TOP, {{Op::POP_TOP}}) ==
        "5: SEND must go to END_SEND, behind which tracing looks for a line");
  CHECK(verdict(whole(Version::V313, {{Op::RESUME, 0}, {Op::JUMP_BACKWARD, 0}})) ==
        "0: RESUME cannot be the target of a jump or of an exception range");
  CHECK(verdict(whole(Version::V313,
                      {{Op::RESUME, 0}, {Op::LOAD_CONST, 0}, {Op::RETURN_VALUE}, {Op::NOP}})) ==
        "3: NOP goes on behind the end of the code");
}

TEST_CASE("the loop around SEND of 3.11 is short") {
  Steps steps = {{Op::LOAD_FAST, kArgument}, {Op::GET_YIELD_FROM_ITER},
                 {Op::LOAD_CONST, 0},        {Op::SEND, 0},
                 {Op::YIELD_VALUE},          {Op::RESUME, 2}};
  for (int i = 0; i < 300; ++i) steps.push_back({Op::NOP});
  steps.push_back({Op::JUMP_BACKWARD_NO_INTERRUPT, 6});
  steps[3].arg = static_cast<std::uint32_t>(steps.size() + 3);
  steps.push_back({Op::POP_TOP});
  CHECK(verdict(generator(Version::V311, steps), generator_facts()) ==
        "6: SEND goes too far; the loop around it must be short");
}

TEST_CASE("throw() finds the frame with a value for YIELD_VALUE") {
  // The handler keeps the value that YIELD_VALUE was left with.
  const Steps steps = {
      {Op::LOAD_CONST, 0}, {Op::YIELD_VALUE, 0}, {Op::RESUME, 1}, {Op::POP_TOP},
      {Op::LOAD_CONST, 0}, {Op::RETURN_VALUE},   {Op::POP_TOP},  // 9: the exception
      {Op::POP_TOP}};
  CHECK(verdict(generator(Version::V313, steps, {{.begin = 4, .end = 5, .target = 9, .depth = 1}}),
                generator_facts()) == "");
}

TEST_CASE("no exception is handled before the generator runs") {
  CHECK(verdict(generator(Version::V313, {{Op::LOAD_CONST, 0}, {Op::RETURN_VALUE}, {Op::POP_TOP}},
                          {{.begin = 0, .end = 1, .target = 5}}),
                generator_facts()) == "0: no exception can be handled before RESUME 0");
}

// -- size -------------------------------------------------------------------------------------------------------------

TEST_CASE("ten thousand blocks are no trouble") {
  Steps steps;
  for (std::uint32_t i = 0; i < 10000; ++i) {
    const std::uint32_t at = 4 * i + 1;
    steps.insert(steps.end(), {{Op::LOAD_FAST, kArgument},
                               {Op::TO_BOOL},
                               {Op::POP_JUMP_IF_FALSE, at + 4},
                               {Op::JUMP_BACKWARD, at}});
  }
  const auto begin = std::chrono::steady_clock::now();
  CHECK(verdict(Version::V313, steps) == "");
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(2));
}

}  // namespace pyccolo::test
