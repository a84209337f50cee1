// codeobject/items.hpp: the items of a Code that are no instructions.
#pragma once

#include "codeobject/state.hpp"

namespace pyccolo::codeobject {

struct TryBeginObject {
  PyObject_HEAD
  PyObject* target;    ///< a Label
  std::int32_t depth;  ///< or -1: what is on the stack, less `drop`
  std::int32_t drop;
  bool lasti;
};

struct TryEndObject {
  PyObject_HEAD
  PyObject* begin;  ///< a TryBegin, or null: the innermost
};

struct SetLinenoObject {
  PyObject_HEAD
  std::int32_t line;
};

inline TryBeginObject* as_try_begin(PyObject* item) {
  return reinterpret_cast<TryBeginObject*>(item);
}
inline TryEndObject* as_try_end(PyObject* item) { return reinterpret_cast<TryEndObject*>(item); }
inline SetLinenoObject* as_set_lineno(PyObject* item) {
  return reinterpret_cast<SetLinenoObject*>(item);
}

Ref new_label(State& state);
Ref new_try_begin(State& state, Borrowed target, bool lasti, std::int32_t depth, std::int32_t drop);
Ref new_try_end(State& state, Borrowed begin);

Ref make_label_type(Borrowed module);
Ref make_try_begin_type(Borrowed module);
Ref make_try_end_type(Borrowed module);
Ref make_set_lineno_type(Borrowed module);

}  // namespace pyccolo::codeobject
