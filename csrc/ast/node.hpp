// ast/node.hpp: reading, copying and making nodes through their instance dicts.
//
// Pristine nodes are never changed: Edit copies a node the first time a field of it changes.
#pragma once

#include "ast/state.hpp"
#include "compat/instance_dict.hpp"

namespace pyccolo::ast {

/// field() of a lean node; null for a plain node without a dict.
Borrowed lean_field(Borrowed node, Borrowed name);

/// A field, borrowed; null if it is absent or None.
inline Borrowed field(Borrowed node, Borrowed name) {
  Borrowed dict = compat::instance_dict(node);
  if (!dict) return lean_field(node, name);
  Borrowed value = find_item(dict, name);
  return value.is(Py_None) ? Borrowed() : value;
}

/// A field that the grammar says is there: a tree made by hand without it gets the compiler's own message.
inline Borrowed required(Borrowed node, Borrowed name) {
  Borrowed value = field(node, name);
  if (!value) {
    raise(PyExc_TypeError, "required field \"%U\" missing from %s", name.get(),
          Py_TYPE(node.get())->tp_name);
  }
  return value;
}

/// required() for a field that is a list.
inline Borrowed required_list(Borrowed node, Borrowed name) {
  Borrowed value = required(node, name);
  if (!PyList_Check(value.get())) {
    raise(PyExc_TypeError, "%s field \"%U\" must be a list, not a %.200s",
          Py_TYPE(node.get())->tp_name, name.get(), Py_TYPE(value.get())->tp_name);
  }
  return value;
}

/// Where a made node stands: borrowed from a node that has positions.
struct Location {
  Borrowed lineno, col_offset, end_lineno, end_col_offset;

  static Location of(AstState& state, Borrowed node);
  explicit operator bool() const { return static_cast<bool>(lineno); }
};

/// A new node of a kind at a place; set its fields through set().
class Made {
 public:
  Made(AstState& state, Kind kind, const Location& at);
  Made& set(Borrowed name, Borrowed value);
  Ref done() && { return std::move(node_); }

 private:
  Ref node_;
  Borrowed dict_;                       ///< of a plain node
  const LeanLayout* layout_ = nullptr;  ///< of a lean one
};

/// A node that may change: finish() is the node itself, or a copy with the changed fields.
class Edit {
 public:
  Edit(AstState& state, Borrowed node) : state_(state), node_(node) {}

  /// Notes a field's new value; the same object as before changes nothing.
  void set(Borrowed name, Borrowed old, const Ref& value) {
    if (!value.is(old)) change(name, value);
  }
  /// Changes a field whatever it was.
  void change(Borrowed name, Borrowed value);
  void move_to(const Location& at);
  bool changed() const { return static_cast<bool>(copy_); }
  Ref finish() { return copy_ ? std::move(copy_) : Ref::borrow(node_); }

 private:
  void make_copy();

  AstState& state_;
  Borrowed node_;
  Ref copy_;
  Borrowed dict_;                       ///< of a plain copy
  const LeanLayout* layout_ = nullptr;  ///< of a lean one: a woven tree that is woven again
};

Ref make_name(AstState& state, Borrowed id, const Location& at);
Ref make_constant(AstState& state, Borrowed value, const Location& at);
/// func(args…); takes the list of arguments over.
Ref make_call(AstState& state, Ref func, Ref arguments, const Location& at);
Ref make_expr_stmt(AstState& state, Ref value, const Location& at);
Ref make_if(AstState& state, Ref test, Ref body, Ref orelse, const Location& at);
Ref make_if_exp(AstState& state, Ref test, Ref body, Ref orelse, const Location& at);
/// One value stays as it is; more are joined by and/or.
Ref make_bool_op(AstState& state, Kind op, Ref values, const Location& at);
/// try: body finally: finalbody.
Ref make_try_finally(AstState& state, Ref body, Ref finalbody, const Location& at);

/// Calls visit(child) for each child node, in the order of the fields. `visit` must not change the tree.
template <typename Visit>
void for_each_child(AstState& state, Kind kind, Borrowed node, Visit&& visit) {
  if (kind == Kind::Unknown) return;
  for (const Ref& name : state.fields(kind)) {
    Borrowed value = field(node, name);
    if (!value) continue;
    if (PyList_Check(value.get())) {
      for (Py_ssize_t i = 0; i < PyList_GET_SIZE(value.get()); ++i) {
        Borrowed child = PyList_GET_ITEM(value.get(), i);
        const Kind child_kind = state.kind_of(child);
        if (child_kind != Kind::Unknown) visit(child, child_kind, true);
      }
    } else {
      const Kind child_kind = state.kind_of(value);
      if (child_kind != Kind::Unknown) visit(value, child_kind, false);
    }
  }
}

}  // namespace pyccolo::ast
