// ast/kind.hpp: the classes of the ast module as an enum.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/operation.hpp"

namespace pyccolo::ast {

enum class Category : std::uint8_t { Mod, Stmt, Expr, Pattern, Other };

enum class Kind : std::uint8_t {
#define NODE(name, category, fields) name,
#include "def/nodes.def"
  Unknown,  ///< not an ast class of this table, or not a node at all
};

inline constexpr int kKindCount = static_cast<int>(Kind::Unknown);

struct KindInfo {
  const char* name;
  Category category;
  const char* fields;
};

inline constexpr KindInfo kKinds[] = {
#define NODE(name, category, fields) {#name, Category::category, fields},
#include "def/nodes.def"
};
static_assert(sizeof(kKinds) / sizeof(kKinds[0]) == std::size_t(kKindCount));

constexpr const KindInfo& info(Kind kind) { return kKinds[static_cast<int>(kind)]; }
constexpr bool is_stmt(Kind kind) {
  return kind != Kind::Unknown && info(kind).category == Category::Stmt;
}

/// The operator an operator node stands for; Op::None for other nodes.
constexpr Op operation_of(Kind kind) {
  switch (kind) {
#define OPERATION(name, arity) \
  case Kind::name:             \
    return Op::name;
#include "def/operations.def"
    default:
      return Op::None;
  }
}

}  // namespace pyccolo::ast
