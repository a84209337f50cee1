// py/module_state.hpp: how a layer finds its slice of the module's state.
//
// The state is a struct of pointers; each layer names only its own. module/ defines the rest.
#pragma once

#include "py/error.hpp"

namespace pyccolo {

namespace ast {
class AstState;
}
namespace site {
class SiteState;
}
namespace dispatch {
class DispatchState;
}
namespace codeobject {
class State;
}

/// What PyModule_GetState gives.
struct ModuleSlots {
  ast::AstState* ast;
  site::SiteState* site;
  dispatch::DispatchState* dispatch;
  codeobject::State* bytecode;  ///< null until pyccolo_native.bytecode is imported
};

extern PyModuleDef module_def;  ///< constant after start-up; defined in module/module.cpp

inline ModuleSlots& slots_of_module(Borrowed module) {
  return *static_cast<ModuleSlots*>(PyModule_GetState(module.get()));
}

/// The slots of the module that made `type` or a base of it.
inline ModuleSlots& slots_of_type(PyTypeObject* type) {
  PyObject* module = PyType_GetModuleByDef(type, &module_def);
  if (module == nullptr) throw PyRaised{};
  return slots_of_module(module);
}

}  // namespace pyccolo
