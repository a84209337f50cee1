#include "bytecode/verify.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "bytecode/depth.hpp"
#include "bytecode/effect.hpp"
#include "bytecode/operands.hpp"
#include "bytecode/report.hpp"

namespace pyccolo::bytecode {

namespace {

constexpr std::uint32_t kNone32 = static_cast<std::uint32_t>(-1);

/// No source has expressions that need as many.
constexpr std::int32_t kGreatestDepth = 1 << 22;

/// A stretch of code that control enters at its first instruction only, and what is known there.
struct Block {
  std::uint32_t begin;
  std::int32_t depth;
  std::size_t stack;  ///< where its values begin in Paths::stacks_
  bool is_known = false;
  bool is_pending = false;
};

/// Follows control with sets of kinds until nothing new comes up.
class Paths {
 public:
  /// `body` with the depths of its ranges.
  Paths(const Listing& listing, const Body& body, const Depths& depths);

  void settle();
  bool has_failed() const { return effects_.has_failed(); }
  /// Once more, with words.
  void explain(Report& report);

 private:
  const OpInfo& info(std::size_t index) const { return *listing_.infos[index]; }
  Op op(std::size_t index) const { return listing_.op(index); }
  std::uint32_t arg(std::size_t index) const { return listing_.arg(index); }
  std::uint32_t range_at(std::size_t index) const { return range_of_[index]; }
  Slot* slots_of(std::size_t block) { return slots_.data() + block * facts_.slots.size(); }

  void make_blocks(const Depths& depths);
  void run(std::size_t block);
  void load(std::size_t block);
  void branch(std::size_t index, const OpInfo& taken);
  bool narrows(std::size_t index) const;
  void branch_on_none(std::size_t index);
  void reach(std::size_t index);
  void merge(std::size_t block, std::int32_t depth);
  bool merge_slots(std::size_t block);
  bool merge_values(std::size_t block, std::int32_t begin, std::int32_t end);
  void wake(std::size_t block);

  bool has_enough(std::size_t index);
  void raise(std::uint32_t range);
  void raise_changes(std::uint32_t range);
  void raise_elsewhere(std::size_t index, std::uint32_t range, std::int32_t taken);
  void raise_as_before(std::size_t index);
  void raise_as_before_target(std::size_t index);
  void throw_to_send(std::size_t index);

  const Listing& listing_;
  const Body& body_;
  const CodeFacts& facts_;
  Effects effects_;
  std::vector<std::uint32_t> range_of_;  ///< by instruction
  std::vector<std::uint32_t> block_of_;  ///< by instruction that begins one
  std::vector<Block> blocks_;
  std::vector<Value> stacks_;
  std::vector<Slot> slots_;
  std::size_t first_pending_ = 0;
};

Paths::Paths(const Listing& listing, const Body& body, const Depths& depths)
    : listing_(listing),
      body_(body),
      facts_(listing.facts),
      effects_(body, listing.facts, depths.greatest),
      range_of_(body.instructions.size(), kNone32),
      block_of_(body.instructions.size(), kNone32) {
  for (std::size_t range = 0; range < body.ranges.size(); ++range) {
    std::fill(range_of_.begin() + body.ranges[range].begin,
              range_of_.begin() + body.ranges[range].end, static_cast<std::uint32_t>(range));
  }
  make_blocks(depths);
}

void Paths::make_blocks(const Depths& depths) {
  std::size_t values = 0;
  for (std::size_t index = 0; index < body_.instructions.size(); ++index) {
    if ((index != 0 && listing_.is_target[index] == 0) || depths.before[index] == kUnreached)
      continue;
    block_of_[index] = static_cast<std::uint32_t>(blocks_.size());
    blocks_.push_back({static_cast<std::uint32_t>(index), depths.before[index], values});
    values += static_cast<std::size_t>(depths.before[index]);
  }
  stacks_.resize(values);
  slots_.resize(blocks_.size() * facts_.slots.size());
}

// -- what is known where control comes together -----------------------------------------------------------------------

void Paths::wake(std::size_t block) {
  blocks_[block].is_pending = true;
  first_pending_ = std::min(first_pending_, block);
}

bool Paths::merge_slots(std::size_t block) {
  Slot* known = slots_of(block);
  unsigned news = 0;
  for (std::size_t slot = 0; slot < facts_.slots.size(); ++slot) {
    const auto merged = static_cast<Slot>(known[slot] | effects_.slots[slot]);
    news |= static_cast<unsigned>(merged ^ known[slot]);
    known[slot] = merged;
  }
  return news != 0;
}

bool Paths::merge_values(std::size_t block, std::int32_t begin, std::int32_t end) {
  Value* known = stacks_.data() + blocks_[block].stack;
  bool has_news = false;
  for (std::int32_t place = begin; place < end; ++place) {
    has_news |= known[place].merge(effects_.stack[static_cast<std::size_t>(place)]);
  }
  return has_news;
}

/// The lowest `depth` values go there.
void Paths::merge(std::size_t block, std::int32_t depth) {
  if (!blocks_[block].is_known) {
    blocks_[block].is_known = true;
    std::copy_n(effects_.stack.begin(), depth,
                stacks_.begin() + static_cast<std::ptrdiff_t>(blocks_[block].stack));
    std::ranges::copy(effects_.slots, slots_of(block));
    wake(block);
    return;
  }
  const bool has_new_values = merge_values(block, 0, depth);
  if (merge_slots(block) || has_new_values) wake(block);
}

void Paths::reach(std::size_t index) {
  const std::size_t block = block_of_[index];
  merge(block, blocks_[block].depth);
}

void Paths::load(std::size_t block) {
  const Block& from = blocks_[block];
  effects_.depth = from.depth;
  std::copy_n(stacks_.begin() + static_cast<std::ptrdiff_t>(from.stack), from.depth,
              effects_.stack.begin());
  std::copy_n(slots_of(block), facts_.slots.size(), effects_.slots.begin());
}

// -- exceptions -------------------------------------------------------------------------------------------------------

/// A trace function may raise an exception before any instruction: whether the handler finds the values that it keeps.
bool Paths::has_enough(std::size_t index) {
  const TryRange& range = body_.ranges[range_at(index)];
  if (effects_.depth >= range.depth) return true;
  // The compiler of 3.15 does it to generator expressions; what their handler does needs no values.
  const bool needs_none = body_.version >= Version::V315 && range.lasti &&
                          op(range.target) == Op::CALL_INTRINSIC_1 &&
                          range.target + 1 < body_.instructions.size() &&
                          op(range.target + 1) == Op::RERAISE && arg(range.target + 1) == 1;
  if (!needs_none) {
    effects_.complain(index, listing_.name(index) +
                                 " has fewer values on the stack than the "
                                 "handler of its exception range keeps");
  }
  return false;
}

/// All that is known now may be what the handler finds.
void Paths::raise(std::uint32_t range) {
  const TryRange& from = body_.ranges[range];
  const std::size_t block = block_of_[from.target];
  bool has_news = !blocks_[block].is_known;
  merge(block, from.depth);
  Value* pushed = stacks_.data() + blocks_[block].stack + from.depth;
  if (has_news) std::fill_n(pushed, from.lasti ? 2 : 1, Value{});
  if (from.lasti) has_news |= pushed++->merge({kLasti, 0, Value::kOwned});
  has_news |= pushed->merge({kException, 0, Value::kOwned});
  if (has_news) wake(block);
}

/// The same, if all but the changes of the last instruction has been told before.
void Paths::raise_changes(std::uint32_t range) {
  const TryRange& from = body_.ranges[range];
  if (effects_.wrote_all_slots) return raise(range);
  const std::size_t block = block_of_[from.target];
  if (!blocks_[block].is_known) return raise(range);
  bool has_news = false;
  if (effects_.lowest_written < from.depth) {
    has_news = merge_values(block, effects_.lowest_written, from.depth);
  }
  Slot* known = slots_of(block);
  for (std::uint32_t number = 0; number < effects_.written_slot_count; ++number) {
    const std::size_t slot = effects_.written_slots[number];
    const auto merged = static_cast<Slot>(known[slot] | effects_.slots[slot]);
    has_news |= merged != known[slot];
    known[slot] = merged;
  }
  if (has_news) wake(block);
}

/// An exception that the interpreter takes for one of another instruction, in `range`.
void Paths::raise_elsewhere(std::size_t index, std::uint32_t range, std::int32_t taken) {
  if (range == kNone32) return;
  const TryRange& from = body_.ranges[range];
  if (block_of_[from.target] == kNone32 || effects_.depth - taken < from.depth) {
    effects_.complain(index, listing_.name(index) +
                                 " may enter the handler of the exception range that ends before "
                                 "it, which finds too few values");
    return;
  }
  raise(range);
}

bool may_run_a_frame(Op op) {
  switch (op) {
    case Op::BINARY_OP:
    case Op::BINARY_SUBSCR:
    case Op::CALL:
    case Op::CALL_FUNCTION_EX:
    case Op::CALL_KW:
    case Op::FOR_ITER:
    case Op::LOAD_ATTR:
    case Op::SEND:
      return true;
    default:
      return false;
  }
}

/// From 3.13 on the interpreter takes what comes out of a frame that it runs itself for an exception of the code unit
/// before the one that called.
void Paths::raise_as_before(std::size_t index) {
  if (index == 0 || range_at(index - 1) == range_at(index)) return;
  const OpInfo& caller = info(index);
  const std::int32_t taken = caller.op == Op::FOR_ITER ? 0
                             : caller.op == Op::SEND   ? 1
                                                       : caller.pops(arg(index), false);
  raise_elsewhere(index, range_at(index - 1), taken);
}

/// Jumps backward of 3.11 and 3.12 look for signals when they have jumped; then the exception seems to come from what is
/// before the target. Compiled code has loops whose handler would then find too few values: nothing can be asked.
void Paths::raise_as_before_target(std::size_t index) {
  const std::uint32_t target = arg(index);
  if (target == 0 || range_at(target - 1) == kNone32) return;
  const std::uint32_t range = range_at(target - 1);
  const TryRange& from = body_.ranges[range];
  if (block_of_[from.target] != kNone32 && effects_.depth >= from.depth) raise(range);
}

/// throw() of 3.11 ends what SEND waits for by going to where SEND goes.
void Paths::throw_to_send(std::size_t index) {
  if (index == 0 || op(index - 1) != Op::SEND || (arg(index + 1) & 3U) < 2) return;
  Value& receiver = effects_.stack[static_cast<std::size_t>(effects_.depth - 2)];
  const Value kept = receiver;
  receiver = {kAny, 0, Value::kOwned};
  reach(arg(index - 1));
  receiver = kept;
}

// -- control ----------------------------------------------------------------------------------------------------------

/// What is looked at is a copy of what is on the stack then: each way tells something of it.
bool Paths::narrows(std::size_t index) const {
  for (; index != 0 && block_of_[index] == kNone32; --index) {
    if (op(index - 1) != Op::NOP) return op(index - 1) == Op::COPY && arg(index - 1) == 1;
  }
  return false;
}

void Paths::branch_on_none(std::size_t index) {
  const bool jumps_if_none = op(index) == Op::POP_JUMP_IF_NONE ||
                             op(index) == Op::POP_JUMP_FORWARD_IF_NONE ||
                             op(index) == Op::POP_JUMP_BACKWARD_IF_NONE;
  Value& value = effects_.stack[static_cast<std::size_t>(effects_.depth - 1)];
  const Kinds all = value.kinds;
  const Kinds none = (all & (kNone | kAny)) != 0 ? kNone : all;
  const Kinds others = (all & ~kNone) != 0 ? all & ~kNone : all;
  value.kinds = jumps_if_none ? none : others;
  reach(arg(index));
  value.kinds = jumps_if_none ? others : none;
}

void Paths::branch(std::size_t index, const OpInfo& taken) {
  switch (taken.op) {
    case Op::POP_JUMP_IF_NONE:
    case Op::POP_JUMP_IF_NOT_NONE:
    case Op::POP_JUMP_FORWARD_IF_NONE:
    case Op::POP_JUMP_FORWARD_IF_NOT_NONE:
    case Op::POP_JUMP_BACKWARD_IF_NONE:
    case Op::POP_JUMP_BACKWARD_IF_NOT_NONE:
      if (narrows(index)) return branch_on_none(index);
      return reach(arg(index));
    case Op::SEND:
      if (body_.version == Version::V311) {
        // The iterator gives way to what it returned.
        Value& receiver = effects_.stack[static_cast<std::size_t>(effects_.depth - 2)];
        const Value kept = receiver;
        receiver = {kAny, 0, Value::kOwned};
        reach(arg(index));
        receiver = kept;
        return;
      }
      return reach(arg(index));
    default:
      return reach(arg(index));
  }
}

void Paths::run(std::size_t block) {
  load(block);
  std::uint32_t range = kNone32;
  for (std::size_t index = blocks_[block].begin;; ++index) {
    if (index != blocks_[block].begin && block_of_[index] != kNone32) return reach(index);
    const std::uint32_t range_here = range_at(index);
    if (range_here != kNone32 && has_enough(index)) {
      if (range_here == range) {
        raise_changes(range);
      } else {
        raise(range_here);
      }
    }
    range = range_here;
    const OpInfo& here = info(index);
    if (body_.version >= Version::V313 && may_run_a_frame(here.op)) raise_as_before(index);
    effects_.run(index, here);
    if (here.op == Op::YIELD_VALUE) {
      // What throw() is given is raised when the frame has got a value again.
      if (range != kNone32 && effects_.depth >= body_.ranges[range].depth) raise(range);
      if (body_.version == Version::V311) throw_to_send(index);
    }
    if (here.jumps()) {
      branch(index, here);
      if (body_.version <= Version::V312 && here.operand == Operand::JumpBackward &&
          here.op != Op::JUMP_BACKWARD_NO_INTERRUPT) {
        raise_as_before_target(index);
      }
    }
    if (here.ends_block()) return;
  }
}

void Paths::settle() {
  effects_.enter();
  merge(0, 0);
  while (first_pending_ < blocks_.size()) {
    const std::size_t block = first_pending_++;
    if (!blocks_[block].is_pending) continue;
    blocks_[block].is_pending = false;
    run(block);
  }
}

void Paths::explain(Report& report) {
  effects_.report_to(report);
  for (std::size_t block = 0; block < blocks_.size() && !report.is_full(); ++block) {
    if (blocks_[block].is_known) run(block);
  }
}

}  // namespace

bool takes_iterator(Version version, std::span<const std::uint8_t> code) {
  // Its first loop is over what it is given.
  for (std::size_t at = 0; at + 1 < code.size();) {
    const OpInfo* info = find_number(version, code[at]);
    if (info != nullptr) {
      if (info->op == Op::FOR_ITER) return true;
      if (info->op == Op::GET_ITER || info->op == Op::GET_ANEXT) return false;
    }
    at += 2 + 2 * std::size_t{info == nullptr ? std::uint8_t{0} : info->caches};
  }
  return false;
}

std::vector<Problem> verify(const Body& body, const CodeFacts& facts, std::size_t limit) {
  Report report(limit);
  Listing listing(body, facts);
  check_operands(listing, report);
  if (!report.is_empty()) return std::move(report).take();
  check_neighbours(listing, report);
  try {
    Body copied = body;
    const Depths depths = stack_depths(copied);
    if (depths.greatest > kGreatestDepth) {
      report.add(Error::kNowhere, "the stack would have " + std::to_string(depths.greatest) +
                                      " values; that is too many");
    }
    if (!report.is_empty()) return std::move(report).take();
    Paths paths(listing, copied, depths);
    paths.settle();
    if (paths.has_failed()) paths.explain(report);
  } catch (const Error& error) {
    report.add(error.index(), error.what());
  }
  return std::move(report).take();
}

}  // namespace pyccolo::bytecode
