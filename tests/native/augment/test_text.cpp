// augment/text.hpp: what of a text is left alone, where tokens stand in it, and where places lie after edits.
#include "augment/text.hpp"

#include <doctest/doctest.h>

#include "../source.hpp"

namespace pyccolo::test {

namespace {

using augment::Edit;
using augment::Offset;
using augment::Remap;
using augment::Text;
using Offsets = std::vector<Offset>;

/// What Text asks of Python: tokenize; the fields of f-strings are those in which `<` stands for a brace.
Ref make_lexer(const char* fields = "None") {
  const std::string source = std::string(R"(
import io, tokenize
class Lexer:
    def tokens(self, text):
        return tokenize.generate_tokens(io.StringIO(text, newline='').readline)
kinds = lambda *names: {getattr(tokenize, name) for name in names if hasattr(tokenize, name)}
x = Lexer()
x.blank = kinds('NEWLINE', 'NL', 'INDENT', 'DEDENT', 'ENDMARKER')
x.opaque = kinds('STRING', 'COMMENT')
x.literal_begins, x.literal_goes_on, x.literal_ends = map(kinds, ('FSTRING_START', 'FSTRING_MIDDLE', 'FSTRING_END'))
x.fields = )") + fields + "\n";
  return value_after(source.c_str());
}

Text text_of_string(const char* string) { return Text(take(PyUnicode_FromString(string))); }

Text lexed(const char* string, Borrowed lexer) {
  Text text = text_of_string(string);
  text.lex(lexer);
  return text;
}

Text lexed(const char* string) { return lexed(string, make_lexer()); }

/// The text with what is left alone as dots.
std::string seen(const Text& text) {
  std::string made;
  for (Offset at = 0; at < text.characters().size(); ++at) {
    made += text.is_opaque(at) ? '.' : static_cast<char>(text.characters()[at]);
  }
  return made;
}

std::string string_of(const Text& text) { return pyccolo::test::text_of(text.string()); }

}  // namespace

TEST_CASE("literals and comments are left alone") {
  CHECK(seen(lexed("a = 'b' # c\n\"\"\"\nd\"\"\"; e")) == "a = ... ...\n........; e");
  CHECK(seen(lexed("")).empty());
}

TEST_CASE("the dots of an import are left alone") {
  CHECK(seen(lexed("from .a.b import c; d.e")) == "from .a.b import c; d.e");
  CHECK(lexed("from .a.b import c; d.e").find(U".") == Offsets{7, 21});
  CHECK(lexed("from ... import c").find(U".").empty());
}

TEST_CASE("tokens stand where the tokenizer begins one") {
  const Text text = lexed("a **b * c");
  CHECK(text.find(U"*") == Offsets{6});
  CHECK(text.find(U"**") == Offsets{2});
  CHECK(text.find(U"* ") == Offsets{6});
  CHECK(text.find(U"c") == Offsets{8});
  CHECK(text.find(U"").empty());
  CHECK(lexed("abc").find(U"b").empty());
  CHECK(lexed("a?.b ?. c").find(U"?.") == Offsets{1, 5});
}

TEST_CASE("a token ends where one of Python's does") {
  CHECK(lexed("a |>> b").find(U"|>").empty());
  CHECK(lexed("a |> b").find(U"|>") == Offsets{2});
}

TEST_CASE("a blank of a token is any blank") {
  CHECK(lexed("a .\tb . c").find(U" . ") == Offsets{1, 5});
  CHECK(lexed("a .\n").find(U" . ").empty());
}

TEST_CASE("offsets count characters") {
  CHECK(lexed("é = 'é'; é?.é").find(U"?.") == Offsets{10});
  CHECK(lexed("𝒜→b").find(U"→") == Offsets{1});
}

TEST_CASE("lines end with \\n, \\r or both") {
  CHECK(text_of_string("a\nb\r\nc\rd").line_starts() == Offsets{0, 2, 5, 7});
  CHECK(text_of_string("").line_starts() == Offsets{0});
  CHECK(text_of_string("\n").line_starts() == Offsets{0, 1});
  CHECK(lexed("a = 1\rb?.c").find(U"?.") == Offsets{7});
}

TEST_CASE("where the tokenizer gives up, the rest is left alone") {
  const Text text = lexed("a?.b\n'''c?.d");
  CHECK(text.find(U"?.") == Offsets{1});
  CHECK(text.is_opaque(text.characters().size() - 1));
}

TEST_CASE("an error of the tokenizer that is none of syntax is raised") {
  const Ref lexer = make_lexer();
  ok(PyObject_SetAttrString(lexer.get(), "tokens",
                            value_after("def x(text): raise KeyboardInterrupt").get()));
  CHECK(error_of([&] { lexed("a", lexer); }).starts_with("KeyboardInterrupt"));
  ok(PyObject_SetAttrString(lexer.get(), "tokens", value_after("x = lambda text: [1]").get()));
  CHECK(error_of([&] { lexed("a", lexer); }) == "TypeError: the tokenizer gave 1");
}

TEST_CASE("fields of strings that are one token are source") {
  if (PY_VERSION_HEX >= 0x030C0000) return;  // such strings have tokens of their own
  const Ref lexer = make_lexer("lambda literal: [(3, 5)]");
  const Text text = lexed("f'{ab}' + 'a{ab}'", lexer);
  CHECK(seen(text) == "...ab.. + .......");
  CHECK(text.find(U"ab") == Offsets{3});
  CHECK(seen(lexed("# f'{ab}'", lexer)) == ".........");
}

TEST_CASE("replaced text goes by the classes of the text before") {
  const Text text = lexed("a?.b # ?.");
  const Text made = text.replaced(text.find(U"?."), 2, U".");
  CHECK(string_of(made) == "a.b # ?.");
  CHECK(made.is_lexed());
  CHECK(made.find(U".") == Offsets{1});
  CHECK(seen(made) == "a.b ....");
}

TEST_CASE("names grow together over what was replaced") {
  const Text text = lexed("a = $b");
  const Text made = text.replaced(text.find(U"$"), 1, U"_");
  CHECK(string_of(made) == "a = _b");
  CHECK(made.find(U"_b") == Offsets{4});
  CHECK(made.find(U"b").empty());
}

TEST_CASE("a replacement that may begin a literal is read anew") {
  const Text text = lexed("a ! b?c");
  Text made = text.replaced(text.find(U"!"), 1, U"#");
  CHECK_FALSE(made.is_lexed());
  made.lex(make_lexer());
  CHECK(seen(made) == "a .....");
}

TEST_CASE("what is replaced must be apart and in the text") {
  const Text text = lexed("abcdef");
  CHECK(error_of([&] { text.replaced({0, 1}, 2, U""); }).starts_with("ValueError"));
  CHECK(error_of([&] { text.replaced({5}, 2, U""); }).starts_with("ValueError"));
  CHECK(string_of(text.replaced({0, 2}, 2, U"x")) == "xxef");
}

TEST_CASE("a text is made of a string") {
  CHECK(error_of([] { augment::u32_of(take(PyLong_FromLong(1))); }) ==
        "TypeError: a str is wanted, not int");
}

TEST_CASE("places move with the edits before them") {
  const Remap remap({{2, 4, 1}, {6, 6, 3}, {8, 10, 0}});
  const Offset expected[] = {0, 1, 2, 2, 3, 4, 8, 9, 10, 10, 10, 11};
  for (Offset at = 0; at < std::size(expected); ++at) CHECK(remap(at) == expected[at]);
  CHECK(Remap({})(7) == 7);
}

}  // namespace pyccolo::test
