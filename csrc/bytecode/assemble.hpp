// bytecode/assemble.hpp: from a Body to the bytes of a code object, as the version's own compiler writes them.
#pragma once

#include <cstdint>
#include <vector>

#include "bytecode/body.hpp"

namespace pyccolo::bytecode {

struct Assembled {
  std::vector<std::uint8_t> code;
  std::vector<std::uint8_t> line_table;
  std::vector<std::uint8_t> exception_table;
};

/// Every range must have its depth. Throws Error for a jump in a direction that its instruction cannot go.
Assembled assemble(const Body& body, std::int32_t first_line);

}  // namespace pyccolo::bytecode
