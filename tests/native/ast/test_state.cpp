// ast/state.hpp: what the table says of the ast module is what this Python has.
#include "ast/state.hpp"

#include <doctest/doctest.h>

#include <string>

#include "../source.hpp"

namespace pyccolo::test {

using ast::AstState;
using ast::Kind;

namespace {

std::string fields_of(AstState& state, Kind kind) {
  std::string joined;
  for (const Ref& name : state.fields(kind)) joined += (joined.empty() ? "" : " ") + text_of(name);
  return joined;
}

/// In Python: do the fields left out hold no nodes, going by the grammar in the class's docstring?
constexpr const char* kLeavesOutNoNodes = R"(
import re
plain = {"identifier", "int", "string", "constant"}
signature = re.match(r"\w+\((.*)\)$", cls.__doc__ or "", re.S)
types = dict(reversed(re.split(r"[?*]? +", part.strip())) for part in signature[1].split(",")) if signature else {}
x = all(types.get(name, "constant").rstrip("?*") in plain for name in cls._fields if name not in listed.split())
x = x and listed.split() == [name for name in cls._fields if name in listed.split()]
)";

}  // namespace

TEST_CASE("a class of the ast module has the kind of its name") {
  AstState state;
  const Ref module = take(PyImport_ImportModule("ast"));
  int present = 0;
  for (int i = 0; i < ast::kKindCount; ++i) {
    const auto kind = static_cast<Kind>(i);
    const Ref type = find_attr(module, intern(ast::info(kind).name));
    CHECK(state.type(kind).get() == type.get());
    if (!type) continue;
    ++present;
    const Ref node = value_after("x = cls.__new__(cls)\n", {{"cls", type}});
    CHECK(state.kind_of(node) == kind);
    CHECK(state.is_node(node));
  }
  CHECK(present > 100);
}

TEST_CASE("every concrete class of this Python's ast module is in the table") {
  AstState state;
  const Ref classes = value_after(
      "import ast, warnings\n"
      "warnings.simplefilter('ignore')\n"
      "x = [cls for cls in map(ast.__dict__.get, sorted(ast.__dict__)) if isinstance(cls, type)\n"
      "     and issubclass(cls, ast.AST) and not cls.__subclasses__() and cls.__module__ == 'ast'\n"
      "     and cls.__name__ not in ('Num', 'Str', 'Bytes', 'NameConstant', 'Ellipsis', 'AugLoad', "
      "'AugStore',\n"
      "                              'Param', 'Suite', 'Index', 'ExtSlice')]\n");
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(classes.get()); ++i) {
    const Borrowed cls = PyList_GET_ITEM(classes.get(), i);
    CAPTURE(text_of(cls));
    CHECK(state.kind_of(value_after("x = cls.__new__(cls)\n", {{"cls", cls}})) != Kind::Unknown);
  }
}

TEST_CASE("a subclass counts as the class of the ast module above it") {
  AstState state;
  CHECK(state.kind_of(value_after(
            "import ast\nclass A(ast.Name): pass\nclass B(A): pass\nx = B('x')\n")) == Kind::Name);
}

TEST_CASE("what is no node is of no kind, nor are the abstract classes") {
  AstState state;
  CHECK(state.kind_of(Py_None) == Kind::Unknown);
  CHECK(state.kind_of(intern("Name")) == Kind::Unknown);
  CHECK_FALSE(state.is_node(value_after("import ast\nx = ast.AST()\n")));
  CHECK_FALSE(state.is_node(value_after("import ast\nx = ast.expr()\n")));
  CHECK_FALSE(state.is_node(value_after("import ast\nx = ast.Name\n")));
}

TEST_CASE("the fields of a kind are those that hold nodes, in the order of _fields") {
  AstState state;
  CHECK(fields_of(state, Kind::Call) == "func args keywords");
  CHECK(fields_of(state, Kind::Constant).empty());
  for (int i = 0; i < ast::kKindCount; ++i) {
    const auto kind = static_cast<Kind>(i);
    const Borrowed type = state.type(kind);
    if (!type) continue;
    const Ref present =
        value_after("x = ' '.join(name for name in names.split() if name in cls._fields)\n",
                    {{"cls", type}, {"names", intern(fields_of(state, kind).c_str())}});
    CAPTURE(ast::info(kind).name);
    CAPTURE(text_of(present));
    CHECK(is_true(value_after(kLeavesOutNoNodes, {{"cls", type}, {"listed", present}})));
  }
}

TEST_CASE("a class without fields has one shared instance") {
  AstState state;
  const Borrowed load = state.singleton(Kind::Load);
  CHECK(state.kind_of(load) == Kind::Load);
  CHECK(state.singleton(Kind::Load).is(load));
  CHECK_FALSE(state.singleton(Kind::Store).is(load));
}

TEST_CASE("a template has every field and position, all None") {
  AstState state;
  CHECK(holds("template == dict.fromkeys(ast.Attribute._fields + ast.Attribute._attributes)",
              {{"template", state.field_template(Kind::Attribute)}}));
  CHECK(holds("template == {'body': None, 'type_ignores': None}",
              {{"template", state.field_template(Kind::Module)}}));
}

TEST_CASE("two states do not know each other's lean types, but count their nodes as nodes") {
  AstState one;
  AstState other;
  CHECK_FALSE(one.lean(Kind::Name).type.is(other.lean(Kind::Name).type));
  CHECK(other.kind_of(make_lean(one.lean(Kind::Name))) == Kind::Name);
}

}  // namespace pyccolo::test
