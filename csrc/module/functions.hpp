// module/functions.hpp: the functions of the module, and what its state owns.
#pragma once

#include "codeobject/state.hpp"
#include "dispatch/state.hpp"
#include "hooks/state.hpp"
#include "py/module_state.hpp"
#include "rewrite/plan.hpp"

namespace pyccolo::module {

/// The slices of the module's state, in the order they depend on each other.
struct Owned {
  ast::AstState ast;
  site::SiteState sites{ast};
  dispatch::DispatchState dispatch{sites};
  std::unique_ptr<hooks::SysHooks> hooks;
  std::unique_ptr<codeobject::State> bytecode;  ///< made when pyccolo_native.bytecode is imported
  rewrite::PlanTypes plan_types;
  Ref current_module;  ///< BaseTracer.current_module, a list of one
  Ref compile;         ///< builtins.compile
};

/// What lies in the module object. `slots` comes first: the layers know only that.
struct State {
  ModuleSlots slots;
  Owned* owned;
};

inline Owned& owned_by(Borrowed module) {
  return *static_cast<State*>(PyModule_GetState(module.get()))->owned;
}

extern PyMethodDef functions[];
extern PyMethodDef augmentation_functions[];
extern PyMethodDef bytecode_functions[];

/// The type of Null, Pass, Skip, SkipAll and Disable.
Ref make_sentinel_type(Borrowed module);
/// The type of callables that stand in the place of others.
Ref make_hooked_type(Borrowed module);

}  // namespace pyccolo::module
