#include "bytecode/operands.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace pyccolo::bytecode {

namespace {

std::string text(std::uint64_t number) { return std::to_string(number); }

/// The least and the greatest operand.
struct Bounds {
  std::uint32_t least = 0;
  std::uint32_t most = static_cast<std::uint32_t>(-1);
};

constexpr std::uint32_t kSmallInts314 = 257;
constexpr std::uint32_t kSmallInts315 = 1025;

Bounds bounds_of_count(Version version, Op op) {
  switch (op) {
    case Op::RAISE_VARARGS:
    case Op::RERAISE:
    case Op::GET_AWAITABLE:
      return {0, 2};
    case Op::BUILD_SLICE:
      return {2, 3};
    case Op::IS_OP:
    case Op::CONTAINS_OP:
    case Op::CALL_FUNCTION_EX:
      return {0, 1};
    case Op::COPY:
    case Op::LIST_APPEND:
    case Op::LIST_EXTEND:
    case Op::SET_ADD:
    case Op::SET_UPDATE:
    case Op::MAP_ADD:
    case Op::DICT_UPDATE:
    case Op::DICT_MERGE:
      return {.least = 1};
    case Op::SWAP:
      return {.least = 2};
    case Op::MAKE_FUNCTION:
      return {0, 15};
    case Op::YIELD_VALUE:
      return version >= Version::V313 ? Bounds{0, 1} : Bounds{};
    case Op::GET_ITER:
      return {0, 3};
    case Op::LOAD_SMALL_INT:
      return {0, (version >= Version::V315 ? kSmallInts315 : kSmallInts314) - 1};
    case Op::BUILD_INTERPOLATION:
      return {2, 15};
    default:
      return {};
  }
}

/// For < <= == != > >=: the results of a three-way comparison that are true.
constexpr std::uint32_t kTrueResults[] = {2, 10, 8, 7, 4, 12};
constexpr std::uint32_t kComparisons = 6;

class OperandCheck {
 public:
  OperandCheck(Listing& listing, Report& report)
      : listing_(listing),
        body_(listing.body),
        facts_(listing.facts),
        report_(report),
        version_(listing.body.version) {}

  void run();

 private:
  void check(std::size_t index, const OpInfo& info);
  void check_count(std::size_t index, Op op);
  void check_resume(std::size_t index);
  void check_comparison(std::size_t index);
  void check_slot(std::size_t index, std::uint32_t slot);
  void check_target(std::size_t index, const OpInfo& info);
  void check_ranges();
  void check_slots();

  std::uint32_t arg(std::size_t index) const { return listing_.arg(index); }
  std::string name(std::size_t index) const { return listing_.name(index); }
  void expect(bool holds, std::size_t index, std::string_view what) {
    if (!holds) report_.add(index, name(index) + " " + text(arg(index)) + ": " + std::string(what));
  }
  /// `count` things there are, and the operand is the number of one.
  void expect_below(std::size_t index, std::uint32_t number, std::uint64_t count,
                    std::string_view things) {
    if (number < count) return;
    report_.add(index, name(index) + " wants number " + text(number) + " of the " +
                           std::string(things) + "; there are " + text(count));
  }

  Listing& listing_;
  const Body& body_;
  const CodeFacts& facts_;
  Report& report_;
  Version version_;
};

void OperandCheck::check_slot(std::size_t index, std::uint32_t slot) {
  expect_below(index, slot, facts_.slots.size(), "slots");
}

void OperandCheck::check_target(std::size_t index, const OpInfo& info) {
  const std::uint32_t target = arg(index);
  if (target >= body_.instructions.size()) {
    report_.add(index, name(index) + " goes behind the end of the code");
  } else if (info.operand == Operand::JumpForward && target <= index) {
    report_.add(index, name(index) + " cannot go backward");
  } else if (info.operand == Operand::JumpBackward && target > index) {
    report_.add(index, name(index) + " cannot go forward");
  } else if (info.jumps()) {
    listing_.is_target[target] = 1;
  }
}

void OperandCheck::check_resume(std::size_t index) {
  const std::uint32_t mask = resume_mask(version_);
  const std::uint32_t most = version_ >= Version::V313 ? 2 * mask + 1 : mask;
  const std::uint32_t places = version_ >= Version::V315 ? 5 : 4;
  expect(arg(index) <= most && (arg(index) & mask) < places, index,
         "no such place to go on from is known");
}

void OperandCheck::check_comparison(std::size_t index) {
  const std::uint32_t shift = version_ >= Version::V313 ? 5 : version_ == Version::V312 ? 4 : 0;
  const std::uint32_t comparison = arg(index) >> shift;
  if (comparison >= kComparisons) return expect(false, index, "there is no such comparison");
  if (shift == 0) return;
  // Specialized forms look at these bits instead.
  expect((arg(index) & 15U) == kTrueResults[comparison], index,
         "the low four bits are those of another comparison");
}

void OperandCheck::check_count(std::size_t index, Op op) {
  if (op == Op::RESUME) return check_resume(index);
  const Bounds bounds = bounds_of_count(version_, op);
  if (arg(index) >= bounds.least && arg(index) <= bounds.most) return;
  const std::string least = "the operand is at least " + text(bounds.least);
  const std::string between =
      "the operand is from " + text(bounds.least) + " to " + text(bounds.most);
  expect(false, index, bounds.most == Bounds{}.most ? least : between);
}

void OperandCheck::check(std::size_t index, const OpInfo& info) {
  const std::uint32_t operand = arg(index);
  switch (info.operand) {
    case Operand::None:
      return expect(operand == 0, index, "it has no operand");
    case Operand::Count:
      return check_count(index, info.op);
    case Operand::Const:
      return expect_below(index, operand, facts_.constants.size(), "constants");
    case Operand::Name:
      return expect_below(index, operand, facts_.names, "names");
    case Operand::NameNull:
    case Operand::NameMethod:
      if (info.op == Op::LOAD_ATTR && version_ == Version::V311) {
        return expect_below(index, operand, facts_.names, "names");
      }
      return expect_below(index, operand >> 1U, facts_.names, "names");
    case Operand::NameSuper:
    case Operand::NameImport:
      return expect_below(index, operand >> 2U, facts_.names, "names");
    case Operand::Fast:
      return check_slot(index, operand);
    case Operand::FastPair:
      if (operand > 0xFF) return expect(false, index, "each slot has four bits");
      check_slot(index, operand >> 4U);
      return check_slot(index, operand & 15U);
    case Operand::Deref:
      if (operand >= facts_.slots.size()) return check_slot(index, operand);
      return expect((facts_.slots[operand] & (kCellSlot | kFreeSlot)) != 0, index,
                    "the slot is for no cell and no free variable");
    case Operand::JumpForward:
    case Operand::JumpBackward:
      return check_target(index, info);
    case Operand::Compare:
      return check_comparison(index);
    case Operand::BinaryOp:
      return expect(operand < (version_ >= Version::V314 ? 27U : 26U), index,
                    "there is no such operation");
    case Operand::Intrinsic1:
      return expect(operand >= 1 && operand <= 11, index, "there is no such intrinsic");
    case Operand::Intrinsic2:
      return expect(operand >= 1 && operand <= (version_ >= Version::V313 ? 5U : 4U), index,
                    "there is no such intrinsic");
    case Operand::CommonConstant:
      return expect(operand < (version_ >= Version::V315 ? 12U : 5U), index,
                    "there is no such constant");
    case Operand::SpecialMethod:
      return expect(operand < 4, index, "there is no such method");
    case Operand::FormatValue:
      return expect(operand < 8, index, "there is no such conversion");
    case Operand::Conversion:
      return expect(operand >= 1 && operand <= 3, index, "there is no such conversion");
    case Operand::FunctionAttribute:
      return expect(operand == 1 || operand == 2 || operand == 4 || operand == 8 ||
                        (operand == 16 && version_ >= Version::V314),
                    index, "there is no such attribute");
  }
}

void OperandCheck::check_ranges() {
  std::size_t end = 0;
  for (const TryRange& range : body_.ranges) {
    if (range.begin < end || range.begin >= range.end || range.end > body_.instructions.size() ||
        range.target >= body_.instructions.size() ||
        (range.anchor != TryRange::kBegin && range.anchor > range.begin) ||
        range.depth < TryRange::kFromStack || range.drop < 0) {
      report_.add(range.begin < body_.instructions.size() ? range.begin : Error::kNowhere,
                  "an exception range begins here that is not in its place");
      return;
    }
    listing_.is_target[range.target] = 1;
    end = range.end;
  }
}

void OperandCheck::check_slots() {
  const std::size_t count = facts_.slots.size();
  for (std::int64_t slot :
       {std::int64_t{facts_.argument_slots} - 1, std::int64_t{facts_.iterator_slot},
        std::int64_t{facts_.defaults_slot}, std::int64_t{facts_.keyword_defaults_slot}}) {
    if (slot < static_cast<std::int64_t>(count)) continue;
    report_.add(Error::kNowhere, "there are more arguments than slots");
    return;
  }
  bool is_free = false;
  for (std::uint8_t kinds : facts_.slots) {
    if (is_free && (kinds & kFreeSlot) == 0) {
      report_.add(Error::kNowhere, "free variables have the last slots");
      return;
    }
    is_free = (kinds & kFreeSlot) != 0;
  }
}

void OperandCheck::run() {
  check_slots();
  check_ranges();
  for (std::size_t index = 0; index < body_.instructions.size() && !report_.is_full(); ++index) {
    const OpInfo* info = listing_.infos[index];
    if (info == nullptr) {
      report_.add(index, name(index) + " is no instruction of CPython 3." +
                             text(static_cast<std::uint64_t>(minor_of(version_))));
    } else if (info->op == Op::INTERPRETER_EXIT || info->op == Op::EXIT_INIT_CHECK) {
      report_.add(index, name(index) + " is for the interpreter's own frames");
    } else {
      check(index, *info);
    }
  }
}

}  // namespace

void check_operands(Listing& listing, Report& report) {
  if (listing.size() == 0) {
    report.add(Error::kNowhere, "there are no instructions");
    return;
  }
  OperandCheck(listing, report).run();
}

}  // namespace pyccolo::bytecode
