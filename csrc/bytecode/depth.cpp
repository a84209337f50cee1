// bytecode/depth.cpp: follows every path once; each instruction must be reached with one depth.
#include "bytecode/depth.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace pyccolo::bytecode {

namespace {

constexpr std::uint32_t kNoRange = static_cast<std::uint32_t>(-1);

/// Far beyond what a frame can have, and small enough for sums with the effect of any instruction.
constexpr std::int32_t kDeepest = 1 << 26;

/// How many values an instruction may have taken from the stack when it raises.
std::int32_t taken_when_raising(const OpInfo& info, std::uint32_t arg) {
  // It raises what throw() is given: after the frame has got a value again.
  if (info.op == Op::YIELD_VALUE) return 0;
  // It raises the exception again, with what was iterated still there.
  if (info.op == Op::END_ASYNC_FOR) return 1;
  const std::string_view out = info.out;
  const std::size_t same = std::min(out.find_first_not_of('='), out.size());
  if (same == 0) return info.pops(arg, false);
  const auto others = static_cast<std::int32_t>(out.size() - same);
  const std::int32_t kept = std::max(info.pushes(arg, false) - others, 0);
  return info.pops(arg, false) - kept;
}

class Walk {
 public:
  explicit Walk(Body& body);
  Depths run();

 private:
  /// Whether the handler of a range has been entered.
  enum class Handler : std::uint8_t { Unreached, Waiting, Entered };

  std::size_t size() const { return body_.instructions.size(); }
  const OpInfo& info_at(std::size_t index) const;
  std::string name_of_range(std::size_t range) const;
  static std::size_t anchor_of(const TryRange& range) {
    return range.anchor == TryRange::kBegin ? range.begin : range.anchor;
  }

  void reach(std::size_t index, std::int32_t depth, std::size_t from);
  void follow(std::size_t index);
  void enter_handler(std::size_t range, std::size_t from);
  void finish_range(std::size_t range);
  void check_raising(std::size_t index) const;

  Body& body_;
  Depths depths_;
  std::vector<std::uint32_t> range_of_;  ///< by instruction
  std::vector<Handler> handlers_;        ///< by range
  std::vector<std::size_t> pending_;     ///< reached, to be followed
  std::vector<std::size_t> waiting_;     ///< ranges whose depth is not known yet
};

Walk::Walk(Body& body) : body_(body), handlers_(body.ranges.size(), Handler::Unreached) {
  depths_.before.assign(size(), kUnreached);
  range_of_.assign(size(), kNoRange);
  std::size_t end = 0;
  for (std::size_t index = 0; index < body_.ranges.size(); ++index) {
    const TryRange& range = body_.ranges[index];
    if (range.begin < end || range.begin >= range.end || range.end > size() ||
        range.target >= size() || anchor_of(range) >= size()) {
      throw Error(name_of_range(index) + " is not in its place");
    }
    end = range.end;
    std::fill(range_of_.begin() + range.begin, range_of_.begin() + range.end,
              static_cast<std::uint32_t>(index));
  }
}

std::string Walk::name_of_range(std::size_t index) const {
  const TryRange& range = body_.ranges[index];
  return "the exception range " + std::to_string(range.begin) + " to " + std::to_string(range.end) +
         " (handler " + std::to_string(range.target) + ")";
}

const OpInfo& Walk::info_at(std::size_t index) const {
  const Op op = body_.instructions[index].op;
  const OpInfo* info = find_op(body_.version, op);
  if (info == nullptr) {
    throw Error(std::string(bytecode::name_of(op)) + " is no instruction of 3." +
                    std::to_string(minor_of(body_.version)),
                index);
  }
  return *info;
}

void Walk::reach(std::size_t index, std::int32_t depth, std::size_t from) {
  if (depth > kDeepest) throw Error("too many values on the stack", from);
  depths_.greatest = std::max(depths_.greatest, depth);
  std::int32_t& before = depths_.before[index];
  if (before == kUnreached) {
    before = depth;
    pending_.push_back(index);
  } else if (before != depth) {
    throw Error("instruction " + std::to_string(index) + " is reached with " +
                    std::to_string(before) + " and with " + std::to_string(depth) +
                    " values on the stack",
                index);
  }
}

/// The depth at the anchor of a range may not be known yet; then the handler waits for it.
void Walk::enter_handler(std::size_t index, std::size_t from) {
  TryRange& range = body_.ranges[index];
  if (handlers_[index] == Handler::Entered) return;
  if (range.depth == TryRange::kFromStack) {
    const std::int32_t there = depths_.before[anchor_of(range)];
    if (there == kUnreached) {
      if (handlers_[index] == Handler::Unreached) waiting_.push_back(index);
      handlers_[index] = Handler::Waiting;
      return;
    }
    if (range.drop < 0 || there < range.drop) {
      throw Error(name_of_range(index) + " drops more values than there are", range.begin);
    }
    range.depth = there - range.drop;
  }
  handlers_[index] = Handler::Entered;
  reach(range.target, range.depth + (range.lasti ? 1 : 0) + 1, from);
}

void Walk::follow(std::size_t index) {
  const OpInfo& info = info_at(index);
  const std::uint32_t arg = body_.instructions[index].arg;
  const std::int32_t before = depths_.before[index];
  if (range_of_[index] != kNoRange) enter_handler(range_of_[index], index);

  const auto after = [&](bool jump) {
    const std::int32_t pops = info.pops(arg, jump);
    if (before < pops) {
      throw Error(std::string(bytecode::name_of(info.op)) + " takes " + std::to_string(pops) +
                      " values, there are " + std::to_string(before),
                  index);
    }
    const std::int32_t depth = before - pops + info.pushes(arg, jump);
    depths_.greatest = std::max(depths_.greatest, depth);
    return depth;
  };
  // Ends of blocks must have what they take, too.
  const std::int32_t next = after(false);
  if (info.jumps()) {
    if (arg >= size()) throw Error("the target is behind the end", index);
    reach(arg, after(true), index);
  }
  if (!info.ends_block()) {
    if (index + 1 == size()) throw Error("control runs off the end", index);
    reach(index + 1, next, index);
  }
}

void Walk::finish_range(std::size_t index) {
  if (handlers_[index] == Handler::Waiting) {
    throw Error("the depth of " + name_of_range(index) +
                    " cannot be known: control enters it behind its begin",
                body_.ranges[index].begin);
  }
  // Control never gets into it: any depth will do.
  if (body_.ranges[index].depth == TryRange::kFromStack) body_.ranges[index].depth = 0;
}

/// The handler must find the values that are below the depth of the range. That holds for what can raise; generator
/// expressions of 3.15 return, with an empty stack, from within a range of depth 2.
void Walk::check_raising(std::size_t index) const {
  const std::int32_t before = depths_.before[index];
  if (before == kUnreached || range_of_[index] == kNoRange) return;
  const OpInfo& info = info_at(index);
  if (!info.may_raise) return;
  const std::int32_t left = before - taken_when_raising(info, body_.instructions[index].arg);
  const std::int32_t depth = body_.ranges[range_of_[index]].depth;
  if (left < depth) {
    throw Error(std::string(bytecode::name_of(info.op)) + " leaves " + std::to_string(left) +
                    " values when it raises, " + name_of_range(range_of_[index]) + " keeps " +
                    std::to_string(depth),
                index);
  }
}

Depths Walk::run() {
  if (size() == 0) throw Error("there are no instructions");
  reach(0, 0, 0);
  for (bool goes_on = true; goes_on;) {
    while (!pending_.empty()) {
      const std::size_t index = pending_.back();
      pending_.pop_back();
      follow(index);
    }
    for (const std::size_t range : std::exchange(waiting_, {})) {
      if (handlers_[range] == Handler::Entered) continue;
      handlers_[range] = Handler::Unreached;
      enter_handler(range, body_.ranges[range].begin);
    }
    goes_on = !pending_.empty();
  }
  for (std::size_t index = 0; index < body_.ranges.size(); ++index) finish_range(index);
  for (std::size_t index = 0; index < size(); ++index) check_raising(index);
  return std::move(depths_);
}

}  // namespace

Depths stack_depths(Body& body) { return Walk(body).run(); }

}  // namespace pyccolo::bytecode
