// bytecode/assemble.hpp and bytecode/decode.hpp: there and back, in every version.
#include "bytecode/assemble.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "bytecode/decode.hpp"

namespace pyccolo::test {

using namespace bytecode;

namespace {

constexpr Version kVersions[] = {Version::V311, Version::V312, Version::V313, Version::V314,
                                 Version::V315};

Decoded again(Version version, const Assembled& assembled, std::int32_t first_line) {
  return decode(version,
                {assembled.code, assembled.line_table, assembled.exception_table, first_line});
}

std::string error_of(const Body& body) {
  try {
    assemble(body, 1);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

/// A forward jump over `count` NOPs and one back to its beginning.
Body loop(Version version, std::uint32_t count) {
  Body body{version, {}, {}};
  body.instructions.push_back({Op::JUMP_FORWARD, count + 1, {1, 1, 0, 4}});
  for (std::uint32_t i = 0; i < count; ++i) body.instructions.push_back({Op::NOP, 0, {2, 2, 0, 4}});
  body.instructions.push_back({Op::JUMP_BACKWARD, 0, {3, 3, 0, 4}});
  return body;
}

}  // namespace

TEST_CASE("jumps of every length are as long as they must be") {
  for (const Version version : kVersions) {
    for (const std::uint32_t count :
         {0u, 1u, 253u, 254u, 255u, 256u, 65533u, 65534u, 65535u, 65536u}) {
      CAPTURE(minor_of(version));
      CAPTURE(count);
      const Body body = loop(version, count);
      const Decoded read = again(version, assemble(body, 1), 1);
      CHECK(read.body.instructions == body.instructions);
    }
  }
}

TEST_CASE("chains of jumps that make each other longer come to an end") {
  for (const Version version : kVersions) {
    Body body{version, {}, {}};
    constexpr std::uint32_t kCount = 600;
    for (std::uint32_t i = 0; i < kCount; ++i)
      body.instructions.push_back({Op::JUMP_FORWARD, std::min(i + 127, kCount), {}});
    body.instructions.push_back({Op::NOP, 0, {}});
    CHECK(again(version, assemble(body, 1), 1).body.instructions == body.instructions);
  }
}

TEST_CASE("operands of every width") {
  for (const Version version : kVersions) {
    Body body{version, {}, {}};
    for (const std::uint32_t arg :
         {0u, 255u, 256u, 65535u, 65536u, 16777215u, 16777216u, 4294967295u}) {
      body.instructions.push_back({Op::LOAD_CONST, arg, {7, 7, 1, 2}});
    }
    const Decoded read = again(version, assemble(body, 7), 7);
    CHECK(read.body.instructions == body.instructions);
    CHECK(read.offsets[0] == 0);
    CHECK(read.offsets[2] == 6);
  }
}

TEST_CASE("exception ranges are where their instructions are") {
  for (const Version version : kVersions) {
    Body body{version, {}, {}};
    for (int i = 0; i < 300; ++i) body.instructions.push_back({Op::LOAD_CONST, 300, {}});
    TryRange first{0, 10, 290};
    first.depth = 0;
    TryRange second{10, 300, 5};
    second.depth = 3;
    second.lasti = true;
    body.ranges = {first, second};
    const Decoded read = again(version, assemble(body, 1), 1);
    CHECK(read.body.ranges == body.ranges);
  }
}

TEST_CASE("a jump in the wrong direction is an error") {
  Body body{Version::V313, {{Op::NOP, 0, {}}, {Op::JUMP_FORWARD, 0, {}}}, {}};
  CHECK(error_of(body) == "JUMP_FORWARD jumps forward; its label is before it");
  body.instructions = {{Op::JUMP_BACKWARD, 1, {}}, {Op::NOP, 0, {}}};
  CHECK(error_of(body) == "JUMP_BACKWARD jumps backward; its label is behind it");
  body.instructions = {{Op::PRECALL, 0, {}}};
  CHECK(error_of(body) == "CPython 3.13 has no PRECALL");
}

TEST_CASE("bytes that are no code are an error") {
  const std::vector<std::uint8_t> odd = {9};
  CHECK_THROWS_AS(decode(Version::V311, {odd, {}, {}, 1}), Error);
  const std::vector<std::uint8_t> unknown = {250, 0};
  CHECK_THROWS_AS(decode(Version::V311, {unknown, {}, {}, 1}), Error);
  const std::vector<std::uint8_t> prefix_only = {extended_arg(Version::V311), 1};
  CHECK_THROWS_AS(decode(Version::V311, {prefix_only, {}, {}, 1}), Error);
  const OpInfo& global = *find_op(Version::V311, Op::LOAD_GLOBAL);
  const std::vector<std::uint8_t> no_cache = {global.number, 0, 0, 0};
  CHECK_THROWS_AS(decode(Version::V311, {no_cache, {}, {}, 1}), Error);
  const OpInfo& jump = *find_op(Version::V311, Op::JUMP_FORWARD);
  const std::vector<std::uint8_t> into_cache = {
      jump.number, 1, global.number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  CHECK_THROWS_AS(decode(Version::V311, {into_cache, {}, {}, 1}), Error);
  const std::vector<std::uint8_t> far = {jump.number, 200};
  CHECK_THROWS_AS(decode(Version::V311, {far, {}, {}, 1}), Error);
}

TEST_CASE("what the line table does not cover has no position") {
  const OpInfo& nop = *find_op(Version::V312, Op::NOP);
  const std::vector<std::uint8_t> code = {nop.number, 0, nop.number, 0};
  std::vector<std::uint8_t> lines = {0x80 | 13 << 3, 0};
  const Decoded read = decode(Version::V312, {code, lines, {}, 4});
  CHECK(read.body.instructions[0].position == Position{4, 4, -1, -1});
  CHECK(read.body.instructions[1].position == Position{});
}

}  // namespace pyccolo::test
