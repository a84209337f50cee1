// bytecode/depth.hpp: how many values are on the stack before each instruction.
#pragma once

#include <cstdint>
#include <vector>

#include "bytecode/body.hpp"

namespace pyccolo::bytecode {

inline constexpr std::int32_t kUnreached = -1;

struct Depths {
  std::vector<std::int32_t> before;  ///< by instruction; kUnreached if control never gets there
  std::int32_t greatest = 0;         ///< what co_stacksize must allow for
};

/// Throws Error on underflow, on two depths at one instruction, on control that runs off the end, and on a range whose
/// depth cannot be known. Fills in `depth` of the ranges that have none.
Depths stack_depths(Body& body);

}  // namespace pyccolo::bytecode
