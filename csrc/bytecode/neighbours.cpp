// The company that instructions need: the second part of operands.hpp.
#include <algorithm>
#include <string>
#include <vector>

#include "bytecode/operands.hpp"

namespace pyccolo::bytecode {

namespace {

std::string text(std::uint64_t number) { return std::to_string(number); }

class NeighbourCheck {
 public:
  NeighbourCheck(const Listing& listing, Report& report)
      : listing_(listing), facts_(listing.facts), report_(report), version_(listing.body.version) {}

  void run();

 private:
  std::size_t size() const { return listing_.size(); }
  Op op(std::size_t index) const { return listing_.op(index); }
  std::uint32_t arg(std::size_t index) const { return listing_.arg(index); }
  bool is(std::size_t index, Op wanted) const { return index < size() && op(index) == wanted; }
  /// The instruction is always run right after the one before it.
  bool follows(std::size_t index, Op wanted) const {
    return is(index, wanted) && listing_.is_target[index] == 0;
  }
  std::uint32_t place(std::size_t index) const { return arg(index) & resume_mask(version_); }

  std::size_t check_prologue();
  std::size_t skip_makers(std::size_t index) const;
  std::size_t check_generator(std::size_t index);
  void check_free(std::size_t prologue);
  void check_cells(std::size_t prologue);
  void check_entries(std::size_t prologue);
  void check(std::size_t index);
  void check_kw_names(std::size_t index);
  void check_for_iter(std::size_t index);
  void check_send(std::size_t index);
  void check_yield(std::size_t index);
  std::uint32_t most_units(std::size_t begin, std::size_t end) const;

  const Listing& listing_;
  const CodeFacts& facts_;
  Report& report_;
  Version version_;
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
      report_.add(index, "COPY_FREE_VARS copies " + text(arg(index)) +
                             " free variables; there are " + text(free));
    }
  }
  if (copies == 0 && free != 0) {
    report_.add(0, "code with free variables begins with COPY_FREE_VARS " + text(free));
  }
}

/// Who looks at the variables of a frame (frame.f_locals, sys.settrace) trusts what co_cellvars says.
void NeighbourCheck::check_cells(std::size_t prologue) {
  std::vector<bool> is_made(facts_.slots.size());
  for (std::size_t index = 0; index < std::min(prologue, size()); ++index) {
    if (op(index) == Op::MAKE_CELL && arg(index) < is_made.size()) is_made[arg(index)] = true;
  }
  for (std::size_t slot = 0; slot < facts_.slots.size(); ++slot) {
    if ((facts_.slots[slot] & kCellSlot) == 0 || is_made[slot]) continue;
    report_.add(0, "the cell variable in slot " + text(static_cast<std::uint32_t>(slot)) +
                       " needs a MAKE_CELL before RESUME 0");
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
    if (listing_.is_target[index] != 0)
      report_.add(index, "control cannot come back before RESUME 0");
  }
  for (const TryRange& range : listing_.body.ranges) {
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
    const OpInfo& info = *listing_.infos[index];
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
  } else if (version_ >= Version::V312 && !is(arg(index), Op::END_SEND)) {
    report_.add(index, "SEND must go to END_SEND, behind which tracing looks for a line");
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
  const bool delegates = version_ >= Version::V313 ? arg(index) == 1 : place(index + 1) >= 2;
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
      if (listing_.is_target[index] != 0 && version_ >= Version::V312) {
        report_.add(index, "RESUME cannot be the target of a jump or of an exception range");
      }
      if (place(index) != 0 && place(index) < 4 &&
          (index == 0 || !is(index - 1, Op::YIELD_VALUE))) {
        report_.add(index, "RESUME " + text(arg(index)) + " belongs right behind YIELD_VALUE");
      }
      return;
    default:
      return;
  }
}

void NeighbourCheck::run() {
  const std::size_t prologue = check_prologue();
  // Tracing looks behind instructions, whether control gets to them or not.
  if (!listing_.infos[size() - 1]->ends_block()) {
    report_.add(size() - 1, listing_.name(size() - 1) + " goes on behind the end of the code");
  }
  check_free(prologue);
  check_cells(prologue);
  check_entries(prologue);
  for (std::size_t index = 0; index < size() && !report_.is_full(); ++index) {
    check(index);
    const bool starts =
        op(index) == Op::RETURN_GENERATOR || (op(index) == Op::RESUME && place(index) == 4);
    if (starts && index >= prologue) {
      report_.add(index, listing_.name(index) + " is run once, before RESUME 0");
    }
  }
}

}  // namespace

void check_neighbours(const Listing& listing, Report& report) {
  NeighbourCheck(listing, report).run();
}

}  // namespace pyccolo::bytecode
