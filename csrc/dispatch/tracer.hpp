// dispatch/tracer.hpp: TracerCore, the C base of BaseTracer, and its contexts.
#pragma once

#include "dispatch/state.hpp"

namespace pyccolo::dispatch {

class ArmedHandlers;
struct ContextObject;

struct TracerObject {
  PyObject_HEAD
  DispatchState* state;
  PyObject* enabled_files;   ///< set of file names; owned
  PyObject* sandbox_fname;   ///< owned
  PyObject* reported;        ///< set of (function, exception type) already told of; owned
  ContextObject* innermost;  ///< of the contexts entered and not left, the last entered; borrowed
  PyObject* counters;        ///< dict: Count -> Counter, or null; owned
  ArmedHandlers* armed;      ///< or null; owned
  Py_ssize_t sandbox_calls;
  bool enabled;
  bool hard_disabled;
};

inline TracerObject* as_tracer(Borrowed object) {
  return reinterpret_cast<TracerObject*>(object.get());
}

ArmedHandlers& armed_handlers(Borrowed tracer);

Ref make_tracer_type(Borrowed module);
Ref make_context_type(Borrowed module);

/// The context manager of tracing_context().
Ref make_context(DispatchState& state, Borrowed tracer, bool disabled, bool quiet_sandbox,
                 Borrowed file);

/// In a forked child: nobody will leave the contexts that switched tracing off for a while in threads that are gone.
void leave_contexts_of_other_threads(DispatchState& state);

void enable_tracing(DispatchState& state, Borrowed tracer);
void disable_tracing(DispatchState& state, Borrowed tracer);

}  // namespace pyccolo::dispatch
