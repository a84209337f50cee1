#include "dispatch/plan.hpp"

#include "dispatch/counter.hpp"
#include "dispatch/disabled.hpp"
#include "dispatch/state.hpp"
#include "dispatch/tracer.hpp"

namespace pyccolo::dispatch {

namespace {

/// HandlerSpec is a tuple; these are its items.
enum SpecItem : Py_ssize_t { kHandler, kUseRawNodeId, kReentrant, kPredicate, kGuard };

/// What a class has under a name, without binding it. Gives the class a version tag.
Ref class_attr(Borrowed tracer, Borrowed name) {
  return Ref::borrow(_PyType_Lookup(Py_TYPE(tracer.get()), name.get()));
}

/// A predicate that has something to say each time: not TRUE, not decided when the code was woven.
bool is_dynamic(DispatchState& state, Borrowed predicate) {
  if (predicate.is(state.true_predicate)) return false;
  return !truth_of(predicate, state.names.static_);
}

}  // namespace

Plan::Plan(DispatchState& state, Borrowed stack, std::uint64_t at_epoch, std::uint64_t its_id)
    : id(its_id), epoch(at_epoch), state_(state) {
  const Py_ssize_t size = PyList_GET_SIZE(stack.get());
  for (Py_ssize_t i = 0; i < size; ++i) {
    Borrowed tracer = PyList_GET_ITEM(stack.get(), i);
    if (!PyObject_TypeCheck(tracer.get(),
                            reinterpret_cast<PyTypeObject*>(state.tracer_type.get()))) {
      raise(PyExc_TypeError, "the tracer stack holds %R, which is no tracer", tracer.get());
    }
    TracerSlot& slot = slots.emplace_back();
    slot.tracer = Ref::borrow(tracer);
    read(slot);
  }
}

void Plan::read(TracerSlot& slot) {
  const ast::Names& n = state_.names;
  slot.emit = class_attr(slot.tracer, n._emit_event);
  slot.instrument_filter = class_attr(slot.tracer, n.should_instrument_file);
  slot.event_filter = class_attr(slot.tracer, n.file_passes_filter_for_event);
  slot.propagate = class_attr(slot.tracer, n.should_propagate_handler_exception);
  slot.overrides_emit = !slot.emit.is(_PyType_Lookup(
      reinterpret_cast<PyTypeObject*>(state_.tracer_type.get()), n._emit_event.get()));
  slot.filters_events = state_.overrides(slot.tracer, n.file_passes_filter_for_event);
  slot.may_propagate = state_.overrides(slot.tracer, n.should_propagate_handler_exception);
  slot.threads_allowed = truth_of(slot.tracer, n.multiple_threads_allowed);
  slot.reentrant_allowed = truth_of(slot.tracer, n.allow_reentrant_events);
  slot.version = Py_TYPE(slot.tracer.get())->tp_version_tag;
}

bool Plan::refresh(TracerSlot& slot) {
  TracerSlot now;
  now.tracer = slot.tracer.copy();
  read(now);
  if (!now.emit.is(slot.emit) || !now.instrument_filter.is(slot.instrument_filter) ||
      !now.event_filter.is(slot.event_filter) || !now.propagate.is(slot.propagate) ||
      now.threads_allowed != slot.threads_allowed ||
      now.reentrant_allowed != slot.reentrant_allowed) {
    return false;
  }
  slot.version = now.version;
  return true;
}

const EventList& Plan::make_list(Event event) {
  auto list = std::make_unique<EventList>();
  bool asks = false;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const TracerSlot& slot = slots[i];
    TracerHandlers row{i, {}};
    Ref by_event = get_attr(slot.tracer, state_.names._event_handlers);
    Borrowed specs = find_item(by_event, state_.events[index_of(event)]);
    for (Py_ssize_t k = 0; specs && k < PyList_GET_SIZE(specs.get()); ++k) {
      Borrowed spec = PyList_GET_ITEM(specs.get(), k);
      Handler handler;
      handler.function = Ref::borrow(PyTuple_GET_ITEM(spec.get(), kHandler));
      handler.spec = Ref::borrow(spec);
      handler.raw = is_true(PyTuple_GET_ITEM(spec.get(), kUseRawNodeId));
      handler.reentrant = is_true(PyTuple_GET_ITEM(spec.get(), kReentrant));
      Borrowed predicate = PyTuple_GET_ITEM(spec.get(), kPredicate);
      if (is_dynamic(state_, predicate)) handler.predicate = Ref::borrow(predicate);
      handler.armed = armed_handlers(slot.tracer).of(spec, event);
      if (is_count(state_, handler.function)) {
        handler.counter = &counter_of(slot.tracer, handler.function);
      } else if (Borrowed lean =
                     armed_handlers(slot.tracer).lean_of(spec, event, handler.function)) {
        handler.lean = Ref::borrow(lean);
        handler.lean_code = Ref::borrow(PyFunction_GET_CODE(handler.function.get()));
        handler.signature = signature_without_the_rest(handler.function, event);
      } else {
        handler.signature = read_signature(state_.names, handler.function, event);
      }
      asks = asks || handler.counter == nullptr || handler.predicate;
      list->needs_frame = list->needs_frame || handler.signature.uses(Source::Frame) ||
                          !Borrowed(PyTuple_GET_ITEM(spec.get(), kGuard)).is_none();
      list->needs_ret = list->needs_ret || handler.signature.uses(Source::Ret);
      list->needs_node = list->needs_node || handler.predicate || handler.signature.uses_nodes();
      row.handlers.push_back(std::move(handler));
    }
    if (slot.overrides_emit) list->needs_frame = list->needs_ret = list->needs_node = true;
    if (row.handlers.empty() && !slot.overrides_emit) continue;
    list->reentrant_possible = list->reentrant_possible || slot.reentrant_allowed;
    asks = asks || slot.overrides_emit || slot.filters_events;
    list->rows.push_back(std::move(row));
  }
  list->only_counts = !asks;
  find_single(*list);
  // What was asked above may have let another thread make the same list, which then is in use.
  auto& made = lists_[index_of(event)];
  if (!made) made = std::move(list);
  return *made;
}

void Plan::find_single(EventList& list) {
  if (list.rows.size() != 1 || list.rows[0].handlers.size() != 1) return;
  const TracerSlot& slot = slots[list.rows[0].slot];
  const Handler& handler = list.rows[0].handlers[0];
  if (slot.overrides_emit || slot.filters_events || handler.predicate || list.rows[0].slot != 0)
    return;
  const Signature& signature = handler.signature;
  SingleHandler single{&handler, &slot, 0, {}};
  if (handler.counter != nullptr) {
    // nothing to give
  } else if (signature.full) {
    if (!signature.all_keywords || signature.guard_by_position || !signature.named.empty()) return;
  } else {
    if (signature.all_keywords || !signature.named.empty() ||
        signature.positional.size() > SingleHandler::kMaxSources || signature.positional.empty()) {
      return;
    }
    for (const Argument& argument : signature.positional) {
      if (argument.source == Source::Keyword || argument.source == Source::Guard) return;
      single.sources[single.source_count++] = argument.source;
    }
  }
  list.single = single;
}

}  // namespace pyccolo::dispatch
