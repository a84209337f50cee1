// core/marker.hpp: the int constant that stands for a site in woven source.
//
// A marker says enough to run the woven code when its site is gone: the shape and the operator.
// compile() output has each marker replaced by a site object; code compiled by others keeps the int.
#pragma once

#include <cstdint>
#include <optional>

#include "core/event.hpp"
#include "core/operation.hpp"

namespace pyccolo {

/// Bits, high to low: tag 12, shape 3, op 5, rewrite 22, index 20. All markers are negative: no literal of a source
/// is, and no time in nanoseconds.
struct Marker {
  Shape shape;
  Op op;
  std::uint32_t rewrite;
  std::uint32_t index;

  static constexpr std::uint64_t kTag = 0x583;
  static constexpr std::uint32_t kMaxRewrite = (1U << 22) - 1;
  static constexpr std::uint32_t kMaxIndex = (1U << 20) - 1;

  constexpr std::int64_t encode() const {
    const std::uint64_t bits = (kTag << 50) | (std::uint64_t(shape) << 47) |
                               (std::uint64_t(op) << 42) | (std::uint64_t(rewrite) << 20) |
                               std::uint64_t(index);
    return -static_cast<std::int64_t>(bits);
  }

  static constexpr std::uint64_t magnitude(std::int64_t value) {
    return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  }

  static constexpr bool is_marker(std::int64_t value) {
    return value < 0 && (magnitude(value) >> 50) == kTag;
  }

  static constexpr std::optional<Marker> decode(std::int64_t value) {
    if (!is_marker(value)) return std::nullopt;
    const std::uint64_t bits = magnitude(value);
    const auto shape = static_cast<std::uint8_t>((bits >> 47) & 7U);
    const auto op = static_cast<std::uint8_t>((bits >> 42) & 31U);
    if (shape > std::uint8_t(Shape::SavedSlice) || op >= kOpCount) return std::nullopt;
    return Marker{Shape(shape), Op(op), std::uint32_t((bits >> 20) & kMaxRewrite),
                  std::uint32_t(bits & kMaxIndex)};
  }
};

static_assert(kOpCount <= 32, "an operator has five bits in a marker");

}  // namespace pyccolo
