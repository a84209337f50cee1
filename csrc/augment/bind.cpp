#include "augment/bind.hpp"

#include <algorithm>
#include <array>

#include "augment/text.hpp"
#include "compat/features.hpp"
#include "compat/recursion.hpp"

namespace pyccolo::augment {

namespace {

using ast::Kind;

constexpr const char* kParts[] = {"prefix", "suffix", "dot_prefix", "dot_suffix", "binop",
                                  "boolop", "call",   "subscript",  "custom"};

bool is_in_names(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 128 || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z');
}

struct Span {
  Place from, to;
};

struct MaybeSpan {
  bool known = false;
  Span span;

  MaybeSpan() = default;
  MaybeSpan(Place from, Place to) : known(true), span{from, to} {}  // NOLINT
  explicit MaybeSpan(Place at) : known(true), span{at, at} {}
};

class Binder {
 public:
  Binder(ast::AstState& state, const Lines& lines, std::vector<Anchors>& anchors, Borrowed strings)
      : ast_(state), n_(state.names), lines_(lines), anchors_(anchors), strings_(strings) {}

  void tree(Borrowed root) {
    std::vector<std::pair<Ref, Kind>> pending;  // owned, as range_for() may do anything
    std::vector<std::pair<Borrowed, Kind>> children;
    pending.emplace_back(Ref::borrow(root), ast_.kind_of(root));
    while (!pending.empty()) {
      const auto [node, kind] = std::move(pending.back());
      pending.pop_back();
      visit(node, kind);
      if (!compat::kFstringsKnowPlaces && kind == Kind::JoinedStr) {
        if (any_in(node)) append(strings_, node);
        continue;
      }
      children.clear();
      ast::for_each_child(ast_, kind, node, [&](Borrowed child, Kind its, bool) {
        children.emplace_back(child, its);
      });
      for (auto child = children.rbegin(); child != children.rend(); ++child) {
        pending.emplace_back(Ref::borrow(child->first), child->second);
      }
    }
  }

 private:
  void visit(Borrowed node, Kind kind) {
    for (Anchors& anchors : anchors_) {
      if (anchors.part == Part::custom) {
        if (has_place(anchors, custom(anchors.range_for, node))) append(anchors.nodes, node);
      } else if (anchors.part == Part::boolop) {
        if (kind == Kind::BoolOp) bool_op(anchors, node);
      } else if (has_place(anchors, span(anchors.part, node, kind))) {
        append(anchors.nodes, node);
      }
    }
  }

  static bool has_place(const Anchors& anchors, const MaybeSpan& span) {
    return span.known && anchors.any_in(span.span.from, span.span.to);
  }

  bool any_in(Borrowed node) {
    return std::any_of(anchors_.begin(), anchors_.end(), [&](const Anchors& anchors) {
      return anchors.any_in(start(node), end(node));
    });
  }

  /// The operands before which an operator was replaced.
  void bool_op(Anchors& anchors, Borrowed node) {
    Borrowed values = ast::required_list(node, n_.values);
    for (Py_ssize_t i = 0; i + 1 < PyList_GET_SIZE(values.get()); ++i) {
      Borrowed value = PyList_GET_ITEM(values.get(), i);
      Borrowed next = PyList_GET_ITEM(values.get(), i + 1);
      if (anchors.any_in(end(value), start(next))) append(anchors.nodes, value);
    }
  }

  MaybeSpan span(Part part, Borrowed node, Kind kind) {
    switch (part) {
      case Part::prefix: {
        const MaybeSpan its = name(node, kind);
        return its.known ? MaybeSpan(its.span.from) : its;
      }
      case Part::suffix: {
        const MaybeSpan its = name(node, kind);
        return its.known ? MaybeSpan(its.span.to) : its;
      }
      case Part::dot_prefix:
        if (kind == Kind::Name) return MaybeSpan(start(node));
        if (kind == Kind::Attribute || kind == Kind::Subscript)
          return {start(node), start(ast::required(node, n_.value))};
        return {};
      case Part::dot_suffix:
        if (kind == Kind::Name) return MaybeSpan(end(node));
        if (kind == Kind::Attribute)
          return {end(ast::required(node, n_.value)), name(node, kind).span.from};
        return kind == Kind::Subscript ? bracket(node) : MaybeSpan();
      case Part::subscript:
        return kind == Kind::Subscript ? bracket(node) : MaybeSpan();
      case Part::binop:
        if (kind != Kind::BinOp) return {};
        return {end(ast::required(node, n_.left)), start(ast::required(node, n_.right))};
      case Part::call:
        return kind == Kind::Call ? parenthesis(node) : MaybeSpan();
      case Part::boolop:
      case Part::custom:
        break;
    }
    return {};
  }

  /// Between a value and its key.
  MaybeSpan bracket(Borrowed node) {
    const Place from = end(ast::required(node, n_.value));
    return {from, std::max(from, start(ast::required(node, n_.slice)))};
  }

  /// Between a function and its first argument.
  MaybeSpan parenthesis(Borrowed node) {
    const Place from = end(ast::required(node, n_.func));
    Place to = end(node);
    --to.column;  // its own parenthesis; behind it may be that of a call of what this one gives
    for (const Ref* name : {&n_.args, &n_.keywords}) {
      Borrowed list = ast::required_list(node, *name);
      if (PyList_GET_SIZE(list.get()) > 0) to = std::min(to, start(PyList_GET_ITEM(list.get(), 0)));
    }
    return {from, std::max(from, to)};
  }

  /// The name that a node binds or reads.
  MaybeSpan name(Borrowed node, Kind kind) {
    switch (kind) {
      case Kind::Name:
        return {start(node), end(node)};
      case Kind::Attribute:
        return ending_with(node, n_.attr);
      case Kind::FunctionDef:
      case Kind::ClassDef:
      case Kind::AsyncFunctionDef:
        return defined(node, kind);
      case Kind::alias:
        return ast::field(node, n_.asname) ? ending_with(node, n_.asname)
                                           : MaybeSpan(start(node), end(node));
      case Kind::Import:
      case Kind::ImportFrom: {
        Borrowed names = ast::required_list(node, n_.names);
        if (PyList_GET_SIZE(names.get()) != 1) return {};
        return name(PyList_GET_ITEM(names.get(), 0), Kind::alias);
      }
      case Kind::arg:
      case Kind::keyword: {
        Borrowed its = ast::field(node, n_.arg);
        if (!its) return {};
        const Place from = start(node);
        return {from, {from.line, from.column + bytes_of(its)}};
      }
      default:
        return {};
    }
  }

  MaybeSpan ending_with(Borrowed node, Borrowed field) {
    const Place to = end(node);
    if (lines_) return {lines_.name_ending_at(to), to};
    return {{to.line, to.column - bytes_of(ast::required(node, field))}, to};
  }

  MaybeSpan defined(Borrowed node, Kind kind) {
    const bool is_async = kind == Kind::AsyncFunctionDef;
    if (lines_) {
      const auto [from, to] = lines_.name_behind(start(node), is_async ? 2 : 1);
      return {from, to};
    }
    Place from = start(node);
    from.column += kind == Kind::ClassDef ? 6 : is_async ? 10 : 4;
    return {from, {from.line, from.column + bytes_of(ast::required(node, n_.name))}};
  }

  MaybeSpan custom(Borrowed range_for, Borrowed node) {
    Ref range = call(range_for, node);
    if (range.is(Py_None)) return {};
    long line1, column1, line2, column2;
    Ref pair = take(PySequence_Tuple(range.get()));
    if (!PyArg_ParseTuple(pair.get(), "(ll)(ll);range_for() gives a Range or None", &line1,
                          &column1, &line2, &column2)) {
      throw PyRaised{};
    }
    return {{line1, column1}, {line2, column2}};
  }

  static long bytes_of(Borrowed string) {
    Py_ssize_t size = 0;
    if (PyUnicode_AsUTF8AndSize(string.get(), &size) == nullptr) throw PyRaised{};
    return static_cast<long>(size);
  }

  Place start(Borrowed node) { return place(node, n_.lineno, n_.col_offset); }
  Place end(Borrowed node) { return place(node, n_.end_lineno, n_.end_col_offset); }

  /// A tree made by hand has no places: nothing was replaced there.
  static Place place(Borrowed node, Borrowed line, Borrowed column) {
    return {number(ast::field(node, line)), number(ast::field(node, column))};
  }
  static long number(Borrowed value) {
    if (!value) return -1;
    const long made = PyLong_AsLong(value.get());
    if (made == -1 && PyErr_Occurred()) throw PyRaised{};
    return made;
  }

  ast::AstState& ast_;
  const ast::Names& n_;
  const Lines& lines_;
  std::vector<Anchors>& anchors_;
  Borrowed strings_;
};

}  // namespace

bool Anchors::any_in(Place from, Place to) const {
  const auto found = std::lower_bound(places.begin(), places.end(), from);
  return found != places.end() && *found <= to;
}

Lines::Lines(std::string_view source) : source_(source), starts_(starts_of_lines(source)) {}

std::size_t Lines::offset(Place at) const {
  const auto line = static_cast<std::size_t>(std::max(at.line, 1L)) - 1;
  if (line >= starts_.size()) return source_.size();
  return std::min(starts_[line] + static_cast<std::size_t>(std::max(at.column, 0L)),
                  source_.size());
}

Place Lines::place_of(std::size_t offset, long line) const {
  while (static_cast<std::size_t>(line) < starts_.size() &&
         starts_[static_cast<std::size_t>(line)] <= offset) {
    ++line;
  }
  return {line, static_cast<long>(offset - starts_[static_cast<std::size_t>(line) - 1])};
}

Place Lines::place(long line, long character) const {
  const std::size_t start = offset({line, 0});
  std::size_t at = start;
  for (; character > 0 && at < source_.size(); --character) {
    do ++at;
    while (at < source_.size() && (static_cast<unsigned char>(source_[at]) & 0xC0U) == 0x80);
  }
  return {line, static_cast<long>(at - start)};
}

Place Lines::name_ending_at(Place end) const {
  const std::size_t to = offset(end);
  std::size_t from = to;
  while (from > 0 && is_in_names(source_[from - 1])) --from;
  return {end.line, end.column - static_cast<long>(to - from)};
}

std::pair<Place, Place> Lines::name_behind(Place start, int words) const {
  std::size_t at = offset(start);
  auto skip = [&](bool names) {
    while (at < source_.size() && is_in_names(source_[at]) == names) ++at;
  };
  for (int i = 0; i < words; ++i) {
    skip(true);
    skip(false);
  }
  const Place from = place_of(at, start.line);
  skip(true);
  return {from, place_of(at, start.line)};
}

void bind(ast::AstState& state, Borrowed tree, const Lines& lines, std::vector<Anchors>& anchors,
          Borrowed strings) {
  const compat::DeepTrees deep;
  Binder(state, lines, anchors, strings).tree(tree);
}

Part part_named(Borrowed name) {
  for (std::size_t i = 0; i < std::size(kParts); ++i) {
    if (PyUnicode_Check(name.get()) && PyUnicode_CompareWithASCIIString(name.get(), kParts[i]) == 0)
      return static_cast<Part>(i);
  }
  raise(PyExc_ValueError, "there is no kind of augmentation %R", name.get());
}

}  // namespace pyccolo::augment
