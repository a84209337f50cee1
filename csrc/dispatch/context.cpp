// tracing_context() and its kin: a tracer on the stack, enabled or disabled, for a while.
#include "dispatch/tracer.hpp"

namespace pyccolo::dispatch {

namespace {

struct ContextObject {
  PyObject_HEAD
  DispatchState* state;
  PyObject* tracer;
  PyObject* file;         ///< tracing_enabled_file, or null
  PyObject* cleanup;      ///< takes the import hook away, or null
  PyObject* old_files;    ///< owned
  PyObject* old_sandbox;  ///< owned
  Py_ssize_t old_calls;
  bool disabled;
  bool quiet_sandbox;  ///< tracing_disabled(): sys events of the sandbox are not counted
  bool old_hard_disabled;
  bool entered;
  bool pushed;
  bool enabled;
};

ContextObject* as_context(PyObject* self) { return reinterpret_cast<ContextObject*>(self); }

int Context_traverse(PyObject* self, visitproc visit, void* arg) {
  const ContextObject* context = as_context(self);
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(context->tracer);
  Py_VISIT(context->cleanup);
  Py_VISIT(context->old_files);
  return 0;
}

int Context_clear(PyObject* self) {
  ContextObject* context = as_context(self);
  Py_CLEAR(context->tracer);
  Py_CLEAR(context->file);
  Py_CLEAR(context->cleanup);
  Py_CLEAR(context->old_files);
  Py_CLEAR(context->old_sandbox);
  return 0;
}

void Context_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  Context_clear(self);
  type->tp_free(self);
  Py_DECREF(type);
}

bool is_on_stack(DispatchState& state, Borrowed tracer) {
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(state.stack.get()); ++i) {
    if (tracer.is(PyList_GET_ITEM(state.stack.get(), i))) return true;
  }
  return false;
}

void call_if_overridden(DispatchState& state, Borrowed tracer, Borrowed method) {
  if (state.overrides(tracer, method)) take(PyObject_CallMethodNoArgs(tracer.get(), method.get()));
}

/// _enable_tracing and _disable_tracing may be overridden, as everything a tracer has.
void switch_tracing(DispatchState& state, Borrowed tracer, bool on) {
  const Ref& method = on ? state.names._enable_tracing : state.names._disable_tracing;
  if (!state.overrides(tracer, method)) {
    if (on) {
      enable_tracing(state, tracer);
    } else {
      disable_tracing(state, tracer);
    }
  } else if (on) {
    take(PyObject_CallMethodNoArgs(tracer.get(), method.get()));
  } else {
    take(PyObject_CallMethod(tracer.get(), "_disable_tracing", "i", 0));
  }
}

void leave(ContextObject* context);

void enter(ContextObject* context) {
  DispatchState& state = *context->state;
  const ast::Names& n = state.names;
  if (context->entered) raise(PyExc_RuntimeError, "this tracing context is entered already");
  TracerObject* tracer = as_tracer(context->tracer);
  context->old_calls = tracer->sandbox_calls;
  context->old_hard_disabled = tracer->hard_disabled;
  context->old_files = Py_XNewRef(tracer->enabled_files);
  context->old_sandbox = Py_XNewRef(tracer->sandbox_fname);
  context->pushed = !is_on_stack(state, context->tracer);
  context->enabled = !context->disabled && !tracer->enabled;
  context->entered = true;

  tracer->hard_disabled = context->disabled;
  if (context->quiet_sandbox) tracer->sandbox_calls = 2;
  if (context->file != nullptr) {
    Ref files = take(PySet_New(tracer->enabled_files));
    ok(PySet_Add(files.get(), context->file));
    Ref old_files = Ref::steal(std::exchange(tracer->enabled_files, files.release()));
    Ref old_name = Ref::steal(std::exchange(tracer->sandbox_fname, Py_NewRef(context->file)));
    state.refilter();
  }
  try {
    const bool first = PyList_GET_SIZE(state.stack.get()) == 0;
    if (context->pushed) append(state.stack, context->tracer);
    if (first && state.hooks && truth_of(context->tracer, n.should_patch_meta_path)) {
      context->cleanup = take(PyObject_CallMethodOneArg(state.hooks.get(), n.push_meta_path.get(),
                                                        state.stack.get()))
                             .release();
    }
    if (context->enabled) {
      switch_tracing(state, context->tracer, true);
    } else {
      state.update_flags();
    }
    if (context->pushed) call_if_overridden(state, context->tracer, n.enter_tracing_hook);
  } catch (const PyRaised&) {
    const ErrorScope parked;
    if (guarded_status([&] { leave(context); }) < 0) PyErr_WriteUnraisable(context->tracer);
    throw;
  }
}

/// Removes the last entry of the tracer from the stack.
void pop(DispatchState& state, Borrowed tracer) {
  for (Py_ssize_t i = PyList_GET_SIZE(state.stack.get()); i-- > 0;) {
    if (!tracer.is(PyList_GET_ITEM(state.stack.get(), i))) continue;
    ok(PyList_SetSlice(state.stack.get(), i, i + 1, nullptr));
    return;
  }
}

void leave(ContextObject* context) {
  if (!context->entered) return;
  context->entered = false;
  DispatchState& state = *context->state;
  TracerObject* tracer = as_tracer(context->tracer);
  if (context->cleanup != nullptr) {
    Ref cleanup = Ref::steal(std::exchange(context->cleanup, nullptr));
    call(cleanup);
  }
  if (context->file != nullptr) {
    Ref dropped = Ref::steal(
        std::exchange(tracer->enabled_files, std::exchange(context->old_files, nullptr)));
    Ref dropped_name = Ref::steal(
        std::exchange(tracer->sandbox_fname, std::exchange(context->old_sandbox, nullptr)));
    state.refilter();
  } else {
    Py_CLEAR(context->old_files);
    Py_CLEAR(context->old_sandbox);
  }
  tracer->hard_disabled = context->old_hard_disabled;
  tracer->sandbox_calls = context->old_calls;
  if (context->pushed) pop(state, context->tracer);
  if (context->enabled) {
    switch_tracing(state, context->tracer, false);
  } else {
    state.update_flags();
  }
  if (PyList_GET_SIZE(state.stack.get()) == 0) state.drop_plan();
  if (context->pushed) call_if_overridden(state, context->tracer, state.names.exit_tracing_hook);
}

PyObject* Context_enter(PyObject* self, PyObject*) {
  return guarded_object([&] {
    enter(as_context(self));
    return none();
  });
}

PyObject* Context_exit(PyObject* self, PyObject* const*, Py_ssize_t) {
  return guarded_object([&] {
    leave(as_context(self));
    return none();
  });
}

PyMethodDef methods[] = {
    {"__enter__", Context_enter, METH_NOARGS, "Enters the context."},
    {"__exit__", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(Context_exit)),
     METH_FASTCALL, "Leaves the context."},
    {"close", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(Context_exit)),
     METH_FASTCALL, "Leaves the context."},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("A tracer on the stack, for a while.")},
    {Py_tp_dealloc, reinterpret_cast<void*>(Context_dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(Context_traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(Context_clear)},
    {Py_tp_methods, methods},
    {0, nullptr},
};

PyType_Spec spec = {"pyccolo_native._native.TracingContext", sizeof(ContextObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                    slots};

}  // namespace

Ref make_context_type(Borrowed module) {
  return take(PyType_FromModuleAndSpec(module.get(), &spec, nullptr));
}

Ref make_context(DispatchState& state, Borrowed tracer, bool disabled, bool quiet_sandbox,
                 Borrowed file) {
  auto* type = reinterpret_cast<PyTypeObject*>(state.context_type.get());
  Ref made = take(type->tp_alloc(type, 0));
  ContextObject* context = as_context(made.get());
  context->state = &state;
  context->tracer = Py_NewRef(tracer.get());
  context->file = file.is_none() ? nullptr : Py_NewRef(file.get());
  context->disabled = disabled;
  context->quiet_sandbox = quiet_sandbox;
  return made;
}

}  // namespace pyccolo::dispatch
