// ast/lean.hpp: nodes for what is emitted, with their fields in C slots instead of a dict.
//
// compile() asks every node for its class by trying all of them, and for each field by name; most of the cost of
// compiling woven code is that. A lean node answers both from its slots. It is an instance of a subclass of the real
// node class, under the same name, and behaves like one: fields can be read, set and deleted, copies and pickles are
// plain nodes.
#pragma once

#include "ast/kind.hpp"
#include "py/object.hpp"

namespace pyccolo::ast {

/// The kinds that are emitted often. At most four fields, then the four positions.
constexpr bool is_lean(Kind kind) {
  return kind == Kind::Call || kind == Kind::Name || kind == Kind::Constant ||
         kind == Kind::IfExp || kind == Kind::BoolOp || kind == Kind::If || kind == Kind::Expr;
}

/// What a lean type knows of its slots.
struct LeanLayout {
  static constexpr int kMaxFields = 4;
  static constexpr int kPositions = 4;
  static constexpr int kSlots = kMaxFields + kPositions;

  Ref type;
  Ref plain_type;
  Ref class_name;     ///< "__class__"
  Ref names[kSlots];  ///< fields first, then positions; null where a kind has fewer fields
};

/// Makes the lean subclass of a node class. `layout` must stay where it is.
void make_lean_type(LeanLayout& layout, Borrowed plain_type, const char* name);

/// A new node with empty slots.
Ref make_lean(const LeanLayout& layout);
/// A new node with the same values.
Ref copy_lean(const LeanLayout& layout, Borrowed node);

/// The slots end an instance, followed only by the pointer to its layout.
inline PyObject** lean_slots(Borrowed node) {
  char* end = reinterpret_cast<char*>(node.get()) + Py_TYPE(node.get())->tp_basicsize;
  return reinterpret_cast<PyObject**>(end) - (LeanLayout::kSlots + 1);
}

/// The layout of a lean node's type, or null for any other object and for none.
const LeanLayout* lean_layout(Borrowed node);

}  // namespace pyccolo::ast
