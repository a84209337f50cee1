// augment/relocate.hpp: a tree of replaced source, with the places of the source as it was written.
#pragma once

#include <string_view>
#include <vector>

#include "ast/node.hpp"
#include "augment/text.hpp"

namespace pyccolo::augment {

/// From places in one text, in bytes, to places in another.
class Relocation {
 public:
  /// `back`: what leads from offsets of `from` to offsets of `to`, one after the other.
  Relocation(std::u32string from, std::u32string to, std::vector<Remap> back);

  /// Moves all nodes of a tree.
  void apply(ast::AstState& state, Borrowed tree) const;

 private:
  struct Lines {
    std::u32string text;
    std::vector<Offset> starts;

    explicit Lines(std::u32string characters);
    Offset offset(long line, long bytes) const;
    std::pair<long, long> place(Offset offset) const;
  };

  void move(Borrowed node, Borrowed line_name, Borrowed column_name) const;

  Lines from_;
  Lines to_;
  std::vector<Remap> back_;
};

}  // namespace pyccolo::augment
