// hooks/anchor.hpp: the object of our trace functions.
#pragma once

#include "hooks/settrace.hpp"

namespace pyccolo::hooks {

/// What our function is called with. One that belongs to a thread is armed: when it goes and was not disarmed, C code has
/// set another function in the place of ours, which then is asked to come back.
struct AnchorObject {
  PyObject_HEAD
  SysHooks* hooks;
  PyObject* module;  ///< owned: hooks is part of its state
  bool armed;
};

Ref make_anchor_type(Borrowed module);
Ref make_anchor(Borrowed type, SysHooks& hooks, bool armed);
bool is_anchor(Borrowed type, PyObject* object);
bool is_armed(PyObject* anchor);
/// `object` may be any object or null. True if it was armed.
bool disarm(Borrowed type, PyObject* object);

}  // namespace pyccolo::hooks
