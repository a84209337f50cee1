// bytecode/exception_table.hpp: co_exceptiontable, row by row (Objects/exception_handling_notes.txt).
#pragma once

#include <cstdint>
#include <vector>

#include "bytecode/decode.hpp"

namespace pyccolo::bytecode {

/// A row as it is written: places in units of code.
struct ExceptionRow {
  std::uint32_t start;
  std::uint32_t units;
  std::uint32_t target;
  std::uint32_t depth;
  bool lasti;
};

/// Throws Error if the table is cut off.
std::vector<ExceptionRow> read_exception_table(Bytes table);
void write_exception_row(std::vector<std::uint8_t>& table, const ExceptionRow& row);

}  // namespace pyccolo::bytecode
