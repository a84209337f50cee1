#include "augment/relocate.hpp"

#include <algorithm>

#include "compat/recursion.hpp"

namespace pyccolo::augment {

namespace {

long bytes_of(char32_t c) { return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4; }

}  // namespace

Relocation::Lines::Lines(std::u32string characters)
    : text(std::move(characters)), starts(starts_of_lines(std::u32string_view(text))) {}

Offset Relocation::Lines::offset(long line, long bytes) const {
  if (line < 1) return 0;
  if (static_cast<std::size_t>(line) > starts.size()) return text.size();
  Offset at = starts[static_cast<std::size_t>(line) - 1];
  while (bytes > 0 && at < text.size()) bytes -= bytes_of(text[at++]);
  return at;
}

std::pair<long, long> Relocation::Lines::place(Offset offset) const {
  const auto next = std::upper_bound(starts.begin(), starts.end(), offset);
  const auto line = static_cast<long>(next - starts.begin());
  long bytes = 0;
  for (Offset at = *(next - 1); at < std::min(offset, text.size()); ++at) {
    bytes += bytes_of(text[at]);
  }
  return {line, bytes};
}

Relocation::Relocation(std::u32string from, std::u32string to, std::vector<Remap> back)
    : from_(std::move(from)), to_(std::move(to)), back_(std::move(back)) {}

void Relocation::move(Borrowed node, Borrowed line_name, Borrowed column_name) const {
  Borrowed line = ast::field(node, line_name);
  Borrowed column = ast::field(node, column_name);
  if (!line || !column) return;
  const long at_line = PyLong_AsLong(line.get());
  const long at_column = PyLong_AsLong(column.get());
  if (PyErr_Occurred()) throw PyRaised{};
  Offset offset = from_.offset(at_line, at_column);
  for (const Remap& step : back_) offset = step(offset);
  const auto [to_line, to_column] = to_.place(offset);
  if (to_line != at_line)
    ok(PyObject_SetAttr(node.get(), line_name.get(), take(PyLong_FromLong(to_line)).get()));
  if (to_column != at_column)
    ok(PyObject_SetAttr(node.get(), column_name.get(), take(PyLong_FromLong(to_column)).get()));
}

void Relocation::apply(ast::AstState& state, Borrowed tree) const {
  const compat::DeepTrees deep;
  const ast::Names& names = state.names;
  std::vector<std::pair<Borrowed, ast::Kind>> pending{{tree, state.kind_of(tree)}};
  while (!pending.empty()) {
    const auto [node, kind] = pending.back();
    pending.pop_back();
    move(node, names.lineno, names.col_offset);
    move(node, names.end_lineno, names.end_col_offset);
    ast::for_each_child(state, kind, node, [&](Borrowed child, ast::Kind its, bool) {
      pending.emplace_back(child, its);
    });
  }
}

}  // namespace pyccolo::augment
