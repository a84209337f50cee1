#include "bytecode/line_table.hpp"

#include <algorithm>

namespace pyccolo::bytecode {

namespace {

constexpr unsigned kLongestShortForm = 9;  // forms 0 to 9: one line, a narrow span below column 80
constexpr unsigned kOneLine = 10;          // 10 to 12: so many lines on, columns below 128
constexpr unsigned kNoColumns = 13;
constexpr unsigned kLong = 14;
constexpr unsigned kNoPosition = 15;
constexpr std::uint32_t kGreatestPiece = 8;

}  // namespace

std::uint8_t LineTableReader::byte() {
  if (at_ >= table_.size()) throw Error("co_linetable is cut off");
  return table_[at_++];
}

std::uint32_t LineTableReader::varint() {
  std::uint32_t value = 0;
  for (unsigned shift = 0;; shift += 6) {
    const std::uint32_t piece = byte();
    if (shift >= 32) throw Error("co_linetable has a number that is too long");
    value |= (piece & 63) << shift;
    if ((piece & 64) == 0) return value;
  }
}

std::int32_t LineTableReader::signed_varint() {
  const std::uint32_t value = varint();
  const auto magnitude = static_cast<std::int32_t>(value >> 1);
  return (value & 1) != 0 ? -magnitude : magnitude;
}

bool LineTableReader::next() {
  if (at_ >= table_.size()) return false;
  const std::uint8_t first = byte();
  if ((first & 0x80) == 0) throw Error("co_linetable has no entry where one should begin");
  units_ = (first & 7u) + 1;
  const unsigned form = (first >> 3) & 15u;
  position_ = Position{};
  if (form == kNoPosition) return true;
  if (form <= kLongestShortForm) {
    const std::uint32_t second = byte();
    position_.column = static_cast<std::int32_t>(form << 3 | second >> 4);
    position_.end_column = position_.column + static_cast<std::int32_t>(second & 15);
    position_.line = position_.end_line = line_;
    return true;
  }
  if (form < kNoColumns) {
    line_ += static_cast<std::int32_t>(form - kOneLine);
    position_.line = position_.end_line = line_;
    position_.column = byte();
    position_.end_column = byte();
    return true;
  }
  line_ += signed_varint();
  position_.line = position_.end_line = line_;
  if (form == kLong) {
    position_.end_line += static_cast<std::int32_t>(varint());
    position_.column = static_cast<std::int32_t>(varint()) - 1;
    position_.end_column = static_cast<std::int32_t>(varint()) - 1;
  }
  return true;
}

void LineTableWriter::head(unsigned form, std::uint32_t units) {
  byte(0x80 | form << 3 | (units - 1));
}

void LineTableWriter::varint(std::uint32_t value) {
  for (; value >= 64; value >>= 6) byte((value & 63) | 64);
  byte(value);
}

void LineTableWriter::signed_varint(std::int32_t value) {
  const auto bits = static_cast<std::uint32_t>(value);
  varint(value < 0 ? (0 - bits) << 1 | 1 : bits << 1);
}

void LineTableWriter::write(const Position& position, std::uint32_t units) {
  for (; units > kGreatestPiece; units -= kGreatestPiece) write_piece(position, kGreatestPiece);
  if (units > 0) write_piece(position, units);
}

void LineTableWriter::write_piece(const Position& position, std::uint32_t units) {
  if (position.line < 0) return head(kNoPosition, units);
  const std::int32_t delta = position.line - line_;
  const std::int32_t end_line = std::max(position.end_line, position.line);
  const std::int32_t from = position.column;
  const std::int32_t to = position.end_column;
  line_ = position.line;
  if (end_line == position.line) {
    if (from < 0 || to < 0) {
      head(kNoColumns, units);
      return signed_varint(delta);
    }
    if (delta == 0 && from < 80 && to >= from && to - from < 16) {
      head(static_cast<unsigned>(from) >> 3, units);
      return byte(static_cast<std::uint32_t>((from & 7) << 4 | (to - from)));
    }
    if (delta >= 0 && delta < 3 && from < 128 && to < 128) {
      head(kOneLine + static_cast<unsigned>(delta), units);
      byte(static_cast<std::uint32_t>(from));
      return byte(static_cast<std::uint32_t>(to));
    }
  }
  head(kLong, units);
  signed_varint(delta);
  varint(static_cast<std::uint32_t>(end_line - position.line));
  varint(static_cast<std::uint32_t>(from + 1));
  varint(static_cast<std::uint32_t>(to + 1));
}

}  // namespace pyccolo::bytecode
