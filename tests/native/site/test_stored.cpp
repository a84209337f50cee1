// site/stored.hpp: a rewrite and its code as bytes, and back.
#include "site/stored.hpp"

#include <doctest/doctest.h>

#include <string>

#include "ast/node.hpp"
#include "fixture.hpp"
#include "py/quiet_warnings.hpp"

namespace pyccolo::test {

using site::Rewrite;
using site::rewrite_of;

namespace {

/// `emit(<site of x>)` and a guard, as the rewriter would have left them.
struct Stored : Sites {
  Ref source = take(PyBytes_FromString("x = 1\ny = x\n"));
  Ref path = intern("path");
  Ref rewritten;
  Ref code;
  Ref bytes;

  Stored() {
    set_item(state.builtins, intern("compile"), value_after("x = compile"));
    rewritten = rewrite_of_source("x = 1\ny = x\n");
    Rewrite& its = rewrite_of(rewritten);
    std::vector<Borrowed> nodes;
    site::for_each_node(ast, its.tree, ast.kind_of(its.tree),
                        [&](Borrowed node) { nodes.push_back(node); });
    Borrowed assign = nodes[1];
    const std::int64_t marker = add_site(rewritten, Event::before_stmt, assign);
    site::Site& made = its.sites.back();
    made.names = take(Py_BuildValue("(ss)", "index", "container_node_id"));
    made.values = take(PyTuple_Pack(2, Py_True, id_of(assign).get()));
    made.settle_way();
    Ref guard = site::SiteState::guard_name(reinterpret_cast<std::size_t>(assign.get()));
    const std::string text = "emit(" + std::to_string(marker) + ")\nif " + text_of(guard) +
                             ":\n    pass\ndef f(): return " + std::to_string(marker) + "\n";
    state.register_guard(its, std::move(guard), assign);
    // A negative literal is folded into one constant.
    code = take(Py_CompileStringFlags(text.c_str(), "<file>", Py_file_input, nullptr));
    site::patch_code(state, code);
    bytes = site::store(state, rewritten, code);
  }

  std::string_view view() const {
    return {PyBytes_AS_STRING(bytes.get()),
            static_cast<std::size_t>(PyBytes_GET_SIZE(bytes.get()))};
  }
  Ref restore(std::string_view from) { return site::restore(state, from, {source, path, false}); }
};

}  // namespace

TEST_CASE("what is stored has its sites in place afterwards") {
  Stored stored;
  CHECK(stored.state.live_sites == 2);
  CHECK(holds("sum(type(c).__name__ == 'Site' for c in code.co_consts) == 1",
              {{"code", stored.code}}));
}

TEST_CASE("a restored rewrite has no nodes until they are needed") {
  Stored stored;
  Ref pair = stored.restore(stored.view());
  Rewrite& its = rewrite_of(PyTuple_GET_ITEM(pair.get(), 1));
  CHECK(its.unread != nullptr);
  REQUIRE(its.sites.size() == 1);
  const site::Site& at = its.sites[0];
  CHECK(at.event == Event::before_stmt);
  CHECK(at.way == site::Way::Run);
  CHECK(at.unread);
  CHECK_FALSE(at.node);
  CHECK(PyTuple_GET_ITEM(at.values.get(), 0) == Py_True);
  CHECK(PyTuple_GET_ITEM(at.values.get(), 1) == Py_None);

  its.need_nodes();
  CHECK(its.unread == nullptr);
  CHECK_FALSE(at.unread);
  CHECK(holds("isinstance(node, ast.Assign) and node.lineno == 1 and values[1] == id(node)",
              {{"node", at.node}, {"values", at.values}}));
  CHECK(its.guards[0].node.is(at.node));
  its.need_nodes();
}

TEST_CASE("the guards of a restored rewrite have names of their own") {
  Stored stored;
  Ref pair = stored.restore(stored.view());
  Rewrite& its = rewrite_of(PyTuple_GET_ITEM(pair.get(), 1));
  Borrowed name = its.guards[0].name;
  CHECK_FALSE(name.is(rewrite_of(stored.rewritten).guards[0].name));
  CHECK(find_item(stored.state.builtins, name).is(Py_True));
  CHECK(
      holds("name in code.co_names", {{"name", name}, {"code", PyTuple_GET_ITEM(pair.get(), 0)}}));
  its.need_nodes();
  CHECK(stored.state.find_guard(reinterpret_cast<std::size_t>(its.sites[0].node.get())).is(name));
}

TEST_CASE("restored code keeps its rewrite alive") {
  Stored stored;
  const std::size_t before = stored.state.live_rewrites;
  Ref pair = stored.restore(stored.view());
  Ref code = Ref::borrow(PyTuple_GET_ITEM(pair.get(), 0));
  pair = nullptr;
  CHECK(stored.state.live_rewrites == before + 1);
  code = nullptr;
  CHECK(stored.state.live_rewrites == before);
}

TEST_CASE("a part of the bytes is refused") {
  Stored stored;
  for (std::size_t length = 0; length < stored.view().size(); length += 7) {
    CHECK_THROWS_AS(stored.restore(stored.view().substr(0, length)), PyRaised);
    PyErr_Clear();
  }
}

TEST_CASE("source that is not that of the code is refused when nodes are needed") {
  Stored stored;
  stored.source = take(PyBytes_FromString(""));
  Ref pair = stored.restore(stored.view());
  Rewrite& its = rewrite_of(PyTuple_GET_ITEM(pair.get(), 1));
  CHECK(error_of([&] { its.need_nodes(); }) ==
        "RuntimeError: path: the stored events do not fit its source");
  CHECK(its.unread != nullptr);
}

TEST_CASE("keywords that are ids of nodes are known by their names") {
  CHECK(site::is_node_id(intern("call_node_id")));
  CHECK_FALSE(site::is_node_id(intern("node_id_of")));
  CHECK_FALSE(site::is_node_id(intern("")));
}

TEST_CASE("quiet warnings are as loud as before afterwards") {
  Ref before = value_after("import warnings\nx = warnings.filters");
  {
    const QuietWarnings quiet;
    run("import warnings\nwarnings.warn('not to be heard')");
    CHECK_FALSE(value_after("import warnings\nx = warnings.filters").is(before));
  }
  CHECK(value_after("import warnings\nx = warnings.filters").is(before));
}

}  // namespace pyccolo::test
