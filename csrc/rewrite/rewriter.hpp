// rewrite/rewriter.hpp: weaves events into a tree.
//
// Each method takes a pristine node and gives back what stands in its place: the same node if nothing changed. The
// pristine tree is never touched; unchanged subtrees are shared, also between the two forms of a guarded region
// (the woven one and the plain one). Methods are in the files named after their concept.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "ast/node.hpp"
#include "rewrite/plan.hpp"
#include "site/state.hpp"

namespace pyccolo::rewrite {

/// A before-event whose expression is woven a second time, to be called.
struct ThunkTarget {
  const site::Rewrite& of;  ///< the rewrite the event belongs to
  const site::Site& event;
  Ref woven;       ///< out: the expression inside it
  Ref class_name;  ///< out: the class whose body it stands in, for name mangling; null for none
};

/// Static keywords of a site, in the order handlers get them.
class Keywords {
 public:
  Keywords& add(const Ref& name, Ref value) {
    names_.push_back(Ref::borrow(name));
    values_.push_back(std::move(value));
    return *this;
  }
  bool empty() const { return names_.empty(); }
  Ref names_tuple() const { return tuple(names_); }
  Ref values_tuple() const { return tuple(values_); }

 private:
  using Items = boost::container::small_vector<Ref, 5>;
  static Ref tuple(const Items& items);
  Items names_;
  Items values_;
};

class Rewriter {
 public:
  /// `local_guards`: BaseTracer.local_guards_by_module_id, or null. A null plan weaves again what is woven already.
  Rewriter(site::SiteState& state, const Plan* plan, site::RewriteObject* rewrite,
           Borrowed current_module, Borrowed local_guards);

  /// Weaves what somebody else has made of the tree; see origin.cpp. To be called before tree().
  void use_transformed(Borrowed transformed);

  /// The woven form of a Module, Expression, FunctionDef or AsyncFunctionDef.
  Ref tree(Borrowed node);

  /// Weaves the expression of one before-event again, with sites of a rewrite of its own.
  static void replay(site::SiteState& state, site::RewriteObject* own, ThunkTarget& target);

 private:
  using Kind = ast::Kind;
  using Location = ast::Location;
  using Items = std::unordered_map<std::uint64_t, std::uint32_t>;

  /// Sets a member for as long as it lives.
  template <typename T>
  class Scoped {
   public:
    Scoped(T& member, T value) : member_(member), old_(std::exchange(member, value)) {}
    ~Scoped() { member_ = old_; }
    Scoped(const Scoped&) = delete;
    Scoped& operator=(const Scoped&) = delete;

   private:
    T& member_;
    T old_;
  };

  /// One level of the tree: RecursionError for one too deep, before the C stack ends.
  class Level {
   public:
    explicit Level(int& depth)
        : recursion_(" while instrumenting a deeply nested tree"), depth_(depth) {
      if (depth >= kMaxDepth)
        raise(PyExc_RecursionError, "the tree is nested too deeply to be instrumented");
      ++depth_;
    }
    ~Level() { --depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    static constexpr int kMaxDepth = 2000;  // a level takes up to 1.5 KB, a thread has 8 MB or less
    RecursionScope recursion_;
    int& depth_;
  };

  // emit.cpp: sites and the shapes that are emitted
  bool wants(Event event, Borrowed node) const { return wants(event, node, node); }
  bool wants(Event event, Borrowed asked, Borrowed site_node) const;
  bool wants_of(Event event, Borrowed asked, Borrowed origin) const;
  bool is_target(Event event, Borrowed origin) const;
  std::uint32_t site(Event event, Borrowed node, const Keywords& keywords, Op op = Op::None);
  std::uint32_t site_of(Event event, Borrowed origin, const Keywords& keywords, Op op = Op::None);
  Ref marker(std::uint32_t index, const Location& at);
  Ref emit_call(std::uint32_t index, const Location& at, Ref value = nullptr, Ref key = nullptr);
  Ref run_call(const Location& at, Ref arguments);
  /// emit(site, value). `pristine` stands there while a local guard is on; null: the node itself.
  Ref value(Event event, Borrowed node, Ref woven, const Location& at,
            const Keywords& keywords = {}, Borrowed pristine = nullptr);
  /// value if emit(site) else run()
  Ref thunk(Event event, Borrowed node, Ref woven, const Location& at,
            const Keywords& keywords = {}, Borrowed pristine = nullptr);
  /// emit(site) as a statement
  Ref notice(Event event, Borrowed node, const Location& at, const Keywords& keywords = {});
  /// `before` as a thunk, then `after` as a value, each if wanted
  Ref around(Event before, Event after, Borrowed node, Ref woven, const Location& at,
             const Keywords& keywords = {}, Borrowed pristine = nullptr);
  /// Lets the event of `index` follow those that gave `woven` its value, without a call of its own.
  bool follow(Borrowed woven, std::uint32_t index);
  std::uint32_t emitted_site(Borrowed call, const Ref& function) const;
  Ref unless_guarded(std::uint32_t index, Borrowed pristine, Ref woven, const Location& at);
  Ref name(const Ref& id, const Location& at) { return ast::make_name(ast_, id, at); }
  Location at(Borrowed node);
  void share_lines(Borrowed node);

  // origin.cpp: pristine nodes where the tree that is woven is another one
  Borrowed exact(Borrowed node) const;
  Borrowed origin(Event event, Borrowed node) const;
  bool stands_for(Borrowed node, Borrowed pristine) const;
  Ref origin_id(Borrowed node) const;
  Py_ssize_t origin_index(Borrowed parent, const Ref& field, Borrowed child, Py_ssize_t i) const;
  Py_ssize_t group(Borrowed list, Py_ssize_t first, Kind parent_kind, bool module_body,
                   Borrowed out, bool& changed);
  Ref guard_name(Borrowed node) const;
  void register_guard(Ref name, Borrowed node);

  // expression.cpp: dispatch on the kind, everything without a file of its own
  Ref expr(Borrowed node);
  bool too_deep(int level, int most, Borrowed node);
  Ref expr_of_kind(Borrowed node, Kind kind);
  Ref expr_list(Borrowed list);
  Ref generic(Borrowed node, Kind kind);
  Ref load_name(Borrowed node);
  Ref constant(Borrowed node);
  Ref joined_str(Borrowed node);
  Ref formatted_value(Borrowed node);
  Ref template_str(Borrowed node);
  Ref replacement_field(Ref woven);
  Ref lambda(Borrowed node);
  Ref arguments(Borrowed node);
  bool is_load(Borrowed node);

  // operators.cpp
  Ref bin_op(Borrowed node);
  Ref unary_op(Borrowed node);
  Ref bool_op(Borrowed node);
  Ref compare(Borrowed node);
  Ref operation(Event event, Borrowed node, Op op, Ref operands, const Location& at);

  // chain.cpp: attributes, subscripts, calls
  Ref attribute(Borrowed node, bool call_context);
  Ref subscript(Borrowed node, bool call_context);
  Ref key_expr(Borrowed slice);
  Ref key_in_place(Borrowed slice);
  Ref slice_call(Borrowed slice);
  Ref receiver(Event before, Borrowed node, Borrowed value, const Ref& key_name, Ref key,
               bool call_context);
  Ref call_expr(Borrowed node);
  Ref call_arguments(Borrowed list, bool keywords, bool last_is_last);
  Ref complex_symbol(Borrowed node, Ref woven, bool call_context);
  void keep_call_position(Borrowed node, Borrowed func, ast::Edit& edit);
  bool compiles_to_method_call(Borrowed node);

  // display.cpp: displays and comprehensions
  Ref sequence(Borrowed node, Kind kind);
  Ref dict(Borrowed node);
  Ref comprehension(Borrowed node, Kind kind);
  Ref comprehension_part(Borrowed part, std::optional<Event> event);

  // statement.cpp
  Ref statements(Borrowed parent, Kind parent_kind, Borrowed list, bool is_body);
  void statement(Borrowed parent, Kind parent_kind, Borrowed node, bool module_body, bool documents,
                 Borrowed out, bool& changed);
  void after_module_stmt(Borrowed origin, const Location& end, Borrowed out);
  Ref stmt(Borrowed node, Kind kind);
  Ref assignment(Borrowed node, Kind kind);
  Ref type_alias(Borrowed node);
  Ref return_stmt(Borrowed node);
  Ref assert_stmt(Borrowed node);
  Ref if_stmt(Borrowed node);
  Ref for_stmt(Borrowed node, Kind kind);
  Ref while_stmt(Borrowed node);
  Ref function(Borrowed node, Kind kind);
  Ref except_handler(Borrowed node);
  Ref blocks(Borrowed node, Kind kind);
  Ref match_case(Borrowed node);

  // region.cpp: bodies that have a guard, and so a plain twin
  Ref module_body(Borrowed module, Borrowed list);
  Ref function_body(Borrowed node, Kind kind, Borrowed list);
  Ref loop_body(Borrowed node, Kind kind, Borrowed list);
  Ref plain(Borrowed list);
  Ref without_declarations(Borrowed list);
  bool has_declarations(Borrowed list);
  int own_blocks(Borrowed node, Kind kind);
  int block_depth(Borrowed list);
  bool can_wrap(Event event, Borrowed node, Borrowed list);
  Ref exempt_twin(Borrowed list);
  bool is_docstring(Borrowed list, Py_ssize_t index);
  bool is_future_import(Borrowed stmt, Kind kind);
  bool is_tracing_disabled_block(Borrowed node, Kind kind);

  static std::uint64_t replay_key(Event event, Borrowed node, bool exempt) {
    return (reinterpret_cast<std::uint64_t>(node.get()) << 8U) ^
           (std::uint64_t(index_of(event)) << 1U) ^ std::uint64_t(exempt);
  }

  site::SiteState& state_;
  ast::AstState& ast_;
  const ast::Names& n_;
  const Plan* plan_;
  site::RewriteObject* object_;
  site::Rewrite& rewrite_;
  Borrowed module_;                  ///< what local guards are registered for
  Borrowed local_guards_;            ///< BaseTracer.local_guards_by_module_id
  Borrowed exact_, slots_, groups_;  ///< dicts of a transformed tree; null for a pristine one
  Ref value_tuples_;                 ///< shares equal keyword tuples
  std::vector<Ref> lines_;           ///< one int object per line
  std::vector<Ref> retired_lines_;
  Ref first_line_;  ///< (1, 0): where an empty module is
  bool guards_enabled_;
  bool any_exempt_;
  bool local_guards_woven_;

  Location here_;        ///< of the innermost node that has positions
  Borrowed chain_top_;   ///< the outermost node of the attribute/subscript/call chain we are in
  Borrowed class_name_;  ///< of the innermost class body
  int depth_ = 0;
  int nested_ = 0;  ///< how deep in an expression we are
  bool told_of_depth_ = false;
  int blocks_ = 0;                  ///< how deep the compiler's blocks are nested here
  bool exempt_ = false;             ///< in a region for guard-exempt handlers: expressions only
  bool plain_annotations_ = false;  ///< annotations are not evaluated where they stand

  const Items* replayed_ = nullptr;  ///< the target's sites by replay_key, when weaving again
  ThunkTarget* target_ = nullptr;
  bool inside_target_ = false;
};

}  // namespace pyccolo::rewrite
