// dispatch/tracer.hpp: TracerCore, the C base of BaseTracer, and its contexts.
#pragma once

#include "core/sys_event.hpp"
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
  unsigned long thread;  ///< that enabled it
  bool enabled;
  bool hard_disabled;
  Hook hook;  ///< how it is told of interpreter events, once it has been enabled with some
  SysEvents sys_events;  ///< those it has handlers for
  bool knows_sys_events;
  PyObject* hook_reason;  ///< why it is that hook; owned
};

inline TracerObject* as_tracer(Borrowed object) {
  return reinterpret_cast<TracerObject*>(object.get());
}

/// The interpreter events that a tracer has handlers for.
SysEvents sys_events_of(DispatchState& state, TracerObject* tracer);
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
