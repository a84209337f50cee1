// Expressions: dispatch on the kind, and the kinds without a file of their own.
#include "rewrite/rewriter.hpp"

namespace pyccolo::rewrite {

/// What is nested deeper stays as it is, so that the woven tree is not too deep for the compiler: said aloud, once.
bool Rewriter::too_deep(int level, int most, Borrowed node) {
  if (level < most) return false;
  if (replayed_ == nullptr && !std::exchange(told_of_depth_, true)) {
    const Location place = at(node);
    rewrite_.incomplete = true;
    ok(PyErr_WarnFormat(
        PyExc_RuntimeWarning, 1,
        "%S, line %S: nested more than %d levels deep: what is deeper, here or elsewhere in the "
        "file, is not instrumented",
        rewrite_.path.get(), place ? place.lineno.get() : Py_None, most));
  }
  return true;
}

Ref Rewriter::expr(Borrowed node) {
  const Level level(depth_);
  const Kind kind = ast_.kind_of(node);
  const bool enters =
      target_ != nullptr && !target_->woven && stands_for(node, target_->event.node);
  const Scoped inside(inside_target_, inside_target_ || enters);
  if (replayed_ == nullptr) share_lines(node);
  if (kind == Kind::Constant) return constant(node);
  if (kind == Kind::Name) return load_name(node);
  static constexpr int kMaxNested =
      200;  // a level takes up to five when woven, of the compiler's 3,000
  if (too_deep(nested_, kMaxNested, node)) return Ref::borrow(node);
  const Scoped deeper(nested_, nested_ + 1);
  const Location found = Location::of(ast_, node);
  const Scoped here(here_, found ? found : here_);
  return expr_of_kind(node, kind);
}

Ref Rewriter::expr_of_kind(Borrowed node, Kind kind) {
  switch (kind) {
    case Kind::Attribute:
      return attribute(node, false);
    case Kind::Subscript:
      return subscript(node, false);
    case Kind::Call:
      return call_expr(node);
    case Kind::BinOp:
      return bin_op(node);
    case Kind::UnaryOp:
      return unary_op(node);
    case Kind::BoolOp:
      return bool_op(node);
    case Kind::Compare:
      return compare(node);
    case Kind::Lambda:
      return lambda(node);
    case Kind::JoinedStr:
      return joined_str(node);
    case Kind::FormattedValue:
    case Kind::Interpolation:
      return formatted_value(node);
    case Kind::TemplateStr:
      return template_str(node);
    case Kind::Dict:
      return dict(node);
    case Kind::List:
    case Kind::Set:
    case Kind::Tuple:
      return sequence(node, kind);
    case Kind::ListComp:
    case Kind::SetComp:
    case Kind::DictComp:
    case Kind::GeneratorExp:
      return comprehension(node, kind);
    case Kind::arguments:
      return arguments(node);
    default:
      return generic(node, kind);
  }
}

Ref Rewriter::expr_list(Borrowed list) {
  Ref copy;
  const Py_ssize_t size = PyList_GET_SIZE(list.get());
  for (Py_ssize_t i = 0; i < size; ++i) {
    Borrowed item = PyList_GET_ITEM(list.get(), i);
    if (item.is_none()) continue;
    Ref woven = expr(item);
    if (woven.is(item)) continue;
    if (!copy) copy = take(PyList_GetSlice(list.get(), 0, size));
    ok(PyList_SetItem(copy.get(), i, woven.release()));
  }
  return copy ? std::move(copy) : Ref::borrow(list);
}

Ref Rewriter::generic(Borrowed node, Kind kind) {
  if (kind == Kind::Unknown) return Ref::borrow(node);
  if (ast::info(kind).category == ast::Category::Pattern) return Ref::borrow(node);
  ast::Edit edit(ast_, node);
  for (const Ref& field_name : ast_.fields(kind)) {
    Borrowed value = ast::field(node, field_name);
    if (!value) continue;
    if (PyList_Check(value.get())) {
      edit.set(field_name, value, expr_list(value));
    } else if (ast_.is_node(value)) {
      edit.set(field_name, value, expr(value));
    }
  }
  return edit.finish();
}

bool Rewriter::is_load(Borrowed node) {
  Borrowed ctx = ast::field(node, n_.ctx);
  return !ctx || ast_.kind_of(ctx) == Kind::Load;
}

Ref Rewriter::load_name(Borrowed node) {
  if (!is_load(node) || !wants(Event::load_name, node)) return Ref::borrow(node);
  return value(Event::load_name, node, Ref::borrow(node), at(node));
}

namespace {

/// The event of a literal; a bool is no int here, and a str subclass no str.
Event literal_event(Borrowed value) {
  PyTypeObject* type = Py_TYPE(value.get());
  if (value.is(Py_Ellipsis)) return Event::ellipsis;
  if (value.is_none()) return Event::after_none;
  if (type == &PyUnicode_Type) return Event::after_string;
  if (type == &PyLong_Type) return Event::after_int;
  if (type == &PyBool_Type) return Event::after_bool;
  if (type == &PyFloat_Type) return Event::after_float;
  if (type == &PyBytes_Type) return Event::after_bytes;
  if (type == &PyComplex_Type) return Event::after_complex;
  return Event::before_import;  // no literal of the grammar
}

}  // namespace

Ref Rewriter::constant(Borrowed node) {
  Borrowed dict = compat::instance_dict(node);
  Borrowed literal = dict ? find_item(dict, n_.value) : Borrowed();
  if (!literal) return Ref::borrow(node);
  const Event event = literal_event(literal);
  if (event == Event::before_import || !wants(event, node)) return Ref::borrow(node);
  return value(event, node, Ref::borrow(node), at(node));
}

/// A part of an f-string that is no longer one, as a replacement field.
Ref Rewriter::replacement_field(Ref woven) {
  static constexpr long kNoConversion = -1;
  ast::Made field(ast_, Kind::FormattedValue, here_);
  field.set(n_.value, woven).set(n_.conversion, take(PyLong_FromLong(kNoConversion)));
  return std::move(field).done();
}

Ref Rewriter::joined_str(Borrowed node) {
  ast::Edit edit(ast_, node);
  {
    const Scoped outside(chain_top_, Borrowed());
    Borrowed values = ast::required_list(node, n_.values);
    Ref copy = list_of({});
    bool changed = false;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(values.get()); ++i) {
      Borrowed part = PyList_GET_ITEM(values.get(), i);
      Ref woven = expr(part);
      changed = changed || !woven.is(part);
      if (!woven.is(part) && ast_.kind_of(part) == Kind::Constant) {
        woven = replacement_field(std::move(woven));
      }
      append(copy, woven);
    }
    if (changed) edit.change(n_.values, copy);
  }
  return around(Event::before_fstring, Event::after_fstring, node, edit.finish(), here_);
}

/// A replacement field of an f-string or t-string: a value and perhaps a format, itself an f-string.
Ref Rewriter::formatted_value(Borrowed node) {
  ast::Edit edit(ast_, node);
  Borrowed old = ast::required(node, n_.value);
  edit.set(n_.value, old, expr(old));
  if (Borrowed format = ast::field(node, n_.format_spec)) {
    Ref woven = expr(format);
    if (!woven.is(format) && ast_.kind_of(woven) != Kind::JoinedStr) {
      ast::Made joined(ast_, Kind::JoinedStr, here_);
      joined.set(n_.values, list_of({replacement_field(std::move(woven)).release()}));
      woven = std::move(joined).done();
    }
    edit.set(n_.format_spec, format, woven);
  }
  return edit.finish();
}

/// A t-string keeps its fixed parts: they are no values of the program.
Ref Rewriter::template_str(Borrowed node) {
  const Scoped outside(chain_top_, Borrowed());
  ast::Edit edit(ast_, node);
  Borrowed values = ast::required_list(node, n_.values);
  Ref copy = list_of({});
  bool changed = false;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(values.get()); ++i) {
    Borrowed part = PyList_GET_ITEM(values.get(), i);
    Ref woven = ast_.kind_of(part) == Kind::Constant ? Ref::borrow(part) : expr(part);
    changed = changed || !woven.is(part);
    append(copy, woven);
  }
  if (changed) edit.change(n_.values, copy);
  return edit.finish();
}

Ref Rewriter::lambda(Borrowed node) {
  const Location at = here_;
  Borrowed pristine = ast::required(node, n_.body);
  ast::Edit edit(ast_, node);
  {
    const Scoped outside(chain_top_, Borrowed());
    Borrowed parameters = ast::required(node, n_.args);
    edit.set(n_.args, parameters, expr(parameters));
    Ref body = expr(pristine);
    const bool observed = wants(Event::before_lambda_body, node);
    if (observed || !body.is(pristine)) {
      Ref tests = list_of({name(n_.tracing_enabled, at).release()});
      if (observed) {
        Ref yes = ast::make_constant(ast_, Py_True, at);
        append(tests, value(Event::before_lambda_body, node, std::move(yes), at));
      }
      Ref test = ast::make_bool_op(ast_, Kind::And, std::move(tests), at);
      body = ast::make_if_exp(ast_, std::move(test), std::move(body), Ref::borrow(pristine),
                              this->at(pristine));
    }
    if (wants(Event::after_lambda_body, node)) {
      body = value(Event::after_lambda_body, node, std::move(body), this->at(pristine));
    }
    edit.set(n_.body, pristine, body);
  }
  return around(Event::before_lambda, Event::after_lambda, node, edit.finish(), at);
}

Ref Rewriter::arguments(Borrowed node) {
  if (!plain_annotations_) return generic(node, Kind::arguments);
  ast::Edit edit(ast_, node);
  for (const Ref* field_name : {&n_.kw_defaults, &n_.defaults}) {
    if (Borrowed defaults = ast::required_list(node, *field_name)) {
      edit.set(*field_name, defaults, expr_list(defaults));
    }
  }
  return edit.finish();
}

}  // namespace pyccolo::rewrite
