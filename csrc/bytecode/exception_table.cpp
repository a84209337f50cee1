#include "bytecode/exception_table.hpp"

namespace pyccolo::bytecode {

namespace {

constexpr std::uint32_t kContinues = 64;
constexpr std::uint32_t kFirstOfRow = 128;

std::uint32_t read(Bytes table, std::size_t& at) {
  std::uint32_t value = 0;
  for (std::uint32_t piece = kContinues; (piece & kContinues) != 0;) {
    if (at >= table.size()) throw Error("co_exceptiontable is cut off");
    if (value >= 1u << 26) throw Error("co_exceptiontable has a number that is too long");
    piece = table[at++];
    value = value << 6 | (piece & 63);
  }
  return value;
}

void write(std::vector<std::uint8_t>& table, std::uint32_t value, std::uint32_t mark = 0) {
  unsigned shift = 0;
  while (shift < 30 && value >> shift >= 64) shift += 6;
  for (; shift > 0; shift -= 6) {
    table.push_back(static_cast<std::uint8_t>((value >> shift & 63) | kContinues | mark));
    mark = 0;
  }
  table.push_back(static_cast<std::uint8_t>((value & 63) | mark));
}

}  // namespace

std::vector<ExceptionRow> read_exception_table(Bytes table) {
  std::vector<ExceptionRow> rows;
  for (std::size_t at = 0; at < table.size();) {
    if ((table[at] & kFirstOfRow) == 0)
      throw Error("co_exceptiontable has no row where one should begin");
    ExceptionRow row{};
    row.start = read(table, at);
    row.units = read(table, at);
    row.target = read(table, at);
    const std::uint32_t kept = read(table, at);
    row.depth = kept >> 1;
    row.lasti = (kept & 1) != 0;
    rows.push_back(row);
  }
  return rows;
}

void write_exception_row(std::vector<std::uint8_t>& table, const ExceptionRow& row) {
  write(table, row.start, kFirstOfRow);
  write(table, row.units);
  write(table, row.target);
  write(table, row.depth << 1 | (row.lasti ? 1u : 0u));
}

}  // namespace pyccolo::bytecode
