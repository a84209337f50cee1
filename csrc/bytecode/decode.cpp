#include "bytecode/decode.hpp"

#include <algorithm>
#include <limits>

#include "bytecode/exception_table.hpp"
#include "bytecode/line_table.hpp"

namespace pyccolo::bytecode {

namespace {

constexpr std::uint32_t kInside = std::numeric_limits<std::uint32_t>::max();

class Decoder {
 public:
  Decoder(Version version, const Encoded& encoded) : encoded_(encoded) {
    if (encoded.code.size() % 2 != 0) throw Error("co_code has an odd number of bytes");
    decoded_.body.version = version;
    index_of_unit_.assign(encoded.code.size() / 2 + 1, kInside);
  }

  Decoded run() {
    read_instructions();
    resolve_jumps();
    read_positions();
    read_ranges();
    return std::move(decoded_);
  }

 private:
  std::size_t units() const { return encoded_.code.size() / 2; }

  void read_instructions() {
    const Version version = decoded_.body.version;
    const std::uint8_t extended = extended_arg(version);
    std::vector<Instruction>& instructions = decoded_.body.instructions;
    instructions.reserve(units() / 2 + 1);
    decoded_.offsets.reserve(units() / 2 + 1);
    for (std::size_t unit = 0; unit < units();) {
      const auto index = static_cast<std::uint32_t>(instructions.size());
      index_of_unit_[unit] = index;
      first_units_.push_back(static_cast<std::uint32_t>(unit));
      std::uint32_t arg = encoded_.code[2 * unit + 1];
      while (encoded_.code[2 * unit] == extended) {
        if (++unit == units()) throw Error("EXTENDED_ARG has no instruction behind it", index);
        arg = arg << 8 | encoded_.code[2 * unit + 1];
      }
      const std::uint8_t number = encoded_.code[2 * unit];
      const OpInfo* info = find_number(version, number);
      if (info == nullptr) {
        throw Error("CPython 3." + std::to_string(minor_of(version)) + " has no opcode " +
                        std::to_string(number),
                    index);
      }
      decoded_.offsets.push_back(static_cast<std::uint32_t>(2 * unit));
      instructions.push_back({info->op, arg, {}});
      unit += 1u + info->caches;
      if (unit > units()) throw Error("the inline cache of the last instruction is cut off", index);
      ends_.push_back(static_cast<std::uint32_t>(unit));
    }
    index_of_unit_[units()] = static_cast<std::uint32_t>(instructions.size());
  }

  std::uint32_t index_at(std::uint64_t unit, const char* what, std::size_t index) const {
    if (unit >= units() || index_of_unit_[unit] == kInside)
      throw Error(std::string(what) + " is not at an instruction", index);
    return index_of_unit_[unit];
  }

  void resolve_jumps() {
    Body& body = decoded_.body;
    for (std::size_t i = 0; i < body.instructions.size(); ++i) {
      const Operand operand = body.info(i).operand;
      if (!is_jump_operand(operand)) continue;
      std::uint32_t& arg = body.instructions[i].arg;
      const bool is_backward = operand == Operand::JumpBackward;
      if (is_backward && arg > ends_[i]) throw Error("the target is before the code", i);
      arg = index_at(is_backward ? ends_[i] - arg : std::uint64_t{ends_[i]} + arg, "the target", i);
    }
  }

  /// An instruction is where its first unit is. What the table does not cover has no position.
  void read_positions() {
    LineTableReader reader(encoded_.line_table, encoded_.first_line);
    std::uint64_t covered = 0;
    for (std::size_t i = 0; i < first_units_.size(); ++i) {
      while (covered <= first_units_[i]) {
        if (!reader.next()) return;
        covered += reader.units();
      }
      decoded_.body.instructions[i].position = reader.position();
    }
  }

  void read_ranges() {
    for (const ExceptionRow& row : read_exception_table(encoded_.exception_table)) {
      TryRange range{};
      range.begin = index_at(row.start, "the beginning of an exception range", Error::kNowhere);
      range.target = index_at(row.target, "an exception handler", Error::kNowhere);
      const std::uint64_t end = std::uint64_t{row.start} + row.units;
      if (end > units() || index_of_unit_[end] == kInside)
        throw Error("the end of an exception range is not at an instruction");
      range.end = index_of_unit_[end];
      range.lasti = row.lasti;
      range.depth = static_cast<std::int32_t>(row.depth);
      std::vector<TryRange>& ranges = decoded_.body.ranges;
      if (range.end <= range.begin || (!ranges.empty() && range.begin < ranges.back().end))
        throw Error("exception ranges are empty, not sorted or not apart");
      ranges.push_back(range);
    }
  }

  const Encoded& encoded_;
  Decoded decoded_;
  std::vector<std::uint32_t> index_of_unit_;
  std::vector<std::uint32_t> first_units_;
  std::vector<std::uint32_t> ends_;  ///< the unit behind each instruction and its caches
};

}  // namespace

Decoded decode(Version version, const Encoded& encoded) { return Decoder(version, encoded).run(); }

}  // namespace pyccolo::bytecode
