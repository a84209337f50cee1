// augment/text.hpp: source that may hold tokens Python does not have, and where they may stand in it.
//
// Python's own tokenizer says what is a literal or a comment and where tokens begin. From then on the text carries that
// with it, a class for each character: tokens that are replaced one kind after the other need no second reading.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "py/object.hpp"

namespace pyccolo::augment {

using Offset = std::size_t;  ///< in characters

/// The characters [start, end) become `length` others.
struct Edit {
  Offset start, end, length;
};

std::u32string u32_of(Borrowed string);
/// The offset at which each line begins; a line ends with \n, \r or both.
template <typename Character>
std::vector<Offset> starts_of_lines(std::basic_string_view<Character> text) {
  constexpr Character kReturn = '\r', kNewline = '\n';
  std::vector<Offset> starts{0};
  for (Offset i = 0; i < text.size(); ++i) {
    const bool ends_here = i + 1 == text.size() || text[i + 1] != kNewline;
    if (text[i] == kNewline || (text[i] == kReturn && ends_here)) starts.push_back(i + 1);
  }
  return starts;
}

/// What reads text: Python's tokenizer, as augmentation.Lexer gives it.
struct Lexer {
  Borrowed
      object;  ///< tokens(text) gives TokenInfo tuples, fields(text) the (start, end) of expressions in an f-string

  Ref tokens;          ///< bound methods
  Ref fields;          ///< or None, where f-strings have tokens of their own
  Ref blank;           ///< kinds of tokens that are layout
  Ref opaque;          ///< kinds that are left alone: strings, comments
  Ref literal_begins;  ///< the kind that begins a string with expressions in it, and so on
  Ref literal_goes_on;
  Ref literal_ends;

  explicit Lexer(Borrowed lexer);
};

class Text {
 public:
  explicit Text(Borrowed string);

  std::u32string_view characters() const { return characters_; }
  Ref string() const;
  std::vector<Offset> line_starts() const { return starts_of_lines(characters()); }

  bool is_lexed() const { return !classes_.empty() || characters_.empty(); }
  /// Reads the text. Where the tokenizer gives up, the rest is left alone: the compiler will say what is wrong.
  void lex(Borrowed lexer);

  /// Where a token stands, from left to right; a blank in it is any blank in the text. Needs lex().
  std::vector<Offset> find(std::u32string_view token) const;
  /// Is the character part of a literal or comment, or of the braces of an f-string? Needs lex().
  bool is_opaque(Offset at) const { return (classes_[at] & kOpaque) != 0; }

  /// The text with `length` characters at each of `starts` replaced.
  Text replaced(const std::vector<Offset>& starts, Offset length,
                std::u32string_view replacement) const;

 private:
  static constexpr std::uint8_t kOpaque = 1;  ///< left alone
  static constexpr std::uint8_t kInside = 2;  ///< the token goes on: none begins here

  class Reading;

  Text() = default;
  bool stands_at(Offset at, std::u32string_view token) const;
  void join(Offset at);

  std::u32string characters_;
  std::vector<std::uint8_t> classes_;
};

/// Where a place lies after the edits, which are sorted and apart; a place inside an edit goes to its beginning.
class Remap {
 public:
  explicit Remap(std::vector<Edit> edits);
  Offset operator()(Offset at) const;

 private:
  std::vector<Edit> edits_;
  std::vector<std::ptrdiff_t> shifts_;  ///< of what follows each edit
};

/// The type Source, the text as Python sees it.
Ref make_source_type(Borrowed module);

}  // namespace pyccolo::augment
