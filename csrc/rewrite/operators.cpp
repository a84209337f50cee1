// Operators: a before-event gives the operation as a callable, an after-event its result.
#include "rewrite/rewriter.hpp"

namespace pyccolo::rewrite {

/// emit(site)(operands…): the operands are evaluated after the event, the operation after them.
Ref Rewriter::operation(Event event, Borrowed node, Op op, Ref operands, const Location& at) {
  if (op == Op::None) raise(PyExc_TypeError, "%R has no operator that is known", node.get());
  const std::uint32_t index = site(event, node, {}, op);
  return unless_guarded(index, node,
                        ast::make_call(ast_, emit_call(index, at), std::move(operands), at), at);
}

Ref Rewriter::bin_op(Borrowed node) {
  const Location at = here_;
  const Scoped outside(chain_top_, Borrowed());
  ast::Edit edit(ast_, node);
  Borrowed left = ast::required(node, n_.left);
  Borrowed right = ast::required(node, n_.right);
  Ref woven_left = around(Event::before_left_binop_arg, Event::after_left_binop_arg, left,
                          expr(left), this->at(left));
  Ref woven_right = around(Event::before_right_binop_arg, Event::after_right_binop_arg, right,
                           expr(right), this->at(right));
  Ref woven;
  if (wants(Event::before_binop, node)) {
    const Op op = operation_of(ast_.kind_of(ast::required(node, n_.op)));
    woven = operation(Event::before_binop, node, op,
                      list_of({woven_left.release(), woven_right.release()}), at);
  } else {
    edit.set(n_.left, left, woven_left);
    edit.set(n_.right, right, woven_right);
    woven = edit.finish();
  }
  if (!wants(Event::after_binop, node)) return woven;
  return value(Event::after_binop, node, std::move(woven), at);
}

Ref Rewriter::unary_op(Borrowed node) {
  const Location at = here_;
  const Scoped outside(chain_top_, Borrowed());
  ast::Edit edit(ast_, node);
  Borrowed operand = ast::required(node, n_.operand);
  Ref woven_operand = around(Event::before_unaryop_arg, Event::after_unaryop_arg, operand,
                             expr(operand), this->at(operand));
  Ref woven;
  if (wants(Event::before_unaryop, node)) {
    const Op op = operation_of(ast_.kind_of(ast::required(node, n_.op)));
    woven = operation(Event::before_unaryop, node, op, list_of({woven_operand.release()}), at);
  } else {
    edit.set(n_.operand, operand, woven_operand);
    woven = edit.finish();
  }
  if (!wants(Event::after_unaryop, node)) return woven;
  return value(Event::after_unaryop, node, std::move(woven), at);
}

Ref Rewriter::bool_op(Borrowed node) {
  const Location at = here_;
  ast::Edit edit(ast_, node);
  {
    const Scoped outside(chain_top_, Borrowed());
    Borrowed values = ast::required_list(node, n_.values);
    const Py_ssize_t size = PyList_GET_SIZE(values.get());
    Ref copy;
    for (Py_ssize_t i = 0; i < size; ++i) {
      Borrowed operand = PyList_GET_ITEM(values.get(), i);
      Keywords keywords;
      keywords.add(n_.is_last, boolean(i == size - 1));
      Ref woven = around(Event::before_boolop_arg, Event::after_boolop_arg, operand, expr(operand),
                         this->at(operand), keywords);
      if (woven.is(operand)) continue;
      if (!copy) copy = take(PyList_GetSlice(values.get(), 0, size));
      ok(PyList_SetItem(copy.get(), i, woven.release()));
    }
    if (copy) edit.change(n_.values, copy);
  }
  return around(Event::before_boolop, Event::after_boolop, node, edit.finish(), at);
}

Ref Rewriter::compare(Borrowed node) {
  const Location at = here_;
  const Scoped outside(chain_top_, Borrowed());
  ast::Edit edit(ast_, node);
  Borrowed left = ast::required(node, n_.left);
  Borrowed others = ast::required_list(node, n_.comparators);
  const Py_ssize_t count = PyList_GET_SIZE(others.get());
  Borrowed ops = ast::required_list(node, n_.ops);
  if (count == 0 || PyList_GET_SIZE(ops.get()) != count) {
    return Ref::borrow(node);  // the compiler says what is wrong
  }

  Ref woven_left = expr(left);
  if (wants(Event::left_compare_arg, left)) {
    woven_left = value(Event::left_compare_arg, left, std::move(woven_left), this->at(left));
  }
  Ref operands = list_of({woven_left.copy().release()});
  bool changed = false;
  for (Py_ssize_t i = 0; i < count; ++i) {
    Borrowed other = PyList_GET_ITEM(others.get(), i);
    Ref woven = expr(other);
    if (wants(Event::compare_arg, other)) {
      woven = value(Event::compare_arg, other, std::move(woven), this->at(other));
    }
    changed = changed || !woven.is(other);
    append(operands, woven);
  }

  const bool before = wants(Event::before_compare, node);
  Ref woven;
  if (before && count == 1) {
    Borrowed op = PyList_GET_ITEM(ops.get(), 0);
    woven = operation(Event::before_compare, node, operation_of(ast_.kind_of(op)),
                      std::move(operands), at);
  } else {
    edit.set(n_.left, left, woven_left);
    if (changed) {
      edit.change(n_.comparators, take(PyList_GetSlice(operands.get(), 1, count + 1)));
    }
    woven = edit.finish();
    if (before) {
      // A chain must stop at the first false link, so its operands cannot be arguments.
      const std::uint32_t index = site(Event::before_compare, node, {}, Op::Chain);
      rewrite_.sites[index].chain = true;
      woven = ast::make_if_exp(ast_, emit_call(index, at), std::move(woven),
                               run_call(at, std::move(operands)), at);
      woven = unless_guarded(index, node, std::move(woven), at);
    }
  }
  if (!wants(Event::after_compare, node)) return woven;
  return value(Event::after_compare, node, std::move(woven), at);
}

}  // namespace pyccolo::rewrite
