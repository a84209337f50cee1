// Statements, and the events around them.
#include "compat/features.hpp"
#include "rewrite/rewriter.hpp"

namespace pyccolo::rewrite {

namespace {

using ast::Kind;

bool is_declaration(Kind kind) { return kind == Kind::Global || kind == Kind::Nonlocal; }

/// Bodies whose declarations get no statement events.
bool owns_declarations(Kind kind) {
  return kind == Kind::FunctionDef || kind == Kind::AsyncFunctionDef || kind == Kind::For ||
         kind == Kind::While;
}

}  // namespace

/// A block, with the events of its statements; the list itself if nothing changed.
Ref Rewriter::statements(Borrowed parent, Kind parent_kind, Borrowed list, bool is_body) {
  static constexpr int kMaxDepth = 1000;  // a level takes two when woven
  if (PyList_GET_SIZE(list.get()) != 0 &&
      too_deep(depth_, kMaxDepth, PyList_GET_ITEM(list.get(), 0))) {
    return Ref::borrow(list);
  }
  Ref out = list_of({});
  bool changed = false;
  const bool module_body = parent_kind == Kind::Module && is_body;
  const bool documented = is_body && (parent_kind == Kind::Module || parent_kind == Kind::ClassDef);
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list.get()); ++i) {
    Borrowed node = PyList_GET_ITEM(list.get(), i);
    if (groups_) {
      if (const Py_ssize_t grouped = group(list, i, parent_kind, module_body, out, changed)) {
        i += grouped - 1;
        continue;
      }
    }
    statement(parent, parent_kind, node, module_body, documented && is_docstring(list, i), out,
              changed);
  }
  return changed ? std::move(out) : Ref::borrow(list);
}

/// One statement of a block:
///     if emit(before_stmt): statement
///     emit(after_stmt[, value])
///     emit(after_module_stmt)
void Rewriter::statement(Borrowed parent, Kind parent_kind, Borrowed node, bool module_body,
                         bool documents, Borrowed out, bool& changed) {
  const Level level(depth_);
  (void)parent;
  const Kind kind = ast_.kind_of(node);
  if (replayed_ == nullptr) share_lines(node);
  const Location found = Location::of(ast_, node);
  const Scoped here(here_, found ? found : here_);
  const Location at = here_;
  if (exempt_) {
    Ref woven = stmt(node, kind);
    changed = changed || !woven.is(node);
    append(out, woven);
    return;
  }
  if ((is_declaration(kind) && owns_declarations(parent_kind)) || is_future_import(node, kind)) {
    append(out, node);
    return;
  }

  Ref woven = stmt(node, kind);
  const bool before = wants(Event::before_stmt, node);
  const bool module_event = module_body && wants(Event::after_module_stmt, node);
  const bool after_event = wants(Event::after_stmt, node);
  // Nothing comes after a return, unless something else runs in its place.
  const bool after = (after_event || module_event) && (before || kind != Kind::Return);
  if (!before && !after && woven.is(node)) {
    append(out, node);
    return;
  }
  changed = true;
  // A docstring must stay the first statement to be one; what happens to its value comes after it.
  if (documents) append(out, node);

  const bool valued = kind == Kind::Expr && module_body;
  std::uint32_t after_index = 0;
  if (after) {
    after_index = site(Event::after_stmt, node, {});
    rewrite_.sites[after_index].keeps_value = module_event;
  }
  auto after_stmt = [&](Ref value, const Location& place) {
    return ast::make_expr_stmt(ast_, emit_call(after_index, place, std::move(value)), place);
  };

  Ref body = list_of({});
  if (after && valued) {
    append(body, after_stmt(Ref::borrow(ast::required(woven, n_.value)), at));
  } else {
    append(body, woven);
  }
  if (!before) {
    append(out, PyList_GET_ITEM(body.get(), 0));
    if (after && !valued && kind != Kind::Return) append(out, after_stmt(nullptr, at));
  } else {
    const std::uint32_t index = site(Event::before_stmt, node, {});
    Ref otherwise = list_of({});
    if (after && valued) {
      rewrite_.sites[index].has_else = true;
      append(otherwise, after_stmt(run_call(at, list_of({})), at));
    } else if (after && kind == Kind::Return) {
      append(otherwise, after_stmt(nullptr, at));
    }
    append(out,
           ast::make_if(ast_, emit_call(index, at), std::move(body), std::move(otherwise), at));
    if (after && !valued && kind != Kind::Return) append(out, after_stmt(nullptr, at));
  }
  if (module_event) after_module_stmt(exact(node), at, out);
}

void Rewriter::after_module_stmt(Borrowed origin, const Location& end, Borrowed out) {
  Ref saved;
  if (wants_of(Event::_load_saved_expr_stmt_ret, origin, origin)) {
    saved = emit_call(site_of(Event::_load_saved_expr_stmt_ret, origin, {}), end);
  }
  const std::uint32_t index = site_of(Event::after_module_stmt, origin, {});
  append(out, ast::make_expr_stmt(ast_, emit_call(index, end, std::move(saved)), end));
}

Ref Rewriter::stmt(Borrowed node, Kind kind) {
  switch (kind) {
    case Kind::Expr: {
      ast::Edit edit(ast_, node);
      Borrowed old = ast::required(node, n_.value);
      Ref woven = expr(old);
      if (wants(Event::after_expr_stmt, node)) {
        woven = value(Event::after_expr_stmt, node, std::move(woven), here_, {}, old);
      }
      edit.set(n_.value, old, woven);
      return edit.finish();
    }
    case Kind::Assign:
    case Kind::AugAssign:
    case Kind::AnnAssign:
      return assignment(node, kind);
    case Kind::Return:
      return return_stmt(node);
    case Kind::If:
      return if_stmt(node);
    case Kind::For:
    case Kind::AsyncFor:
      return for_stmt(node, kind);
    case Kind::While:
      return while_stmt(node);
    case Kind::FunctionDef:
    case Kind::AsyncFunctionDef:
      return function(node, kind);
    case Kind::ClassDef: {
      const Scoped inside(class_name_, ast::required(node, n_.name));
      const Scoped own(blocks_, 0);
      return blocks(node, kind);
    }
    case Kind::With:
    case Kind::AsyncWith:
    case Kind::Try:
    case Kind::TryStar: {
      const Scoped deeper(blocks_, blocks_ + own_blocks(node, kind));
      return blocks(node, kind);
    }
    case Kind::Match:
      return blocks(node, kind);
    case Kind::Assert:
      return assert_stmt(node);
    case Kind::TypeAlias:
      return type_alias(node);
    case Kind::Import:
    case Kind::ImportFrom:
    case Kind::Global:
    case Kind::Nonlocal:
    case Kind::Pass:
    case Kind::Break:
    case Kind::Continue:
      return Ref::borrow(node);
    default:
      return generic(node, kind);
  }
}

/// Statements whose fields are expressions and blocks of their own.
Ref Rewriter::blocks(Borrowed node, Kind kind) {
  if (is_tracing_disabled_block(node, kind)) return Ref::borrow(node);
  ast::Edit edit(ast_, node);
  for (const Ref& field_name : ast_.fields(kind)) {
    Borrowed old = ast::field(node, field_name);
    // The form of a type parameter's bound has a meaning: a tuple is a set of constraints.
    if (!old || field_name.is(n_.type_params)) continue;
    if (!PyList_Check(old.get())) {
      if (ast_.is_node(old)) edit.set(field_name, old, expr(old));
      continue;
    }
    if (PyList_GET_SIZE(old.get()) == 0) continue;
    const Kind first = ast_.kind_of(PyList_GET_ITEM(old.get(), 0));
    if (ast::is_stmt(first)) {
      edit.set(field_name, old, statements(node, kind, old, field_name.is(n_.body)));
    } else if (first == Kind::ExceptHandler || first == Kind::match_case) {
      Ref copy = list_of({});
      bool changed = false;
      for (Py_ssize_t i = 0; i < PyList_GET_SIZE(old.get()); ++i) {
        Borrowed part = PyList_GET_ITEM(old.get(), i);
        Ref woven = first == Kind::ExceptHandler ? except_handler(part) : match_case(part);
        changed = changed || !woven.is(part);
        append(copy, woven);
      }
      if (changed) edit.change(field_name, copy);
    } else {
      edit.set(field_name, old, expr_list(old));
    }
  }
  return edit.finish();
}

Ref Rewriter::except_handler(Borrowed node) {
  const Location found = Location::of(ast_, node);
  const Scoped here(here_, found ? found : here_);
  ast::Edit edit(ast_, node);
  if (Borrowed type = ast::field(node, n_.type)) {
    Ref woven = expr(type);
    if (wants(Event::exception_handler_type, type)) {
      woven = value(Event::exception_handler_type, type, std::move(woven), at(type));
    }
    edit.set(n_.type, type, woven);
  } else if (wants(Event::exception_handler_type, node)) {
    // A bare except: emit() knows what it means without looking up a name.
    edit.change(n_.type, emit_call(site(Event::exception_handler_type, node, {}), here_));
  }
  Borrowed body = ast::required_list(node, n_.body);
  edit.set(n_.body, body, statements(node, Kind::ExceptHandler, body, true));
  return edit.finish();
}

Ref Rewriter::match_case(Borrowed node) {
  ast::Edit edit(ast_, node);
  if (Borrowed guard = ast::field(node, n_.guard)) edit.set(n_.guard, guard, expr(guard));
  Borrowed body = ast::required_list(node, n_.body);
  edit.set(n_.body, body, statements(node, Kind::match_case, body, true));
  return edit.finish();
}

Ref Rewriter::assignment(Borrowed node, Kind kind) {
  Borrowed old = ast::field(node, n_.value);
  if (!old) return Ref::borrow(node);
  ast::Edit edit(ast_, node);
  if (kind == Kind::Assign) {
    Borrowed targets = ast::required_list(node, n_.targets);
    edit.set(n_.targets, targets, expr_list(targets));
  } else {
    Borrowed target = ast::required(node, n_.target);
    edit.set(n_.target, target, expr(target));
  }
  const bool augmented = kind == Kind::AugAssign;
  Ref woven = around(augmented ? Event::before_augassign_rhs : Event::before_assign_rhs,
                     augmented ? Event::after_augassign_rhs : Event::after_assign_rhs, old,
                     expr(old), at(old));
  edit.set(n_.value, old, woven);
  return edit.finish();
}

/// From 3.14 on the value is evaluated when asked for, and can be asked for as source.
Ref Rewriter::type_alias(Borrowed node) {
  if (compat::kLazyAnnotations) return Ref::borrow(node);
  ast::Edit edit(ast_, node);
  Borrowed old = ast::required(node, n_.value);
  edit.set(n_.value, old, expr(old));
  return edit.finish();
}

Ref Rewriter::return_stmt(Borrowed node) {
  Borrowed old = ast::field(node, n_.value);
  if (!old) return Ref::borrow(node);
  ast::Edit edit(ast_, node);
  edit.set(n_.value, old,
           around(Event::before_return, Event::after_return, old, expr(old), at(old)));
  return edit.finish();
}

namespace {

/// Where CPython 3.11 is after the jumps of a test: at the comparison it compiled last, if any.
Borrowed last_comparison(ast::AstState& ast, Borrowed test) {
  const ast::Names& n = ast.names;
  switch (ast.kind_of(test)) {
    case Kind::Compare:
      return test;
    case Kind::UnaryOp: {
      const bool negation = ast.kind_of(ast::required(test, n.op)) == Kind::Not;
      return negation ? last_comparison(ast, ast::required(test, n.operand)) : Borrowed();
    }
    case Kind::BoolOp: {
      Borrowed found;
      Borrowed values = ast::required(test, n.values);
      for (Py_ssize_t i = 0; i < PyList_GET_SIZE(values.get()); ++i) {
        Borrowed its = last_comparison(ast, PyList_GET_ITEM(values.get(), i));
        if (its) found = its;
      }
      return found;
    }
    case Kind::IfExp: {
      Borrowed found;
      for (const Ref* part : {&n.test, &n.body, &n.orelse}) {
        Borrowed its = last_comparison(ast, ast::required(test, *part));
        if (its) found = its;
      }
      return found;
    }
    default:
      return nullptr;
  }
}

}  // namespace

Ref Rewriter::assert_stmt(Borrowed node) {
  ast::Edit edit(ast_, node);
  Borrowed test = ast::required(node, n_.test);
  edit.set(n_.test, test, expr(test));
  if (Borrowed message = ast::field(node, n_.msg)) edit.set(n_.msg, message, expr(message));
  if (compat::kAssertRaisesAtComparison && edit.changed()) {
    // The error stays where the plain statement raises it.
    if (Borrowed comparison = last_comparison(ast_, test)) edit.move_to(at(comparison));
  }
  return edit.finish();
}

Ref Rewriter::if_stmt(Borrowed node) {
  ast::Edit edit(ast_, node);
  Borrowed test = ast::required(node, n_.test);
  Ref woven = expr(test);
  if (wants(Event::after_if_test, node)) {
    woven = value(Event::after_if_test, node, std::move(woven), at(test), {}, test);
  }
  edit.set(n_.test, test, woven);
  for (const Ref* block : {&n_.body, &n_.orelse}) {
    Borrowed old = ast::required(node, *block);
    edit.set(*block, old, statements(node, Kind::If, old, block == &n_.body));
  }
  return edit.finish();
}

Ref Rewriter::for_stmt(Borrowed node, Kind kind) {
  ast::Edit edit(ast_, node);
  Borrowed target = ast::required(node, n_.target);
  edit.set(n_.target, target, expr(target));
  Borrowed iter = ast::required(node, n_.iter);
  edit.set(n_.iter, iter,
           around(Event::before_for_iter, Event::after_for_iter, iter, expr(iter), at(iter)));
  Borrowed body = ast::required_list(node, n_.body);
  const Scoped deeper(blocks_, blocks_ + 1);
  // The loop events are those of the plain for, as in the taxonomy we keep.
  edit.set(n_.body, body,
           kind == Kind::For ? loop_body(node, kind, body) : statements(node, kind, body, true));
  Borrowed orelse = ast::required_list(node, n_.orelse);
  edit.set(n_.orelse, orelse, statements(node, kind, orelse, false));
  return edit.finish();
}

Ref Rewriter::while_stmt(Borrowed node) {
  ast::Edit edit(ast_, node);
  Borrowed test = ast::required(node, n_.test);
  const Location test_at = this->at(test);
  Ref woven = expr(test);
  if (wants(Event::after_while_test, node)) {
    woven = value(Event::after_while_test, node, std::move(woven), test_at, {}, test);
  }
  if (guards_enabled_ && !exempt_ && !woven.is(test)) {
    Ref guard = guard_name(node);
    register_guard(guard.copy(), node);
    Ref twin;
    if (any_exempt_) {
      const Scoped exempt(exempt_, true);
      twin = expr(test);
    } else {
      twin = Ref::borrow(test);
    }
    Ref tests =
        list_of({name(n_.tracing_enabled, test_at).release(), name(guard, test_at).release()});
    woven = ast::make_if_exp(ast_, ast::make_bool_op(ast_, Kind::And, std::move(tests), test_at),
                             std::move(woven), std::move(twin), test_at);
  }
  edit.set(n_.test, test, woven);
  Borrowed body = ast::required_list(node, n_.body);
  const Scoped deeper(blocks_, blocks_ + 1);
  edit.set(n_.body, body, loop_body(node, Kind::While, body));
  Borrowed orelse = ast::required_list(node, n_.orelse);
  edit.set(n_.orelse, orelse, statements(node, Kind::While, orelse, false));
  return edit.finish();
}

Ref Rewriter::function(Borrowed node, Kind kind) {
  const Scoped own(blocks_, 0);
  ast::Edit edit(ast_, node);
  Borrowed parameters = ast::required(node, n_.args);
  edit.set(n_.args, parameters, expr(parameters));
  Borrowed body = ast::required_list(node, n_.body);
  edit.set(n_.body, body, function_body(node, kind, body));
  Borrowed decorators = ast::required_list(node, n_.decorator_list);
  Ref copy;
  const Py_ssize_t size = PyList_GET_SIZE(decorators.get());
  for (Py_ssize_t i = 0; i < size; ++i) {
    Borrowed decorator = PyList_GET_ITEM(decorators.get(), i);
    Ref woven = expr(decorator);
    if (wants(Event::decorator, decorator)) {
      Keywords keywords;
      keywords.add(n_.func_node_id, origin_id(node));
      keywords.add(n_.decorator_idx,
                   take(PyLong_FromSsize_t(origin_index(node, n_.decorator_list, decorator, i))));
      woven = value(Event::decorator, decorator, std::move(woven), at(decorator), keywords);
    }
    if (woven.is(decorator)) continue;
    if (!copy) copy = take(PyList_GetSlice(decorators.get(), 0, size));
    ok(PyList_SetItem(copy.get(), i, woven.release()));
  }
  if (copy) edit.change(n_.decorator_list, copy);
  return edit.finish();
}

}  // namespace pyccolo::rewrite
