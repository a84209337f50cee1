// rewrite/plan.hpp: which events to weave at which nodes: handlers and their predicates, resolved once per rewrite.
#pragma once

#include <array>
#include <boost/container/small_vector.hpp>

#include "ast/state.hpp"
#include "core/event.hpp"

namespace pyccolo::rewrite {

/// HandlerSpec is a tuple; these are its items.
enum class SpecItem : Py_ssize_t {
  handler,
  use_raw_node_id,
  reentrant,
  predicate,
  guard,
  exempt_from_guards
};

inline Borrowed spec_item(Borrowed spec, SpecItem item) {
  return PyTuple_GET_ITEM(spec.get(), static_cast<Py_ssize_t>(item));
}

/// What the package told configure() that the rewriter needs.
struct PlanTypes {
  Ref event_index;     ///< dict: TraceEvent member -> its row in events.def
  Ref true_predicate;  ///< Predicate.TRUE
  Ref predicate_type;  ///< Predicate
};

class Plan {
 public:
  /// `weaving`: tracers whose events are woven; `all`: the stack, which decides about guards.
  Plan(ast::AstState& ast, const PlanTypes& types, Borrowed weaving, Borrowed all);

  /// Does anybody want this event of this node? Asks predicates, which may raise.
  bool wants(Event event, Borrowed node, bool exempt) const {
    const Wish& wish = wishes_[index_of(event)];
    const Level& level = exempt ? wish.exempt : wish.all;
    return level.any && (level.always || ask(level, node));
  }
  bool has(Event event) const { return wishes_[index_of(event)].all.any; }
  bool guards_enabled() const { return guards_enabled_; }
  bool any_exempt() const { return any_exempt_; }
  bool any_local_guard() const { return any_local_guard_; }

  /// The local guards of a site: a tuple of (HandlerSpec, name), or null.
  Ref local_guards(Event event, Borrowed node) const;

 private:
  struct Level {
    bool any = false;
    bool always = false;
    boost::container::small_vector<Ref, 2> predicates;
  };
  struct Wish {
    Level all;
    Level exempt;
    boost::container::small_vector<Ref, 1> guarding_specs;
  };

  void add_tracer(Borrowed tracer, bool exempt);
  void add_guards(Borrowed tracer);
  void add(Level& level, Borrowed predicate);
  bool ask(const Level& level, Borrowed node) const;

  ast::AstState& ast_;
  const PlanTypes& types_;
  std::array<Wish, kEventCount> wishes_;
  bool guards_enabled_ = false;
  bool any_exempt_ = false;
  bool any_local_guard_ = false;
};

/// Calls a predicate as Python does: raw ones with the node's id.
bool call_predicate(ast::AstState& ast, const PlanTypes& types, Borrowed predicate, Borrowed node);

}  // namespace pyccolo::rewrite
