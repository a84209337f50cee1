#include "augment/text.hpp"

#include <algorithm>

namespace pyccolo::augment {

namespace {

bool is_blank(char32_t c) { return c == U' ' || c == U'\t' || c == U'\f'; }

bool is_in_names(char32_t c) {
  return c >= 128 || c == U'_' || (c >= U'0' && c <= U'9') || (c >= U'a' && c <= U'z') ||
         (c >= U'A' && c <= U'Z');
}

/// Can replaced text begin or end a literal, a comment or a line?
bool changes_layout(std::u32string_view text) {
  return text.find_first_of(U"'\"#\\\r\n") != text.npos;
}

Ref string_of(std::u32string_view text) {
  return take(PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, text.data(),
                                        static_cast<Py_ssize_t>(text.size())));
}

/// Can a character beyond ASCII go on a name?
bool goes_on_name(char32_t c) {
  if (Py_UNICODE_ISALNUM(c)) return true;
  const char32_t name[] = {U'a', c};
  return PyUnicode_IsIdentifier(string_of({name, 2}).get()) == 1;
}

/// What the tokenizer is given: ASCII, as some tokenizers lose count of other characters; lines end with \n alone, as
/// they do for the compiler; and what no token may have is no error, as the text may well be meant so.
std::u32string masked(std::u32string_view text) {
  std::u32string made(text);
  for (Offset i = 0; i < made.size(); ++i) {
    char32_t& c = made[i];
    if (c == U'\r') {
      if (i + 1 == made.size() || made[i + 1] != U'\n') c = U'\n';
    } else if (c >= 128) {
      c = goes_on_name(c) ? U'a' : U'?';
    } else if (c == U'\0') {
      c = U'?';
    }
  }
  return made;
}

bool is_among(Borrowed kinds, Borrowed kind) {
  return ok(PySequence_Contains(kinds.get(), kind.get())) != 0;
}

}  // namespace

std::u32string u32_of(Borrowed string) {
  if (!PyUnicode_Check(string.get()))
    raise(PyExc_TypeError, "a str is wanted, not %.200s", Py_TYPE(string.get())->tp_name);
  std::u32string made(static_cast<std::size_t>(PyUnicode_GET_LENGTH(string.get())), U'\0');
  if (!made.empty() && PyUnicode_AsUCS4(string.get(), reinterpret_cast<Py_UCS4*>(made.data()),
                                        static_cast<Py_ssize_t>(made.size()), 0) == nullptr) {
    throw PyRaised{};
  }
  return made;
}

Lexer::Lexer(Borrowed lexer)
    : object(lexer),
      tokens(get_attr(lexer, "tokens")),
      fields(get_attr(lexer, "fields")),
      blank(get_attr(lexer, "blank")),
      opaque(get_attr(lexer, "opaque")),
      literal_begins(get_attr(lexer, "literal_begins")),
      literal_goes_on(get_attr(lexer, "literal_goes_on")),
      literal_ends(get_attr(lexer, "literal_ends")) {}

/// One pass of the tokenizer over [begin, end) of a text.
class Text::Reading {
 public:
  Reading(Text& text, const Lexer& lexer, std::u32string_view masked)
      : text_(text), lexer_(lexer), masked_(masked) {}

  void read(Offset begin, Offset end, bool is_field);

 private:
  /// Where the reader is in a string with expressions in it.
  enum class Place : std::uint8_t { Literal, Field, Format };
  struct Level {
    Place place;
    int brackets = 0;
  };

  void take_token(Borrowed token);
  void take_operator(char32_t symbol, Offset at);
  void take_string(Offset start, Offset end);
  void mark(Offset start, Offset end, std::uint8_t with) {
    for (Offset i = start; i < end; ++i) text_.classes_[i] |= with;
  }

  Text& text_;
  const Lexer& lexer_;
  std::u32string_view masked_;
  Offset begin_ = 0;
  Offset shift_ = 0;  ///< characters put before the first line
  std::vector<Offset> lines_;
  std::vector<Level> levels_;
  Offset last_end_ = 0;
  bool after_literal_ = false;
  bool after_from_ = false;
};

void Text::Reading::read(Offset begin, Offset end, bool is_field) {
  std::u32string part;
  if (is_field) part += U'(';  // in which lines may end
  part += masked_.substr(begin, end - begin);
  if (is_field) part += U')';
  begin_ = begin;
  shift_ = is_field ? 1 : 0;
  lines_ = starts_of_lines(std::u32string_view(part));
  last_end_ = begin;
  Ref iterator = take(PyObject_GetIter(call(lexer_.tokens, string_of(part)).get()));
  while (Ref token = Ref::steal(PyIter_Next(iterator.get()))) {
    if (!PyTuple_Check(token.get()) || PyTuple_GET_SIZE(token.get()) < 4)
      raise(PyExc_TypeError, "the tokenizer gave %R", token.get());
    take_token(token);
  }
  if (!PyErr_Occurred()) return;
  // IndentationError and, in some versions, TokenError are SyntaxErrors; TokenError is an Exception in all.
  if (!PyErr_ExceptionMatches(PyExc_Exception) || PyErr_ExceptionMatches(PyExc_MemoryError))
    throw PyRaised{};
  PyErr_Clear();
  mark(last_end_, end, kOpaque);
}

void Text::Reading::take_token(Borrowed token) {
  Borrowed kind = PyTuple_GET_ITEM(token.get(), 0);
  auto offset = [&](Py_ssize_t item) {
    Borrowed place = PyTuple_GET_ITEM(token.get(), item);
    const Offset line = size_from(PyTuple_GetItem(place.get(), 0)) - 1;
    const Offset column = size_from(PyTuple_GetItem(place.get(), 1));
    const Offset in_part = (line < lines_.size() ? lines_[line] : lines_.back()) + column;
    return std::min(begin_ + (in_part > shift_ ? in_part - shift_ : 0), text_.classes_.size());
  };
  if (is_among(lexer_.blank, kind)) return;
  const Offset start = offset(2);
  const Offset end = std::max(start, offset(3));
  if (after_literal_) mark(last_end_, start, kOpaque);  // the second of two braces
  after_literal_ = false;
  if (is_among(lexer_.opaque, kind)) {
    mark(start, end, kOpaque);
    if (!lexer_.fields.is(Py_None) && masked_[start] != U'#') take_string(start, end);
  } else if (is_among(lexer_.literal_begins, kind)) {
    mark(start, end, kOpaque);
    levels_.push_back({Place::Literal});
    after_literal_ = true;
  } else if (is_among(lexer_.literal_goes_on, kind)) {
    mark(start, end, kOpaque);
    after_literal_ = true;
  } else if (is_among(lexer_.literal_ends, kind)) {
    mark(start, end, kOpaque);
    while (!levels_.empty() && levels_.back().place != Place::Literal) levels_.pop_back();
    if (!levels_.empty()) levels_.pop_back();
  } else {
    if (end > start) mark(start + 1, end, kInside);
    const std::u32string_view symbol = masked_.substr(start, end - start);
    // The dots of a relative import are no tokens of an expression.
    if (after_from_ && !symbol.empty() && symbol.find_first_not_of(U'.') == symbol.npos) {
      mark(start, end, kOpaque);
    } else {
      after_from_ = symbol == U"from";
    }
    if (symbol.size() == 1) take_operator(symbol[0], start);
  }
  last_end_ = end;
}

void Text::Reading::take_operator(char32_t symbol, Offset at) {
  if (levels_.empty()) return;
  Level& level = levels_.back();
  if (level.place != Place::Field) {
    if (symbol == U'{') {
      mark(at, at + 1, kOpaque);
      levels_.push_back({Place::Field});
    } else if (symbol == U'}' && level.place == Place::Format) {
      mark(at, at + 1, kOpaque);
      levels_.pop_back();
      if (!levels_.empty()) levels_.pop_back();
    }
    return;
  }
  if (symbol == U'(' || symbol == U'[' || symbol == U'{') {
    ++level.brackets;
  } else if (level.brackets == 0 && symbol == U'}') {
    mark(at, at + 1, kOpaque);
    levels_.pop_back();
  } else if (symbol == U')' || symbol == U']' || symbol == U'}') {
    --level.brackets;
  } else if (level.brackets == 0 && symbol == U':') {
    mark(at, at + 1, kOpaque);
    levels_.push_back({Place::Format});
  }
}

/// The expressions in a string that the tokenizer takes for one token.
void Text::Reading::take_string(Offset start, Offset end) {
  const std::u32string_view token = masked_.substr(start, end - start);
  const std::size_t quote = token.find_first_of(U"'\"");
  if (quote == token.npos || token.substr(0, quote).find_first_of(U"fF") == token.npos) return;
  if (token.find(U'{') == token.npos) return;
  Ref found = call(lexer_.fields, string_of(token));
  Ref fields = take(PySequence_List(found.get()));
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(fields.get()); ++i) {
    Borrowed field = PyList_GET_ITEM(fields.get(), i);
    const Offset from = start + size_from(PyTuple_GetItem(field.get(), 0));
    const Offset to = std::min(start + size_from(PyTuple_GetItem(field.get(), 1)), end);
    for (Offset at = from; at < to; ++at) text_.classes_[at] = 0;
    Reading(text_, lexer_, masked_).read(from, to, true);
  }
}

Text::Text(Borrowed string) : characters_(u32_of(string)) {}

Ref Text::string() const { return string_of(characters_); }

void Text::lex(Borrowed lexer) {
  if (is_lexed()) return;
  classes_.assign(characters_.size(), 0);
  const std::u32string mask = masked(characters_);
  Reading(*this, Lexer(lexer), mask).read(0, characters_.size(), false);
}

bool Text::stands_at(Offset at, std::u32string_view token) const {
  if (token.size() > characters_.size() - at) return false;
  if ((classes_[at] & kInside) != 0) return false;
  for (Offset i = 0; i < token.size(); ++i) {
    const char32_t c = characters_[at + i];
    if (c != token[i] && !(token[i] == U' ' && is_blank(c))) return false;
    if (is_opaque(at + i)) return false;
  }
  const Offset end = at + token.size();
  return end == characters_.size() || (classes_[end] & kInside) == 0;
}

std::vector<Offset> Text::find(std::u32string_view token) const {
  std::vector<Offset> found;
  if (token.empty()) return found;
  const bool any_blank = token[0] == U' ';
  for (Offset at = 0; at + token.size() <= characters_.size();) {
    if (!any_blank) {
      at = characters_.find(token[0], at);
      if (at == characters_.npos) break;
    }
    if (stands_at(at, token)) {
      found.push_back(at);
      at += token.size();
    } else {
      ++at;
    }
  }
  return found;
}

/// Lets a name go on over the end of what was put in.
void Text::join(Offset at) {
  if (at == 0 || at >= characters_.size() || is_opaque(at) || is_opaque(at - 1)) return;
  if (is_in_names(characters_[at - 1]) && is_in_names(characters_[at])) classes_[at] |= kInside;
}

Text Text::replaced(const std::vector<Offset>& starts, Offset length,
                    std::u32string_view replacement) const {
  Text made;
  const bool read_again = changes_layout(replacement) || classes_.empty();
  made.characters_.reserve(characters_.size() + starts.size() * replacement.size());
  if (!read_again) made.classes_.reserve(made.characters_.capacity());
  Offset done = 0;
  auto keep = [&](Offset to) {
    made.characters_.append(characters_, done, to - done);
    if (!read_again) {
      made.classes_.insert(made.classes_.end(), classes_.begin() + std::ptrdiff_t(done),
                           classes_.begin() + std::ptrdiff_t(to));
    }
  };
  std::vector<Offset> seams;
  for (const Offset start : starts) {
    if (start < done || start + length > characters_.size())
      raise(PyExc_ValueError, "what is replaced must be apart, in order, and in the text");
    keep(start);
    for (Offset i = 0; i <= replacement.size(); ++i) seams.push_back(made.characters_.size() + i);
    made.characters_.append(replacement);
    if (!read_again) made.classes_.resize(made.characters_.size(), 0);
    done = start + length;
  }
  keep(characters_.size());
  if (!read_again) {
    for (const Offset seam : seams) made.join(seam);
  }
  return made;
}

Remap::Remap(std::vector<Edit> edits) : edits_(std::move(edits)) {
  std::ptrdiff_t shift = 0;
  for (const Edit& edit : edits_) {
    shift += static_cast<std::ptrdiff_t>(edit.length) -
             static_cast<std::ptrdiff_t>(edit.end - edit.start);
    shifts_.push_back(shift);
  }
}

Offset Remap::operator()(Offset at) const {
  // The first edit that does not end before the place.
  const auto next = std::partition_point(edits_.begin(), edits_.end(),
                                         [&](const Edit& edit) { return edit.end <= at; });
  const auto index = static_cast<std::size_t>(next - edits_.begin());
  const std::ptrdiff_t shift = index == 0 ? 0 : shifts_[index - 1];
  if (next != edits_.end() && next->start <= at) at = next->start;
  return static_cast<Offset>(static_cast<std::ptrdiff_t>(at) + shift);
}

}  // namespace pyccolo::augment
