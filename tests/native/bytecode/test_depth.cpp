// bytecode/depth.hpp: how many values are on the stack, and what cannot be.
#include "bytecode/depth.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <utility>

namespace pyccolo::test {

using namespace bytecode;

namespace {

struct Step {
  Op op;
  std::uint32_t arg = 0;
};

Body body_of(Version version, std::initializer_list<Step> steps,
             std::vector<TryRange> ranges = {}) {
  Body body{.version = version, .instructions = {}, .ranges = std::move(ranges)};
  for (const Step& step : steps)
    body.instructions.push_back({.op = step.op, .arg = step.arg, .position = {}});
  return body;
}

/// The message, with the instruction it is about; "" if there is no Error.
std::string error_of(Body body) {
  try {
    stack_depths(body);
  } catch (const Error& error) {
    if (error.index() == Error::kNowhere) return error.what();
    return std::to_string(error.index()) + ": " + error.what();
  }
  return "";
}

using Before = std::vector<std::int32_t>;

}  // namespace

TEST_CASE("values are counted along a line") {
  Body body = body_of(
      Version::V313,
      {{Op::RESUME}, {Op::LOAD_CONST}, {Op::LOAD_CONST}, {Op::BINARY_OP}, {Op::RETURN_VALUE}});
  const Depths depths = stack_depths(body);
  CHECK(depths.before == Before{0, 0, 1, 2, 1});
  CHECK(depths.greatest == 2);
}

TEST_CASE("the greatest depth may be behind the last instruction that is reached") {
  Body body =
      body_of(Version::V314, {{Op::LOAD_CONST}, {Op::UNPACK_SEQUENCE, 5}, {Op::RAISE_VARARGS, 0}});
  CHECK(stack_depths(body).greatest == 5);
  Body endless = body_of(Version::V313, {{Op::LOAD_CONST}, {Op::POP_TOP}, {Op::JUMP_BACKWARD, 0}});
  CHECK(stack_depths(endless).greatest == 1);
}

TEST_CASE("what control does not get to has no depth") {
  Body body = body_of(Version::V313,
                      {{Op::JUMP_FORWARD, 2}, {Op::POP_TOP}, {Op::RETURN_CONST}, {Op::POP_TOP}});
  CHECK(stack_depths(body).before == Before{0, kUnreached, 0, kUnreached});
}

TEST_CASE("a loop leaves its iterator to END_FOR, or takes it") {
  Body old = body_of(Version::V311, {{Op::LOAD_CONST},
                                     {Op::GET_ITER},
                                     {Op::FOR_ITER, 5},
                                     {Op::POP_TOP},
                                     {Op::JUMP_BACKWARD, 2},
                                     {Op::LOAD_CONST},
                                     {Op::RETURN_VALUE}});
  CHECK(stack_depths(old).before == Before{0, 1, 1, 2, 1, 0, 1});

  Body body = body_of(Version::V312, {{Op::LOAD_CONST},
                                      {Op::GET_ITER},
                                      {Op::FOR_ITER, 5},
                                      {Op::POP_TOP},
                                      {Op::JUMP_BACKWARD, 2},
                                      {Op::END_FOR},
                                      {Op::RETURN_CONST}});
  CHECK(stack_depths(body).before == Before{0, 1, 1, 2, 1, 2, 0});

  Body pairs = body_of(Version::V315, {{Op::LOAD_CONST},
                                       {Op::GET_ITER},
                                       {Op::FOR_ITER, 5},
                                       {Op::POP_TOP},
                                       {Op::JUMP_BACKWARD, 2},
                                       {Op::END_FOR},
                                       {Op::POP_ITER},
                                       {Op::LOAD_CONST},
                                       {Op::RETURN_VALUE}});
  CHECK(stack_depths(pairs).before == Before{0, 1, 2, 3, 2, 3, 2, 0, 1});
}

TEST_CASE("paths that meet must agree") {
  Body body = body_of(Version::V313, {{Op::LOAD_CONST},
                                      {Op::POP_JUMP_IF_TRUE, 3},
                                      {Op::LOAD_CONST},
                                      {Op::NOP},
                                      {Op::RETURN_CONST}});
  const std::string message = error_of(body);
  CHECK(message.starts_with("3: instruction 3 is reached with "));
  CHECK(message.find("with 0") != message.npos);
  CHECK(message.find("with 1") != message.npos);
}

TEST_CASE("underflow") {
  CHECK(error_of(body_of(Version::V313, {{Op::LOAD_CONST}, {Op::BINARY_OP}, {Op::RETURN_VALUE}})) ==
        "1: BINARY_OP takes 2 values, there are 1");
  CHECK(error_of(body_of(Version::V313, {{Op::RETURN_VALUE}})) ==
        "0: RETURN_VALUE takes 1 values, there are 0");
  CHECK(error_of(body_of(Version::V313, {{Op::LOAD_CONST}, {Op::COPY, 2}, {Op::RETURN_VALUE}})) ==
        "1: COPY takes 2 values, there are 1");
  CHECK(error_of(body_of(Version::V313,
                         {{Op::LOAD_CONST}, {Op::BUILD_TUPLE, 0xFFFF'FFFF}, {Op::RETURN_VALUE}})) !=
        "");
}

TEST_CASE("too many values") {
  Body body = body_of(Version::V313, {});
  for (int times = 0; times < 5; ++times) {
    body.instructions.push_back({.op = Op::LOAD_CONST, .arg = 0, .position = {}});
    body.instructions.push_back({.op = Op::UNPACK_EX, .arg = 0xFFFF'FFFF, .position = {}});
  }
  CHECK(error_of(body) == "7: too many values on the stack");
}

TEST_CASE("control must not leave the instructions") {
  CHECK(error_of(body_of(Version::V313, {})) == "there are no instructions");
  CHECK(error_of(body_of(Version::V313, {{Op::NOP}})) == "0: control runs off the end");
  CHECK(error_of(body_of(Version::V313, {{Op::JUMP_FORWARD, 1}})) ==
        "0: the target is behind the end");
}

TEST_CASE("an instruction that the version does not have") {
  CHECK(error_of(body_of(Version::V314, {{Op::NOP}, {Op::RETURN_CONST}})) ==
        "1: RETURN_CONST is no instruction of 3.14");
}

TEST_CASE("a handler gets the values of its range, the offset and the exception") {
  for (bool lasti : {false, true}) {
    Body body = body_of(Version::V313,
                        {{Op::LOAD_CONST},
                         {Op::LOAD_NAME},
                         {Op::POP_TOP},
                         {Op::RETURN_VALUE},
                         {Op::RERAISE, lasti ? 1U : 0U}},
                        {{.begin = 1, .end = 3, .target = 4, .lasti = lasti, .depth = 1}});
    const Depths depths = stack_depths(body);
    CHECK(depths.before == Before{0, 1, 2, 1, lasti ? 3 : 2});
    CHECK(depths.greatest == (lasti ? 3 : 2));
  }
}

TEST_CASE("entering a handler counts for the greatest depth") {
  Body body = body_of(Version::V313, {{Op::NOP}, {Op::RETURN_CONST}, {Op::RERAISE, 1}},
                      {{.begin = 0, .end = 1, .target = 2, .lasti = true}});
  CHECK(stack_depths(body).greatest == 2);
}

TEST_CASE("a range without a depth has that of its begin") {
  Body body = body_of(Version::V312,
                      {{Op::LOAD_CONST},
                       {Op::LOAD_CONST},
                       {Op::LOAD_NAME},
                       {Op::POP_TOP},
                       {Op::POP_TOP},
                       {Op::RETURN_VALUE},
                       {Op::POP_TOP},
                       {Op::RETURN_VALUE}},
                      {{.begin = 2, .end = 4, .target = 6, .drop = 1}});
  CHECK(stack_depths(body).before == Before{0, 1, 2, 3, 2, 1, 2, 1});
  CHECK(body.ranges[0].depth == 1);
  // Once known it stays.
  body.ranges[0].drop = 2;
  CHECK(stack_depths(body).before[6] == 2);

  body.ranges[0].depth = TryRange::kFromStack;
  body.ranges[0].drop = 3;
  CHECK(error_of(body) ==
        "2: the exception range 2 to 4 (handler 6) drops more values than there are");
}

TEST_CASE("control may come to the begin of a range last") {
  Body body = body_of(Version::V313,
                      {{Op::JUMP_FORWARD, 3},
                       {Op::LOAD_NAME},
                       {Op::POP_TOP},
                       {Op::LOAD_NAME},
                       {Op::POP_JUMP_IF_TRUE, 6},
                       {Op::JUMP_BACKWARD, 1},
                       {Op::RETURN_CONST},
                       {Op::PUSH_EXC_INFO},
                       {Op::RERAISE}},
                      {{.begin = 1, .end = 5, .target = 7}});
  CHECK(stack_depths(body).before == Before{0, 0, 1, 0, 1, 0, 0, 1, 2});
  CHECK(body.ranges[0].depth == 0);
}

TEST_CASE("a range whose begin is not reached has no depth to start from") {
  const std::initializer_list<Step> steps = {
      {Op::JUMP_FORWARD, 2}, {Op::NOP}, {Op::LOAD_NAME}, {Op::RETURN_VALUE}, {Op::RERAISE}};
  CHECK(error_of(body_of(Version::V313, steps, {{.begin = 1, .end = 4, .target = 4}})) ==
        "1: the depth of the exception range 1 to 4 (handler 4) cannot be known: control enters it "
        "behind its begin");
  Body known = body_of(Version::V313, steps, {{.begin = 1, .end = 4, .target = 4, .depth = 0}});
  CHECK(stack_depths(known).before == Before{0, kUnreached, 0, 1, 1});
  Body dead = body_of(Version::V313, steps, {{.begin = 1, .end = 2, .target = 4}});
  CHECK(stack_depths(dead).before[4] == kUnreached);
  CHECK(dead.ranges[0].depth == 0);
}

TEST_CASE("a handler may be in a range itself") {
  Body body = body_of(Version::V313,
                      {{Op::LOAD_NAME},
                       {Op::RETURN_VALUE},
                       {Op::PUSH_EXC_INFO},
                       {Op::POP_TOP},
                       {Op::POP_EXCEPT},
                       {Op::RETURN_CONST},
                       {Op::COPY, 3},
                       {Op::POP_EXCEPT},
                       {Op::RERAISE, 1}},
                      {{.begin = 0, .end = 2, .target = 2},
                       {.begin = 2, .end = 5, .target = 6, .lasti = true, .depth = 1}});
  const Depths depths = stack_depths(body);
  CHECK(depths.before == Before{0, 1, 1, 2, 1, 0, 3, 4, 3});
  CHECK(depths.greatest == 4);
}

TEST_CASE("a handler finds the values below its range") {
  const std::vector<TryRange> ranges = {{.begin = 2, .end = 3, .target = 4, .depth = 1}};
  CHECK(
      error_of(body_of(
          Version::V313,
          {{Op::LOAD_CONST}, {Op::LOAD_CONST}, {Op::BINARY_OP}, {Op::RETURN_VALUE}, {Op::RERAISE}},
          ranges)) ==
      "2: BINARY_OP leaves 0 values when it raises, the exception range 2 to 3 (handler 4) keeps "
      "1");
  // Looking at a value does not take it, nor does what cannot raise.
  CHECK(error_of(body_of(
            Version::V313,
            {{Op::LOAD_CONST}, {Op::NOP}, {Op::GET_LEN}, {Op::RAISE_VARARGS, 1}, {Op::RERAISE}},
            ranges)) == "");
  CHECK(
      error_of(body_of(Version::V313,
                       {{Op::LOAD_CONST}, {Op::NOP}, {Op::RETURN_VALUE}, {Op::NOP}, {Op::RERAISE}},
                       ranges)) == "");
  CHECK(error_of(body_of(Version::V313,
                         {{Op::BUILD_LIST},
                          {Op::LOAD_CONST},
                          {Op::LIST_APPEND, 1},
                          {Op::RETURN_VALUE},
                          {Op::RERAISE}},
                         ranges)) == "");
}

TEST_CASE("a range is one of a row") {
  const std::initializer_list<Step> steps = {
      {Op::NOP}, {Op::NOP}, {Op::RETURN_CONST}, {Op::RERAISE}};
  const std::string wrong = "the exception range 0 to 2 (handler 3) is not in its place";
  CHECK(error_of(body_of(
            Version::V313, steps,
            {{.begin = 1, .end = 3, .target = 3}, {.begin = 0, .end = 2, .target = 3}})) == wrong);
  CHECK(error_of(body_of(Version::V313, steps, {{.begin = 1, .end = 1, .target = 3}})) != "");
  CHECK(error_of(body_of(Version::V313, steps, {{.begin = 1, .end = 5, .target = 3}})) != "");
  CHECK(error_of(body_of(Version::V313, steps, {{.begin = 0, .end = 1, .target = 4}})) != "");
}

TEST_CASE("a generator: the value sent, and what throw() raises") {
  Body body = body_of(Version::V313,
                      {{Op::RETURN_GENERATOR},
                       {Op::POP_TOP},
                       {Op::RESUME},
                       {Op::LOAD_CONST},
                       {Op::YIELD_VALUE},
                       {Op::RESUME, 1},
                       {Op::POP_TOP},
                       {Op::RETURN_CONST},
                       {Op::RERAISE, 1}},
                      {{.begin = 2, .end = 4, .target = 8, .lasti = true, .depth = 0},
                       {.begin = 4, .end = 5, .target = 8, .lasti = true, .depth = 0}});
  CHECK(stack_depths(body).before == Before{0, 1, 0, 0, 1, 1, 1, 0, 2});
  body.ranges[1].depth = 1;
  CHECK(error_of(body) != "");  // two depths at the handler
  body.ranges = {{.begin = 4, .end = 5, .target = 8, .lasti = true, .depth = 1}};
  CHECK(stack_depths(body).before[8] == 3);
}

TEST_CASE("END_ASYNC_FOR goes on with two values less") {
  Body body = body_of(Version::V314,
                      {{Op::LOAD_CONST},
                       {Op::GET_AITER},
                       {Op::GET_ANEXT},
                       {Op::POP_TOP},
                       {Op::JUMP_BACKWARD, 2},
                       {Op::END_ASYNC_FOR, 4},
                       {Op::LOAD_CONST},
                       {Op::RETURN_VALUE}},
                      {{.begin = 2, .end = 3, .target = 5}});
  CHECK(stack_depths(body).before == Before{0, 1, 1, 2, 1, 2, 0, 1});
}

TEST_CASE("many blocks, many ranges") {
  constexpr std::uint32_t kBlocks = 20'000;
  constexpr std::uint32_t kSteps = 5;
  Body body{.version = Version::V313, .instructions = {}, .ranges = {}};
  const auto add = [&](Op op, std::uint32_t arg = 0) {
    body.instructions.push_back({.op = op, .arg = arg, .position = {}});
  };
  constexpr std::uint32_t kEnd = kBlocks * kSteps;
  for (std::uint32_t begin = 0; begin < kEnd; begin += kSteps) {
    add(Op::LOAD_FAST);
    add(Op::POP_JUMP_IF_TRUE, begin + kSteps);
    add(Op::LOAD_NAME);
    add(Op::POP_TOP);
    add(Op::NOP);
    body.ranges.push_back({.begin = begin, .end = begin + 4, .target = kEnd + 1});
  }
  add(Op::RETURN_CONST);
  add(Op::RERAISE);
  const Depths depths = stack_depths(body);
  CHECK(depths.greatest == 1);
  CHECK(depths.before.back() == 1);
}

}  // namespace pyccolo::test
