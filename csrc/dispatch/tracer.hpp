// dispatch/tracer.hpp: TracerCore, the C base of BaseTracer, and its contexts.
#pragma once

#include "dispatch/state.hpp"

namespace pyccolo::dispatch {

struct TracerObject {
  PyObject_HEAD
  DispatchState* state;
  PyObject* enabled_files;  ///< set of file names; owned
  PyObject* sandbox_fname;  ///< owned
  PyObject* reported;       ///< set of (function, exception type) already told of; owned
  Py_ssize_t sandbox_calls;
  bool enabled;
  bool hard_disabled;
};

inline TracerObject* as_tracer(Borrowed object) {
  return reinterpret_cast<TracerObject*>(object.get());
}

Ref make_tracer_type(Borrowed module);
Ref make_context_type(Borrowed module);

/// The context manager of tracing_context().
Ref make_context(DispatchState& state, Borrowed tracer, bool disabled, bool quiet_sandbox,
                 Borrowed file);

void enable_tracing(DispatchState& state, Borrowed tracer);
void disable_tracing(DispatchState& state, Borrowed tracer);

}  // namespace pyccolo::dispatch
