// bytecode/line_table.hpp: what is written is read again, in the shortest form.
#include "bytecode/line_table.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace pyccolo::test {

using namespace bytecode;

namespace {

std::vector<std::uint8_t> written(std::int32_t first_line, const std::vector<Position>& positions,
                                  std::uint32_t units) {
  std::vector<std::uint8_t> table;
  LineTableWriter writer(table, first_line);
  for (const Position& position : positions) writer.write(position, units);
  return table;
}

}  // namespace

TEST_CASE("each form is read as it was written") {
  const std::vector<Position> positions = {
      {10, 10, 0, 5},     {10, 10, 79, 94},         {10, 10, 80, 90},
      {12, 12, 127, 127}, {11, 11, 0, 1},           {11, 14, 3, 2},
      {11, 11, -1, -1},   {500, 500, 1, 300},       {},
      {500, 501, -1, -1}, {2000000, 2000000, 0, 0}, {1, 1, 5, 4},
  };
  const std::vector<std::uint8_t> table = written(10, positions, 3);
  LineTableReader reader(table, 10);
  for (const Position& position : positions) {
    REQUIRE(reader.next());
    CHECK(reader.position() == position);
    CHECK(reader.units() == 3);
  }
  CHECK_FALSE(reader.next());
}

TEST_CASE("the shortest form that fits is chosen") {
  CHECK(written(5, {{5, 5, 8, 9}}, 1).size() == 2);
  CHECK(written(5, {{5, 5, 8, 24}}, 1).size() == 3);
  CHECK(written(5, {{7, 7, 8, 9}}, 1).size() == 3);
  CHECK(written(5, {{8, 8, -1, -1}}, 1).size() == 2);
  CHECK(written(5, {{}}, 1).size() == 1);
  CHECK(written(5, {{4, 4, 8, 9}}, 1).size() == 5);
}

TEST_CASE("what is longer than 8 units is written in pieces") {
  const std::vector<std::uint8_t> table = written(1, {{2, 2, 0, 4}}, 19);
  LineTableReader reader(table, 1);
  std::uint32_t units = 0;
  int pieces = 0;
  for (; reader.next(); ++pieces) {
    CHECK(reader.position() == Position{2, 2, 0, 4});
    units += reader.units();
  }
  CHECK(units == 19);
  CHECK(pieces == 3);
}

TEST_CASE("a table that is cut off or out of step is an error") {
  std::vector<std::uint8_t> table = written(1, {{300, 310, 70, 90}}, 2);
  table.pop_back();
  LineTableReader cut(table, 1);
  CHECK_THROWS_AS(cut.next(), Error);
  const std::vector<std::uint8_t> no_entry = {0x05};
  LineTableReader lost(no_entry, 1);
  CHECK_THROWS_AS(lost.next(), Error);
  const std::vector<std::uint8_t> endless = {0xE8, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F};
  LineTableReader long_number(endless, 1);
  CHECK_THROWS_AS(long_number.next(), Error);
}

}  // namespace pyccolo::test
