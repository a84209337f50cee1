#include "rewrite/thunk_code.hpp"

#include <string_view>

#include "compat/recursion.hpp"
#include "site/types.hpp"

namespace pyccolo::rewrite {

namespace {

using ast::Kind;

/// What an expression does that only its own scope can do; "" for nothing.
std::string_view obstacle(ast::AstState& ast, Borrowed node, Kind kind) {
  RecursionScope depth(" while looking at a thunk");
  switch (kind) {
    case Kind::Await:
      return "awaits";
    case Kind::Yield:
    case Kind::YieldFrom:
      return "yields";
    case Kind::NamedExpr:
      return "binds a name";
    case Kind::Lambda:
      return "";
    default:
      break;
  }
  std::string_view found;
  for_each_child(ast, kind, node, [&](Borrowed child, Kind its, bool) {
    if (its == Kind::comprehension && found.empty()) {
      PyObject* is_async = PyDict_GetItemString(compat::instance_dict(child).get(), "is_async");
      if (is_async != nullptr && PyObject_IsTrue(is_async) == 1) found = "iterates asynchronously";
    }
    if (found.empty()) found = obstacle(ast, child, its);
  });
  return found;
}

bool mentions(ast::AstState& ast, Borrowed node, Kind kind, Borrowed id) {
  if (kind == Kind::Name)
    return PyUnicode_Compare(ast::required(node, ast.names.id).get(), id.get()) == 0;
  bool found = false;
  for_each_child(ast, kind, node, [&](Borrowed child, Kind its, bool) {
    found = found || mentions(ast, child, its, id);
  });
  return found;
}

Ref parameter(ast::AstState& ast, Borrowed name, const ast::Location& at) {
  ast::Made made(ast, Kind::arg, at);
  made.set(ast.names.arg, name);
  return std::move(made).done();
}

Ref parameters(ast::AstState& ast, Borrowed list) {
  ast::Made made(ast, Kind::arguments, {});
  for (const Ref* empty : {&ast.names.posonlyargs, &ast.names.kwonlyargs, &ast.names.kw_defaults,
                           &ast.names.defaults}) {
    made.set(*empty, list_of({}));
  }
  made.set(ast.names.args, list);
  return std::move(made).done();
}

Ref compile_tree(site::SiteState& state, Borrowed tree, Borrowed filename, const char* mode) {
  Ref builtins = take(PyImport_ImportModule("builtins"));
  Ref compile = get_attr(builtins, "compile");
  Ref code = take(PyObject_CallFunction(compile.get(), "OOsiOi", tree.get(), filename.get(), mode,
                                        0, Py_True, -1));
  site::patch_code(state, code);
  return code;
}

Borrowed code_in(Borrowed code) {
  PyObject* consts = reinterpret_cast<PyCodeObject*>(code.get())->co_consts;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(consts); ++i) {
    if (PyCode_Check(PyTuple_GET_ITEM(consts, i))) return PyTuple_GET_ITEM(consts, i);
  }
  raise(PyExc_SystemError, "pyccolo_native: a thunk was compiled to no code");
}

Ref in_list(Ref node) { return list_of({node.release()}); }

/// def f(<every variable of the frame>): return lambda: <woven>
Ref lambda_in_function(ast::AstState& ast, const ThunkTarget& target, Borrowed frame_code,
                       const ast::Location& at) {
  const ast::Names& n = ast.names;
  Ref variables = list_of({});
  Ref seen = take(PySet_New(nullptr));
  for (const char* group : {"co_varnames", "co_cellvars", "co_freevars"}) {
    Ref names = get_attr(frame_code, group);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names.get()); ++i) {
      Borrowed name = PyTuple_GET_ITEM(names.get(), i);
      if (!PyUnicode_IsIdentifier(name.get()) || PySet_Contains(seen.get(), name.get()) == 1)
        continue;
      ok(PySet_Add(seen.get(), name.get()));
      append(variables, parameter(ast, name, at));
    }
  }
  Ref own = list_of({});
  auto* code = reinterpret_cast<PyCodeObject*>(frame_code.get());
  if (code->co_argcount > 0 && mentions(ast, target.woven, ast.kind_of(target.woven), n.super_)) {
    Ref names = get_attr(frame_code, "co_varnames");
    append(own, parameter(ast, PyTuple_GET_ITEM(names.get(), 0), at));
  }
  ast::Made lambda(ast, Kind::Lambda, at);
  lambda.set(n.args, parameters(ast, own)).set(n.body, target.woven);
  ast::Made give(ast, Kind::Return, at);
  give.set(n.value, std::move(lambda).done());
  ast::Made function(ast, Kind::FunctionDef, at);
  function.set(n.name, n.traced_lambda).set(n.args, parameters(ast, variables));
  function.set(n.body, in_list(std::move(give).done())).set(n.decorator_list, list_of({}));
  function.set(n.type_params, list_of({}));
  Ref made = std::move(function).done();
  if (target.class_name) {
    ast::Made body(ast, Kind::ClassDef, at);
    body.set(n.name, target.class_name).set(n.bases, list_of({})).set(n.keywords, list_of({}));
    body.set(n.body, in_list(std::move(made))).set(n.decorator_list, list_of({}));
    body.set(n.type_params, list_of({}));
    made = std::move(body).done();
  }
  ast::Made module(ast, Kind::Module, {});
  module.set(n.body, in_list(std::move(made))).set(n.type_ignores, list_of({}));
  return std::move(module).done();
}

}  // namespace

Ref thunk_code(site::SiteState& state, site::RewriteObject* object, const site::Site& site,
               Borrowed frame_code) {
  const compat::DeepTrees deep;
  ast::AstState& ast = state.ast;
  site::Rewrite& rewrite = *object->rewrite;
  rewrite.need_nodes();
  Ref own = state.make_rewrite(rewrite.tree, rewrite.path, rewrite.module_id);
  auto* own_object = reinterpret_cast<site::RewriteObject*>(own.get());
  own_object->rewrite->filename = rewrite.filename.copy();
  own_object->rewrite->granted = rewrite.granted;
  ThunkTarget target{rewrite, site, nullptr, nullptr};
  Rewriter::replay(state, own_object, target);
  if (!target.woven) {
    raise(PyExc_SystemError, "pyccolo_native: the expression of a %s event was not found again",
          info(site.event).name);
  }
  const ast::Location at = ast::Location::of(ast, target.woven);
  const std::string_view reason = obstacle(ast, target.woven, ast.kind_of(target.woven));
  if (!reason.empty()) {
    raise(
        PyExc_RuntimeError,
        "the thunk of this %s event (%U, line %S) cannot be called: its expression %s, which only "
        "the program itself can do; return a value or a callable of your own to replace it",
        info(site.event).name, rewrite.file().get(), at ? at.lineno.get() : Py_None, reason.data());
  }

  auto* code = reinterpret_cast<PyCodeObject*>(frame_code.get());
  if ((code->co_flags & CO_OPTIMIZED) == 0) {
    ast::Made expression(ast, Kind::Expression, {});
    expression.set(ast.names.body, target.woven);
    return compile_tree(state, std::move(expression).done(), code->co_filename, "eval");
  }
  Ref tree = lambda_in_function(ast, target, frame_code, at);
  Ref module_code = compile_tree(state, tree, code->co_filename, "exec");
  Borrowed inner = code_in(module_code);
  if (target.class_name) inner = code_in(inner);
  Ref replace = get_attr(code_in(inner), "replace");
  Ref keywords = take(Py_BuildValue("{sOsO}", "co_name", ast.names.traced_lambda.get(),
                                    "co_qualname", ast.names.traced_lambda.get()));
  Ref nothing = take(PyTuple_New(0));
  return take(PyObject_Call(replace.get(), nothing.get(), keywords.get()));
}

}  // namespace pyccolo::rewrite
