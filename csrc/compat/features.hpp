// compat/features.hpp: what differs between interpreters, as named facts.
#pragma once

#include "py/python.hpp"

namespace pyccolo::compat {

/// The minor version of CPython.
inline constexpr int kMinorVersion = PY_MINOR_VERSION;

/// Annotations are evaluated when asked for, in a scope of their own (PEP 649, CPython 3.14).
inline constexpr bool kLazyAnnotations = PY_VERSION_HEX >= 0x030E0000;

/// There is sys.monitoring (PEP 669, CPython 3.12).
inline constexpr bool kHasMonitoring = PY_VERSION_HEX >= 0x030C0000;

/// The parts of an f-string know where they stand (PEP 701, CPython 3.12).
inline constexpr bool kFstringsKnowPlaces = PY_VERSION_HEX >= 0x030C0000;

/// A failed assertion is raised at the comparison that was tested last, where the test is or ends in one: the
/// compiler of 3.11 forgets to go back to the statement. Goes with 3.11.
inline constexpr bool kAssertRaisesAtComparison = PY_VERSION_HEX < 0x030C0000;

/// The most blocks (loops, try, with) that can be nested in one function.
inline constexpr int kMaxBlocks = PY_VERSION_HEX >= 0x030E0000 ? 21 : 20;

}  // namespace pyccolo::compat
