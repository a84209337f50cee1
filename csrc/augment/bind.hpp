// augment/bind.hpp: which nodes stand where tokens were replaced.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>
#include <vector>

#include "ast/node.hpp"

namespace pyccolo::augment {

/// A place as nodes have it: a line from 1, a column in bytes.
struct Place {
  long line = 0;
  long column = 0;
  auto operator<=>(const Place&) const = default;
};

/// What part of a node a replaced token belongs to; the names of AugmentationType.
enum class Part : std::uint8_t {
  prefix,
  suffix,
  dot_prefix,
  dot_suffix,
  binop,
  boolop,
  call,
  subscript,
  custom,  ///< what a range_for() of Python says
};

/// The places of one kind of token, and what is found there.
struct Anchors {
  Part part{};
  Ref range_for;              ///< for Part::custom
  std::vector<Place> places;  ///< sorted
  Ref nodes;                  ///< out: a list

  /// Is there one in [from, to]?
  bool any_in(Place from, Place to) const;
};

/// The source that a tree was made from, or nothing.
class Lines {
 public:
  Lines() = default;
  explicit Lines(std::string_view source);

  explicit operator bool() const { return !starts_.empty(); }
  /// The place of a column in characters.
  Place place(long line, long character) const;
  /// Where the name begins that ends at a place; the place itself if there is none.
  Place name_ending_at(Place end) const;
  /// Where the name begins that stands behind `words` words, and where it ends.
  std::pair<Place, Place> name_behind(Place start, int words) const;

 private:
  std::size_t offset(Place at) const;
  Place place_of(std::size_t offset, long line) const;

  std::string_view source_;
  std::vector<std::size_t> starts_;
};

/// Fills the `nodes` of each. Where f-strings do not know the places of their parts, those with a place in them are
/// appended to `strings` instead of being looked into.
void bind(ast::AstState& state, Borrowed tree, const Lines& lines, std::vector<Anchors>& anchors,
          Borrowed strings);

/// The Part of a name; ValueError for another.
Part part_named(Borrowed name);

}  // namespace pyccolo::augment
