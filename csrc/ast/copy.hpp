// ast/copy.hpp: copies of trees.
#pragma once

#include "ast/state.hpp"

namespace pyccolo::ast {

/// What is told of each node that was copied, and its copy: children after their parent.
class CopyListener {
 public:
  virtual ~CopyListener() = default;
  virtual void copied(Borrowed node, Borrowed copy) = 0;
};

/// A copy of a tree, of plain nodes: their fields and positions; what others have set on nodes is left behind. A node
/// that occurs twice is copied once.
Ref copy_tree(AstState& state, Borrowed node, CopyListener& listener);

/// A copy of a woven tree that has no node in common with any other; lean nodes stay lean.
Ref unshared(AstState& state, Borrowed woven);

}  // namespace pyccolo::ast
