#include "site/rewrite.hpp"

#include "ast/node.hpp"
#include "compat/recursion.hpp"
#include "py/quiet_warnings.hpp"
#include "site/stored.hpp"

namespace pyccolo::site {

namespace {

/// Warnings about the source were given when it was first compiled.
Ref parse_again(SiteState& state, Borrowed source, Borrowed path) {
  if (PyCallable_Check(source.get()) != 0) {
    const QuietWarnings quiet;
    return call(source);
  }
  Borrowed compile = find_item(state.builtins, intern("compile"));
  if (!compile) raise(PyExc_RuntimeError, "builtins has no compile()");
  const QuietWarnings quiet;
  const GcPause pause;
  return take(PyObject_CallFunction(compile.get(), "OOsii", source.get(), path.get(), "exec",
                                    PyCF_ONLY_AST, 1));
}

}  // namespace

void Rewrite::read_nodes() {
  const compat::DeepTrees deep;
  const Ref source = unread->source.copy();
  Ref parsed = parse_again(*state, source, path);
  if (!unread) return;  // another thread was faster
  std::vector<Borrowed> nodes;
  for_each_node(state->ast, parsed, state->ast.kind_of(parsed),
                [&](Borrowed node) { nodes.push_back(node); });
  auto node_at = [&](std::uint32_t number) {
    if (number < nodes.size()) return nodes[number];
    raise(PyExc_RuntimeError, "%S: the stored events do not fit its source", path.get());
  };
  for (const std::uint32_t number : unread->nodes) {
    if (number != Site::kNone) node_at(number);
  }
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const std::uint32_t number = unread->nodes[i];
    if (number != Site::kNone) sites[i].node = Ref::borrow(node_at(number));
    sites[i].unread = false;
  }
  for (const Unread::Id& keyword : unread->ids) {
    PyObject** item =
        &reinterpret_cast<PyTupleObject*>(keyword.values.get())->ob_item[keyword.position];
    const Ref before = Ref::steal(std::exchange(*item, id_of(node_at(keyword.node)).release()));
  }
  for (std::size_t i = 0; i < guards.size(); ++i) guards[i].node = node_at(unread->guards[i]);
  module_id = id_of(parsed);
  tree = std::move(parsed);
  unread = nullptr;
  state->know_guards(*this);
}

Ref Rewrite::chain_operators(const Site& site) {
  if (chains) {
    Ref index = take(PyLong_FromSsize_t(&site - sites.data()));
    if (Borrowed stored = find_item(chains, index)) return Ref::borrow(stored);
  }
  ast::AstState& ast = state->ast;
  Borrowed ops = ast::required(site.node, ast.names.ops);
  const Py_ssize_t count = PyList_GET_SIZE(ops.get());
  Ref operators = take(PyBytes_FromStringAndSize(nullptr, count));
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyBytes_AS_STRING(operators.get())[i] =
        static_cast<char>(operation_of(ast.kind_of(PyList_GET_ITEM(ops.get(), i))));
  }
  return operators;
}

}  // namespace pyccolo::site
