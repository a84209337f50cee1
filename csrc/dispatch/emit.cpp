// An event on its way from woven code through the handlers and back: the general case.
#include <algorithm>
#include <cstring>

#include "dispatch/callables.hpp"
#include "dispatch/counter.hpp"
#include "dispatch/emit.hpp"
#include "dispatch/tracer.hpp"

namespace pyccolo::dispatch {

bool event_filter_passes(DispatchState& state, const TracerSlot& slot, Event event, Borrowed file) {
  const Ref& hook = state.names.file_passes_filter_for_event;
  try {
    return is_true(take(PyObject_CallMethodObjArgs(slot.tracer.get(), hook.get(),
                                                   state.event_values[index_of(event)].get(),
                                                   file.get(), nullptr)));
  } catch (const PyRaised&) {
    settle_filter_error(slot.tracer, hook, file);
    return false;
  }
}

bool file_filter_passes(DispatchState& state, const TracerSlot& slot, Borrowed file) {
  try {
    return state.file_passes(slot.tracer, file);
  } catch (const PyRaised&) {
    settle_filter_error(slot.tracer, state.names.should_instrument_file, file);
    return false;
  }
}

namespace {

Ref pop_key(ThreadData& thread) {
  if (thread.keys.empty()) {
    raise(PyExc_RuntimeError, "pyccolo_native: no subscript key was saved in this thread");
  }
  Ref key = std::move(thread.keys.back());
  thread.keys.pop_back();
  return key;
}

/// What a before_stmt handler gave instead of the statement is run; false: do not run the statement.
Ref replace_statement(Fire& fire, ThreadData& thread, const Plan& plan, const site::Site& site) {
  if (fire.ret.is(Py_None) || !is_true(fire.ret)) return boolean(true);
  Ref result = none();
  if (!fire.ret.is(fire.state.pass)) {
    const Ref& tracer = plan.slots.back().tracer;
    result = take(PyObject_CallMethodObjArgs(fire.state.hooks.get(),
                                             fire.state.names.run_replacement.get(), tracer.get(),
                                             fire.ret.get(), fire.current_frame().get(), nullptr));
  }
  if (site.has_else) thread.pending.push_back({std::move(result), false});
  return boolean(false);
}

/// Turns what the handlers left into what the woven code goes on with.
Ref finish(Fire& fire, ThreadData& thread, const Plan& plan, const site::Site& site, Borrowed given,
           PyObject* const* args, Py_ssize_t count) {
  switch (site.shape()) {
    case Shape::Value:
    case Shape::SavedSlice:
      return fire.ret ? std::move(fire.ret) : Ref::borrow(given);
    case Shape::Notice:
      return none();
    case Shape::Stmt:
      return replace_statement(fire, thread, plan, site);
    case Shape::Subscript:
      if (count > 2) thread.keys.push_back(Ref::borrow(args[2]));
      return fire.ret ? std::move(fire.ret) : Ref::borrow(given);
    case Shape::Operation:
      if (PyCallable_Check(fire.ret.get()) != 0) return std::move(fire.ret);
      return make_constant(fire.state, fire.ret);
    case Shape::Thunk:
      if (!fire.ret || fire.ret.is(given)) return boolean(true);
      thread.pending.push_back({fire.ret.copy(), PyCallable_Check(fire.ret.get()) != 0});
      return boolean(false);
  }
  return none();
}

/// The value an event starts with.
Ref first_value(DispatchState& state, ThreadData& thread, site::RewriteObject* owner,
                const site::Site& site, const EventList& list, Fire& fire, PyObject* const* args,
                Py_ssize_t count) {
  switch (site.shape()) {
    case Shape::Value:
      if (count > 1) return Ref::borrow(args[1]);
      if (site.event == Event::exception_handler_type) return Ref::borrow(PyExc_BaseException);
      if (site.event == Event::after_module_stmt ||
          site.event == Event::_load_saved_expr_stmt_ret) {
        Ref saved = std::move(thread.saved_value);
        return saved ? std::move(saved) : none();
      }
      return none();
    case Shape::Subscript:
      return count > 1 ? Ref::borrow(args[1]) : none();
    case Shape::SavedSlice:
      return pop_key(thread);
    case Shape::Operation:
      return state.operations[static_cast<std::size_t>(site.op)].copy();
    case Shape::Thunk:
      if (site.chain) return make_chain(owner, site);
      if (!list.needs_ret) return nullptr;
      return make_thunk(state, owner, site, fire.current_frame());
    case Shape::Notice:
    case Shape::Stmt:
      return none();
  }
  return none();
}

Ref default_of_site(DispatchState& state, const site::Site& site, PyObject* const* args,
                    Py_ssize_t count) {
  if (site.event == Event::exception_handler_type && count == 1) {
    return Ref::borrow(PyExc_BaseException);
  }
  if (count == 1 &&
      (site.event == Event::after_module_stmt || site.event == Event::_load_saved_expr_stmt_ret)) {
    Ref saved = std::move(state.thread().saved_value);
    return saved ? std::move(saved) : none();
  }
  return default_result(state, site.shape(), site.op, args, count);
}

/// Lets a site be quiet if every handler of its event is disabled there, for as long as plan and filters are what they are.
void settle_quiet(DispatchState& state, const Plan& plan, const EventList& list, const Fire& fire) {
  const site::Site& site = *fire.site;
  if (fire.disabled->prune()) {
    site.quiet = 0;
    return;
  }
  site.quiet = site::Site::kNotQuiet;
  for (const TracerHandlers& row : list.rows) {
    if (plan.slots[row.slot].overrides_emit) return;
    const bool wanted = std::ranges::any_of(
        row.handlers, [&](const Handler& handler) { return !fire.disabled->has(handler); });
    if (!wanted) continue;
    if (site.event == Event::init_module || passes(state, plan, row.slot, *fire.owner->rewrite))
      return;
  }
  if (state.plan() == &plan) site.quiet = state.quiet_stamp();
}

/// Counts an event for all tracers whose counters are all there is to it; false if a filter must be asked first.
bool count_through(DispatchState& state, const Plan& plan, const EventList& list,
                   const ThreadData& thread, site::RewriteObject* owner, const site::Site& site) {
  constexpr std::size_t kBits = 64;
  const site::Rewrite& rewrite = *owner->rewrite;
  if (rewrite.filter_plan != state.filter_stamp() || plan.slots.size() > kBits) return false;
  const bool reentrant = !thread.allow_events;
  for (const TracerHandlers& row : list.rows) {
    const TracerSlot& slot = plan.slots[row.slot];
    if (as_tracer(slot.tracer)->hard_disabled || (!thread.is_main && !slot.threads_allowed)) {
      continue;
    }
    if (reentrant && !slot.reentrant_allowed && !thread.allow_reentrant) continue;
    if (site.event != Event::init_module && ((rewrite.filter_mask >> row.slot) & 1U) == 0) continue;
    for (const Handler& handler : row.handlers) {
      if (!reentrant || thread.allow_reentrant || handler.reentrant) {
        handler.counter->hit(site, owner);
      }
    }
  }
  return true;
}

/// An event on its way through all handlers of the stack.
Ref emit_through(DispatchState& state, const PlanRef& plan, const EventList& list,
                 ThreadData& thread, site::RewriteObject* owner, const site::Site& site,
                 PyObject* const* args, Py_ssize_t count) {
  if (site.unread && list.needs_node) owner->rewrite->need_nodes();
  const HandlingScope handling(thread);
  const bool reentrant = handling.was_handling();
  Fire fire(state, site.event);
  fire.set_site(owner, site);
  fire.node = site.node;
  fire.keyword_names = site.names;
  fire.local_guards = site.guards;
  fire.region_guard = site.region_guard;
  fire.reentrant_only = reentrant && !thread.allow_reentrant;
  boost::container::small_vector<PyObject*, 6> values;
  if (site.values) {
    fire.keyword_values = reinterpret_cast<PyTupleObject*>(site.values.get())->ob_item;
    if (site.shape() == Shape::Subscript && count > 2) {
      values.assign(fire.keyword_values, fire.keyword_values + PyTuple_GET_SIZE(site.values.get()));
      values[0] = args[2];
      fire.keyword_values = values.data();
    }
  }
  Ref given = first_value(state, thread, owner, site, list, fire, args, count);
  fire.ret = given.copy();
  if (list.needs_frame) fire.current_frame();

  for (const TracerHandlers& row : list.rows) {
    const TracerSlot& slot = plan->slots[row.slot];
    const TracerObject* tracer = as_tracer(slot.tracer);
    if (tracer->hard_disabled || (!thread.is_main && !slot.threads_allowed)) continue;
    if (reentrant && !slot.reentrant_allowed && !thread.allow_reentrant) continue;
    if (site.event != Event::init_module && !passes(state, *plan.get(), row.slot, *owner->rewrite))
      continue;
    if (slot.filters_events &&
        !event_filter_passes(state, slot, site.event, owner->rewrite->file()))
      continue;
    const Fire::Outcome outcome =
        slot.overrides_emit ? fire.run_overridden(slot) : fire.run(slot, row.handlers);
    if (outcome == Fire::Outcome::StopAll) break;
  }
  if (fire.disabled != nullptr) [[unlikely]]
    settle_quiet(state, *plan.get(), list, fire);
  return finish(fire, thread, *plan.get(), site, given, args, count);
}

Ref emit_at(DispatchState& state, site::RewriteObject* owner, const site::Site& site,
            PyObject* const* args, Py_ssize_t count) {
  if (site.keeps_value) {
    state.thread().saved_value = count > 1 ? Ref::borrow(args[1]) : none();
  }
  const PlanRef current(state.plan());  // making its list may run code that makes another plan
  if (!current || site.quiet == state.quiet_stamp()) {
    return default_of_site(state, site, args, count);
  }
  const EventList& list = current->list(site.event);
  if (list.rows.empty()) return default_of_site(state, site, args, count);
  ThreadData& thread = state.thread();
  const bool reentrant = !thread.allow_events;
  if (reentrant && !thread.allow_reentrant && !list.reentrant_possible) {
    return default_of_site(state, site, args, count);
  }
  if (list.only_counts && state.is_latest(*current.get()) &&
      count_through(state, *current.get(), list, thread, owner, site)) {
    return default_of_site(state, site, args, count);
  }
  return emit_through(state, current, list, thread, owner, site, args, count);
}

/// Fires the events that follow a site with the value it left.
Ref emit_rest(DispatchState& state, site::RewriteObject* owner, const site::Site* site, Ref value) {
  while (site->next != site::Site::kNone) {
    site = &owner->rewrite->sites[site->next];
    PyObject* arguments[] = {nullptr, value.get()};
    value = emit_at(state, owner, *site, arguments, 2);
  }
  return value;
}

Ref emit_all(DispatchState& state, site::RewriteObject* owner, const site::Site& site,
             PyObject* const* args, Py_ssize_t count) {
  Ref value = emit_at(state, owner, site, args, count);
  return site.next == site::Site::kNone ? std::move(value)
                                        : emit_rest(state, owner, &site, std::move(value));
}

/// A marker that was not replaced by a site: code compiled by others, or a copy of a copy.
Ref emit_by_marker(DispatchState& state, std::int64_t value, PyObject* const* args,
                   Py_ssize_t count) {
  const auto marker = Marker::decode(value);
  if (!marker) raise(PyExc_TypeError, "%s: not a site: %R", "_X5ix_PYCCOLO_EVT_EMIT", args[0]);
  site::RewriteObject* owner = state.sites.find(marker->rewrite);
  if (owner == nullptr || marker->index >= owner->rewrite->sites.size()) {
    return default_result(state, marker->shape, marker->op, args, count);
  }
  Ref alive = Ref::borrow(reinterpret_cast<PyObject*>(owner));
  return emit_all(state, owner, owner->rewrite->sites[marker->index], args, count);
}

Ref emit_by_constant(DispatchState& state, PyObject* const* args, Py_ssize_t count) {
  if (PyLong_CheckExact(args[0])) {
    int overflow = 0;
    const long long value = PyLong_AsLongLongAndOverflow(args[0], &overflow);
    return emit_by_marker(state, overflow == 0 ? value : 0, args, count);
  }
  std::int64_t value = 0;
  if (PyBytes_CheckExact(args[0]) && PyBytes_GET_SIZE(args[0]) == sizeof(value)) {
    std::memcpy(&value, PyBytes_AS_STRING(args[0]), sizeof(value));
  }
  return emit_by_marker(state, value, args, count);
}

}  // namespace

Ref default_result(DispatchState& state, Shape shape, Op op, PyObject* const* args,
                   Py_ssize_t count) {
  switch (shape) {
    case Shape::Value:
      return count > 1 ? Ref::borrow(args[1]) : none();
    case Shape::Subscript:
      if (count > 2) state.thread().keys.push_back(Ref::borrow(args[2]));
      return count > 1 ? Ref::borrow(args[1]) : none();
    case Shape::SavedSlice:
      return pop_key(state.thread());
    case Shape::Operation:
      return state.operations[static_cast<std::size_t>(op)].copy();
    case Shape::Stmt:
    case Shape::Thunk:
      return boolean(true);
    case Shape::Notice:
      return none();
  }
  return none();
}

bool passes_asking(DispatchState& state, const Plan& plan, std::size_t slot,
                   site::Rewrite& rewrite) {
  constexpr std::size_t kBits = 64;
  auto wants = [&](const TracerSlot& its) {
    const site::Rewrite::Granted* granted = rewrite.granted.get();
    return (granted != nullptr &&
            std::ranges::find(*granted, its.tracer.get()) != granted->end()) ||
           file_filter_passes(state, its, rewrite.file());
  };
  if (slot >= kBits) return wants(plan.slots[slot]);
  const std::uint64_t stamp = state.filter_stamp();
  std::uint64_t mask = 0;
  for (std::size_t i = 0; i < plan.slots.size() && i < kBits; ++i) {
    if (wants(plan.slots[i])) mask |= std::uint64_t(1) << i;
  }
  rewrite.filter_mask = mask;
  rewrite.filter_plan = stamp;
  return ((mask >> slot) & 1U) != 0;
}

Ref emit_any(DispatchState& state, PyObject* const* args, Py_ssize_t count) {
  if (count < 1 || count > 3) {
    raise(PyExc_TypeError, "_X5ix_PYCCOLO_EVT_EMIT takes 1 to 3 arguments, %zd given", count);
  }
  if (Py_TYPE(args[0]) == reinterpret_cast<PyTypeObject*>(state.sites.site_type.get())) {
    const auto* object = reinterpret_cast<site::SiteObject*>(args[0]);
    return emit_all(state, object->owner, *object->site, args, count);
  }
  return emit_by_constant(state, args, count);
}

Ref emit_followers(DispatchState& state, site::RewriteObject* owner, const site::Site& site,
                   Ref value) {
  return emit_rest(state, owner, &site, std::move(value));
}

Ref finish_single(DispatchState& state, ThreadData& thread, const Plan& plan, const EventList& list,
                  site::RewriteObject* owner, const site::Site& site, Borrowed given, Ref result,
                  PyObject* const* args, Py_ssize_t count) {
  Fire fire(state, site.event);
  fire.set_site(owner, site);
  fire.node = site.node;
  fire.ret = Ref::borrow(given);
  fire.finish_single(*list.single.slot, *list.single.handler, std::move(result));
  if (fire.disabled != nullptr) [[unlikely]]
    settle_quiet(state, plan, list, fire);
  return finish(fire, thread, plan, site, given, args, count);
}

}  // namespace pyccolo::dispatch
