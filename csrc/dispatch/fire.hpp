// dispatch/fire.hpp: one event on its way through the handlers.
#pragma once

#include "dispatch/disabled.hpp"
#include "dispatch/state.hpp"

namespace pyccolo::dispatch {

/// What handlers can be given of the event that fires. Costly parts are made when the first handler asks.
class Fire {
 public:
  Fire(DispatchState& dispatch, Event which) : state(dispatch), event(which) {}

  DispatchState& state;
  const Event event;
  Ref ret;                 ///< the value so far; null where no handler can see it
  Borrowed node;           ///< null for none
  Ref node_id;             ///< made by raw_id(), or given
  Borrowed keyword_names;  ///< tuple, or null
  PyObject* const* keyword_values = nullptr;
  Borrowed local_guards;      ///< tuple of (HandlerSpec, name), or null
  bool region_guard = false;  ///< one of the keywords is `guard`
  bool reentrant_only = false;
  Ref frame;
  bool was_null = false;                 ///< a handler gave Null
  bool was_set = false;                  ///< a handler gave a value
  const site::Site* site = nullptr;      ///< where it fires in woven code; null for other events
  site::RewriteObject* owner = nullptr;  ///< of the site
  /// What is disabled in the place. Null: nothing yet at the site; or it has no place, and Disable does nothing.
  DisabledAt* disabled = nullptr;

  enum class Outcome : std::uint8_t { Continue, StopTracer, StopAll };

  /// Runs the handlers of one tracer. Throws what must reach the program.
  Outcome run(const TracerSlot& slot, const std::vector<Handler>& handlers);
  /// Takes what an only handler gave; null: it raised.
  Outcome finish_single(const TracerSlot& slot, const Handler& handler, Ref result);
  /// Calls the tracer's own _emit_event.
  Outcome run_overridden(const TracerSlot& slot);

  /// A function of the tracer raised: tells of it, or throws what the tracer or the language wants to reach the program.
  void settle_error(const TracerSlot& slot, Borrowed function);
  /// Says that the event fires at a site, and finds what is disabled there.
  void set_site(site::RewriteObject* its_owner, const site::Site& its_site);
  /// Takes the place of the same event, which the tracer's own _emit_event() was given; false if there is none.
  bool take_place(const Fire* overridden, Borrowed tracer);

  Borrowed current_frame();
  Borrowed raw_id();

 private:
  Ref call_handler(const TracerSlot& slot, const Handler& handler, Borrowed guard);
  Ref call_full(const TracerSlot& slot, const Handler& handler, Borrowed guard);
  Ref call_named(const TracerSlot& slot, const Handler& handler, Borrowed guard);
  Borrowed given(const Argument& argument, const Handler& handler, Borrowed guard);
  Borrowed keyword(Borrowed name) const;
  Borrowed node_for(const Handler& handler);
  bool predicate_says_no(const Handler& handler);
  Borrowed local_guard(const Handler& handler) const;
  bool is_on(Borrowed guard);
  Outcome take_result(const Handler& handler, Ref result);
  void disable(const Handler& handler);
  void count(const Handler& handler);

  Borrowed overriding_;  ///< the tracer whose _emit_event() runs
};

/// Tells of the exception that is set, once per kind, and clears it: a tracer's filter was asked about a file and raised.
/// Throws what is no Exception.
void settle_filter_error(Borrowed tracer, Borrowed hook, Borrowed file);

/// What the woven code is given when no handler has a say.
Ref default_result(DispatchState& state, Shape shape, Op op, PyObject* const* args,
                   Py_ssize_t count);

}  // namespace pyccolo::dispatch
