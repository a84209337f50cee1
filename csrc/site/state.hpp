// site/state.hpp: the module's rewrites: found by id, kept by path, listed in the node tables.
#pragma once

#include <array>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "site/marks.hpp"
#include "site/rewrite.hpp"

namespace pyccolo::site {

/// The tables that map the id of a node to something about it.
enum class Table : std::uint8_t {
  ast_node_by_id,
  containing_ast_by_id,
  containing_stmt_by_id,
  parent_stmt_by_id,
  stmt_by_lineno_by_module_id,
};
inline constexpr const char* kTableNames[] = {
    "ast_node_by_id",    "containing_ast_by_id",        "containing_stmt_by_id",
    "parent_stmt_by_id", "stmt_by_lineno_by_module_id",
};
inline constexpr std::size_t kTableCount = sizeof(kTableNames) / sizeof(kTableNames[0]);

class SiteState {
 public:
  explicit SiteState(ast::AstState& ast_state) : ast(ast_state) {}

  ast::AstState& ast;
  Ref rewrite_type;
  Ref site_type;
  Ref guards;         ///< BaseTracer.guards, a set
  Ref local_guards;   ///< BaseTracer.local_guards_by_module_id
  Ref builtins;       ///< the dict that woven names are found in
  Ref late_builtins;  ///< the dict it is restored from when the interpreter ends, or null
  Marks marks;
  /// What was a node stays in its place without its fields: programs may know nodes by their ids for ever.
  bool keeps_addresses = false;
  std::size_t live_rewrites = 0;
  std::size_t live_sites = 0;

  /// A new rewrite of a tree, registered under a free id.
  Ref make_rewrite(Borrowed tree, Borrowed path, Borrowed module_id);
  /// The rewrite with an id, borrowed, or null if it is gone.
  RewriteObject* find(std::uint32_t id) const;
  /// The site object for a marker, or null if its rewrite is gone.
  Ref site_object(const Marker& marker);
  Ref site_object(RewriteObject* owner, std::uint32_t index);
  bool is_site(PyObject* object) const {
    return Py_TYPE(object) == reinterpret_cast<PyTypeObject*>(site_type.get());
  }

  /// A rewrite handed out as a tree lives until the next of its path, or release().
  void keep(Borrowed rewrite);
  void release(Borrowed path, Borrowed rewrite);
  Borrowed kept(Borrowed path) const;

  /// Makes a name that woven code looks up, for as long as code can run.
  void set_builtin(Borrowed name, Borrowed value);
  /// A region guard: on, in builtins, until the rewrite goes.
  void register_guard(Rewrite& rewrite, Ref name, Borrowed node);
  /// A site of the rewrite that has a guard of this name; null if there is none.
  Ref site_of_guard(Borrowed name);
  /// The name of a node's guard, as make_guard_name() gives it.
  static Ref guard_name(std::size_t node_id);
  /// The guard of the node with an id, or null if it has none.
  Borrowed find_guard(std::size_t node_id) const;

  void set_tables(Borrowed dict_of_tables);
  void list_rows(RewriteObject* rewrite);
  void drop_rows(Rewrite& rewrite);
  /// Writes the rows of pending rewrites into the tables. Called before anybody looks.
  void fill_tables();
  void reset_bookkeeping();

  void forget(RewriteObject* rewrite);  ///< it dies
  void strip_shells();                  ///< it has died
  /// A stored rewrite has its nodes now.
  void know_guards(const Rewrite& rewrite);
  int traverse(visitproc visit, void* arg);
  void clear();

 private:
  void fill_rows(Rewrite& rewrite);
  void drop_additional(Rewrite& rewrite);
  void take_shells(Rewrite& rewrite);
  PyObject* table(Table which) const { return tables_[static_cast<std::size_t>(which)].get(); }

  std::unordered_map<std::uint32_t, RewriteObject*> by_id_;  ///< weak
  std::uint32_t next_id_ = 1;
  /// Guards of stored rewrites, whose names do not come from the ids of their nodes.
  std::unordered_map<std::size_t, Borrowed> stored_guards_;
  Ref kept_;                             ///< dict: path -> Rewrite
  std::vector<RewriteObject*> pending_;  ///< weak: rewrites whose rows are not in the tables yet
  std::array<Ref, kTableCount> tables_;
  std::vector<Ref> shells_;  ///< nodes of dropped code
  bool stripping_ = false;
  std::size_t stripped_ = 0;  ///< how many of them have lost their fields; they come first
  std::unordered_set<PyObject*> seen_;  ///< those in `shells_` that have their fields
};

}  // namespace pyccolo::site
