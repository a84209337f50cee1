// compat/instance_dict.hpp: the dict of an ast node, without making one.
#pragma once

#include "py/object.hpp"

namespace pyccolo::compat {

/// The instance dict, borrowed, or null. CPython 3.11 to 3.15 keep ast fields there.
inline Borrowed instance_dict(Borrowed object) {
  PyObject** slot = _PyObject_GetDictPtr(object.get());
  return slot == nullptr ? nullptr : *slot;
}

/// Gives an instance the dict it will have, or none; takes the dict over.
inline void set_instance_dict(Borrowed object, Ref dict) {
  PyObject** slot = _PyObject_GetDictPtr(object.get());
  if (slot == nullptr) raise(PyExc_TypeError, "%R has no dict", Py_TYPE(object.get()));
  Ref old = Ref::steal(*slot);
  *slot = dict.release();
}

}  // namespace pyccolo::compat
