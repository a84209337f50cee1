// tests/native/bytecode/bodies.hpp: short bodies and facts for tests of the verifier.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "bytecode/verify.hpp"

namespace pyccolo::test {

struct Step {
  bytecode::Op op;
  std::uint32_t arg = 0;
};

using Steps = std::vector<Step>;

// The constants and the slots of plain_facts().
inline constexpr std::uint32_t kNoneConstant = 0;
inline constexpr std::uint32_t kNameConstant = 1;
inline constexpr std::uint32_t kOneNameConstant = 2;
inline constexpr std::uint32_t kCodeConstant = 3;
inline constexpr std::uint32_t kOpenCodeConstant = 4;
inline constexpr std::uint32_t kPairConstant = 5;
inline constexpr std::uint32_t kNumberConstant = 6;
inline constexpr std::uint32_t kObjectConstant = 7;
inline constexpr std::uint32_t kGeneratorConstant = 8;
inline constexpr std::uint32_t kComprehensionConstant = 9;

inline constexpr std::uint32_t kArgument = 0;
inline constexpr std::uint32_t kLocal = 1;
inline constexpr std::uint32_t kOther = 2;
inline constexpr std::uint32_t kCellVariable = 3;  // of cell_facts()

inline bytecode::CodeFacts plain_facts() {
  using Kind = bytecode::ConstantFacts::Kind;
  bytecode::CodeFacts facts;
  facts.flags = 0x3;
  facts.argument_slots = 1;
  facts.slots = {bytecode::kLocalSlot, bytecode::kLocalSlot, bytecode::kLocalSlot};
  facts.names = 2;
  facts.constants = {
      {.kind = Kind::None},
      {.kind = Kind::Str},
      {.kind = Kind::TupleOfStr, .size = 1},
      {.kind = Kind::Code},
      {.kind = Kind::Code, .size = 1},
      {.kind = Kind::Tuple, .size = 2},
      {.kind = Kind::Int},
      {.kind = Kind::Other},
      {.kind = Kind::Code, .is_generator = true},
      {.kind = Kind::Code, .takes_iterator = true},
  };
  return facts;
}

inline bytecode::CodeFacts cell_facts() {
  bytecode::CodeFacts facts = plain_facts();
  facts.slots.push_back(bytecode::kCellSlot);
  return facts;
}

inline bytecode::CodeFacts generator_facts(std::uint32_t flags = 0x23) {
  bytecode::CodeFacts facts = plain_facts();
  facts.flags = flags;
  return facts;
}

inline bytecode::Body whole(bytecode::Version version, const Steps& steps,
                            std::vector<bytecode::TryRange> ranges = {}) {
  bytecode::Body body{.version = version, .instructions = {}, .ranges = std::move(ranges)};
  for (const Step& step : steps) {
    body.instructions.push_back({.op = step.op, .arg = step.arg, .position = {}});
  }
  return body;
}

/// Behind RESUME, and with a return behind it: the first step has index 1.
inline bytecode::Body inner(bytecode::Version version, Steps steps,
                            std::vector<bytecode::TryRange> ranges = {}) {
  steps.insert(steps.begin(), {bytecode::Op::RESUME, 0});
  steps.push_back({bytecode::Op::LOAD_CONST, kNoneConstant});
  steps.push_back({bytecode::Op::RETURN_VALUE, 0});
  return whole(version, steps, std::move(ranges));
}

/// The first problem with the instruction it is about; "" if there is none.
inline std::string verdict(const bytecode::Body& body,
                           const bytecode::CodeFacts& facts = plain_facts()) {
  const std::vector<bytecode::Problem> problems = bytecode::verify(body, facts);
  if (problems.empty()) return "";
  const bytecode::Problem& first = problems.front();
  if (first.index == bytecode::Error::kNowhere) return first.reason;
  return std::to_string(first.index) + ": " + first.reason;
}

/// The same for steps of inner().
inline std::string verdict(bytecode::Version version, Steps steps,
                           std::vector<bytecode::TryRange> ranges = {},
                           const bytecode::CodeFacts& facts = plain_facts()) {
  return verdict(inner(version, std::move(steps), std::move(ranges)), facts);
}

/// The same behind MAKE_CELL and RESUME: the first step has index 2.
inline std::string cell_verdict(bytecode::Version version, Steps steps,
                                const bytecode::CodeFacts& facts = cell_facts()) {
  bytecode::Body body = inner(version, std::move(steps));
  body.instructions.insert(body.instructions.begin(),
                           {.op = bytecode::Op::MAKE_CELL, .arg = kCellVariable, .position = {}});
  return verdict(body, facts);
}

}  // namespace pyccolo::test
