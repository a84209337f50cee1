// ast/lean.hpp: a lean node behaves like a node of the ast module.
#include "ast/lean.hpp"

#include <doctest/doctest.h>

#include <string>

#include "../source.hpp"
#include "ast/node.hpp"

namespace pyccolo::test {

using ast::AstState;
using ast::Kind;

namespace {

/// f(a, 1) made by the core, and the same parsed.
struct Twins {
  AstState state;
  Ref plain = value_after("import ast\nx = ast.parse('f(a, 1)\\n').body[0].value\n");
  Ref lean = make();

  Twins() = default;
  ~Twins() { PyGC_Collect(); }  // nothing lean may outlive the state
  Twins(const Twins&) = delete;
  Twins& operator=(const Twins&) = delete;

  Ref make() {
    auto place = [&](const char* path) {
      const std::string source = std::string("x = node") + path + "\n";
      return value_after(source.c_str(), {{"node", plain}});
    };
    const Ref func = place(".func");
    const Ref name = place(".args[0]");
    const Ref number = place(".args[1]");
    Ref arguments = list_of(
        {ast::make_name(state, intern("a"), ast::Location::of(state, name)).release(),
         ast::make_constant(state, take(PyLong_FromLong(1)), ast::Location::of(state, number))
             .release()});
    return ast::make_call(state, ast::make_name(state, intern("f"), ast::Location::of(state, func)),
                          std::move(arguments), ast::Location::of(state, plain));
  }

  bool same(const std::string& expression) {
    const std::string source = "import ast, copy, pickle\ndef ask(node): return " + expression +
                               "\nx = ask(lean) == ask(plain)\n";
    return is_true(value_after(source.c_str(), {{"lean", lean}, {"plain", plain}}));
  }
};

constexpr const char* kErrors = R"(
def error(node, action):
    try:
        action(node)
    except Exception as error:
        return type(error).__name__, str(error).replace("'ast.", "'")
x = error(lean, action), error(plain, action)
)";

}  // namespace

TEST_CASE("a lean node is an instance of its class, under its name") {
  Twins twins;
  CHECK(twins.same(
      "(isinstance(node, ast.Call), isinstance(node, ast.expr), isinstance(node, ast.Name))"));
  CHECK(twins.same("(type(node).__name__, node.__class__.__name__, type(node).__module__)"));
  CHECK(twins.same("(node._fields, node._attributes, node.__match_args__)"));
  CHECK(ast::lean_layout(twins.lean) != nullptr);
  CHECK(ast::lean_layout(twins.plain) == nullptr);
}

TEST_CASE("the tools of the ast module see no difference") {
  Twins twins;
  CHECK(twins.same("ast.dump(node, include_attributes=True)"));
  CHECK(twins.same("ast.unparse(node)"));
  CHECK(twins.same("[type(its).__name__ for its in ast.walk(node)]"));
  CHECK(twins.same("[(name, type(value).__name__) for name, value in ast.iter_fields(node)]"));
  CHECK(twins.same("compile(ast.Expression(node), 'f', 'eval')"));
  CHECK(twins.same("ast.dump(ast.increment_lineno(node, 2), include_attributes=True)"));
  CHECK(twins.same("ast.dump(ast.fix_missing_locations(node), include_attributes=True)"));
}

TEST_CASE("a transformer can change what is in a lean node") {
  Twins twins;
  const Ref renamed = value_after(
      "import ast\n"
      "class Rename(ast.NodeTransformer):\n"
      "    def visit_Name(self, node):\n"
      "        return ast.copy_location(ast.Name(node.id * 2, ast.Load()), node)\n"
      "    def visit_Constant(self, node):\n"
      "        node.value += 1\n"
      "        return node\n"
      "x = ast.unparse(Rename().visit(node))\n",
      {{"node", twins.lean}});
  CHECK(text_of(renamed) == "ff(aa, 2)");
}

TEST_CASE("fields and positions can be read, set and deleted") {
  Twins twins;
  const Ref variables =
      run("node.args = []\n"
          "node.lineno = 7\n"
          "node.extra = 'more'\n"
          "seen = [node.args, node.lineno, node.extra, vars(node)['extra'], hasattr(node, "
          "'col_offset')]\n"
          "del node.extra, node.col_offset, node.args\n"
          "gone = [hasattr(node, name) for name in ('extra', 'col_offset', 'args', 'func')]\n",
          {{"node", twins.lean}});
  CHECK(text_of(PyDict_GetItemString(variables.get(), "seen")) == "[[], 7, 'more', 'more', True]");
  CHECK(text_of(PyDict_GetItemString(variables.get(), "gone")) == "[False, False, False, True]");
}

TEST_CASE("a field is found by a name that is not interned, too") {
  Twins twins;
  CHECK(holds("getattr(node, ''.join(['fu', 'nc'])) is node.func", {{"node", twins.lean}}));
  run("setattr(node, ''.join(['line', 'no']), 9)\n", {{"node", twins.lean}});
  CHECK(holds("node.lineno == 9", {{"node", twins.lean}}));
}

TEST_CASE("an optional field that was deleted is the class's None") {
  Twins twins;
  CHECK(holds("node.kind is None and 'kind' in vars(node)",
              {{"node", ast::make_constant(twins.state, Py_None, {})}}));
  run("for node in lean, plain: del node.end_lineno\n",
      {{"lean", twins.lean}, {"plain", twins.plain}});
  CHECK(twins.same("node.end_lineno"));
}

TEST_CASE("what is not there is missed as it is in a plain node") {
  const char* const actions[] = {"lambda node: node.nothing",
                                 "lambda node: delattr(node, 'nothing')",
                                 "lambda node: (delattr(node, 'func'), node.func)"};
  for (const char* action : actions) {
    Twins twins;
    const Ref made = value_after((std::string("x = ") + action + "\n").c_str());
    const Ref errors =
        value_after(kErrors, {{"lean", twins.lean}, {"plain", twins.plain}, {"action", made}});
    CHECK(text_of(PyTuple_GET_ITEM(errors.get(), 0)) == text_of(PyTuple_GET_ITEM(errors.get(), 1)));
  }
}

TEST_CASE("the dict of a lean node is a copy of its fields") {
  Twins twins;
  CHECK(twins.same("sorted(vars(node))"));
  CHECK(holds("vars(node)['func'] is node.func and vars(node) is not vars(node)",
              {{"node", twins.lean}}));
}

TEST_CASE("copies and pickles are plain nodes") {
  Twins twins;
  for (const std::string how :
       {"copy.copy(node)", "copy.deepcopy(node)", "pickle.loads(pickle.dumps(node))",
        "pickle.loads(pickle.dumps(node, 0))"}) {
    CAPTURE(how);
    CHECK(twins.same(std::string("ast.dump(") + how + ", include_attributes=True)"));
    const std::string source =
        std::string("import ast, copy, pickle\nx = type(") + how + ") is ast.Call\n";
    CHECK(is_true(value_after(source.c_str(), {{"node", twins.lean}})));
  }
}

TEST_CASE("calling the type of a lean node makes a plain node") {
  Twins twins;
  CHECK(is_true(value_after("import ast\nx = type(type(node)(**vars(node))) is ast.Call\n",
                            {{"node", twins.lean}})));
}

TEST_CASE("lean nodes are made by the core only") {
  Twins twins;
  for (const std::string how : {"object.__new__(type(node))", "ast.AST.__new__(type(node))",
                                "ast.Call.__new__(type(node))", "type('Sub', (type(node),), {})"}) {
    CAPTURE(how);
    const std::string source = std::string("import ast\nx = ") + how + "\n";
    CHECK(error_of([&] { run(source.c_str(), {{"node", twins.lean}}); }).starts_with("TypeError"));
  }
}

TEST_CASE("a made node has its fields in slots, and field() reads them") {
  AstState state;
  const Ref name = ast::make_name(state, intern("a"), {});
  CHECK(text_of(ast::field(name, state.names.id)) == "a");
  CHECK_FALSE(ast::field(name, state.names.value));
  CHECK_FALSE(ast::field(name, state.names.lineno));
  CHECK_FALSE(ast::field(ast::make_constant(state, Py_None, {}), state.names.value));
}

TEST_CASE("a field that a lean kind does not have cannot be made") {
  AstState state;
  ast::Made made(state, Kind::Name, {});
  CHECK(error_of([&] { made.set(state.names.func, Py_None); }).starts_with("SystemError"));
}

TEST_CASE("lean nodes in a cycle are collected") {
  AstState state;
  Ref name = ast::make_name(state, intern("a"), {});
  ok(PyObject_SetAttrString(name.get(), "id", name.get()));
  ok(PyObject_SetAttrString(name.get(), "extra", name.get()));
  const Ref died = take(PyWeakref_NewRef(name.get(), nullptr));
  name = nullptr;
  run("import gc\ngc.collect()\n");
  CHECK(call(died).is(Py_None));
}

TEST_CASE("a weak reference to a lean node ends with it") {
  AstState state;
  Ref name = ast::make_name(state, intern("a"), {});
  const Ref died = take(PyWeakref_NewRef(name.get(), nullptr));
  name = nullptr;
  CHECK(call(died).is(Py_None));
}

TEST_CASE("a long chain of lean nodes is dropped without recursion") {
  AstState state;
  Ref chain = ast::make_name(state, intern("a"), {});
  for (int i = 0; i < 200'000; ++i) chain = ast::make_expr_stmt(state, std::move(chain), {});
  chain = nullptr;
}

}  // namespace pyccolo::test
