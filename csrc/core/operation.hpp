// core/operation.hpp: the operators an Operation event can stand for.
#pragma once

#include <cstdint>

namespace pyccolo {

/// Operators by arity and ast class. `Chain` is a comparison with more than one operator.
enum class Op : std::uint8_t {
  None,
#define OPERATION(name, arity) name,
#include "def/operations.def"
  Chain,
};

inline constexpr int kOpCount = static_cast<int>(Op::Chain) + 1;

}  // namespace pyccolo
