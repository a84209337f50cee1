// codeobject/origin.hpp: what a Code is made from: a code object, or something with the attributes of one.
#pragma once

#include "bytecode/decode.hpp"
#include "codeobject/code.hpp"

namespace pyccolo::codeobject {

/// What it does, as it is written: one snapshot, as other threads may be instrumenting it.
struct Written {
  Ref code;
  Ref line_table;
  Ref exception_table;
  std::int32_t first_line;
  std::int32_t stacksize;

  bytecode::Encoded encoded() const;
};

/// Throws TypeError for attributes of wrong types.
Written read_written(Borrowed origin);
Fields read_fields(Borrowed origin);

}  // namespace pyccolo::codeobject
