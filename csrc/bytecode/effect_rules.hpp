// bytecode/effect_rules.hpp: the letters of opcodes.def as sets of kinds, for each instruction of a version.
#pragma once

#include <array>
#include <cstdint>

#include "bytecode/opcode.hpp"
#include "bytecode/value.hpp"

namespace pyccolo::bytecode {

struct EffectRule {
  static constexpr std::size_t kMost = 6;
  static constexpr Kinds kSame = 0;  ///< in `out`: the value that was there

  std::array<Kinds, kMost> in{};  ///< top of the stack last
  std::array<Kinds, kMost> out{};
  std::uint8_t ins = 0;
  std::uint8_t outs = 0;
  Kinds deeper_in = 0;  ///< of the values below those of `in`
  Kinds deeper_out = 0;

  /// `above` values lie above it.
  Kinds taken(std::int32_t above) const {
    return above < ins ? in[static_cast<std::size_t>(ins - 1 - above)] : deeper_in;
  }
  Kinds left(std::int32_t above) const {
    return above < outs ? out[static_cast<std::size_t>(outs - 1 - above)] : deeper_out;
  }
};

using EffectRules = std::array<EffectRule, static_cast<std::size_t>(kOpCount)>;

const EffectRules& effect_rules(Version version);

/// What may be used as an object; the place of an exception is a number without an object from 3.14 on.
constexpr Kinds objects_of(Version version) {
  return version >= Version::V314 ? kObjects : kObjects | kLasti;
}

}  // namespace pyccolo::bytecode
