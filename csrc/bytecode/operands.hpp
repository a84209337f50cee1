// bytecode/operands.hpp: what can be said of instructions without following control: operands and neighbours.
#pragma once

#include <cstdint>

#include "bytecode/listing.hpp"
#include "bytecode/report.hpp"

namespace pyccolo::bytecode {

/// Flags of a code object that make a call return a generator, a coroutine or an asynchronous generator.
inline constexpr std::uint32_t kOptimizedFlag = 0x1;
inline constexpr std::uint32_t kGeneratorFlags = 0x20 | 0x80 | 0x200;
inline constexpr std::uint32_t kAsyncGeneratorFlag = 0x200;

/// The bits of the operand of RESUME that tell where it stands; the next one tells a depth.
constexpr std::uint32_t resume_mask(Version version) { return version >= Version::V315 ? 7 : 3; }

/// Reports operands out of their ranges, and jumps and exception ranges that lead nowhere. Fills in the targets.
void check_operands(Listing& listing, Report& report);

/// Reports instructions that are not in the company they need: the beginning of the code, KW_NAMES, PRECALL and CALL,
/// FOR_ITER and END_FOR, SEND, YIELD_VALUE and RESUME. The operands must be right.
void check_neighbours(const Listing& listing, Report& report);

}  // namespace pyccolo::bytecode
