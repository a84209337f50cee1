// site/stored.hpp: woven code with its sites as bytes, and back.
//
// What is stored refers to sites by their place in co_consts, to region guards by their place in co_names, and to nodes
// by their number in preorder: nothing in it depends on the process that wrote it. The reader trusts no number in it,
// but code is only as good as the bytes it was read from: the caller checks that they are what was written.
#pragma once

#include <string_view>

#include "site/state.hpp"

namespace pyccolo::site {

/// Bytes. The code must be fresh from patch_code(). ValueError saying why this rewrite cannot be stored.
Ref store(SiteState& state, Borrowed rewrite, Borrowed code);

/// What a stored rewrite is restored as.
struct Restoring {
  Borrowed source;  ///< bytes that were woven, parsed again when a node is wanted, or what gives the tree
  Borrowed path;
  bool bookkeeping;
};

/// (code, Rewrite). ValueError for bytes that store() did not give.
Ref restore(SiteState& state, std::string_view stored, const Restoring& as);

/// Is the value of this keyword the id of a node?
bool is_node_id(Borrowed keyword);

/// Calls visit(node) for each node of a tree in preorder: the numbers that stored rewrites know nodes by.
template <typename Visit>
void for_each_node(ast::AstState& ast, Borrowed node, ast::Kind kind, Visit&& visit) {
  const RecursionScope depth(" while numbering nodes");
  visit(node);
  for_each_child(ast, kind, node, [&](Borrowed child, ast::Kind its, bool) {
    for_each_node(ast, child, its, visit);
  });
}

}  // namespace pyccolo::site
