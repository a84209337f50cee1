#include "bytecode/assemble.hpp"

#include <algorithm>

#include "bytecode/exception_table.hpp"
#include "bytecode/line_table.hpp"

namespace pyccolo::bytecode {

namespace {

constexpr int kRoundsOfTheCompiler = 100;

constexpr std::uint8_t extended_args(std::uint32_t arg) {
  return arg <= 0xFF ? 0 : arg <= 0xFFFF ? 1 : arg <= 0xFFFFFF ? 2 : 3;
}

/// Chooses how far each jump goes and so how long it is: each depends on the others.
class Layout {
 public:
  explicit Layout(const Body& body) : body_(body) {
    const std::size_t count = body.instructions.size();
    args_.resize(count);
    prefixes_.resize(count);
    starts_.resize(count + 1);
    fixed_.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      const Instruction& instruction = body.instructions[i];
      const OpInfo* info = find_op(body.version, instruction.op);
      if (info == nullptr) {
        throw Error("CPython 3." + std::to_string(minor_of(body.version)) + " has no " +
                        std::string(name_of(instruction.op)),
                    i);
      }
      fixed_[i] = 1u + info->caches;
      args_[i] = instruction.arg;
      if (!is_jump_operand(info->operand)) continue;
      if (instruction.arg >= count) throw Error("the target is behind the code", i);
      jumps_.push_back({static_cast<std::uint32_t>(i), info->operand == Operand::JumpBackward});
      // The compilers start from different guesses, and may end with different lengths.
      if (body.version < Version::V313) args_[i] = 0;
    }
    for (std::size_t i = 0; i < count; ++i) prefixes_[i] = extended_args(args_[i]);
    settle();
  }

  std::uint32_t arg(std::size_t i) const { return args_[i]; }
  std::uint32_t prefixes(std::size_t i) const { return prefixes_[i]; }
  std::uint32_t start(std::size_t i) const { return starts_[i]; }
  std::uint32_t units(std::size_t i) const { return starts_[i + 1] - starts_[i]; }

 private:
  struct Jump {
    std::uint32_t index;
    bool is_backward;
  };

  void place() {
    std::uint32_t at = 0;
    for (std::size_t i = 0; i < args_.size(); ++i) {
      starts_[i] = at;
      at += fixed_[i] + prefixes_[i];
    }
    starts_.back() = at;
  }

  void settle() {
    place();
    for (int round = 0;; ++round) {
      bool changed = false;
      for (const Jump& jump : jumps_) {
        const std::uint32_t from = starts_[jump.index + 1];
        const std::uint32_t to = starts_[body_.instructions[jump.index].arg];
        const std::uint32_t distance = from > to ? from - to : to - from;
        std::uint8_t& prefixes = prefixes_[jump.index];
        std::uint8_t wanted = extended_args(distance);
        // A jump that only ever grows comes to an end; the compiler's way need not.
        if (round >= kRoundsOfTheCompiler) wanted = std::max(wanted, prefixes);
        changed = changed || wanted != prefixes;
        prefixes = wanted;
        args_[jump.index] = distance;
      }
      if (!changed) break;
      place();
    }
    for (const Jump& jump : jumps_) check_direction(jump);
  }

  void check_direction(const Jump& jump) const {
    const bool goes_back = body_.instructions[jump.index].arg <= jump.index;
    if (goes_back == jump.is_backward) return;
    throw Error(std::string(name_of(body_.instructions[jump.index].op)) + " jumps " +
                    (jump.is_backward ? "backward" : "forward") + "; its label is " +
                    (goes_back ? "before it" : "behind it"),
                jump.index);
  }

  const Body& body_;
  std::vector<std::uint32_t> args_;
  std::vector<std::uint8_t> prefixes_;  ///< EXTENDED_ARGs
  std::vector<std::uint32_t> fixed_;    ///< units of the instruction and its caches
  std::vector<std::uint32_t> starts_;   ///< and the end, last
  std::vector<Jump> jumps_;
};

void write_code(const Body& body, const Layout& layout, std::vector<std::uint8_t>& code) {
  const std::size_t count = body.instructions.size();
  const std::uint8_t extended = extended_arg(body.version);
  code.assign(2 * static_cast<std::size_t>(layout.start(count)), 0);
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t at = 2 * static_cast<std::size_t>(layout.start(i));
    const std::uint32_t arg = layout.arg(i);
    for (std::uint32_t more = layout.prefixes(i); more > 0; --more) {
      code[at++] = extended;
      code[at++] = static_cast<std::uint8_t>(arg >> (8 * more));
    }
    code[at++] = body.info(i).number;
    code[at] = static_cast<std::uint8_t>(arg);
  }
}

void write_positions(const Body& body, const Layout& layout, LineTableWriter writer) {
  const bool merges = body.version >= Version::V312;
  std::uint32_t units = 0;
  for (std::size_t i = 0; i < body.instructions.size(); ++i) {
    const Position& position = body.instructions[i].position;
    units += layout.units(i);
    const bool goes_on =
        merges && i + 1 < body.instructions.size() && body.instructions[i + 1].position == position;
    if (goes_on) continue;
    writer.write(position, units);
    units = 0;
  }
}

void write_ranges(const Body& body, const Layout& layout, std::vector<std::uint8_t>& table) {
  for (const TryRange& range : body.ranges) {
    const std::uint32_t start = layout.start(range.begin);
    write_exception_row(table, {start, layout.start(range.end) - start, layout.start(range.target),
                                static_cast<std::uint32_t>(range.depth), range.lasti});
  }
}

}  // namespace

Assembled assemble(const Body& body, std::int32_t first_line) {
  const Layout layout(body);
  Assembled assembled;
  write_code(body, layout, assembled.code);
  assembled.line_table.reserve(body.instructions.size() * 3);
  write_positions(body, layout, LineTableWriter(assembled.line_table, first_line));
  write_ranges(body, layout, assembled.exception_table);
  return assembled;
}

}  // namespace pyccolo::bytecode
