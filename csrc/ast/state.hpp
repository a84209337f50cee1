// ast/state.hpp: what the module knows of the ast module: classes, names, ready-made parts.
#pragma once

#include <array>
#include <vector>

#include "ast/kind.hpp"
#include "ast/lean.hpp"
#include "ast/names.hpp"

namespace pyccolo::ast {

/// One per module. Filled by load() when the first tree is met, so that importing us stays cheap.
class AstState {
 public:
  Names names;

  /// Kind::Unknown for an object that is no node.
  Kind kind_of(Borrowed object);
  bool is_node(Borrowed object) { return kind_of(object) != Kind::Unknown; }
  Borrowed type(Kind kind) { return load(), types_[index(kind)]; }
  /// The names of a kind's child fields, in the order of _fields.
  const std::vector<Ref>& fields(Kind kind) { return load(), fields_[index(kind)]; }
  /// The shared instance of a class without fields: Load(), And(), …
  Borrowed singleton(Kind kind);
  /// The lean type of a kind that has one.
  const LeanLayout& lean(Kind kind) { return load(), lean_[index(kind)]; }
  /// A dict with the keys of a kind's fields and positions, to be copied and filled.
  Borrowed field_template(Kind kind);

  int traverse(visitproc visit, void* arg);
  void clear();

 private:
  static std::size_t index(Kind kind) { return static_cast<std::size_t>(kind); }
  void load() {
    if (!loaded_) fill();
  }
  void fill();
  void add_lean_type(Kind kind);
  Kind find(PyTypeObject* type) const;
  void remember(PyTypeObject* type, Kind kind);

  struct Slot {
    PyTypeObject* type = nullptr;
    Kind kind = Kind::Unknown;
  };

  bool loaded_ = false;
  std::array<Ref, kKindCount> types_;
  std::array<std::vector<Ref>, kKindCount> fields_;
  std::array<Ref, kKindCount> singletons_;
  std::array<Ref, kKindCount> templates_;
  std::array<LeanLayout, kKindCount> lean_;
  std::array<Slot, 256> slots_;
};

}  // namespace pyccolo::ast
