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

/// A copy of a tree: its fields and positions; what others have set on nodes is left behind. {id: copy} goes to
/// `mapping`, in which a node that occurs twice is found again.
Ref copy_tree(AstState& state, Borrowed node, Borrowed mapping, CopyListener& listener);

}  // namespace pyccolo::ast
