// bytecode/operands.hpp: what can be said of instructions without following control: operands and neighbours.
#pragma once

#include <cstdint>
#include <vector>

#include "bytecode/report.hpp"

namespace pyccolo::bytecode {

/// Flags of a code object that make a call return a generator, a coroutine or an asynchronous generator.
inline constexpr std::uint32_t kOptimizedFlag = 0x1;
inline constexpr std::uint32_t kGeneratorFlags = 0x20 | 0x80 | 0x200;
inline constexpr std::uint32_t kAsyncGeneratorFlag = 0x200;

/// Where control comes from elsewhere than the instruction before: targets of jumps and handlers.
std::vector<bool> targets_of(const Body& body);

/// Reports operands out of their ranges, and jumps and exception ranges that lead nowhere.
void check_operands(const Body& body, const CodeFacts& facts, Report& report);

/// Reports instructions that are not in the company they need: the beginning of the code, KW_NAMES, PRECALL and CALL,
/// FOR_ITER and END_FOR, SEND, YIELD_VALUE and RESUME. The operands must be right.
void check_neighbours(const Body& body, const CodeFacts& facts, Report& report);

}  // namespace pyccolo::bytecode
