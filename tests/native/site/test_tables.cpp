// site/state.cpp: the rows that a rewrite writes into the node tables, and takes out again.
#include <doctest/doctest.h>

#include "ast/node.hpp"
#include "fixture.hpp"

namespace pyccolo::test {

using site::rewrite_of;
using site::Table;

namespace {

constexpr const char* kProgram =
    "if a:\n"
    "    b = c\n"
    "else:\n"
    "    d\n"
    "try:\n"
    "    pass\n"
    "except e:\n"
    "    f()\n"
    "@g\n"
    "def h(i=j):\n"
    "    return k\n";

Py_ssize_t rows(const Sites& sites) {
  return PyDict_GET_SIZE(sites.table(Table::ast_node_by_id).get());
}

/// Is `expression` true of the program's tree, with table(node, kind) as `containing(node)` and so on?
bool holds_of(const Sites& sites, Borrowed rewrite, const char* expression) {
  const std::string asked = std::string("(lambda containing, stmt, parent, if_, try_, def_: ") +
                            expression +
                            ")(lambda n: tables['containing_ast_by_id'].get(id(n)),"
                            " lambda n: tables['containing_stmt_by_id'].get(id(n)),"
                            " lambda n: tables['parent_stmt_by_id'].get(id(n)), *tree.body)";
  return holds(asked, {{"tables", sites.tables}, {"tree", rewrite_of(rewrite).tree}});
}

}  // namespace

TEST_CASE("rows are written when the tables are filled, once") {
  Sites sites;
  const Ref rewrite = sites.rewrite_of_source(kProgram);
  sites.state.list_rows(object_of(rewrite));
  CHECK(rows(sites) == 0);
  sites.state.fill_tables();
  const Py_ssize_t count = rows(sites);
  CHECK(count > 20);
  sites.state.list_rows(object_of(rewrite));
  sites.state.fill_tables();
  CHECK(rows(sites) == count);
}

TEST_CASE("a node is found by its id, and so is what contains it") {
  Sites sites;
  const Ref rewrite = sites.rewrite_of_source(kProgram);
  sites.state.list_rows(object_of(rewrite));
  sites.state.fill_tables();
  CHECK(holds_of(sites, rewrite,
                 "all(tables['ast_node_by_id'][id(n)] is n for n in ast.walk(tree))"));
  CHECK(holds_of(sites, rewrite, "containing(if_) is tree and containing(if_.test) is if_"));
  CHECK(holds_of(sites, rewrite, "containing(tree) is None"));
  CHECK(holds_of(
      sites, rewrite,
      "stmt(if_) is if_ and stmt(if_.test) is if_ and stmt(if_.body[0].value) is if_.body[0]"));
  CHECK(holds_of(sites, rewrite, "stmt(try_.handlers[0].type) is try_"));
  CHECK(holds_of(sites, rewrite,
                 "stmt(def_.decorator_list[0]) is def_ and stmt(def_.args.defaults[0]) is def_"));
}

TEST_CASE("a statement's parent is the statement whose block it stands in") {
  Sites sites;
  const Ref rewrite = sites.rewrite_of_source(kProgram);
  sites.state.list_rows(object_of(rewrite));
  sites.state.fill_tables();
  CHECK(holds_of(sites, rewrite, "parent(if_.body[0]) is if_ and parent(if_.orelse[0]) is if_"));
  CHECK(holds_of(sites, rewrite,
                 "parent(try_.body[0]) is try_ and parent(try_.handlers[0].body[0]) is try_"));
  CHECK(holds_of(sites, rewrite, "parent(def_.body[0]) is def_"));
  CHECK(holds_of(sites, rewrite, "parent(if_) is None and parent(def_) is None"));
}

TEST_CASE("a line has the statement that starts on it, a decorator's its function") {
  Sites sites;
  const Ref rewrite = sites.rewrite_of_source(kProgram);
  sites.state.list_rows(object_of(rewrite));
  sites.state.fill_tables();
  CHECK(
      holds("{line: type(its).__name__ for line, its in "
            "tables['stmt_by_lineno_by_module_id'][7].items()} == "
            "{1: 'If', 2: 'Assign', 4: 'Expr', 5: 'Try', 6: 'Pass', 8: 'Expr', 9: 'FunctionDef',"
            " 10: 'FunctionDef', 11: 'Return'}",
            {{"tables", sites.tables}}));
}

TEST_CASE("a rewrite that goes takes its rows along") {
  Sites sites;
  Ref rewrite = sites.rewrite_of_source(kProgram);
  sites.state.list_rows(object_of(rewrite));
  sites.state.fill_tables();
  rewrite = nullptr;
  CHECK(holds("not any(tables[kind] for kind in tables if kind != '__builtins__')",
              {{"tables", sites.tables}}));
}

TEST_CASE("a rewrite that goes before anybody looked leaves no rows") {
  Sites sites;
  Ref rewrite = sites.rewrite_of_source(kProgram);
  sites.state.list_rows(object_of(rewrite));
  rewrite = nullptr;
  sites.state.fill_tables();
  CHECK(rows(sites) == 0);
}

TEST_CASE("lines of a newer rewrite of the module stay") {
  Sites sites;
  Ref older = sites.rewrite_of_source("a\nb\nc\n");
  const Ref newer = sites.rewrite_of_source("a\nb\n");
  sites.state.list_rows(object_of(older));
  sites.state.list_rows(object_of(newer));
  sites.state.fill_tables();
  older = nullptr;
  CHECK(
      holds("{line: its is tree.body[line - 1] for line, its in "
            "tables['stmt_by_lineno_by_module_id'][7].items()} == "
            "{1: True, 2: True}",
            {{"tables", sites.tables}, {"tree", rewrite_of(newer).tree}}));
}

TEST_CASE("rows can be dropped and listed again") {
  Sites sites;
  const Ref rewrite = sites.rewrite_of_source(kProgram);
  sites.state.list_rows(object_of(rewrite));
  sites.state.fill_tables();
  const Py_ssize_t count = rows(sites);
  sites.state.drop_rows(rewrite_of(rewrite));
  CHECK(rows(sites) == 0);
  sites.state.list_rows(object_of(rewrite));
  sites.state.fill_tables();
  CHECK(rows(sites) == count);
}

TEST_CASE("a reset empties the tables and drops what was kept") {
  Sites sites;
  const Ref filled = sites.rewrite_of_source("a\n");
  const Ref pending = sites.rewrite_of_source("b\n");
  sites.state.keep(filled);
  sites.state.list_rows(object_of(filled));
  sites.state.fill_tables();
  sites.state.list_rows(object_of(pending));
  sites.state.reset_bookkeeping();
  sites.state.fill_tables();
  CHECK(rows(sites) == 0);
  CHECK(count_of(filled) == 1);
}

TEST_CASE("a NodeTable is filled when it is looked at") {
  for (const std::string look :
       {"len(table) > 20", "node in table", "table[node]", "table.get(node)", "list(table)",
        "dict(table.items())", "table == {} or True", "'{}' not in repr(table)", "{} | table",
        "table.copy()"}) {
    CAPTURE(look);
    Sites sites;
    const Ref type = get_attr(sites.module, "NodeTable");
    const Ref table = call(type, intern("ast_node_by_id"));
    ok(PyDict_SetItemString(sites.tables.get(), "ast_node_by_id", table.get()));
    sites.state.set_tables(sites.tables);
    const Ref rewrite = sites.rewrite_of_source(kProgram);
    sites.state.list_rows(object_of(rewrite));
    CHECK(PyDict_GET_SIZE(table.get()) == 0);
    CHECK(holds(look, {{"table", table}, {"node", id_of(rewrite_of(rewrite).tree)}}));
    CHECK(PyDict_GET_SIZE(table.get()) > 20);
    sites.state.drop_rows(rewrite_of(rewrite));
  }
}

}  // namespace pyccolo::test
