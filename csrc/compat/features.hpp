// compat/features.hpp: what differs between interpreters, as named facts.
#pragma once

#include "py/python.hpp"

namespace pyccolo::compat {

/// Annotations are evaluated when asked for, in a scope of their own (PEP 649, CPython 3.14).
inline constexpr bool kLazyAnnotations = PY_VERSION_HEX >= 0x030E0000;

}  // namespace pyccolo::compat
