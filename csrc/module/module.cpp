// module/module.cpp: the extension module: its state, its functions, its start.
#include <memory>

#include "ast/node.hpp"
#include "augment/text.hpp"
#include "compat/interpreter.h"
#include "dispatch/callables.hpp"
#include "dispatch/counter.hpp"
#include "dispatch/entry.hpp"
#include "dispatch/tracer.hpp"
#include "module/build_id.hpp"  // PYC_BUILD; the build makes it from all sources
#include "module/functions.hpp"
#include "py/module_state.hpp"
#include "rewrite/thunk_code.hpp"
#include "site/types.hpp"

#ifndef PYC_VERSION
#error "the build says which version this is: -DPYC_VERSION=\"…\""
#endif

namespace pyccolo {

namespace {

using module::State;

State& state_of(PyObject* self) { return *static_cast<State*>(PyModule_GetState(self)); }

int module_traverse(PyObject* self, visitproc visit, void* arg) {
  State& state = state_of(self);
  if (state.owned == nullptr) return 0;
  int status = state.owned->ast.traverse(visit, arg);
  if (status == 0) status = state.owned->sites.traverse(visit, arg);
  if (status == 0) status = state.owned->dispatch.traverse(visit, arg);
  if (status == 0 && state.owned->hooks) status = state.owned->hooks->traverse(visit, arg);
  if (status == 0 && state.owned->bytecode) status = state.owned->bytecode->traverse(visit, arg);
  return status;
}

int module_clear(PyObject* self) {
  State& state = state_of(self);
  if (state.owned == nullptr) return 0;
  if (state.owned->bytecode) state.owned->bytecode->clear();
  state.owned->dispatch.interpreter = nullptr;
  state.owned->dispatch.clear();
  state.owned->sites.clear();
  return 0;
}

/// The slices outlive the module object while code made by us is alive: sites point to them.
void module_free(void* self) {
  State& state = state_of(static_cast<PyObject*>(self));
  if (state.owned == nullptr) return;
  if (state.owned->sites.live_rewrites == 0) {
    delete state.owned;
  }
  state.owned = nullptr;
}

Ref make_sentinel(Borrowed module, dispatch::DispatchState& state, const char* name) {
  Ref made = call(state.sentinel_type, take(PyUnicode_FromString(name)));
  ok(PyModule_AddObjectRef(module.get(), name, made.get()));
  return made;
}

void install_builtins(Borrowed module, const ast::Names& names, site::SiteState& sites) {
  const std::pair<const Ref*, const char*> functions[] = {
      {&names.emit, "emit"},
      {&names.run, "run"},
  };
  for (const auto& [name, attribute] : functions) {
    sites.set_builtin(*name, get_attr(module, attribute));
  }
  sites.set_builtin(names.make_slice, reinterpret_cast<PyObject*>(&PySlice_Type));
  sites.set_builtin(names.tracing_enabled, Py_False);
  sites.set_builtin(names.function_tracing_enabled, Py_False);
}

int module_exec(PyObject* self) {
  return guarded_status([&] {
    State& state = state_of(self);
    auto owned = std::make_unique<module::Owned>();
    state.owned = owned.release();
    state.slots = {&state.owned->ast, &state.owned->sites, &state.owned->dispatch, nullptr};
    dispatch::DispatchState& dispatching = state.owned->dispatch;
    site::SiteState& sites = state.owned->sites;
    Ref builtins = take(PyImport_ImportModule("builtins"));
    sites.builtins = Ref::borrow(PyModule_GetDict(builtins.get()));
    sites.late_builtins = Ref::borrow(PycInterpreter_BuiltinsCopy());
    site::add_types(self, sites);
    dispatch::add_callables(self, dispatching);
    dispatch::add_entries(self, dispatching);
    dispatch::add_counting(self, dispatching);
    dispatching.tracer_type = dispatch::make_tracer_type(self);
    dispatching.context_type = dispatch::make_context_type(self);
    state.owned->hooks = std::make_unique<hooks::SysHooks>(dispatching, self);
    dispatching.interpreter = state.owned->hooks.get();
    dispatching.sentinel_type = module::make_sentinel_type(self);
    dispatching.thunk_code = rewrite::thunk_code;
    dispatching.null = make_sentinel(self, dispatching, "Null");
    dispatching.pass = make_sentinel(self, dispatching, "Pass");
    dispatching.skip = make_sentinel(self, dispatching, "Skip");
    dispatching.skip_all = make_sentinel(self, dispatching, "SkipAll");
    dispatching.disable = make_sentinel(self, dispatching, "Disable");
    ok(PyModule_AddObjectRef(self, "Sentinel", dispatching.sentinel_type.get()));
    ok(PyModule_AddFunctions(self, module::augmentation_functions));
    ok(PyModule_AddFunctions(self, module::bytecode_functions));
    ok(PyModule_AddObjectRef(self, "Source", augment::make_source_type(self).get()));
    ok(PyModule_AddObjectRef(self, "Hooked", module::make_hooked_type(self).get()));
    ok(PyModule_AddObjectRef(self, "TracerCore", dispatching.tracer_type.get()));
    ok(PyModule_AddObjectRef(self, "TRACER_STACK", dispatching.stack.get()));
    ok(PyModule_AddStringConstant(self, "__version__", PYC_VERSION));
    ok(PyModule_AddStringConstant(self, "__build__", PYC_BUILD));
    Ref kinds = take(PyTuple_New(site::kTableCount));
    for (std::size_t i = 0; i < site::kTableCount; ++i) {
      PyTuple_SET_ITEM(kinds.get(), static_cast<Py_ssize_t>(i),
                       take(PyUnicode_FromString(site::kTableNames[i])).release());
    }
    ok(PyModule_AddObjectRef(self, "TABLE_KINDS", kinds.get()));
    install_builtins(self, dispatching.names, sites);
    Ref atexit = take(PyImport_ImportModule("atexit"));
    take(PyObject_CallMethod(atexit.get(), "register", "N", get_attr(self, "shutdown").release()));
    Ref os = take(PyImport_ImportModule("posix"));
    Ref register_at_fork = get_attr(os, "register_at_fork");
    Ref keywords =
        take(Py_BuildValue("{sN}", "after_in_child", get_attr(self, "after_fork").release()));
    Ref nothing = take(PyTuple_New(0));
    take(PyObject_Call(register_at_fork.get(), nothing.get(), keywords.get()));
  });
}

PyModuleDef_Slot slots[] = {
    {Py_mod_exec, reinterpret_cast<void*>(module_exec)},
    {0, nullptr},
};

}  // namespace

PyModuleDef module_def = {
    PyModuleDef_HEAD_INIT,
    "pyccolo_native._native",
    "The C++ core of pyccolo_native.",
    sizeof(module::State),
    module::functions,
    slots,
    module_traverse,
    module_clear,
    module_free,
};

}  // namespace pyccolo

PyMODINIT_FUNC PyInit__native() { return PyModuleDef_Init(&pyccolo::module_def); }
