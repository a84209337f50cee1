// Weaving a tree that somebody else has made of the pristine one: another loader's assertions or type checks.
//
// Handlers get pristine nodes, and hear of nothing that is not in the program. Three dicts say what comes from what;
// the package makes them (origins.py). A node that is in none of them is woven through and fires no event itself.
//   exact   node -> the pristine node that it is
//   slots   node -> the pristine node that stands in its place: what a return statement returns, an argument, …
//   groups  statement -> (pristine statement, n): it and the next n - 1 stand for that one
#include "rewrite/rewriter.hpp"

namespace pyccolo::rewrite {

namespace {

/// Events of the place that a value stands in, whatever the value is.
constexpr bool is_of_place(Event event) {
  switch (event) {
    case Event::before_return:
    case Event::after_return:
    case Event::before_assign_rhs:
    case Event::after_assign_rhs:
    case Event::before_augassign_rhs:
    case Event::after_augassign_rhs:
    case Event::before_argument:
    case Event::after_argument:
    case Event::before_for_iter:
    case Event::after_for_iter:
    case Event::before_left_binop_arg:
    case Event::after_left_binop_arg:
    case Event::before_right_binop_arg:
    case Event::after_right_binop_arg:
    case Event::before_unaryop_arg:
    case Event::after_unaryop_arg:
    case Event::before_boolop_arg:
    case Event::after_boolop_arg:
    case Event::left_compare_arg:
    case Event::compare_arg:
    case Event::after_comprehension_elt:
    case Event::after_comprehension_if:
    case Event::after_dict_comprehension_key:
    case Event::after_dict_comprehension_value:
    case Event::decorator:
    case Event::dict_key:
    case Event::dict_value:
    case Event::list_elt:
    case Event::set_elt:
    case Event::tuple_elt:
    case Event::_load_saved_slice:
      return true;
    default:
      return false;
  }
}

}  // namespace

void Rewriter::use_transformed(Borrowed transformed) {
  constexpr Py_ssize_t kParts = 4;
  if (!PyTuple_Check(transformed.get()) || PyTuple_GET_SIZE(transformed.get()) != kParts) {
    raise(PyExc_TypeError, "transformed= takes (tree, exact, slots, groups), not %R",
          transformed.get());
  }
  Borrowed* dicts[] = {&exact_, &slots_, &groups_};
  for (Py_ssize_t i = 1; i < kParts; ++i) {
    Borrowed dict = PyTuple_GET_ITEM(transformed.get(), i);
    if (!PyDict_CheckExact(dict.get()))
      raise(PyExc_TypeError, "transformed= has %R in the place of a dict", dict.get());
    *dicts[i - 1] = dict;
  }
}

/// The pristine node that a node is, or null.
Borrowed Rewriter::exact(Borrowed node) const { return exact_ ? find_item(exact_, node) : node; }

/// The node that handlers of an event are given, or null for an event of what is not in the program.
Borrowed Rewriter::origin(Event event, Borrowed node) const {
  if (!exact_) return node;
  return find_item(is_of_place(event) ? slots_ : exact_, node);
}

bool Rewriter::stands_for(Borrowed node, Borrowed pristine) const {
  if (!exact_) return node.is(pristine);
  Borrowed same = find_item(exact_, node);
  Borrowed replaced = find_item(slots_, node);
  return (same && same.is(pristine)) || (replaced && replaced.is(pristine));
}

Ref Rewriter::origin_id(Borrowed node) const {
  if (!exact_) return id_of(node);
  Borrowed pristine = find_item(exact_, node);
  if (!pristine) pristine = find_item(slots_, node);
  return pristine ? id_of(pristine) : none();
}

/// The index that a part of a list has in the program.
Py_ssize_t Rewriter::origin_index(Borrowed parent, const Ref& field, Borrowed child,
                                  Py_ssize_t i) const {
  if (!exact_) return i;
  Borrowed pristine = find_item(exact_, parent);
  Borrowed list = pristine ? ast::field(pristine, field) : Borrowed();
  Borrowed wanted = find_item(slots_, child);
  for (Py_ssize_t k = 0; list && wanted && k < PyList_GET_SIZE(list.get()); ++k) {
    if (wanted.is(PyList_GET_ITEM(list.get(), k))) return k;
  }
  return i;
}

/// If statements that stand for one of the program begin at `first`: weaves them, gives their number; else 0.
///     if emit(before_stmt): statements
///     emit(after_stmt)
Py_ssize_t Rewriter::group(Borrowed list, Py_ssize_t first, Kind parent_kind, bool module_body,
                           Borrowed out, bool& changed) {
  Borrowed found = find_item(groups_, PyList_GET_ITEM(list.get(), first));
  if (!found) return 0;
  Borrowed pristine = PyTuple_GET_ITEM(found.get(), 0);
  const Py_ssize_t count = PyLong_AsSsize_t(PyTuple_GET_ITEM(found.get(), 1));
  if (count < 1 || first + count > PyList_GET_SIZE(list.get()))
    raise(PyExc_ValueError, "transformed= has a group of %zd statements", count);

  const Location place = Location::of(ast_, pristine);
  const Scoped here(here_, place ? place : here_);
  const Location at = here_;
  Ref inside = list_of({});
  for (Py_ssize_t i = first; i < first + count; ++i) {
    statement(nullptr, parent_kind, PyList_GET_ITEM(list.get(), i), false, false, inside, changed);
  }
  const bool returns = ast_.kind_of(pristine) == Kind::Return;
  const bool before = !exempt_ && wants_of(Event::before_stmt, pristine, pristine);
  const bool module_event =
      !exempt_ && module_body && wants_of(Event::after_module_stmt, pristine, pristine);
  const bool after =
      !exempt_ && !returns && (module_event || wants_of(Event::after_stmt, pristine, pristine));
  changed = changed || before || after;
  std::uint32_t after_index = 0;
  if (after) {
    after_index = site_of(Event::after_stmt, pristine, {});
    rewrite_.sites[after_index].keeps_value = module_event;
  }
  if (before) {
    const std::uint32_t index = site_of(Event::before_stmt, pristine, {});
    append(out, ast::make_if(ast_, emit_call(index, at), std::move(inside), list_of({}), at));
  } else {
    const Py_ssize_t end = PyList_GET_SIZE(out.get());
    ok(PyList_SetSlice(out.get(), end, end, inside.get()));
  }
  if (after) append(out, ast::make_expr_stmt(ast_, emit_call(after_index, at), at));
  if (module_event) after_module_stmt(pristine, at, out);
  return count;
}

}  // namespace pyccolo::rewrite
