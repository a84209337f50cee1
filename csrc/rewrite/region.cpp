// Bodies with a guard: modules, functions, loops. A guarded body is woven once and kept plain once:
//     if <tracing enabled> and <guard>: woven
//     else: plain
#include <algorithm>

#include "compat/features.hpp"
#include "rewrite/rewriter.hpp"

namespace pyccolo::rewrite {

namespace {

using ast::Kind;

bool opens_scope(Kind kind) {
  return kind == Kind::FunctionDef || kind == Kind::AsyncFunctionDef || kind == Kind::ClassDef ||
         kind == Kind::Lambda;
}

}  // namespace

bool Rewriter::is_docstring(Borrowed list, Py_ssize_t index) {
  if (index != 0 || PyList_GET_SIZE(list.get()) == 0) return false;
  Borrowed first = PyList_GET_ITEM(list.get(), 0);
  if (ast_.kind_of(first) != Kind::Expr) return false;
  Borrowed literal = ast::required(first, n_.value);
  if (ast_.kind_of(literal) != Kind::Constant) return false;
  Borrowed text = ast::field(literal, n_.value);
  return text && PyUnicode_CheckExact(text.get());
}

bool Rewriter::is_future_import(Borrowed stmt, Kind kind) {
  if (kind != Kind::ImportFrom) return false;
  Borrowed module = ast::field(stmt, n_.module);
  if (!module || PyUnicode_Compare(module.get(), n_.future.get()) != 0) return false;
  Borrowed level = ast::field(stmt, n_.level);
  return !level || !PyLong_Check(level.get()) || PyLong_AsLong(level.get()) == 0;
}

/// `with pyc.tracing_disabled():` is left alone.
bool Rewriter::is_tracing_disabled_block(Borrowed node, Kind kind) {
  if (kind != Kind::With) return false;
  Borrowed items = ast::required_list(node, n_.items);
  if (PyList_GET_SIZE(items.get()) != 1) return false;
  Borrowed context = ast::field(PyList_GET_ITEM(items.get(), 0), n_.context_expr);
  if (!context || ast_.kind_of(context) != Kind::Call) return false;
  Borrowed func = ast::required(context, n_.func);
  if (ast_.kind_of(func) != Kind::Attribute) return false;
  Borrowed object = ast::required(func, n_.value);
  return ast_.kind_of(object) == Kind::Name &&
         PyUnicode_Compare(ast::required(object, n_.id).get(), n_.pyc.get()) == 0 &&
         PyUnicode_Compare(ast::required(func, n_.attr).get(), n_.tracing_disabled.get()) == 0;
}

Ref Rewriter::module_body(Borrowed module, Borrowed list) {
  // The docstring and the future imports must come first, whatever is woven.
  const Py_ssize_t size = PyList_GET_SIZE(list.get());
  Py_ssize_t head = is_docstring(list, 0) ? 1 : 0;
  while (head < size) {
    Borrowed node = PyList_GET_ITEM(list.get(), head);
    if (!is_future_import(node, ast_.kind_of(node))) break;
    Borrowed imported = ast::required_list(node, n_.names);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(imported.get()); ++i) {
      Borrowed feature = ast::field(PyList_GET_ITEM(imported.get(), i), n_.name);
      if (feature && PyUnicode_Compare(feature.get(), n_.annotations.get()) == 0) {
        plain_annotations_ = true;
      }
    }
    ++head;
  }
  const bool init = wants(Event::init_module, module);
  const bool exit = wants(Event::exit_module, module);
  Ref woven = statements(module, Kind::Module, list, true);
  if (!init && !exit && woven.is(list)) return woven;

  Ref out = list_of({});
  const bool documented = is_docstring(list, 0);
  for (Py_ssize_t i = 0; i < head; ++i) append(out, PyList_GET_ITEM(list.get(), i));
  // Module nodes have no position: what they emit stands where the body begins and ends.
  if (size > 0) here_ = at(PyList_GET_ITEM(list.get(), 0));
  if (!here_) {
    static constexpr long kFirstLine = 1;
    Ref one = take(PyLong_FromLong(kFirstLine));
    Ref zero = take(PyLong_FromLong(0));
    first_line_ = take(PyTuple_Pack(2, one.get(), zero.get()));
    here_ = {PyTuple_GET_ITEM(first_line_.get(), 0), PyTuple_GET_ITEM(first_line_.get(), 1),
             PyTuple_GET_ITEM(first_line_.get(), 0), PyTuple_GET_ITEM(first_line_.get(), 1)};
  }
  if (init) append(out, notice(Event::init_module, module, here_));
  const bool same = woven.is(list);
  for (Py_ssize_t i = documented ? 1 : 0; i < PyList_GET_SIZE(woven.get()); ++i) {
    Borrowed node = PyList_GET_ITEM(woven.get(), i);
    if (same ? i < head : is_future_import(node, ast_.kind_of(node))) continue;
    append(out, node);
  }
  if (exit) {
    const Location last = size > 0 ? at(PyList_GET_ITEM(list.get(), size - 1)) : here_;
    append(out, notice(Event::exit_module, module, last));
  }
  return out;
}

/// How many blocks of the compiler a statement opens around its own blocks.
int Rewriter::own_blocks(Borrowed node, Kind kind) {
  switch (kind) {
    case Kind::For:
    case Kind::AsyncFor:
    case Kind::While:
      return 1;
    case Kind::With:
    case Kind::AsyncWith:
      return static_cast<int>(PyList_GET_SIZE(ast::required_list(node, n_.items).get()));
    case Kind::Try:
    case Kind::TryStar:
      return 3;  // finally, except, and the name an exception is bound to
    default:
      return 0;
  }
}

/// How deep the compiler's blocks are nested in a list of statements, at most.
int Rewriter::block_depth(Borrowed list) {
  const Level level(depth_);
  int depth = 0;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list.get()); ++i) {
    Borrowed node = PyList_GET_ITEM(list.get(), i);
    const Kind kind = ast_.kind_of(node);
    if (opens_scope(kind)) continue;
    int inner = 0;
    for (const Ref* block : {&n_.body, &n_.orelse, &n_.finalbody, &n_.handlers, &n_.cases}) {
      Borrowed nested = ast::field(node, *block);
      if (nested && PyList_CheckExact(nested.get())) inner = std::max(inner, block_depth(nested));
    }
    depth = std::max(depth, inner + own_blocks(node, kind));
  }
  return depth;
}

/// May a try … finally of ours go around a list of statements? If not, that event is not to be had here: said aloud.
bool Rewriter::can_wrap(Event event, Borrowed node, Borrowed list) {
  if (blocks_ + 1 + block_depth(list) <= compat::kMaxBlocks) return true;
  if (replayed_ == nullptr) {
    rewrite_.incomplete = true;
    const Location place = at(node);
    ok(PyErr_WarnFormat(
        PyExc_RuntimeWarning, 1,
        "%S, line %S: %s is not woven here: CPython allows no more than %d nested blocks",
        rewrite_.path.get(), place ? place.lineno.get() : Py_None, info(event).name,
        compat::kMaxBlocks));
  }
  return false;
}

/// Does a block declare names global or nonlocal, outside nested scopes?
bool Rewriter::has_declarations(Borrowed list) {
  const Level level(depth_);
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list.get()); ++i) {
    Borrowed node = PyList_GET_ITEM(list.get(), i);
    const Kind kind = ast_.kind_of(node);
    if (kind == Kind::Global || kind == Kind::Nonlocal) return true;
    if (opens_scope(kind) ||
        !(ast::is_stmt(kind) || kind == Kind::ExceptHandler || kind == Kind::match_case)) {
      continue;
    }
    for (const Ref* block : {&n_.body, &n_.orelse, &n_.finalbody, &n_.handlers, &n_.cases}) {
      Borrowed inner = ast::field(node, *block);
      if (inner && PyList_CheckExact(inner.get()) && has_declarations(inner)) return true;
    }
  }
  return false;
}

/// A block whose declarations stand in its woven twin before it: a second one would come after the first use.
Ref Rewriter::without_declarations(Borrowed list) {
  Ref out = list_of({});
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list.get()); ++i) {
    Borrowed node = PyList_GET_ITEM(list.get(), i);
    const Kind kind = ast_.kind_of(node);
    if (kind == Kind::Global || kind == Kind::Nonlocal) continue;
    ast::Edit edit(ast_, node);
    if (!opens_scope(kind)) {
      for (const Ref* block : {&n_.body, &n_.orelse, &n_.finalbody, &n_.handlers, &n_.cases}) {
        Borrowed inner = ast::field(node, *block);
        if (inner && PyList_CheckExact(inner.get()) && has_declarations(inner)) {
          edit.change(*block, without_declarations(inner));
        }
      }
    }
    append(out, edit.finish());
  }
  if (PyList_GET_SIZE(out.get()) == 0 && PyList_GET_SIZE(list.get()) != 0) {
    append(out, ast::Made(ast_, Kind::Pass, at(PyList_GET_ITEM(list.get(), 0))).done());
  }
  return out;
}

Ref Rewriter::plain(Borrowed list) {
  return has_declarations(list) ? without_declarations(list) : Ref::borrow(list);
}

/// The plain form of a loop body still has the events of handlers that no guard may silence.
Ref Rewriter::exempt_twin(Borrowed list) {
  Ref bare = plain(list);
  if (!any_exempt_) return bare;
  const Scoped exempt(exempt_, true);
  return statements(nullptr, Kind::Unknown, bare, false);
}

Ref Rewriter::function_body(Borrowed node, Kind kind, Borrowed list) {
  if (exempt_) return statements(node, kind, list, true);
  const bool documented = is_docstring(list, 0);
  const Py_ssize_t size = PyList_GET_SIZE(list.get());
  if (size == 0 || (documented && size == 1)) return Ref::borrow(list);
  Ref rest = documented ? take(PyList_GetSlice(list.get(), 1, size)) : Ref::borrow(list);

  const bool began = wants(Event::before_function_body, node);
  const bool ended = wants(Event::after_function_execution, node) &&
                     can_wrap(Event::after_function_execution, node, rest);
  const Scoped deeper(blocks_, blocks_ + int(ended));
  Ref woven = statements(node, kind, rest, false);
  if (!began && !ended && woven.is(rest)) return Ref::borrow(list);

  const Location start = at(PyList_GET_ITEM(rest.get(), 0));
  const bool guarded = guards_enabled_;
  Ref guard;
  if (guarded) {
    guard = guard_name(node);
    register_guard(guard.copy(), node);
  }
  if (ended) {
    Keywords keywords;
    keywords.add(n_.guard, guard ? guard.copy() : none());
    Ref last = notice(Event::after_function_execution, node, at(node), keywords);
    if (replayed_ == nullptr) rewrite_.sites.back().region_guard = true;
    woven = list_of({ast::make_try_finally(ast_, std::move(woven), list_of({last.release()}), start)
                         .release()});
  }
  if (guarded || began) {
    Ref tests = list_of({});
    if (guarded) {
      append(tests, name(n_.function_tracing_enabled, start));
      append(tests, name(guard, start));
    }
    if (began) {
      Ref yes = ast::make_constant(ast_, Py_True, start);
      append(tests, value(Event::before_function_body, node, std::move(yes), start));
    }
    Ref test = ast::make_bool_op(ast_, Kind::And, std::move(tests), start);
    woven = list_of(
        {ast::make_if(ast_, std::move(test), std::move(woven), plain(rest), start).release()});
  }
  if (documented) {
    ok(PyList_Insert(woven.get(), 0, PyList_GET_ITEM(list.get(), 0)));
  }
  return woven;
}

Ref Rewriter::loop_body(Borrowed node, Kind kind, Borrowed list) {
  if (exempt_ || PyList_GET_SIZE(list.get()) == 0) return statements(node, kind, list, true);
  const bool is_for = kind == Kind::For;
  const Event begin_event = is_for ? Event::before_for_loop_body : Event::before_while_loop_body;
  const Event end_event = is_for ? Event::after_for_loop_iter : Event::after_while_loop_iter;
  const bool began = wants(begin_event, node);
  const bool ended = wants(end_event, node) && can_wrap(end_event, node, list);
  const Scoped deeper(blocks_, blocks_ + int(ended));
  Ref woven = statements(node, kind, list, true);
  if (!began && !ended && woven.is(list)) return woven;

  const Location start = at(PyList_GET_ITEM(list.get(), 0));
  const bool guarded = guards_enabled_;
  Ref guard;
  if (guarded) {
    guard = guard_name(node);
    register_guard(guard.copy(), node);
  }
  if (ended) {
    Keywords keywords;
    keywords.add(n_.guard, guard ? guard.copy() : none());
    Ref last = notice(end_event, node, at(node), keywords);
    if (replayed_ == nullptr) rewrite_.sites.back().region_guard = true;
    woven = list_of({ast::make_try_finally(ast_, std::move(woven), list_of({last.release()}), start)
                         .release()});
  }
  if (!guarded && !began) return woven;
  Ref tests = list_of({});
  if (guarded) {
    append(tests, name(n_.tracing_enabled, start));
    append(tests, name(guard, start));
  }
  if (began) {
    Ref yes = ast::make_constant(ast_, Py_True, start);
    append(tests, value(begin_event, node, std::move(yes), start));
  }
  Ref test = ast::make_bool_op(ast_, Kind::And, std::move(tests), start);
  return list_of(
      {ast::make_if(ast_, std::move(test), std::move(woven), exempt_twin(list), start).release()});
}

}  // namespace pyccolo::rewrite
