#include "site/state.hpp"

#include <algorithm>

#include "ast/node.hpp"
#include "compat/code.hpp"
#include "compat/recursion.hpp"
#include "site/stored.hpp"

namespace pyccolo::site {

Ref SiteState::make_rewrite(Borrowed tree, Borrowed path, Borrowed module_id) {
  std::uint32_t id = next_id_;
  while (by_id_.contains(id)) id = id == Marker::kMaxRewrite ? 1 : id + 1;
  next_id_ = id == Marker::kMaxRewrite ? 1 : id + 1;

  auto* type = reinterpret_cast<PyTypeObject*>(rewrite_type.get());
  Ref object = take(type->tp_alloc(type, 0));
  auto* made = reinterpret_cast<RewriteObject*>(object.get());
  made->rewrite = new Rewrite;
  made->rewrite->state = this;
  made->rewrite->id = id;
  made->rewrite->path = Ref::borrow(path);
  made->rewrite->module_id = Ref::borrow(module_id);
  made->rewrite->tree = Ref::borrow(tree);
  by_id_.emplace(id, made);
  ++live_rewrites;
  return object;
}

RewriteObject* SiteState::find(std::uint32_t id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

Ref SiteState::site_object(const Marker& marker) {
  RewriteObject* owner = find(marker.rewrite);
  if (owner == nullptr || marker.index >= owner->rewrite->sites.size()) return nullptr;
  return site_object(owner, marker.index);
}

Ref SiteState::site_object(RewriteObject* owner, std::uint32_t index) {
  auto* type = reinterpret_cast<PyTypeObject*>(site_type.get());
  Ref object = take(type->tp_alloc(type, 0));
  auto* made = reinterpret_cast<SiteObject*>(object.get());
  made->owner = owner;
  Py_INCREF(owner);
  made->site = &owner->rewrite->sites[index];
  ++live_sites;
  return object;
}

void SiteState::keep(Borrowed rewrite) {
  if (!kept_) kept_ = take(PyDict_New());
  set_item(kept_, rewrite_of(rewrite).path, rewrite);
}

void SiteState::release(Borrowed path, Borrowed rewrite) {
  Borrowed found = kept(path);
  if (!found || (rewrite && !found.is(rewrite))) return;
  ok(PyDict_DelItem(kept_.get(), path.get()));
}

Borrowed SiteState::kept(Borrowed path) const {
  return kept_ ? find_item(kept_, path) : Borrowed();
}

void SiteState::set_builtin(Borrowed name, Borrowed value) {
  set_item(builtins, name, value);
  if (late_builtins) set_item(late_builtins, name, value);
}

void SiteState::register_guard(Rewrite& rewrite, Ref name, Borrowed node) {
  set_builtin(name, Py_True);
  if (guards) ok(PySet_Add(guards.get(), name.get()));
  rewrite.guards.push_back({std::move(name), node});
}

Ref SiteState::site_of_guard(Borrowed name) {
  if (!guards || PySet_Contains(guards.get(), name.get()) != 1) return Ref();
  RewriteObject* owner = nullptr;
  for (const auto& [id, object] : by_id_) {
    if (object->rewrite->sites.empty() || (owner != nullptr && owner->rewrite->id > id)) continue;
    for (const RegionGuard& guard : object->rewrite->guards) {
      if (guard.name.is(name) || PyUnicode_Compare(guard.name.get(), name.get()) == 0)
        owner = object;
    }
  }
  return owner == nullptr ? Ref() : site_object(owner, 0);
}

Ref SiteState::guard_name(std::size_t node_id) {
  return take(PyUnicode_FromFormat("_X5ix_PYCCOLO_GUARD_%zu", node_id));
}

Borrowed SiteState::find_guard(std::size_t node_id) const {
  const auto found = stored_guards_.find(node_id);
  return found == stored_guards_.end() ? Borrowed() : found->second;
}

void SiteState::know_guards(const Rewrite& rewrite) {
  for (const RegionGuard& guard : rewrite.guards) {
    stored_guards_[reinterpret_cast<std::size_t>(guard.node.get())] = guard.name;
  }
}

void SiteState::set_tables(Borrowed dict_of_tables) {
  for (std::size_t i = 0; i < kTableCount; ++i) {
    PyObject* made = PyDict_GetItemString(dict_of_tables.get(), kTableNames[i]);
    if (made == nullptr) raise(PyExc_KeyError, "configure: no table %s", kTableNames[i]);
    tables_[i] = Ref::borrow(made);
  }
}

void SiteState::list_rows(RewriteObject* object) {
  if (object->rewrite->rows != Rewrite::Rows::None) return;
  object->rewrite->rows = Rewrite::Rows::Pending;
  pending_.push_back(object);
}

void SiteState::fill_tables() {
  // Filling allocates, and so may run finalizers that make or drop rewrites.
  while (!pending_.empty() && tables_[0]) {
    RewriteObject* object = pending_.front();
    Ref alive = Ref::borrow(reinterpret_cast<PyObject*>(object));
    pending_.erase(pending_.begin());
    fill_rows(*object->rewrite);
  }
}

namespace {

/// Writes the rows of one tree; what a node is contained in is known on the way down.
struct RowWriter {
  ast::AstState& ast;
  PyObject* nodes;
  PyObject* containing_ast;
  PyObject* containing_stmt;
  PyObject* parent_stmt;
  PyObject* by_line;

  void put(PyObject* table, Borrowed key, Borrowed value) const {
    ok(PyDict_SetItem(table, key.get(), value.get()));
  }

  void write(Borrowed node, ast::Kind kind, Borrowed parent, Borrowed stmt, Borrowed owner) const {
    RecursionScope depth(" while filling the node tables");
    Ref id = id_of(node);
    put(nodes, id, node);
    if (parent) put(containing_ast, id, parent);
    const bool is_stmt = ast::is_stmt(kind);
    // The statement whose block this node stands in, also through an except handler or a match case.
    if (owner) put(parent_stmt, id, owner);
    if (is_stmt) {
      stmt = node;
      put_line(node, node);
      Borrowed decorators = ast::field(node, ast.names.decorator_list);
      if (decorators && PyList_Check(decorators.get())) {
        for (Py_ssize_t i = 0; i < PyList_GET_SIZE(decorators.get()); ++i) {
          put_line(PyList_GET_ITEM(decorators.get(), i), node);
        }
      }
    }
    if (stmt) put(containing_stmt, id, stmt);
    const bool passes_on = kind == ast::Kind::ExceptHandler || kind == ast::Kind::match_case;
    ast::for_each_child(ast, kind, node, [&](Borrowed child, ast::Kind child_kind, bool listed) {
      Borrowed child_owner;
      if (listed && is_stmt) child_owner = node;
      if (passes_on && ast::is_stmt(child_kind)) child_owner = owner;
      write(child, child_kind, node, stmt, child_owner);
    });
  }

  void put_line(Borrowed located, Borrowed stmt) const {
    if (Borrowed line = ast::field(located, ast.names.lineno)) put(by_line, line, stmt);
  }
};

}  // namespace

void SiteState::fill_rows(Rewrite& rewrite) {
  rewrite.need_nodes();
  const compat::DeepTrees deep;
  rewrite.rows = Rewrite::Rows::Filled;
  PyObject* by_module = table(Table::stmt_by_lineno_by_module_id);
  Borrowed lines = find_item(by_module, rewrite.module_id);
  Ref made;
  if (!lines) {
    made = take(PyDict_New());
    ok(PyDict_SetItem(by_module, rewrite.module_id.get(), made.get()));
    lines = made;
  }
  const RowWriter writer{ast,
                         table(Table::ast_node_by_id),
                         table(Table::containing_ast_by_id),
                         table(Table::containing_stmt_by_id),
                         table(Table::parent_stmt_by_id),
                         lines.get()};
  writer.write(rewrite.tree, ast.kind_of(rewrite.tree), nullptr, nullptr, nullptr);
}

namespace {

void discard(PyObject* dict, Borrowed key) {
  if (PyDict_DelItem(dict, key.get()) < 0) {
    if (!PyErr_ExceptionMatches(PyExc_KeyError)) throw PyRaised{};
    PyErr_Clear();
  }
}

}  // namespace

void SiteState::drop_rows(Rewrite& rewrite) {
  const Rewrite::Rows rows = std::exchange(rewrite.rows, Rewrite::Rows::None);
  if (rows == Rewrite::Rows::Pending) {
    std::erase_if(pending_, [&](RewriteObject* object) { return object->rewrite == &rewrite; });
  }
  if (rows != Rewrite::Rows::Filled || !tables_[0]) return;

  PyObject* by_module = table(Table::stmt_by_lineno_by_module_id);
  Ref lines = Ref::borrow(find_item(by_module, rewrite.module_id));
  std::vector<std::pair<Ref, ast::Kind>> stack;
  stack.emplace_back(rewrite.tree.copy(), ast.kind_of(rewrite.tree));
  while (!stack.empty()) {
    auto [node, kind] = std::move(stack.back());
    stack.pop_back();
    Ref id = id_of(node);
    for (Table which : {Table::ast_node_by_id, Table::containing_ast_by_id,
                        Table::containing_stmt_by_id, Table::parent_stmt_by_id}) {
      discard(table(which), id);
    }
    if (lines && ast::is_stmt(kind)) {
      Borrowed line = ast::field(node, ast.names.lineno);
      if (line && find_item(lines, line).is(node)) discard(lines.get(), line);
    }
    ast::for_each_child(ast, kind, node, [&](Borrowed child, ast::Kind child_kind, bool) {
      stack.emplace_back(Ref::borrow(child), child_kind);
    });
  }
  // Lines left over belong to a newer rewrite of the module, or to decorators of ours.
  if (lines) {
    Ref keys = take(PyDict_Keys(lines.get()));
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(keys.get()); ++i) {
      Borrowed line = PyList_GET_ITEM(keys.get(), i);
      Ref id = id_of(find_item(lines, line));
      if (!find_item(table(Table::ast_node_by_id), id)) discard(lines.get(), line);
    }
    if (PyDict_GET_SIZE(lines.get()) == 0) discard(by_module, rewrite.module_id);
  }
}

void SiteState::reset_bookkeeping() {
  std::vector<Ref> listed;
  for (const auto& [id, object] : by_id_) {
    listed.push_back(Ref::borrow(reinterpret_cast<PyObject*>(object)));
  }
  for (const Ref& object : listed) rewrite_of(object).rows = Rewrite::Rows::None;
  pending_.clear();
  for (const Ref& made : tables_) {
    if (made) PyDict_Clear(made.get());
  }
  kept_ = nullptr;
}

void SiteState::drop_additional(Rewrite& rewrite) {
  if (!marks.any_additional() || !rewrite.tree) return;
  for_each_node(ast, rewrite.tree, ast.kind_of(rewrite.tree),
                [&](Borrowed node) { marks.discard_additional(id_of(node)); });
}

void SiteState::take_shells(Rewrite& rewrite) {
  for (const Site& site : rewrite.sites) {
    if (site.node && seen_.insert(site.node.get()).second) shells_.push_back(site.node.copy());
  }
}

void SiteState::strip_shells() {
  if (stripping_) return;  // a node that goes may take code with it
  stripping_ = true;
  // A node that only we hold lets go of its fields, after which its children may be such nodes.
  for (bool again = true; again;) {
    again = false;
    for (std::size_t i = stripped_; i < shells_.size(); ++i) {
      Borrowed node = shells_[i];
      if (Py_REFCNT(node.get()) != 1) continue;
      marks.forget_node(node);
      seen_.erase(node.get());
      compat::set_instance_dict(node, nullptr);
      std::swap(shells_[i], shells_[stripped_++]);
      again = true;
    }
  }
  stripping_ = false;
}

void SiteState::forget(RewriteObject* object) {
  Rewrite& rewrite = *object->rewrite;
  by_id_.erase(rewrite.id);
  --live_rewrites;
  if (rewrite.rows != Rewrite::Rows::None) {  // else its nodes are another's
    drop_additional(rewrite);
    if (keeps_addresses) take_shells(rewrite);
  }
  drop_rows(rewrite);
  if (local_guards && rewrite.tree) discard(local_guards.get(), id_of(rewrite.tree));
  for (const auto& [name, node] : rewrite.guards) {
    if (builtins) discard(builtins.get(), name);
    if (late_builtins) discard(late_builtins.get(), name);
    if (guards) ok(PySet_Discard(guards.get(), name.get()));
    stored_guards_.erase(reinterpret_cast<std::size_t>(node.get()));
  }
}

int SiteState::traverse(visitproc visit, void* arg) {
  Py_VISIT(rewrite_type.get());
  Py_VISIT(site_type.get());
  Py_VISIT(guards.get());
  Py_VISIT(local_guards.get());
  Py_VISIT(kept_.get());
  for (const Ref& made : tables_) Py_VISIT(made.get());
  return marks.traverse(visit, arg);
}

void SiteState::clear() {
  kept_ = nullptr;
  guards = nullptr;
  local_guards = nullptr;
  for (Ref& made : tables_) made = nullptr;
  marks.clear();
  shells_.clear();
  seen_.clear();
  stripped_ = 0;
}

}  // namespace pyccolo::site
