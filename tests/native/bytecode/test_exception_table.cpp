// bytecode/exception_table.hpp: rows are read as they were written.
#include "bytecode/exception_table.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace pyccolo::test {

using namespace bytecode;

TEST_CASE("rows of all sizes are read as they were written") {
  const std::vector<ExceptionRow> rows = {
      {0, 1, 2, 0, false},
      {63, 64, 65, 3, true},
      {4095, 4096, 70000, 31, false},
      {262143, 262144, 5, 1, true},
      {20000000, 30000000, 40000000, 1000, true},
  };
  std::vector<std::uint8_t> table;
  for (const ExceptionRow& row : rows) write_exception_row(table, row);
  const std::vector<ExceptionRow> read = read_exception_table(table);
  REQUIRE(read.size() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CHECK(read[i].start == rows[i].start);
    CHECK(read[i].units == rows[i].units);
    CHECK(read[i].target == rows[i].target);
    CHECK(read[i].depth == rows[i].depth);
    CHECK(read[i].lasti == rows[i].lasti);
  }
}

TEST_CASE("only the first byte of a row is marked as one") {
  std::vector<std::uint8_t> table;
  write_exception_row(table, {100, 200, 300, 50, true});
  REQUIRE(table.size() == 8);
  for (std::size_t i = 0; i < table.size(); ++i) CHECK(((table[i] & 0x80) != 0) == (i == 0));
}

TEST_CASE("a table that is cut off or out of step is an error") {
  std::vector<std::uint8_t> table;
  write_exception_row(table, {100, 200, 300, 50, true});
  table.pop_back();
  CHECK_THROWS_AS(read_exception_table(table), Error);
  const std::vector<std::uint8_t> no_row = {0x01, 0x01, 0x01, 0x01};
  CHECK_THROWS_AS(read_exception_table(no_row), Error);
  const std::vector<std::uint8_t> endless = {0xFF, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F};
  CHECK_THROWS_AS(read_exception_table(endless), Error);
}

}  // namespace pyccolo::test
