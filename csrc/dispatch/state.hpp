// dispatch/state.hpp: the module's side of dispatch: the tracer stack, the plan made from it, threads, hooks.
#pragma once

#include <array>
#include <memory>

#include "compat/code.hpp"
#include "dispatch/plan.hpp"
#include "dispatch/thread.hpp"
#include "site/state.hpp"

namespace pyccolo::dispatch {

class DispatchState;

/// Makes the code of a thunk; filled in by module/, which knows the rewriter.
using ThunkCode = Ref (*)(site::SiteState&, site::RewriteObject*, const site::Site&,
                          Borrowed frame_code);

/// What makes the interpreter tell of its events: hooks/, as seen from here.
class InterpreterHooks {
 public:
  virtual ~InterpreterHooks() = default;
  /// Tracers were switched on or off, or want other events.
  virtual void settle() = 0;
};

/// The calling thread's data, of the state it was last asked for. The module is loaded at start-up, and small.
struct ThreadCache {
  std::uint64_t state;
  ThreadData* data;
};
extern thread_local constinit ThreadCache thread_cache __attribute__((tls_model("initial-exec")));

/// The finder that instruments what is imported while a tracer wants it.
struct ImportHook {
  Ref cleanup;       ///< takes it away; null: it is not there
  int contexts = 0;  ///< that asked for it and are not left
  bool wanted = false;
  bool changing = false;  ///< a thread is putting it in or taking it away
};

class DispatchState {
 public:
  explicit DispatchState(site::SiteState& sites);

  site::SiteState& sites;
  const ast::Names& names;
  ThunkCode thunk_code = nullptr;
  InterpreterHooks* interpreter = nullptr;

  Ref stack;                            ///< TRACER_STACK, a list
  std::array<Ref, kEventCount> events;  ///< TraceEvent members
  std::array<Ref, kEventCount> event_values;
  Ref event_index;  ///< dict: member and value -> row
  Ref true_predicate;
  Ref base_class;  ///< BaseTracer: what is found there counts as not overridden
  Ref hooks;
  Ref node_by_id;  ///< the NodeTable
  Ref null, pass, skip, skip_all, disable;
  Ref tracer_type, context_type, thunk_type, constant_type, sentinel_type;
  Ref counter_type, count_type;
  std::array<Ref, kOpCount> operations;
  Ref spare_thunk;  ///< see drop_thunk()
  ImportHook import_hook;

  /// The plan of the stack as it is now; null if no tracer is on it.
  Plan* plan() {
    const auto size = static_cast<std::size_t>(PyList_GET_SIZE(stack.get()));
    if (size == 0) return nullptr;
    Plan* made = plan_.get();
    if (made == nullptr || made->epoch != epoch_ || made->slots.size() != size) return make_plan();
    for (std::size_t i = 0; i < size; ++i) {
      const TracerSlot& slot = made->slots[i];
      if (!slot.tracer.is(PyList_GET_ITEM(stack.get(), static_cast<Py_ssize_t>(i))) ||
          !compat::type_is_at(Py_TYPE(slot.tracer.get()), slot.version)) {
        return make_plan();
      }
    }
    return made;
  }
  /// Is no newer plan made? Only the latest one's answers of the file filter are remembered.
  bool is_latest(const Plan& plan) const { return plan_.get() == &plan; }
  /// Lets go of the tracers and handlers of the last stack.
  void drop_plan() { plan_ = PlanRef(); }
  /// Handlers or options of a tracer changed.
  void invalidate() {
    ++epoch_;
    ++filter_stamp_;
  }
  /// What the file filter depends on changed.
  void refilter() { ++filter_stamp_; }
  std::uint64_t filter_stamp() const { return filter_stamp_; }
  /// A tracer is armed again.
  void rearmed() { ++armings_; }
  /// Changes when the plan, the filters or what is armed does: what quiet sites are quiet under.
  std::uint64_t quiet_stamp() const { return filter_stamp_ + armings_; }

  ThreadData& thread() { return thread_cache.state == id_ ? *thread_cache.data : find_thread(); }
  /// In a forked child: the thread that forked is the main one, and there is no other.
  void after_fork();

  /// Does the tracer want events of code in that file?
  bool file_passes(Borrowed tracer, Borrowed filename);
  /// Writes what woven code tests into builtins.
  void update_flags();
  void settle_hooks() {
    if (interpreter != nullptr) interpreter->settle();
  }
  /// Is there a definition of `name` below BaseTracer (or another one than its own)?
  bool overrides(Borrowed tracer, Borrowed name);

  Event event_of(Borrowed member_or_value);

  int traverse(visitproc visit, void* arg);
  void clear();

 private:
  Plan* make_plan();
  bool is_current(Plan& plan);
  ThreadData& find_thread();

  unsigned long main_thread_;
  Ref thread_key_;  ///< what threads have their data under
  std::uint64_t id_;
  std::uint64_t epoch_ = 1;
  std::uint64_t filter_stamp_ = 1;
  std::uint64_t armings_ = 0;
  PlanRef plan_;
  int tracing_flag_ = -1;
  int function_flag_ = -1;
};

}  // namespace pyccolo::dispatch
