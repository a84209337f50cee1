// ast/kind.hpp: the classes of the ast module, as nodes.def lists them.
#include "ast/kind.hpp"

#include <doctest/doctest.h>

#include <string>

namespace pyccolo::test {

using ast::Category;
using ast::Kind;

static_assert(std::string_view(ast::info(Kind::Module).name) == "Module");
static_assert(ast::info(Kind::Module).category == Category::Mod);
static_assert(ast::info(Kind::MatchAs).category == Category::Pattern);
static_assert(ast::info(Kind::NotIn).category == Category::Other);
static_assert(ast::is_stmt(Kind::Expr) && ast::is_stmt(Kind::TryStar));
static_assert(!ast::is_stmt(Kind::Expression) && !ast::is_stmt(Kind::ExceptHandler));
static_assert(!ast::is_stmt(Kind::Unknown), "what is no node has no row to look at");
static_assert(ast::operation_of(Kind::MatMult) == Op::MatMult);
static_assert(ast::operation_of(Kind::NotIn) == Op::NotIn);
static_assert(ast::operation_of(Kind::And) == Op::None &&
              ast::operation_of(Kind::Unknown) == Op::None);

TEST_CASE("every operator class stands for an operator of its own") {
  int found = 0;
  for (int i = 0; i < ast::kKindCount; ++i) {
    const auto kind = static_cast<Kind>(i);
    const Op op = ast::operation_of(kind);
    if (op == Op::None) continue;
    ++found;
    CHECK(static_cast<int>(op) == found);
    CHECK(std::string(ast::info(kind).fields).empty());
  }
  CHECK(found == kOpCount - 2);
}

}  // namespace pyccolo::test
