// bytecode/decode.hpp: from the bytes of a code object to a Body.
#pragma once

#include <cstdint>
#include <span>

#include "bytecode/body.hpp"

namespace pyccolo::bytecode {

using Bytes = std::span<const std::uint8_t>;

struct Encoded {
  Bytes code;             ///< co_code: no instrumented, specialized or executor instructions
  Bytes line_table;       ///< co_linetable
  Bytes exception_table;  ///< co_exceptiontable
  std::int32_t first_line;
};

struct Decoded {
  Body body;
  std::vector<std::uint32_t>
      offsets;  ///< of each instruction, in bytes; past its EXTENDED_ARGs, as dis shows it
};

/// Throws Error for anything that is not well-formed.
Decoded decode(Version version, const Encoded& encoded);

}  // namespace pyccolo::bytecode
