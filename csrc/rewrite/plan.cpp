#include "rewrite/plan.hpp"

namespace pyccolo::rewrite {

Plan::Plan(ast::AstState& ast, const PlanTypes& types, Borrowed weaving, Borrowed all)
    : ast_(ast), types_(types) {
  Ref stack = take(PySequence_Fast(all.get(), "tracers must be a sequence"));
  Ref woven = take(PySequence_Fast(weaving.get(), "tracers must be a sequence"));
  const Py_ssize_t count = PySequence_Fast_GET_SIZE(stack.get());
  for (Py_ssize_t i = 0; i < count; ++i) {
    Borrowed tracer = PySequence_Fast_GET_ITEM(stack.get(), i);
    guards_enabled_ |= truth_of(tracer, ast.names.global_guards_enabled);
  }
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(woven.get()); ++i) {
    Borrowed tracer = PySequence_Fast_GET_ITEM(woven.get(), i);
    // Where guards are on, a tracer that does not want them has none of its handlers guarded.
    add_tracer(tracer, guards_enabled_ && !truth_of(tracer, ast.names.global_guards_enabled));
  }
  for (Py_ssize_t i = 0; i < count; ++i) add_guards(PySequence_Fast_GET_ITEM(stack.get(), i));
}

void Plan::add(Level& level, Borrowed predicate) {
  level.any = true;
  if (predicate.is(types_.true_predicate)) {
    level.always = true;
  } else {
    level.predicates.push_back(Ref::borrow(predicate));
  }
}

void Plan::add_tracer(Borrowed tracer, bool exempt) {
  Ref events = get_attr(tracer, ast_.names.events_with_registered_handlers);
  Ref handlers = get_attr(tracer, ast_.names._event_handlers);
  Ref iterator = take(PyObject_GetIter(events.get()));
  while (Ref event = Ref::steal(PyIter_Next(iterator.get()))) {
    Borrowed row = find_item(types_.event_index, event);
    if (!row) raise(PyExc_ValueError, "%R of %R is not an event", event.get(), tracer.get());
    Wish& wish = wishes_[PyLong_AsSize_t(row.get())];
    Borrowed specs = find_item(handlers, event);
    if (!specs) {
      // An event listed without a handler is woven: somebody replaced _emit_event.
      add(wish.all, types_.true_predicate);
      if (exempt) add(wish.exempt, types_.true_predicate);
      any_exempt_ |= exempt;
      continue;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(specs.get()); ++i) {
      Borrowed spec = PyList_GET_ITEM(specs.get(), i);
      Borrowed predicate = spec_item(spec, SpecItem::predicate);
      add(wish.all, predicate);
      if (exempt || is_true(spec_item(spec, SpecItem::exempt_from_guards))) {
        add(wish.exempt, predicate);
        any_exempt_ = true;
      }
    }
  }
  if (PyErr_Occurred()) throw PyRaised{};
}

void Plan::add_guards(Borrowed tracer) {
  Ref handlers = get_attr(tracer, ast_.names._event_handlers);
  PyObject* event = nullptr;
  PyObject* specs = nullptr;
  Py_ssize_t at = 0;
  while (PyDict_Next(handlers.get(), &at, &event, &specs)) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(specs); ++i) {
      Borrowed spec = PyList_GET_ITEM(specs, i);
      if (spec_item(spec, SpecItem::guard).is_none()) continue;
      Borrowed row = find_item(types_.event_index, event);
      if (!row) continue;
      wishes_[PyLong_AsSize_t(row.get())].guarding_specs.push_back(Ref::borrow(spec));
      any_local_guard_ = true;
    }
  }
}

bool Plan::ask(const Level& level, Borrowed node) const {
  for (const Ref& predicate : level.predicates) {
    if (call_predicate(ast_, types_, predicate, node)) return true;
  }
  return false;
}

Ref Plan::local_guards(Event event, Borrowed node) const {
  const Wish& wish = wishes_[index_of(event)];
  if (wish.guarding_specs.empty()) return nullptr;
  Ref found = list_of({});
  for (const Ref& spec : wish.guarding_specs) {
    Ref name = call(spec_item(spec, SpecItem::guard), node);
    if (name.is(Py_None)) continue;
    if (!PyUnicode_Check(name.get())) {
      raise(PyExc_TypeError, "guard= of %R must give a str or None, not %R",
            spec_item(spec, SpecItem::handler).get(), name.get());
    }
    append(found, take(PyTuple_Pack(2, spec.get(), name.get())));
  }
  if (PyList_GET_SIZE(found.get()) == 0) return nullptr;
  return take(PyList_AsTuple(found.get()));
}

bool call_predicate(ast::AstState& ast, const PlanTypes& types, Borrowed predicate, Borrowed node) {
  if (Py_TYPE(predicate.get()) != reinterpret_cast<PyTypeObject*>(types.predicate_type.get())) {
    return is_true(call(predicate, node));
  }
  Ref condition = get_attr(predicate, ast.names.condition);
  if (truth_of(predicate, ast.names.use_raw_node_id)) return is_true(call(condition, id_of(node)));
  return is_true(call(condition, node));
}

}  // namespace pyccolo::rewrite
