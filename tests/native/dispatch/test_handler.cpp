// dispatch/handler.hpp: how a handler is called, read from its signature.
#include "dispatch/handler.hpp"

#include <doctest/doctest.h>

#include <string>

#include "../source.hpp"

namespace pyccolo::test {

using dispatch::Argument;
using dispatch::Signature;
using dispatch::Source;

namespace {

Signature read(const char* parameters, Event event = Event::before_call) {
  const ast::Names names;
  const std::string source = std::string("def x(") + parameters + "): pass\n";
  return dispatch::read_signature(names, value_after(source.c_str()), event);
}

std::string word(const Argument& argument) {
  constexpr const char* kSources[] = {"ret", "node", "frame", "event", "guard", "keyword"};
  if (argument.source == Source::Keyword) return "keyword " + text_of(argument.keyword);
  return kSources[static_cast<int>(argument.source)];
}

/// What a handler is given: "full" or its positional arguments, then name=argument, then **.
std::string given(const Signature& signature) {
  std::string text = signature.full ? "full" : "";
  auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  for (const Argument& argument : signature.positional) add(word(argument));
  if (signature.guard_by_position) add("its guard");
  for (const auto& [name, argument] : signature.named) add(text_of(name) + "=" + word(argument));
  if (signature.all_keywords) add("**");
  return text;
}

std::string refusal(const char* parameters, Event event = Event::before_call) {
  return error_of([&] { read(parameters, event); });
}

}  // namespace

TEST_CASE("a handler with *args is called with everything") {
  CHECK(given(read("self, ret, *_, **__")) == "full, **");
  CHECK(given(read("self, *args")) == "full");
  CHECK(given(read("*args, **kwargs")) == "full, **");
  CHECK(given(read("self, ret, node, *_, call_node_id")) ==
        "full, call_node_id=keyword call_node_id");
}

TEST_CASE("a handler with six parameters is called by position") {
  CHECK(given(read("self, ret, node, frame, event, guard")) == "full, its guard");
  CHECK(given(read("self, value, ast_node, frame, evt, guard_name, **kw")) == "full, **");
  CHECK(given(read("self, ret, node, frame, event, guard, more=1")) == "full, its guard");
}

TEST_CASE("six parameters with the usual names in another order are meant by name") {
  CHECK(given(read("self, node, ret, frame, event, guard")) == "node, ret, frame, event, guard");
}

TEST_CASE("a handler is given what its parameters are called") {
  CHECK(given(read("self")).empty());
  CHECK(given(read("self, ret")) == "ret");
  CHECK(given(read("self, node, event")) == "node, event");
  CHECK(given(read("self, _ret, _node")) == "ret, node");
  CHECK(given(read("self, *, frame")) == "frame=frame");
  CHECK(given(read("self, ret, guard, **kw")) == "ret, guard, **");
}

TEST_CASE("keywords of the event are given by name") {
  CHECK(given(read("self, call_node_id")) == "keyword call_node_id");
  CHECK(given(read("self, ret, *, call_node_id")) == "ret, call_node_id=keyword call_node_id");
  CHECK(given(read("self, key, is_last", Event::before_argument)) ==
        "keyword key, keyword is_last");
}

TEST_CASE("a guard that the event gives is its keyword, otherwise the handler's own") {
  CHECK(given(read("self, guard", Event::after_for_loop_iter)) == "keyword guard");
  CHECK(given(read("self, guard", Event::after_call)) == "guard");
  CHECK(given(read("self, *_, guard", Event::after_for_loop_iter)) == "full, guard=keyword guard");
}

TEST_CASE("**kwargs takes the keywords that are not named") {
  CHECK(given(read("self, ret, *, call_node_id, **kw")) == "ret, **");
  CHECK(given(read("self, ret, *, node, **kw")) == "ret, node=node, **");
}

TEST_CASE("a parameter whose name means nothing keeps its default") {
  CHECK(given(read("self, ret, more=1")) == "ret");
  CHECK(given(read("self, ret, *, more=1")) == "ret");
}

TEST_CASE("a parameter whose name means nothing and that has no default is refused") {
  CHECK(refusal("self, result").find("for before_call: nothing to give its parameter 'result'") !=
        std::string::npos);
  CHECK(refusal("self, ret, *, result").starts_with("TypeError"));
  CHECK(refusal("self, call_node_id", Event::after_return).find("after_return") !=
        std::string::npos);
  CHECK(refusal("self, a, b, c, d, e, f").find("'f'") != std::string::npos);
  CHECK(refusal("self, *_, result").starts_with("TypeError"));
}

TEST_CASE("the refusal lists the keywords there are") {
  CHECK(refusal("self, result").find("guard, call_node_id, each by name") != std::string::npos);
}

TEST_CASE("a handler without a parameter for the tracer is refused") {
  CHECK(refusal("").find("takes no tracer") != std::string::npos);
  CHECK(refusal("*, ret").find("takes no tracer") != std::string::npos);
}

TEST_CASE("a wrapper is called as what it wraps") {
  const ast::Names names;
  const Ref wrapper = value_after(
      "import functools\n"
      "def handler(self, node): pass\n"
      "@functools.wraps(handler)\n"
      "def x(self, *args, **kwargs): pass\n");
  CHECK(given(dispatch::read_signature(names, wrapper, Event::before_call)) == "node");
}

TEST_CASE("a callable that is no function is called with everything") {
  const ast::Names names;
  const Ref callable = value_after("import functools\nx = functools.partial(print)\n");
  CHECK(given(dispatch::read_signature(names, callable, Event::before_call)) == "full, **");
  CHECK(given(dispatch::read_signature(names, reinterpret_cast<PyObject*>(&PyLong_Type),
                                       Event::before_call)) == "full, **");
}

TEST_CASE("a signature knows what it uses") {
  const Signature named = read("self, node, *, frame");
  CHECK(named.uses(Source::Node));
  CHECK(named.uses(Source::Frame));
  CHECK_FALSE(named.uses(Source::Ret));
  CHECK(read("self, *_").uses(Source::Frame));
}

}  // namespace pyccolo::test
