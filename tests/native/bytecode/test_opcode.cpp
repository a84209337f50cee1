// bytecode/opcode.hpp: the table of each version. (tests/bytecode compares its numbers with the interpreters.)
#include "bytecode/opcode.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace pyccolo::test {

using namespace bytecode;

namespace {

constexpr Version kVersions[] = {Version::V311, Version::V312, Version::V313, Version::V314,
                                 Version::V315};

const OpInfo& info(Version version, Op op) {
  const OpInfo* found = find_op(version, op);
  REQUIRE_MESSAGE(found != nullptr, name_of(op));
  return *found;
}

std::vector<const OpInfo*> all(Version version) {
  std::vector<const OpInfo*> found;
  for (int op = 0; op < kOpCount; ++op) {
    if (const OpInfo* info = find_op(version, static_cast<Op>(op))) found.push_back(info);
  }
  return found;
}

int net(Version version, Op op, std::uint32_t arg = 0, bool jump = false) {
  const OpInfo& of = info(version, op);
  return of.pushes(arg, jump) - of.pops(arg, jump);
}

}  // namespace

TEST_CASE("versions are those of the interpreter") {
  for (Version version : kVersions) CHECK(version_of_minor(minor_of(version)) == version);
  CHECK_FALSE(is_known_minor(10));
  CHECK(is_known_minor(11));
  CHECK(is_known_minor(15));
  CHECK_FALSE(is_known_minor(16));
}

TEST_CASE("an instruction is found by its number and by its name") {
  for (Version version : kVersions) {
    for (const OpInfo* of : all(version)) {
      CAPTURE(name_of(of->op));
      CHECK(find_number(version, of->number) == of);
      CHECK(op_named(name_of(of->op)) == of->op);
    }
  }
  CHECK(all(Version::V311).size() == 108);
  CHECK(all(Version::V312).size() == 108);
  CHECK(all(Version::V313).size() == 115);
  CHECK(all(Version::V314).size() == 118);
  CHECK(all(Version::V315).size() == 117);
}

TEST_CASE("numbers without an instruction have none") {
  for (Version version : kVersions) {
    CHECK(find_number(version, 0) == nullptr);  // CACHE
    CHECK(find_number(version, extended_arg(version)) == nullptr);
    CHECK(find_number(version, 255) == nullptr);
  }
  CHECK(extended_arg(Version::V312) == 144);
  CHECK(extended_arg(Version::V315) == 67);
}

TEST_CASE("a version has its own instructions") {
  CHECK(find_op(Version::V311, Op::PRECALL) != nullptr);
  CHECK(find_op(Version::V312, Op::PRECALL) == nullptr);
  CHECK(find_op(Version::V313, Op::LOAD_FAST_BORROW) == nullptr);
  CHECK(info(Version::V314, Op::LOAD_FAST_BORROW).number == 86);
  CHECK(info(Version::V315, Op::CALL_FUNCTION_EX).caches == 1);
  CHECK(find_op(Version::V311, Op::kCount) == nullptr);
}

TEST_CASE("names that no instruction has") {
  for (std::string_view name :
       {"", "LOAD", "LOAD_FAST ", "load_fast", "ZZZ", "CACHE", "EXTENDED_ARG"}) {
    CAPTURE(name);
    CHECK_FALSE(op_named(name).has_value());
  }
}

TEST_CASE("what jumps has a target") {
  for (Version version : kVersions) {
    for (const OpInfo* of : all(version)) {
      const std::string_view name = name_of(of->op);
      CAPTURE(name);
      if (of->jumps()) CHECK(is_jump_operand(of->operand));
      if (name.find("BACKWARD") != name.npos) CHECK(of->operand == Operand::JumpBackward);
      if (of->flow == Flow::Return || of->flow == Flow::Raise) CHECK(of->ends_block());
      if (of->flow == Flow::Branch) CHECK_FALSE(of->ends_block());
    }
  }
}

TEST_CASE("END_ASYNC_FOR has the operand of a jump, but goes on") {
  const OpInfo& of = info(Version::V314, Op::END_ASYNC_FOR);
  CHECK(of.operand == Operand::JumpBackward);
  CHECK_FALSE(of.jumps());
  CHECK_FALSE(of.ends_block());
  CHECK(of.may_raise);
  CHECK(info(Version::V313, Op::END_ASYNC_FOR).operand == Operand::None);
}

TEST_CASE("operands that mean something else in another version") {
  CHECK(info(Version::V311, Op::LOAD_ATTR).operand == Operand::Name);
  CHECK(info(Version::V312, Op::LOAD_ATTR).operand == Operand::NameMethod);
  CHECK(info(Version::V314, Op::IMPORT_NAME).operand == Operand::Name);
  CHECK(info(Version::V315, Op::IMPORT_NAME).operand == Operand::NameImport);
  CHECK(info(Version::V314, Op::GET_ITER).operand == Operand::None);
  CHECK(info(Version::V315, Op::GET_ITER).operand == Operand::Count);
  CHECK(info(Version::V313, Op::CALL_FUNCTION_EX).operand == Operand::Count);
  CHECK(info(Version::V314, Op::CALL_FUNCTION_EX).operand == Operand::None);
}

TEST_CASE("jumping or not makes a difference in 3.11") {
  CHECK(net(Version::V311, Op::FOR_ITER, 0, false) == 1);
  CHECK(net(Version::V311, Op::FOR_ITER, 0, true) == -1);
  CHECK(net(Version::V312, Op::FOR_ITER, 0, true) == 1);
  CHECK(net(Version::V311, Op::SEND, 0, true) == -1);
  CHECK(net(Version::V311, Op::JUMP_IF_TRUE_OR_POP, 0, true) == 0);
  CHECK(net(Version::V311, Op::JUMP_IF_TRUE_OR_POP, 0, false) == -1);
  for (Version version : {Version::V312, Version::V313, Version::V314, Version::V315}) {
    for (const OpInfo* of : all(version)) {
      for (std::uint32_t arg : {0U, 1U, 7U}) CHECK(of->pushes(arg, true) == of->pushes(arg, false));
    }
  }
}

TEST_CASE("what reaches below the top counts down to there") {
  for (Version version : kVersions) {
    for (Op op : {Op::LIST_APPEND, Op::SET_ADD, Op::LIST_EXTEND, Op::SET_UPDATE, Op::DICT_UPDATE}) {
      CHECK(info(version, op).pops(3, false) == 4);
      CHECK(net(version, op, 3) == -1);
    }
    CHECK(info(version, Op::MAP_ADD).pops(3, false) == 5);
    CHECK(info(version, Op::RERAISE).pops(1, false) == 2);
    CHECK(info(version, Op::COPY).pops(3, false) == 3);
    CHECK(info(version, Op::COPY).pushes(3, false) == 4);
    CHECK(info(version, Op::SWAP).pops(3, false) == 3);
    CHECK(net(version, Op::SWAP, 3) == 0);
  }
  // The function that is called is named when a mapping does not fit.
  CHECK(info(Version::V312, Op::DICT_MERGE).pops(1, false) == 4);
  CHECK(info(Version::V313, Op::DICT_MERGE).pops(1, false) == 5);
}

TEST_CASE("counts depend on operands") {
  CHECK(net(Version::V311, Op::MAKE_FUNCTION, 0b1011) == -3);
  CHECK(net(Version::V313, Op::MAKE_FUNCTION) == 0);
  CHECK(net(Version::V312, Op::BUILD_SLICE, 3) == -2);
  CHECK(net(Version::V312, Op::FORMAT_VALUE, 4 | 2) == -1);
  CHECK(net(Version::V315, Op::UNPACK_EX, 2 | 3U << 8U) == 5);
  CHECK(net(Version::V313, Op::BUILD_MAP, 300) == -599);
  CHECK(net(Version::V314, Op::LOAD_GLOBAL, 7) == 2);
  CHECK(net(Version::V312, Op::LOAD_SUPER_ATTR, 5) == -1);
}

TEST_CASE("no operand makes a count negative") {
  for (Version version : kVersions) {
    for (const OpInfo* of : all(version)) {
      CAPTURE(name_of(of->op));
      for (std::uint32_t arg : {0U, 1U, 255U, 0x7FFF'FFFFU, 0x8000'0000U, 0xFFFF'FFFFU}) {
        for (bool jump : {false, true}) {
          CHECK(of->pops(arg, jump) >= 0);
          CHECK(of->pushes(arg, jump) >= 0);
        }
      }
    }
  }
}

TEST_CASE("a generator's frame starts with the value sent") {
  for (Version version : kVersions)
    CHECK(info(version, Op::RETURN_GENERATOR).pushes(0, false) == 1);
}

TEST_CASE("what was there stays in its place") {
  for (Version version : kVersions) {
    for (const OpInfo* of : all(version)) {
      CAPTURE(name_of(of->op));
      const std::string_view in = of->in;
      const std::string_view out = of->out;
      CHECK(in.find('=') == in.npos);
      const std::size_t same = std::min(out.find_first_not_of('='), out.size());
      CHECK(out.find('=', same) == out.npos);
      for (std::uint32_t arg : {0U, 1U, 5U}) {
        const int others = static_cast<int>(out.size() - same);
        if (same > 0) CHECK(of->pushes(arg, false) - others <= of->pops(arg, false));
      }
    }
  }
  CHECK(std::string(info(Version::V315, Op::FOR_ITER).in) == "ix");
  CHECK(std::string(info(Version::V315, Op::FOR_ITER).out) == "==o");
}

TEST_CASE("unbound names raise where they are checked") {
  CHECK(info(Version::V311, Op::LOAD_FAST).may_raise);
  CHECK_FALSE(info(Version::V312, Op::LOAD_FAST).may_raise);
  CHECK(info(Version::V312, Op::LOAD_FAST_CHECK).may_raise);
  for (Version version : kVersions) {
    CHECK(info(version, Op::JUMP_BACKWARD).may_raise);  // signals
    CHECK_FALSE(info(version, Op::JUMP_FORWARD).may_raise);
    CHECK(info(version, Op::YIELD_VALUE).may_raise);  // throw()
  }
}

}  // namespace pyccolo::test
