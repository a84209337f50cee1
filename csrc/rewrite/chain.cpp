// Chains of attributes, subscripts and calls.
#include "rewrite/rewriter.hpp"

namespace pyccolo::rewrite {

namespace {

/// The before-event of an access, by the context it stands in.
Event access_event(ast::Kind ctx, Event load, Event store, Event del) {
  return ctx == ast::Kind::Store ? store : ctx == ast::Kind::Del ? del : load;
}

}  // namespace

Ref Rewriter::attribute(Borrowed node, bool call_context) {
  const Location at = Location::of(ast_, node) ? Location::of(ast_, node) : here_;
  const Scoped here(here_, at);
  Borrowed ctx = ast::field(node, n_.ctx);
  const Kind context = ctx ? ast_.kind_of(ctx) : Kind::Load;
  const Event before = access_event(context, Event::before_attribute_load,
                                    Event::before_attribute_store, Event::before_attribute_del);
  ast::Edit edit(ast_, node);
  Borrowed value = ast::required(node, n_.value);
  {
    const Scoped inside(chain_top_, chain_top_ ? chain_top_ : node);
    Ref attr = Ref::borrow(ast::required(node, n_.attr));
    edit.set(n_.value, value, receiver(before, node, value, attr, nullptr, call_context));
  }
  Ref woven = edit.finish();
  if (context == Kind::Load && wants(Event::after_attribute_load, node)) {
    Keywords keywords;
    keywords.add(n_.call_context, boolean(call_context));
    woven = this->value(Event::after_attribute_load, node, std::move(woven), at, keywords);
  }
  return complex_symbol(node, std::move(woven), false);
}

/// The object an attribute or subscript is taken of, with its before-event: emit(site, object[, key]).
Ref Rewriter::receiver(Event before, Borrowed node, Borrowed value, const Ref& attr, Ref key,
                       bool call_context) {
  Ref woven = expr(value);
  if (!wants(before, node)) return woven;
  Keywords keywords;
  keywords.add(n_.attr_or_subscript, attr ? attr.copy() : none());
  keywords.add(n_.call_context, boolean(call_context));
  keywords.add(n_.top_level_node_id, origin_id(chain_top_));
  if (ast_.kind_of(value) == Kind::Name) {
    keywords.add(n_.obj_name, Ref::borrow(ast::required(value, n_.id)));
  }
  if (!attr) {
    Borrowed slice = ast::required(node, n_.slice);
    const bool named = ast_.kind_of(slice) == Kind::Name;
    keywords.add(n_.subscript_name, named ? Ref::borrow(ast::required(slice, n_.id)) : none());
  }
  const std::uint32_t index = site(before, node, keywords);
  const Location at = this->at(value);
  // A subscript's key is evaluated as an argument of emit(): there is no way round that call, whatever its guards say.
  const bool subscripted = static_cast<bool>(key);
  Ref emitted = emit_call(index, at, std::move(woven), std::move(key));
  return subscripted ? std::move(emitted) : unless_guarded(index, value, std::move(emitted), at);
}

/// slice(lower, upper[, step]) in the place of lower:upper:step, which is no expression.
Ref Rewriter::slice_call(Borrowed slice) {
  const Location at = this->at(slice);
  Ref parts = list_of({});
  for (const Ref* part : {&n_.lower, &n_.upper, &n_.step}) {
    Borrowed bound = ast::field(slice, *part);
    if (!bound && part == &n_.step) break;
    append(parts, bound ? expr(bound) : ast::make_constant(ast_, Py_None, at));
  }
  return ast::make_call(ast_, name(n_.make_slice, at), std::move(parts), at);
}

/// The key of a subscript as an expression that can stand anywhere. A tuple of keys gets no tuple events.
Ref Rewriter::key_expr(Borrowed slice) {
  const Kind kind = ast_.kind_of(slice);
  if (kind == Kind::Slice) return slice_call(slice);
  if (kind != Kind::Tuple) return expr(slice);
  Borrowed elements = ast::required_list(slice, n_.elts);
  Ref copy = list_of({});
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(elements.get()); ++i) {
    append(copy, key_expr(PyList_GET_ITEM(elements.get(), i)));
  }
  ast::Edit edit(ast_, slice);
  edit.change(n_.elts, copy);
  return edit.finish();
}

/// The key of a subscript where it stands: slices stay slices.
Ref Rewriter::key_in_place(Borrowed slice) {
  const Kind kind = ast_.kind_of(slice);
  if (kind == Kind::Slice) return generic(slice, kind);
  if (kind != Kind::Tuple) return expr(slice);
  Borrowed elements = ast::required_list(slice, n_.elts);
  Ref copy = list_of({});
  bool changed = false;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(elements.get()); ++i) {
    Borrowed element = PyList_GET_ITEM(elements.get(), i);
    Ref woven = key_in_place(element);
    changed = changed || !woven.is(element);
    append(copy, woven);
  }
  ast::Edit edit(ast_, slice);
  if (changed) edit.change(n_.elts, copy);
  return edit.finish();
}

Ref Rewriter::subscript(Borrowed node, bool call_context) {
  const Location at = Location::of(ast_, node) ? Location::of(ast_, node) : here_;
  const Scoped here(here_, at);
  Borrowed ctx = ast::field(node, n_.ctx);
  const Kind context = ctx ? ast_.kind_of(ctx) : Kind::Load;
  const Event before = access_event(context, Event::before_subscript_load,
                                    Event::before_subscript_store, Event::before_subscript_del);
  ast::Edit edit(ast_, node);
  Borrowed value = ast::required(node, n_.value);
  Borrowed slice = ast::required(node, n_.slice);
  const bool announced = wants(before, node);

  Ref key;
  {
    const Scoped outside(chain_top_, Borrowed());
    const Location key_at = this->at(slice);
    if (announced || wants(Event::before_subscript_slice, node) ||
        wants(Event::after_subscript_slice, node)) {
      Ref plain_key = key_expr(slice);
      key = around(Event::before_subscript_slice, Event::after_subscript_slice, node,
                   plain_key.copy(), key_at, {}, plain_key);
    } else {
      key = key_in_place(slice);
    }
    if (announced) {
      // The key is evaluated once, as an argument of the before-event, and fetched back for the access.
      const std::uint32_t saved = site(Event::_load_saved_slice, slice, {});
      edit.change(n_.slice, emit_call(saved, key_at));
    } else {
      edit.set(n_.slice, slice, key);
    }
  }
  {
    const Scoped inside(chain_top_, chain_top_ ? chain_top_ : node);
    edit.set(n_.value, value, receiver(before, node, value, nullptr, std::move(key), call_context));
  }
  Ref woven = edit.finish();
  if (context == Kind::Load && wants(Event::after_subscript_load, node)) {
    Keywords keywords;
    keywords.add(n_.call_context, boolean(call_context));
    woven = this->value(Event::after_subscript_load, node, std::move(woven), at, keywords);
  }
  return complex_symbol(node, std::move(woven), false);
}

Ref Rewriter::complex_symbol(Borrowed node, Ref woven, bool call_context) {
  if (chain_top_ || !is_load(node)) return woven;
  if (!wants(Event::before_load_complex_symbol, node) &&
      !wants(Event::after_load_complex_symbol, node)) {
    return woven;
  }
  Keywords keywords;
  keywords.add(n_.call_context, boolean(call_context));
  return around(Event::before_load_complex_symbol, Event::after_load_complex_symbol, node,
                std::move(woven), here_, keywords);
}

Ref Rewriter::call_expr(Borrowed node) {
  const Location at = here_;
  ast::Edit edit(ast_, node);
  Borrowed func = ast::required(node, n_.func);
  const Kind func_kind = ast_.kind_of(func);
  Ref woven_func;
  {
    const Scoped inside(chain_top_, chain_top_ ? chain_top_ : node);
    woven_func = func_kind == Kind::Attribute   ? attribute(func, true)
                 : func_kind == Kind::Subscript ? subscript(func, true)
                                                : expr(func);
  }
  Keywords keywords;
  const bool before = wants(Event::before_call, node);
  const bool after = wants(Event::after_call, node);
  if (before || after) keywords.add(n_.call_node_id, origin_id(node));
  if (before) {
    const std::uint32_t index = site(Event::before_call, node, keywords);
    const Location func_at = this->at(func);
    woven_func =
        unless_guarded(index, func, emit_call(index, func_at, std::move(woven_func)), func_at);
  }
  edit.set(n_.func, func, woven_func);

  Borrowed named = ast::required_list(node, n_.keywords);
  Borrowed positional = ast::required_list(node, n_.args);
  const bool any_named = PyList_GET_SIZE(named.get()) != 0;
  edit.set(n_.args, positional, call_arguments(positional, false, !any_named));
  edit.set(n_.keywords, named, call_arguments(named, true, true));
  if (func_kind == Kind::Attribute && ast_.kind_of(woven_func) != Kind::Attribute) {
    keep_call_position(node, func, edit);
  }

  Ref woven = edit.finish();
  if (after) woven = value(Event::after_call, node, std::move(woven), at, keywords);
  return complex_symbol(node, std::move(woven), true);
}

/// The calls that the compiler makes method calls of, when the callee is an attribute.
bool Rewriter::compiles_to_method_call(Borrowed node) {
  constexpr Py_ssize_t kStackUseGuideline = 30;  // of CPython's compile.c
  Borrowed positional = ast::required_list(node, n_.args);
  Borrowed named = ast::required_list(node, n_.keywords);
  const Py_ssize_t count = PyList_GET_SIZE(positional.get());
  const Py_ssize_t named_count = PyList_GET_SIZE(named.get());
  if (count + named_count + (named_count != 0 ? 1 : 0) >= kStackUseGuideline) return false;
  for (Py_ssize_t i = 0; i < count; ++i) {
    if (ast_.kind_of(PyList_GET_ITEM(positional.get(), i)) == Kind::Starred) return false;
  }
  for (Py_ssize_t i = 0; i < named_count; ++i) {
    if (!ast::field(PyList_GET_ITEM(named.get(), i), n_.arg)) return false;
  }
  return true;
}

/// The compiler puts a method call on the line of its attribute. It sees that only when the callee is an attribute:
/// where we wrapped that, the call says so itself, and tracebacks stay as they were.
void Rewriter::keep_call_position(Borrowed node, Borrowed func, ast::Edit& edit) {
  const Location callee = Location::of(ast_, func);
  const Location call = Location::of(ast_, node);
  if (!callee || !call ||
      PyObject_RichCompareBool(call.lineno.get(), callee.end_lineno.get(), Py_EQ)) {
    return;
  }
  if (!compiles_to_method_call(node)) return;
  const Py_ssize_t length = PyUnicode_GET_LENGTH(ast::required(func, n_.attr).get());
  const Py_ssize_t end = PyLong_AsSsize_t(callee.end_col_offset.get());
  if (length > end) return;
  Ref column = take(PyLong_FromSsize_t(end - length));
  edit.move_to({callee.end_lineno, column, call.end_lineno, call.end_col_offset});
}

Ref Rewriter::call_arguments(Borrowed list, bool keywords, bool last_is_last) {
  const Py_ssize_t size = PyList_GET_SIZE(list.get());
  const Scoped outside(chain_top_, Borrowed());
  Ref copy;
  for (Py_ssize_t i = 0; i < size; ++i) {
    Borrowed argument = PyList_GET_ITEM(list.get(), i);
    const bool starred = !keywords && ast_.kind_of(argument) == Kind::Starred;
    Borrowed operand = keywords || starred ? ast::required(argument, n_.value) : argument;
    Borrowed key = keywords ? ast::field(argument, n_.arg) : Borrowed();

    Ref woven = expr(operand);
    const bool before = wants(Event::before_argument, operand);
    const bool after = wants(Event::after_argument, operand);
    if (before || after) {
      Keywords described;
      described.add(n_.is_starred, boolean(starred));
      described.add(n_.is_kwstarred, boolean(keywords && !key));
      described.add(n_.key, key ? Ref::borrow(key) : none());
      described.add(n_.is_last, boolean(last_is_last && i == size - 1));
      const Location at = this->at(operand);
      if (before) woven = thunk(Event::before_argument, operand, std::move(woven), at, described);
      if (after) woven = value(Event::after_argument, operand, std::move(woven), at, described);
    }
    if (woven.is(operand)) continue;
    if (keywords || starred) {
      ast::Edit edit(ast_, argument);
      edit.change(n_.value, woven);
      woven = edit.finish();
    }
    if (!copy) copy = take(PyList_GetSlice(list.get(), 0, size));
    ok(PyList_SetItem(copy.get(), i, woven.release()));
  }
  return copy ? std::move(copy) : Ref::borrow(list);
}

}  // namespace pyccolo::rewrite
