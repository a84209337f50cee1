// bytecode/version.hpp: the versions of CPython whose bytecode is known.
#pragma once

#include <cstdint>

namespace pyccolo::bytecode {

enum class Version : std::uint8_t { V311, V312, V313, V314, V315 };

inline constexpr int kVersionCount = 5;
inline constexpr int kFirstMinor = 11;

constexpr int index_of(Version version) { return static_cast<int>(version); }
constexpr int minor_of(Version version) { return kFirstMinor + index_of(version); }
constexpr bool is_known_minor(int minor) {
  return minor >= kFirstMinor && minor < kFirstMinor + kVersionCount;
}
constexpr Version version_of_minor(int minor) { return static_cast<Version>(minor - kFirstMinor); }

}  // namespace pyccolo::bytecode
