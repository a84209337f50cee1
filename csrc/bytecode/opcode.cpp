// bytecode/opcode.cpp: the tables of opcode.hpp, made from the two .def files and checked while compiling.
#include "bytecode/opcode.hpp"

#include <algorithm>
#include <bit>

namespace pyccolo::bytecode {

namespace {

using PerVersion = std::array<int, kVersionCount>;

constexpr int kAbsent = -1;
constexpr PerVersion kExtendedArg = {144, 144, 71, 69, 67};

/// A row of opcode_numbers.def.
struct Numbers {
  std::string_view name;
  PerVersion number;
  PerVersion caches;
};

constexpr std::array<Numbers, kOpCount> kNumbers = {{
#define NUMBERS(name, n11, n12, n13, n14, n15, c11, c12, c13, c14, c15) \
  {#name, {n11, n12, n13, n14, n15}, {c11, c12, c13, c14, c15}},
#include "def/opcode_numbers.def"
}};

/// A row of opcodes.def.
struct Row {
  Op op;
  Version first;
  Version last;
  Operand operand;
  Flow flow;
  bool may_raise;
  StackCount pops;
  StackCount pushes;
  std::string_view in;
  std::string_view out;

  constexpr bool holds(Version version) const { return first <= version && version <= last; }
};

/// No operand that makes sense is greater; sums of a few such numbers are still an int.
constexpr int bounded(std::uint32_t arg) {
  constexpr std::uint32_t kMost = 1U << 26U;
  return static_cast<int>(std::min(arg, kMost));
}

// Counted for `arg`, its bounded form `n`, and `jump`; a row uses what it needs.
#define COUNT(expression)                        \
  [](std::uint32_t arg, bool jump) -> int {      \
    [[maybe_unused]] const int n = bounded(arg); \
    static_cast<void>(jump);                     \
    return static_cast<int>(expression);         \
  }
constexpr Row kRows[] = {
#define OPCODE(name, first, last, operand, flow, may_raise, pops, pushes, in, out) \
  {Op::name,                                                                       \
   Version::first,                                                                 \
   Version::last,                                                                  \
   Operand::operand,                                                               \
   Flow::flow,                                                                     \
   may_raise,                                                                      \
   COUNT(pops),                                                                    \
   COUNT(pushes),                                                                  \
   in,                                                                             \
   out},
#include "def/opcodes.def"
};
#undef COUNT

constexpr std::array kVersions = {Version::V311, Version::V312, Version::V313, Version::V314,
                                  Version::V315};
static_assert(kVersions.size() == kVersionCount);

constexpr const Numbers& numbers_of(Op op) { return kNumbers[static_cast<std::size_t>(op)]; }

constexpr int number_in(Version version, Op op) {
  return numbers_of(op).number[static_cast<std::size_t>(index_of(version))];
}

constexpr const Row* row_of(Version version, Op op) {
  for (const Row& row : kRows) {
    if (row.op == op && row.holds(version)) return &row;
  }
  return nullptr;
}

// -- what must hold of the two files ----------------------------------------------------------------------------------

constexpr bool each_instruction_has_one_row() {
  for (Version version : kVersions) {
    std::array<int, kOpCount> rows{};
    for (const Row& row : kRows) {
      if (row.holds(version)) ++rows[static_cast<std::size_t>(row.op)];
    }
    for (int op = 0; op < kOpCount; ++op) {
      const bool exists = number_in(version, static_cast<Op>(op)) != kAbsent;
      if (rows[static_cast<std::size_t>(op)] != (exists ? 1 : 0)) return false;
    }
  }
  return true;
}
static_assert(each_instruction_has_one_row(),
              "a row is missing, double, or of a version without the instruction");

constexpr bool numbers_are_given_once() {
  for (std::size_t version = 0; version < kVersionCount; ++version) {
    std::array<bool, 256> taken{};
    taken[static_cast<std::size_t>(kExtendedArg[version])] = true;
    for (const Numbers& numbers : kNumbers) {
      const int number = numbers.number[version];
      if (number == kAbsent) continue;
      if (number < 0 || number > 255 || taken[static_cast<std::size_t>(number)]) return false;
      taken[static_cast<std::size_t>(number)] = true;
    }
  }
  return true;
}
static_assert(numbers_are_given_once());

static_assert(std::ranges::is_sorted(kNumbers, {}, &Numbers::name),
              "op_named() searches by halves");

constexpr bool is_fixed(StackCount count, bool jump) {
  for (std::uint32_t arg = 0; arg < 64; ++arg) {
    if (count(arg, jump) != count(0, jump)) return false;
  }
  return true;
}

constexpr bool fits(std::string_view letters, StackCount count) {
  if (!is_fixed(count, false) || !is_fixed(count, true)) return true;
  return letters.size() == static_cast<std::size_t>(std::max(count(0, false), count(0, true)));
}

constexpr bool letters_fit_counts() {
  return std::ranges::all_of(kRows, [](const Row& row) {
    return fits(row.in, row.pops) && fits(row.out, row.pushes) &&
           row.in.find_first_not_of("omnepilsdtukfcx#") == std::string_view::npos &&
           row.out.find_first_not_of("omnepilsdtukfcx#=") == std::string_view::npos;
  });
}
static_assert(letters_fit_counts());

constexpr bool jumps_have_targets() {
  return std::ranges::all_of(kRows, [](const Row& row) {
    return is_jump_operand(row.operand) || (row.flow != Flow::Jump && row.flow != Flow::Branch);
  });
}
static_assert(jumps_have_targets());

// -- the tables -------------------------------------------------------------------------------------------------------

constexpr OpTable table_of(Version version) {
  OpTable table{};
  table.op_of_number.fill(OpTable::kNoOp);
  const auto at = static_cast<std::size_t>(index_of(version));
  for (std::size_t index = 0; index < kOpCount; ++index) {
    const Op op = static_cast<Op>(index);
    const Row* row = row_of(version, op);
    if (row == nullptr) continue;
    const auto number = static_cast<std::uint8_t>(number_in(version, op));
    table.op_of_number[number] = static_cast<std::uint8_t>(index);
    table.by_op[index] = OpInfo{.op = op,
                                .number = number,
                                .caches = static_cast<std::uint8_t>(kNumbers[index].caches[at]),
                                .operand = row->operand,
                                .flow = row->flow,
                                .may_raise = row->may_raise,
                                .in = row->in.data(),
                                .out = row->out.data(),
                                .pops = row->pops,
                                .pushes = row->pushes};
  }
  return table;
}

}  // namespace

constexpr std::array<OpTable, kVersionCount> kOpTables = {
    table_of(Version::V311), table_of(Version::V312), table_of(Version::V313),
    table_of(Version::V314), table_of(Version::V315)};

std::string_view name_of(Op op) { return numbers_of(op).name; }

std::optional<Op> op_named(std::string_view name) {
  const auto found = std::ranges::lower_bound(kNumbers, name, {}, &Numbers::name);
  if (found == kNumbers.end() || found->name != name) return std::nullopt;
  return static_cast<Op>(found - kNumbers.begin());
}

std::uint8_t extended_arg(Version version) {
  return static_cast<std::uint8_t>(kExtendedArg[static_cast<std::size_t>(index_of(version))]);
}

}  // namespace pyccolo::bytecode
