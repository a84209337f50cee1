// ast/node.hpp: nodes are read, copied and made without changing what was parsed.
#include "ast/node.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "../source.hpp"

namespace pyccolo::test {

using ast::AstState;
using ast::Edit;
using ast::Kind;
using ast::Location;
using ast::Made;

namespace {

/// The n-th statement of some source.
Ref statement(const char* source, Py_ssize_t n = 0) {
  const Ref tree = parse(source);
  return take(PySequence_GetItem(get_attr(tree, "body").get(), n));
}

Ref expression(const char* source) { return get_attr(statement(source), "value"); }

Ref dump(Borrowed node) {
  return value_after("import ast\nx = ast.dump(node, include_attributes=True)\n", {{"node", node}});
}

std::string children_of(AstState& state, Borrowed node) {
  std::string names;
  ast::for_each_child(
      state, state.kind_of(node), node, [&](Borrowed child, Kind kind, bool listed) {
        CHECK(state.kind_of(child) == kind);
        names +=
            (names.empty() ? "" : " ") + std::string(ast::info(kind).name) + (listed ? "*" : "");
      });
  return names;
}

}  // namespace

TEST_CASE("a field that is absent or None is null") {
  AstState state;
  const Ref node = statement("return_ = 1\n");
  CHECK(state.kind_of(ast::field(node, state.names.value)) == Kind::Constant);
  CHECK_FALSE(ast::field(node, intern("type_comment")));
  CHECK_FALSE(ast::field(node, intern("no_such_field")));
  CHECK_FALSE(ast::field(value_after("import ast\nx = ast.Load()\n"), state.names.value));
}

TEST_CASE("a required field that is not there is the compiler's error") {
  AstState state;
  const Ref node = value_after("import ast\nx = ast.Name.__new__(ast.Name)\n");
  CHECK(error_of([&] { ast::required(node, state.names.id); }) ==
        "TypeError: required field \"id\" missing from Name");
}

TEST_CASE("a location is the four positions of a node") {
  AstState state;
  const Ref node = expression("  \n(x +\n y)\n");
  const Location at = Location::of(state, node);
  REQUIRE(at);
  CHECK(text_of(at.lineno) == "2");
  CHECK(text_of(at.col_offset) == "1");
  CHECK(text_of(at.end_lineno) == "3");
  CHECK(text_of(at.end_col_offset) == "2");
}

TEST_CASE("a location without an end ends where it starts, one without a start is none") {
  AstState state;
  const Ref open = value_after("import ast\nx = ast.Name('x', lineno=3, col_offset=4)\n");
  const Location at = Location::of(state, open);
  REQUIRE(at);
  CHECK(text_of(at.end_lineno) == "3");
  CHECK(text_of(at.end_col_offset) == "4");
  CHECK_FALSE(Location::of(state, value_after("import ast\nx = ast.Name('x', lineno=3)\n")));
  CHECK_FALSE(Location::of(state, value_after("import ast\nx = ast.Name('x', col_offset=4)\n")));
  CHECK_FALSE(Location::of(state, parse("x\n")));
}

TEST_CASE("children come in the order of the fields, lists item by item") {
  AstState state;
  CHECK(children_of(state, expression("f(a, *b, c=d)\n")) == "Name Name* Starred* keyword*");
  CHECK(children_of(state, expression("{a: b, **c}\n")) == "Name* Name* Name*");
  CHECK(children_of(state, expression("a < b != c\n")) == "Name Lt* NotEq* Name* Name*");
  CHECK(children_of(state, expression("None\n")).empty());
  CHECK(children_of(state, statement("@d\ndef f(a) -> r: pass\n")) == "arguments Pass* Name* Name");
  CHECK(children_of(state, statement("global x\n")).empty());
  CHECK(children_of(state, Py_None).empty());
}

TEST_CASE("an edit that changes nothing gives the node itself") {
  AstState state;
  const Ref node = statement("x = y\n");
  Edit edit(state, node);
  const Ref value = get_attr(node, "value");
  edit.set(state.names.value, value, value);
  CHECK_FALSE(edit.changed());
  CHECK(edit.finish().is(node));
}

TEST_CASE("an edit copies once, and leaves the node as it was") {
  AstState state;
  const Ref node = statement("x = y\n");
  const Ref before = dump(node);
  const Ref value = expression("z\n");
  Edit edit(state, node);
  edit.set(state.names.value, ast::field(node, state.names.value), value);
  edit.change(state.names.targets, list_of({}));
  CHECK(edit.changed());
  const Ref made = edit.finish();
  CHECK_FALSE(made.is(node));
  CHECK(state.kind_of(made) == Kind::Assign);
  CHECK(ast::field(made, state.names.value).is(value));
  CHECK(holds("copied.targets == [] and node.targets and type(copied) is ast.Assign",
              {{"copied", made}, {"node", node}}));
  CHECK(text_of(dump(node)) == text_of(before));
}

TEST_CASE("a copy shares what was not changed, also what others put there") {
  AstState state;
  const Ref node = statement("x = y\n");
  ok(PyObject_SetAttrString(node.get(), "parent", node.get()));
  Edit edit(state, node);
  edit.change(state.names.value, expression("z\n"));
  const Ref made = edit.finish();
  CHECK(holds(
      "copied.targets is node.targets and copied.parent is node and copied.lineno is node.lineno",
      {{"copied", made}, {"node", node}}));
}

TEST_CASE("an edit can move a node") {
  AstState state;
  const Ref node = expression("f(x)\n");
  const Ref place = expression("\n\n(  y)\n");
  Edit edit(state, node);
  edit.move_to(Location::of(state, place));
  const Ref made = edit.finish();
  CHECK(
      holds("(copied.lineno, copied.col_offset, copied.end_lineno, copied.end_col_offset) == (3, "
            "3, 3, 4)",
            {{"copied", made}}));
  CHECK(holds("node.lineno == 1 and copied.func is node.func", {{"copied", made}, {"node", node}}));
}

TEST_CASE("a made node has the fields that were set, None in the others, and a place") {
  AstState state;
  const Ref place = expression("\ny\n");
  Made made(state, Kind::Attribute, Location::of(state, place));
  made.set(state.names.attr, intern("a")).set(state.names.value, place);
  const Ref node = std::move(made).done();
  CHECK(
      holds("type(node) is ast.Attribute and node.attr == 'a' and node.value is place and node.ctx "
            "is None",
            {{"node", node}, {"place", place}}));
  CHECK(
      holds("(node.lineno, node.col_offset, node.end_lineno, node.end_col_offset) == (2, 0, 2, 1)",
            {{"node", node}}));
}

TEST_CASE("the fields of one made node are not those of the next") {
  AstState state;
  Made first(state, Kind::Attribute, {});
  first.set(state.names.attr, intern("a"));
  Made second(state, Kind::Attribute, {});
  CHECK_FALSE(ast::field(std::move(second).done(), state.names.attr));
}

TEST_CASE("what is made for the core compiles to what it says") {
  AstState state;
  const Ref place = statement("x\n");
  const Location at = Location::of(state, place);
  auto constant = [&](long value) {
    return ast::make_constant(state, take(PyLong_FromLong(value)), at);
  };
  auto name = [&](const char* id) { return ast::make_name(state, intern(id), at); };

  const Ref call =
      ast::make_call(state, name("f"), list_of({constant(1).release(), name("a").release()}), at);
  CHECK(holds("ast.unparse(node) == 'f(1, a)'", {{"node", call}}));
  const Ref choice = ast::make_if_exp(state, name("a"), constant(1), constant(2), at);
  CHECK(holds("ast.unparse(node) == '1 if a else 2'", {{"node", choice}}));
  const Ref both =
      ast::make_bool_op(state, Kind::And, list_of({name("a").release(), name("b").release()}), at);
  CHECK(holds("ast.unparse(node) == 'a and b'", {{"node", both}}));
  const Ref body = ast::make_expr_stmt(state, call.copy(), at);
  const Ref branch =
      ast::make_if(state, name("a"), list_of({body.copy().release()}), list_of({}), at);
  CHECK(holds("ast.unparse(node) == 'if a:\\n    f(1, a)'", {{"node", branch}}));
  const Ref guarded = ast::make_try_finally(state, list_of({branch.copy().release()}),
                                            list_of({body.copy().release()}), at);
  CHECK(holds("ast.unparse(node) == 'try:\\n    if a:\\n        f(1, a)\\nfinally:\\n    f(1, a)'",
              {{"node", guarded}}));
  CHECK(holds("compile(ast.Module([node], []), '', 'exec')", {{"node", guarded}}));
}

TEST_CASE("one value needs no and") {
  AstState state;
  const Ref name = ast::make_name(state, intern("a"), {});
  CHECK(ast::make_bool_op(state, Kind::And, list_of({name.copy().release()}), {}).is(name));
}

}  // namespace pyccolo::test
