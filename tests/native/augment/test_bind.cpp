// augment/bind.hpp: places in source, and the nodes that stand there.
#include "augment/bind.hpp"

#include <doctest/doctest.h>

#include "../source.hpp"

namespace pyccolo::test {

namespace {

using augment::Anchors;
using augment::Lines;
using augment::Part;
using augment::Place;

std::vector<Anchors> row(Part part, std::vector<Place> places) {
  std::vector<Anchors> rows;
  rows.push_back({part, nullptr, std::move(places), take(PyList_New(0))});
  return rows;
}

/// What is marked, as ast.unparse() writes it.
std::string marked(const char* source, Part part, std::vector<Place> places,
                   bool with_lines = true) {
  ast::AstState state;
  std::vector<Anchors> rows = row(part, std::move(places));
  const Ref strings = take(PyList_New(0));
  augment::bind(state, parse(source), with_lines ? Lines(source) : Lines(), rows, strings);
  const Ref joined = value_after("import ast\nx = ', '.join(ast.unparse(node) for node in nodes)\n",
                                 {{"nodes", rows[0].nodes}});
  return text_of(joined);
}

}  // namespace

TEST_CASE("lines know where characters are") {
  CHECK_FALSE(static_cast<bool>(Lines()));
  const Lines lines("aé𝒜b\nc\r\nd\re");
  CHECK(static_cast<bool>(lines));
  CHECK(lines.place(1, 0) == Place{1, 0});
  CHECK(lines.place(1, 1) == Place{1, 1});
  CHECK(lines.place(1, 2) == Place{1, 3});
  CHECK(lines.place(1, 3) == Place{1, 7});
  CHECK(lines.place(2, 1) == Place{2, 1});
  CHECK(lines.place(3, 1) == Place{3, 1});
  CHECK(lines.place(4, 1) == Place{4, 1});
  CHECK(lines.place(4, 9) == Place{4, 1});
  CHECK(lines.place(9, 0) == Place{9, 0});
}

TEST_CASE("lines know where names are") {
  const Lines lines("a.é1 = 2\nasync  def \\\n  f_(): pass");
  CHECK(lines.name_ending_at({1, 5}) == Place{1, 2});
  CHECK(lines.name_ending_at({1, 2}) == Place{1, 2});
  CHECK(lines.name_behind({2, 0}, 2) == std::pair(Place{3, 2}, Place{3, 4}));
  CHECK(lines.name_behind({2, 0}, 1) == std::pair(Place{2, 7}, Place{2, 10}));
}

TEST_CASE("places are looked for between two others") {
  const std::vector<Anchors> rows = row(Part::binop, {{1, 2}, {3, 4}});
  CHECK(rows[0].any_in({1, 2}, {1, 2}));
  CHECK(rows[0].any_in({1, 3}, {3, 4}));
  CHECK_FALSE(rows[0].any_in({1, 3}, {3, 3}));
  CHECK_FALSE(rows[0].any_in({3, 5}, {9, 0}));
}

TEST_CASE("nodes are marked by what a place is to them") {
  CHECK(marked("a.b.c", Part::dot_suffix, {{1, 1}}) == "a.b, a");
  CHECK(marked("a.b.c", Part::dot_suffix, {{1, 3}}) == "a.b.c");
  CHECK(marked("a.b.c", Part::prefix, {{1, 2}}) == "a.b");
  CHECK(marked("a.b.c", Part::suffix, {{1, 3}}) == "a.b");
  CHECK(marked("a | (b | c)", Part::binop, {{1, 2}}) == "a | (b | c)");
  CHECK(marked("a or b or c", Part::boolop, {{1, 7}}) == "b");
  CHECK(marked("f(g(x))", Part::call, {{1, 3}}) == "g(x)");
  CHECK(marked("f()()", Part::call, {{1, 3}}) == "f()()");
  CHECK(marked("a[b[0]]", Part::subscript, {{1, 3}}) == "b[0]");
  CHECK(marked("a.b", Part::dot_prefix, {{1, 0}}) == "a.b, a");
  CHECK(marked("a.b", Part::dot_prefix, {{2, 0}}).empty());
}

TEST_CASE("without source, names are where they are without blanks") {
  CHECK(marked("class C: pass", Part::prefix, {{1, 6}}, false) == "class C:\n    pass");
  CHECK(marked("class   C: pass", Part::prefix, {{1, 8}}, false).empty());
  CHECK(marked("class   C: pass", Part::prefix, {{1, 8}}) == "class C:\n    pass");
  CHECK(marked("a.bc", Part::prefix, {{1, 2}}, false) == "a.bc");
}

TEST_CASE("a tree without places has none that fit") {
  ast::AstState state;
  const Ref tree = value_after("import ast\nx = ast.Module([ast.Expr(ast.Name('a'))], [])\n");
  std::vector<Anchors> rows = row(Part::prefix, {{1, 0}});
  augment::bind(state, tree, Lines(), rows, take(PyList_New(0)));
  CHECK(PyList_GET_SIZE(rows[0].nodes.get()) == 0);
}

TEST_CASE("what range_for() gives must be a range") {
  ast::AstState state;
  const Ref tree = parse("a");
  auto with = [&](const char* source) {
    std::vector<Anchors> rows = row(Part::custom, {{1, 0}});
    rows[0].range_for = value_after(source);
    augment::bind(state, tree, Lines(), rows, take(PyList_New(0)));
    return PyList_GET_SIZE(rows[0].nodes.get());
  };
  CHECK(with("x = lambda node: None") == 0);
  CHECK(with("x = lambda node: ((1, 0), (1, 3)) if hasattr(node, 'id') else None") == 1);
  CHECK(error_of([&] { with("x = lambda node: 1"); }).starts_with("TypeError"));
  CHECK(error_of([&] { with("x = lambda node: (1, 2)"); }).starts_with("TypeError"));
  CHECK(error_of([&] { with("x = lambda node: 1 // 0"); }).starts_with("ZeroDivisionError"));
}

TEST_CASE("parts have the names of kinds of augmentations") {
  CHECK(augment::part_named(intern("boolop")) == Part::boolop);
  CHECK(augment::part_named(intern("custom")) == Part::custom);
  CHECK(error_of([] { augment::part_named(intern("other")); }).starts_with("ValueError"));
}

}  // namespace pyccolo::test
