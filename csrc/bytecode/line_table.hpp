// bytecode/line_table.hpp: co_linetable, the positions of instructions (PEP 626 and PEP 657; Objects/locations.md).
#pragma once

#include <cstdint>
#include <vector>

#include "bytecode/body.hpp"
#include "bytecode/decode.hpp"

namespace pyccolo::bytecode {

/// Reads entry by entry: a position and the units of code it is for.
class LineTableReader {
 public:
  LineTableReader(Bytes table, std::int32_t first_line) : table_(table), line_(first_line) {}

  /// False at the end. Throws Error if the table is cut off.
  bool next();
  const Position& position() const { return position_; }
  std::uint32_t units() const { return units_; }

 private:
  std::uint8_t byte();
  std::uint32_t varint();
  std::int32_t signed_varint();

  Bytes table_;
  std::size_t at_ = 0;
  std::int32_t line_;
  Position position_;
  std::uint32_t units_ = 0;
};

/// Writes as the compiler does: in pieces of at most 8 units, each in the shortest form.
class LineTableWriter {
 public:
  LineTableWriter(std::vector<std::uint8_t>& table, std::int32_t first_line)
      : table_(table), line_(first_line) {}

  void write(const Position& position, std::uint32_t units);

 private:
  void write_piece(const Position& position, std::uint32_t units);
  void head(unsigned form, std::uint32_t units);
  void byte(std::uint32_t value) { table_.push_back(static_cast<std::uint8_t>(value)); }
  void varint(std::uint32_t value);
  void signed_varint(std::int32_t value);

  std::vector<std::uint8_t>& table_;
  std::int32_t line_;
};

}  // namespace pyccolo::bytecode
