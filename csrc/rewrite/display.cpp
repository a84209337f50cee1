// Displays of lists, tuples, sets and dicts, and comprehensions.
#include "rewrite/rewriter.hpp"

namespace pyccolo::rewrite {

namespace {

struct DisplayEvents {
  Event before;
  Event after;
  Event element;
};

DisplayEvents events_of(ast::Kind kind) {
  switch (kind) {
    case ast::Kind::List:
      return {Event::before_list_literal, Event::after_list_literal, Event::list_elt};
    case ast::Kind::Set:
      return {Event::before_set_literal, Event::after_set_literal, Event::set_elt};
    default:
      return {Event::before_tuple_literal, Event::after_tuple_literal, Event::tuple_elt};
  }
}

}  // namespace

Ref Rewriter::sequence(Borrowed node, Kind kind) {
  const Location at = here_;
  const bool load = is_load(node);
  const DisplayEvents events = events_of(kind);
  Borrowed elements = ast::required_list(node, n_.elts);
  const Py_ssize_t size = PyList_GET_SIZE(elements.get());
  ast::Edit edit(ast_, node);
  {
    const Scoped outside(chain_top_, Borrowed());
    Ref copy;
    bool seen_starred = false;
    Ref id;  // one int object for all elements
    for (Py_ssize_t i = 0; i < size; ++i) {
      Borrowed element = PyList_GET_ITEM(elements.get(), i);
      Ref woven = expr(element);
      if (ast_.kind_of(element) == Kind::Starred) {
        seen_starred = true;
      } else if (load && wants(events.element, node, element)) {
        Keywords keywords;
        keywords.add(n_.index,
                     seen_starred
                         ? none()
                         : take(PyLong_FromSsize_t(origin_index(node, n_.elts, element, i))));
        if (!id) id = origin_id(node);
        keywords.add(n_.container_node_id, id.copy());
        woven = value(events.element, element, std::move(woven), this->at(element), keywords);
      }
      if (woven.is(element)) continue;
      if (!copy) copy = take(PyList_GetSlice(elements.get(), 0, size));
      ok(PyList_SetItem(copy.get(), i, woven.release()));
    }
    if (copy) edit.change(n_.elts, copy);
  }
  Ref woven = edit.finish();
  return load ? around(events.before, events.after, node, std::move(woven), at) : std::move(woven);
}

Ref Rewriter::dict(Borrowed node) {
  const Location at = here_;
  Borrowed keys = ast::required_list(node, n_.keys);
  Borrowed values = ast::required_list(node, n_.values);
  const Py_ssize_t size = PyList_GET_SIZE(keys.get());
  if (PyList_GET_SIZE(values.get()) != size)
    return Ref::borrow(node);  // the compiler says what is wrong
  Ref woven_keys = take(PyList_GetSlice(keys.get(), 0, size));
  Ref woven_values = take(PyList_GetSlice(values.get(), 0, size));
  bool changed = false;
  Ref id = origin_id(node);
  for (Py_ssize_t i = 0; i < size; ++i) {
    Borrowed key = PyList_GET_ITEM(keys.get(), i);
    Borrowed item = PyList_GET_ITEM(values.get(), i);
    const bool unpacked = key.is_none();
    if (!unpacked) {
      Ref woven = expr(key);
      if (wants(Event::dict_key, key)) {
        Keywords keywords;
        keywords.add(n_.value_node_id, origin_id(item)).add(n_.dict_node_id, id.copy());
        woven = value(Event::dict_key, key, std::move(woven), this->at(key), keywords);
      }
      changed = changed || !woven.is(key);
      ok(PyList_SetItem(woven_keys.get(), i, woven.release()));
    }
    Ref woven = expr(item);
    if (wants(Event::dict_value, item)) {
      Keywords keywords;
      keywords.add(n_.key_node_id, unpacked ? none() : origin_id(key));
      keywords.add(n_.dict_node_id, id.copy());
      woven = value(Event::dict_value, item, std::move(woven), this->at(item), keywords);
    }
    changed = changed || !woven.is(item);
    ok(PyList_SetItem(woven_values.get(), i, woven.release()));
  }
  ast::Edit edit(ast_, node);
  if (changed) {
    edit.change(n_.keys, woven_keys);
    edit.change(n_.values, woven_values);
  }
  return around(Event::before_dict_literal, Event::after_dict_literal, node, edit.finish(), at);
}

/// A part of a comprehension and its event, if there is one, under a guard.
Ref Rewriter::comprehension_part(Borrowed part, std::optional<Event> event) {
  if (ast_.kind_of(part) == Kind::Starred) {
    // [*items for …] (PEP 798): what is unpacked is no element, as in a display.
    ast::Edit edit(ast_, part);
    Borrowed items = ast::required(part, n_.value);
    edit.set(n_.value, items, comprehension_part(items, std::nullopt));
    return edit.finish();
  }
  const Location at = this->at(part);
  Ref woven = expr(part);
  const bool wanted = event && wants(*event, part);
  if (!wanted && woven.is(part)) return woven;
  const bool guarded = guards_enabled_ && !exempt_;
  Ref guard;
  Keywords keywords;
  if (guarded) {
    guard = guard_name(part);
    register_guard(guard.copy(), part);
    if (wanted) keywords.add(n_.guard, guard.copy());
  }
  if (wanted) {
    woven = value(*event, part, std::move(woven), at, keywords);
    if (guarded && replayed_ == nullptr) rewrite_.sites.back().region_guard = true;
  }
  if (!guarded) return woven;
  Ref twin;
  if (any_exempt_) {
    const Scoped exempt(exempt_, true);
    twin = expr(part);
  } else {
    twin = Ref::borrow(part);
  }
  Ref tests = list_of({name(n_.tracing_enabled, at).release(), name(guard, at).release()});
  return ast::make_if_exp(ast_, ast::make_bool_op(ast_, Kind::And, std::move(tests), at),
                          std::move(woven), std::move(twin), at);
}

Ref Rewriter::comprehension(Borrowed node, Kind kind) {
  const Scoped outside(chain_top_, Borrowed());
  ast::Edit edit(ast_, node);
  // {**mapping for …} has the mapping as its key and no value (PEP 798).
  const bool unpacks = kind == Kind::DictComp && !ast::field(node, n_.value);
  const std::pair<const Ref*, Event> parts[] = {
      {&n_.elt, Event::after_comprehension_elt},
      {&n_.key,
       unpacks ? Event::after_dict_comprehension_value : Event::after_dict_comprehension_key},
      {&n_.value, Event::after_dict_comprehension_value},
  };
  for (const auto& [part, event] : parts) {
    if (Borrowed old = ast::field(node, *part))
      edit.set(*part, old, comprehension_part(old, event));
  }
  Borrowed generators = ast::required_list(node, n_.generators);
  const Py_ssize_t size = PyList_GET_SIZE(generators.get());
  Ref copy;
  for (Py_ssize_t i = 0; i < size; ++i) {
    Borrowed generator = PyList_GET_ITEM(generators.get(), i);
    ast::Edit loop(ast_, generator);
    for (const Ref* part : {&n_.target, &n_.iter}) {
      Borrowed old = ast::required(generator, *part);
      loop.set(*part, old, expr(old));
    }
    Borrowed conditions = ast::required_list(generator, n_.ifs);
    Ref woven_conditions;
    for (Py_ssize_t k = 0; k < PyList_GET_SIZE(conditions.get()); ++k) {
      Borrowed condition = PyList_GET_ITEM(conditions.get(), k);
      Ref woven = comprehension_part(condition, Event::after_comprehension_if);
      if (woven.is(condition)) continue;
      if (!woven_conditions) {
        woven_conditions =
            take(PyList_GetSlice(conditions.get(), 0, PyList_GET_SIZE(conditions.get())));
      }
      ok(PyList_SetItem(woven_conditions.get(), k, woven.release()));
    }
    if (woven_conditions) loop.change(n_.ifs, woven_conditions);
    Ref woven = loop.finish();
    if (woven.is(generator)) continue;
    if (!copy) copy = take(PyList_GetSlice(generators.get(), 0, size));
    ok(PyList_SetItem(copy.get(), i, woven.release()));
  }
  if (copy) edit.change(n_.generators, copy);
  return edit.finish();
}

}  // namespace pyccolo::rewrite
