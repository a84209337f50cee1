#include "ast/node.hpp"

namespace pyccolo::ast {

Location Location::of(AstState& state, Borrowed node) {
  const Names& names = state.names;
  Location at{field(node, names.lineno), field(node, names.col_offset),
              field(node, names.end_lineno), field(node, names.end_col_offset)};
  // compile() takes end_* of None as the start; so do we.
  if (!at.col_offset) at.lineno = nullptr;
  if (!at.end_lineno) at.end_lineno = at.lineno;
  if (!at.end_col_offset) at.end_col_offset = at.col_offset;
  return at;
}

Borrowed lean_field(Borrowed node, Borrowed name) {
  const LeanLayout* layout = lean_layout(node);
  for (int i = 0; layout != nullptr && i < LeanLayout::kSlots; ++i) {
    if (!layout->names[i].is(name)) continue;
    PyObject* value = lean_slots(node)[i];
    return value == Py_None ? nullptr : value;
  }
  return nullptr;
}

Made::Made(AstState& state, Kind kind, const Location& at) {
  if (is_lean(kind)) {
    layout_ = &state.lean(kind);
    node_ = make_lean(*layout_);
    if (!at) return;
    PyObject** positions = lean_slots(node_) + LeanLayout::kMaxFields;
    positions[0] = Py_NewRef(at.lineno.get());
    positions[1] = Py_NewRef(at.col_offset.get());
    positions[2] = Py_NewRef(at.end_lineno.get());
    positions[3] = Py_NewRef(at.end_col_offset.get());
    return;
  }
  auto* type = reinterpret_cast<PyTypeObject*>(state.type(kind).get());
  Ref dict = take(PyDict_Copy(state.field_template(kind).get()));
  node_ = take(type->tp_alloc(type, 0));
  dict_ = dict;
  compat::set_instance_dict(node_, std::move(dict));
  if (at) {
    const Names& names = state.names;
    set(names.lineno, at.lineno).set(names.col_offset, at.col_offset);
    set(names.end_lineno, at.end_lineno).set(names.end_col_offset, at.end_col_offset);
  }
}

Made& Made::set(Borrowed name, Borrowed value) {
  if (layout_ == nullptr) {
    set_item(dict_, name, value);
    return *this;
  }
  for (int i = 0; i < LeanLayout::kMaxFields; ++i) {
    if (!layout_->names[i].is(name)) continue;
    Ref old = Ref::steal(std::exchange(lean_slots(node_)[i], Py_NewRef(value.get())));
    return *this;
  }
  raise(PyExc_SystemError, "pyccolo_native: %s has no field %R", Py_TYPE(node_.get())->tp_name,
        name.get());
}

void Edit::make_copy() {
  layout_ = lean_layout(node_);
  if (layout_ != nullptr) {
    copy_ = copy_lean(*layout_, node_);
    return;
  }
  PyTypeObject* type = Py_TYPE(node_.get());
  Borrowed original = compat::instance_dict(node_);
  // Foreign attributes (a tool's `parent`) are shared, not followed.
  Ref dict = take(original ? PyDict_Copy(original.get()) : PyDict_New());
  copy_ = take(type->tp_alloc(type, 0));
  dict_ = dict;
  compat::set_instance_dict(copy_, std::move(dict));
}

void Edit::change(Borrowed name, Borrowed value) {
  if (!copy_) make_copy();
  if (layout_ != nullptr) {
    ok(PyObject_SetAttr(copy_.get(), name.get(), value.get()));
  } else {
    set_item(dict_, name, value);
  }
}

void Edit::move_to(const Location& at) {
  const Names& names = state_.names;
  change(names.lineno, at.lineno);
  change(names.col_offset, at.col_offset);
  change(names.end_lineno, at.end_lineno);
  change(names.end_col_offset, at.end_col_offset);
}

Ref make_name(AstState& state, Borrowed id, const Location& at) {
  Made made(state, Kind::Name, at);
  made.set(state.names.id, id).set(state.names.ctx, state.singleton(Kind::Load));
  return std::move(made).done();
}

Ref make_constant(AstState& state, Borrowed value, const Location& at) {
  Made made(state, Kind::Constant, at);
  made.set(state.names.value, value).set(state.names.kind, Py_None);
  return std::move(made).done();
}

Ref make_call(AstState& state, Ref func, Ref arguments, const Location& at) {
  Made made(state, Kind::Call, at);
  made.set(state.names.func, func).set(state.names.args, arguments);
  made.set(state.names.keywords, list_of({}));
  return std::move(made).done();
}

Ref make_expr_stmt(AstState& state, Ref value, const Location& at) {
  Made made(state, Kind::Expr, at);
  made.set(state.names.value, value);
  return std::move(made).done();
}

Ref make_if(AstState& state, Ref test, Ref body, Ref orelse, const Location& at) {
  Made made(state, Kind::If, at);
  made.set(state.names.test, test).set(state.names.body, body);
  made.set(state.names.orelse, orelse);
  return std::move(made).done();
}

Ref make_if_exp(AstState& state, Ref test, Ref body, Ref orelse, const Location& at) {
  Made made(state, Kind::IfExp, at);
  made.set(state.names.test, test).set(state.names.body, body);
  made.set(state.names.orelse, orelse);
  return std::move(made).done();
}

Ref make_bool_op(AstState& state, Kind op, Ref values, const Location& at) {
  if (PyList_GET_SIZE(values.get()) == 1) return Ref::borrow(PyList_GET_ITEM(values.get(), 0));
  Made made(state, Kind::BoolOp, at);
  made.set(state.names.op, state.singleton(op)).set(state.names.values, values);
  return std::move(made).done();
}

Ref make_try_finally(AstState& state, Ref body, Ref finalbody, const Location& at) {
  Made made(state, Kind::Try, at);
  made.set(state.names.body, body).set(state.names.handlers, list_of({}));
  made.set(state.names.orelse, list_of({})).set(state.names.finalbody, finalbody);
  return std::move(made).done();
}

}  // namespace pyccolo::ast
