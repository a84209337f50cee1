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

constexpr std::uint32_t kComparisons = 6;

/// The bits of the operand of RESUME that tell where it stands; the next one tells a depth.
constexpr std::uint32_t resume_mask(Version version) { return version >= Version::V315 ? 7 : 3; }

class OperandCheck {
 public:
  OperandCheck(const Body& body, const CodeFacts& facts, Report& report)
      : body_(body), facts_(facts), report_(report), version_(body.version) {}

  void run();

 private:
  void check(std::size_t index, const OpInfo& info);
  void check_count(std::size_t index, Op op);
  void check_resume(std::size_t index);
  void check_slot(std::size_t index, std::uint32_t slot);
  void check_target(std::size_t index, const OpInfo& info);
  void check_ranges();
  void check_slots();

  std::uint32_t arg(std::size_t index) const { return body_.instructions[index].arg; }
  std::string name(std::size_t index) const {
    return std::string(name_of(body_.instructions[index].op));
  }
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
  }
}

void OperandCheck::check_resume(std::size_t index) {
  const std::uint32_t mask = resume_mask(version_);
  const std::uint32_t most = version_ >= Version::V313 ? 2 * mask + 1 : mask;
  const std::uint32_t places = version_ >= Version::V315 ? 5 : 4;
  expect(arg(index) <= most && (arg(index) & mask) < places, index,
         "no such place to go on from is known");
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
      return;
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
    case Operand::Compare: {
      const std::uint32_t shift =
          version_ >= Version::V313 ? 5 : version_ == Version::V312 ? 4 : 0;
      return expect((operand >> shift) < kComparisons, index, "there is no such comparison");
    }
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
        range.target >= body_.instructions.size()) {
      report_.add(range.begin < body_.instructions.size() ? range.begin : Error::kNowhere,
                  "an exception range begins here that is not in its place");
      return;
    }
    end = range.end;
  }
}

void OperandCheck::check_slots() {
  const std::size_t count = facts_.slots.size();
  for (std::int64_t slot : {std::int64_t{facts_.argument_slots} - 1,
                            std::int64_t{facts_.iterator_slot}, std::int64_t{facts_.defaults_slot},
                            std::int64_t{facts_.keyword_defaults_slot}}) {
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
    const OpInfo* info = find_op(version_, body_.instructions[index].op);
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

class NeighbourCheck {
 public:
  NeighbourCheck(const Body& body, const CodeFacts& facts, Report& report)
      : body_(body),
        facts_(facts),
        report_(report),
        version_(body.version),
        is_target_(targets_of(body)) {}

  void run();

 private:
  std::size_t size() const { return body_.instructions.size(); }
  Op op(std::size_t index) const { return body_.instructions[index].op; }
  std::uint32_t arg(std::size_t index) const { return body_.instructions[index].arg; }
  bool is(std::size_t index, Op wanted) const { return index < size() && op(index) == wanted; }
  /// The instruction is always run right after the one before it.
  bool follows(std::size_t index, Op wanted) const {
    return is(index, wanted) && !is_target_[index];
  }
  std::uint32_t place(std::size_t index) const { return arg(index) & resume_mask(version_); }

  std::size_t check_prologue();
  std::size_t skip_makers(std::size_t index) const;
  std::size_t check_generator(std::size_t index);
  void check_free(std::size_t index);
  void check_entries(std::size_t prologue);
  void check(std::size_t index);
  void check_kw_names(std::size_t index);
  void check_for_iter(std::size_t index);
  void check_send(std::size_t index);
  void check_yield(std::size_t index);
  std::uint32_t most_units(std::size_t begin, std::size_t end) const;

  const Body& body_;
  const CodeFacts& facts_;
  Report& report_;
  Version version_;
  std::vector<bool> is_target_;
};

std::size_t NeighbourCheck::skip_makers(std::size_t index) const {
  while (is(index, Op::NOP) || is(index, Op::MAKE_CELL) || is(index, Op::COPY_FREE_VARS)) ++index;
  return index;
}

void NeighbourCheck::check_free(std::size_t prologue) {
  std::size_t free = 0;
  for (std::uint8_t kinds : facts_.slots) free += (kinds & kFreeSlot) != 0 ? 1 : 0;
  std::size_t copies = 0;
  for (std::size_t index = 0; index < size(); ++index) {
    if (op(index) != Op::COPY_FREE_VARS) continue;
    ++copies;
    if (index >= prologue || copies > 1) {
      report_.add(index, "COPY_FREE_VARS is run once, before RESUME");
    } else if (arg(index) != free || free == 0) {
      report_.add(index, "COPY_FREE_VARS copies " + text(arg(index)) + " free variables; there are " +
                             text(free));
    }
  }
  if (copies == 0 && free != 0) {
    report_.add(0, "code with free variables begins with COPY_FREE_VARS " + text(free));
  }
}

/// From where the frame may become a generator; returns where RESUME 0 must be.
std::size_t NeighbourCheck::check_generator(std::size_t index) {
  const bool wanted = (facts_.flags & kGeneratorFlags) != 0;
  std::size_t maker = index;
  // A generator expression of 3.15 takes the iterator before.
  if (version_ >= Version::V315 && wanted && is(index, Op::RESUME) && place(index) == 4) {
    maker = index + 1;
    if (is(maker, Op::LOAD_FAST) || is(maker, Op::LOAD_FAST_BORROW)) ++maker;
    if (is(maker, Op::GET_ITER) || is(maker, Op::GET_AITER)) ++maker;
  }
  if (!is(maker, Op::RETURN_GENERATOR)) {
    if (wanted) {
      report_.add(maker < size() ? maker : index,
                  "the flags say generator or coroutine: RETURN_GENERATOR must come before RESUME, "
                  "behind nothing but COPY_FREE_VARS and MAKE_CELL");
    }
    return index;
  }
  if (!wanted) {
    report_.add(maker, "RETURN_GENERATOR needs a flag for generator or coroutine");
  }
  index = maker + 1;
  while (is(index, Op::NOP)) ++index;
  if (!is(index, Op::POP_TOP)) {
    report_.add(maker, "POP_TOP must follow RETURN_GENERATOR, for the value that is sent first");
    return index;
  }
  ++index;
  while (is(index, Op::NOP)) ++index;
  return index;
}

/// Returns where the code proper begins: at RESUME 0.
std::size_t NeighbourCheck::check_prologue() {
  const std::size_t index = check_generator(skip_makers(0));
  if (!is(index, Op::RESUME) || place(index) != 0) {
    report_.add(index < size() ? index : size() - 1,
                "there is no RESUME 0 where the code begins; only COPY_FREE_VARS, MAKE_CELL, "
                "RETURN_GENERATOR and POP_TOP may come before it");
  }
  return index;
}

void NeighbourCheck::check_entries(std::size_t prologue) {
  for (std::size_t index = 0; index < std::min(prologue, size()); ++index) {
    if (is_target_[index]) report_.add(index, "control cannot come back before RESUME 0");
  }
  for (const TryRange& range : body_.ranges) {
    if (range.begin < prologue) {
      report_.add(range.begin, "no exception can be handled before RESUME 0");
    }
  }
}

void NeighbourCheck::check_kw_names(std::size_t index) {
  const ConstantFacts& names = facts_.constants[arg(index)];
  if (names.kind != ConstantFacts::Kind::TupleOfStr) {
    report_.add(index, "KW_NAMES wants a constant that is a tuple of strings");
    return;
  }
  std::size_t call = index + 1;
  if (version_ == Version::V311) {
    if (!follows(call, Op::PRECALL)) {
      report_.add(index, "KW_NAMES must be followed by PRECALL and CALL");
      return;
    }
    ++call;
  }
  if (!follows(call, Op::CALL)) {
    report_.add(index, "KW_NAMES must be followed by its CALL");
  } else if (names.size > arg(call)) {
    report_.add(index, "KW_NAMES has " + text(names.size) + " names, CALL has " + text(arg(call)) +
                           " arguments");
  }
}

void NeighbourCheck::check_for_iter(std::size_t index) {
  if (version_ < Version::V312) return;
  const std::size_t target = arg(index);
  if (!is(target, Op::END_FOR)) {
    report_.add(index, "FOR_ITER must go to END_FOR, which the interpreter skips");
  } else if (version_ == Version::V313 && !is(target + 1, Op::POP_TOP)) {
    report_.add(index, "FOR_ITER must go to END_FOR and POP_TOP, which the interpreter skips");
  }
}

/// No fewer code units than these instructions will have.
std::uint32_t NeighbourCheck::most_units(std::size_t begin, std::size_t end) const {
  std::uint32_t units = 0;
  for (std::size_t index = begin; index < end; ++index) {
    const OpInfo& info = body_.info(index);
    const std::uint32_t operand = arg(index);
    const std::uint32_t prefixes = is_jump_operand(info.operand) ? 2
                                   : operand <= 0xFF             ? 0
                                   : operand <= 0xFFFF           ? 1
                                   : operand <= 0xFFFFFF         ? 2
                                                                 : 3;
    units += 1U + info.caches + prefixes;
    if (units > 0xFFFF) break;
  }
  return units;
}

void NeighbourCheck::check_send(std::size_t index) {
  // throw() of 3.11 reads the distance from the unit of SEND itself; later ones keep it in 16 bits.
  const std::uint32_t most = version_ == Version::V311 ? 0xFF : 0xFF00;
  if (most_units(index + 1, arg(index)) > most) {
    report_.add(index, "SEND goes too far; the loop around it must be short");
  }
}

void NeighbourCheck::check_yield(std::size_t index) {
  if ((facts_.flags & kGeneratorFlags) == 0) {
    report_.add(index, "YIELD_VALUE needs a flag for generator or coroutine");
    return;
  }
  if (!is(index + 1, Op::RESUME) || place(index + 1) == 0 || place(index + 1) > 3) {
    report_.add(index, "YIELD_VALUE must be followed by RESUME 1, 2 or 3");
    return;
  }
  const bool delegates =
      version_ >= Version::V313 ? arg(index) == 1 : place(index + 1) >= 2;
  if (delegates && (index == 0 || !is(index - 1, Op::SEND))) {
    report_.add(index, "YIELD_VALUE passes on what SEND got, so that SEND must come right before");
  }
}

void NeighbourCheck::check(std::size_t index) {
  switch (op(index)) {
    case Op::KW_NAMES:
      return check_kw_names(index);
    case Op::PRECALL:
      if (!follows(index + 1, Op::CALL) || arg(index + 1) != arg(index)) {
        report_.add(index, "PRECALL must be followed by CALL with the same operand");
      }
      return;
    case Op::CALL:
      if (version_ == Version::V311 && (index == 0 || !is(index - 1, Op::PRECALL))) {
        report_.add(index, "CALL must come right behind PRECALL with the same operand");
      }
      return;
    case Op::FOR_ITER:
      return check_for_iter(index);
    case Op::SEND:
      return check_send(index);
    case Op::YIELD_VALUE:
      return check_yield(index);
    case Op::RESUME:
      if (place(index) != 0 && place(index) < 4 && (index == 0 || !is(index - 1, Op::YIELD_VALUE))) {
        report_.add(index, "RESUME " + text(arg(index)) + " belongs right behind YIELD_VALUE");
      }
      return;
    default:
      return;
  }
}

void NeighbourCheck::run() {
  const std::size_t prologue = check_prologue();
  check_free(prologue);
  check_entries(prologue);
  for (std::size_t index = 0; index < size() && !report_.is_full(); ++index) {
    check(index);
    const bool starts = op(index) == Op::RETURN_GENERATOR ||
                        (op(index) == Op::RESUME && place(index) == 4);
    if (starts && index >= prologue) {
      report_.add(index, std::string(name_of(op(index))) + " is run once, before RESUME 0");
    }
  }
}

}  // namespace

std::vector<bool> targets_of(const Body& body) {
  std::vector<bool> targets(body.instructions.size());
  for (std::size_t index = 0; index < body.instructions.size(); ++index) {
    if (body.info(index).jumps()) targets[body.instructions[index].arg] = true;
  }
  for (const TryRange& range : body.ranges) targets[range.target] = true;
  return targets;
}

void check_operands(const Body& body, const CodeFacts& facts, Report& report) {
  if (body.instructions.empty()) {
    report.add(Error::kNowhere, "there are no instructions");
    return;
  }
  OperandCheck(body, facts, report).run();
}

void check_neighbours(const Body& body, const CodeFacts& facts, Report& report) {
  NeighbourCheck(body, facts, report).run();
}

}  // namespace pyccolo::bytecode
