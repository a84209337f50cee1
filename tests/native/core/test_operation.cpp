// core/operation.hpp: the operators, numbered as in operations.def.
#include "core/operation.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace pyccolo::test {

namespace {

struct Row {
  const char* name;
  Op op;
  int arity;
};

constexpr Row kRows[] = {
#define OPERATION(name, arity) {#name, Op::name, arity},
#include "def/operations.def"
};

static_assert(static_cast<int>(Op::None) == 0, "a marker without an operator has no bits for it");
static_assert(sizeof(kRows) / sizeof(kRows[0]) == kOpCount - 2,
              "None and Chain are no ast classes");

}  // namespace

TEST_CASE("operators are numbered in the order of the table") {
  int number = 1;
  for (const Row& row : kRows) CHECK(static_cast<int>(row.op) == number++);
  CHECK(static_cast<int>(Op::Chain) == number);
}

TEST_CASE("unary operators are the four of the grammar") {
  std::set<std::string> unary;
  for (const Row& row : kRows) {
    CHECK((row.arity == 1 || row.arity == 2));
    if (row.arity == 1) unary.insert(row.name);
  }
  CHECK(unary == std::set<std::string>{"Invert", "Not", "UAdd", "USub"});
}

}  // namespace pyccolo::test
