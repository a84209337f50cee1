// tracing_context() and its kin: a tracer on the stack, enabled or disabled, for a while.
#include <boost/container/small_vector.hpp>

#include "dispatch/tracer.hpp"

namespace pyccolo::dispatch {

/// Contexts of a tracer need not be left in the order they were entered in: those of other threads and tasks come in
/// between. So each knows the one entered before it, and one that is left early gives its duties to the next.
struct ContextObject {
  PyObject_HEAD
  DispatchState* state;
  PyObject* tracer;
  PyObject* file;         ///< tracing_enabled_file, or null
  PyObject* old_files;    ///< owned
  PyObject* old_sandbox;  ///< owned
  ContextObject* outer;   ///< while entered: the tracer's context that was entered before; borrowed
  unsigned long thread;   ///< that entered it
  Py_ssize_t old_calls;
  bool disabled;
  bool quiet_sandbox;  ///< tracing_disabled(): sys events of the sandbox are not counted
  bool old_hard_disabled;
  bool entered;
  bool pushed;
  bool enabled;
  bool hooked;        ///< asked for the import hook
  bool has_children;  ///< what the tracer's class says of child processes was asked for
};

namespace {

ContextObject* as_context(PyObject* self) { return reinterpret_cast<ContextObject*>(self); }

/// The place that points to a context that is entered; null if there is none.
ContextObject** link_to(ContextObject* context) {
  ContextObject** at = &as_tracer(context->tracer)->innermost;
  while (*at != nullptr && *at != context) at = &(*at)->outer;
  return *at == context ? at : nullptr;
}

void unlink(ContextObject* context) {
  if (ContextObject** at = link_to(context)) *at = std::exchange(context->outer, nullptr);
}

/// Of those entered after `context`, the first; null if there is none.
ContextObject* entered_after(ContextObject* context) {
  ContextObject* found = nullptr;
  for (ContextObject* at = as_tracer(context->tracer)->innermost; at != nullptr && at != context;
       at = at->outer) {
    found = at;
  }
  return found;
}

int Context_traverse(PyObject* self, visitproc visit, void* arg) {
  const ContextObject* context = as_context(self);
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(context->tracer);
  Py_VISIT(context->old_files);
  return 0;
}

int Context_clear(PyObject* self) {
  ContextObject* context = as_context(self);
  if (context->entered && context->tracer != nullptr) {  // dropped, not left
    unlink(context);
    if (std::exchange(context->hooked, false)) --context->state->import_hook.contexts;
  }
  Py_CLEAR(context->tracer);
  Py_CLEAR(context->file);
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

void begin_children(ContextObject* context) {
  DispatchState& state = *context->state;
  Ref wanted = find_attr(context->tracer, state.names.trace_children);
  if (!wanted || !is_true(wanted)) return;
  context->has_children = true;
  take(PyObject_CallMethodOneArg(state.hooks.get(), state.names.begin_children.get(),
                                 context->tracer));
}

void end_children(ContextObject* context) {
  context->has_children = false;
  take(PyObject_CallMethodOneArg(context->state->hooks.get(),
                                 context->state->names.end_children.get(), context->tracer));
}

bool is_wanted_on_stack(DispatchState& state, Borrowed option) {
  if (PyList_GET_SIZE(state.stack.get()) == 0) return false;
  Ref tracers = take(PyList_GetSlice(state.stack.get(), 0, PY_SSIZE_T_MAX));
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(tracers.get()); ++i) {
    if (truth_of(PyList_GET_ITEM(tracers.get(), i), option)) return true;
  }
  return false;
}

/// Puts the import hook in or takes it away. Both run Python code, during which other threads may want the opposite: one
/// of them is at it at a time, and goes on until the hook is as it is wanted.
void settle_import_hook(DispatchState& state) {
  ImportHook& hook = state.import_hook;
  if (hook.changing || hook.wanted == bool(hook.cleanup)) return;
  struct Changing {
    explicit Changing(bool& changing) : flag(changing) { flag = true; }
    ~Changing() { flag = false; }
    bool& flag;
  } const changing(hook.changing);
  while (hook.wanted != bool(hook.cleanup)) {
    if (hook.wanted) {
      hook.cleanup = take(PyObject_CallMethodOneArg(
          state.hooks.get(), state.names.push_meta_path.get(), state.stack.get()));
    } else {
      Ref cleanup = std::move(hook.cleanup);
      call(cleanup);
    }
  }
}

/// The hook stays for as long as a tracer on the stack wants it, though whoever had it put in has left.
void let_go_of_import_hook(ContextObject* context) {
  DispatchState& state = *context->state;
  ImportHook& hook = state.import_hook;
  if (std::exchange(context->hooked, false)) --hook.contexts;
  if (!hook.wanted || hook.contexts > 0) return;
  if (!is_wanted_on_stack(state, state.names.should_patch_meta_path) && hook.contexts == 0) {
    hook.wanted = false;
    settle_import_hook(state);
  }
}

void enable_file(ContextObject* context) {
  TracerObject* tracer = as_tracer(context->tracer);
  Ref before;
  Ref files;
  do {  // again if another thread has been here meanwhile
    before = Ref::borrow(tracer->enabled_files);
    files = take(PySet_New(before.get()));
    ok(PySet_Add(files.get(), context->file));
  } while (!before.is(tracer->enabled_files));
  context->old_files = std::exchange(tracer->enabled_files, files.release());
  context->old_sandbox = std::exchange(tracer->sandbox_fname, Py_NewRef(context->file));
  context->state->refilter();
}

void drop_file(PyObject*& files, PyObject* file) {
  if (ok(PySequence_Contains(files, file)) == 0) return;
  Ref fewer = take(PySet_New(files));  // the set itself may be in other hands
  ok(PySet_Discard(fewer.get(), file));
  Ref dropped = Ref::steal(std::exchange(files, fewer.release()));
}

/// The tracer's files are again what they were, or will be when the next context that has a file is left.
void disable_file(ContextObject* context) {
  const GcPause nothing_else_runs;
  TracerObject* tracer = as_tracer(context->tracer);
  boost::container::small_vector<ContextObject*, 4>
      later;  // entered later and having a file, last first
  for (ContextObject* at = tracer->innermost; at != context; at = at->outer) {
    if (at->old_files != nullptr) later.push_back(at);
  }
  ContextObject* next = later.empty() ? nullptr : later.back();
  std::swap(next != nullptr ? next->old_files : tracer->enabled_files, context->old_files);
  std::swap(next != nullptr ? next->old_sandbox : tracer->sandbox_fname, context->old_sandbox);
  context->state->refilter();
  if (next == nullptr || ok(PySequence_Contains(next->old_files, context->file)) != 0) return;
  // What was noted since has this file, up to where another context enables the same one.
  while (!later.empty()) {
    ContextObject* at = later.back();
    later.pop_back();
    drop_file(at->old_files, context->file);
    if (ok(PyObject_RichCompareBool(at->file, context->file, Py_EQ)) != 0) return;
  }
  drop_file(tracer->enabled_files, context->file);
}

void leave(ContextObject* context, bool tell);

void enter(ContextObject* context) {
  DispatchState& state = *context->state;
  const ast::Names& n = state.names;
  if (context->entered) raise(PyExc_RuntimeError, "this tracing context is entered already");
  TracerObject* tracer = as_tracer(context->tracer);
  context->thread = PyThread_get_thread_ident();
  context->old_calls = tracer->sandbox_calls;
  context->old_hard_disabled = tracer->hard_disabled;
  context->enabled = !context->disabled && !tracer->enabled;
  context->outer = std::exchange(tracer->innermost, context);
  context->entered = true;

  tracer->hard_disabled = context->disabled;
  if (context->quiet_sandbox) tracer->sandbox_calls = 2;
  try {
    const bool first = PyList_GET_SIZE(state.stack.get()) == 0;
    context->pushed = !is_on_stack(state, context->tracer);
    if (context->pushed) append(state.stack, context->tracer);
    if (context->file != nullptr) enable_file(context);
    if (first && state.hooks && truth_of(context->tracer, n.should_patch_meta_path)) {
      context->hooked = true;
      ++state.import_hook.contexts;
      state.import_hook.wanted = true;
      settle_import_hook(state);
    }
    if (context->enabled) {
      switch_tracing(state, context->tracer, true);
    } else {
      state.update_flags();
    }
    if (context->pushed && state.hooks) begin_children(context);
    if (context->pushed) call_if_overridden(state, context->tracer, n.enter_tracing_hook);
  } catch (const PyRaised&) {
    const ErrorScope parked;
    if (guarded_status([&] { leave(context, true); }) < 0) PyErr_WriteUnraisable(context->tracer);
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

/// tell: let the tracer know.
void leave(ContextObject* context, bool tell) {
  if (!context->entered) return;
  DispatchState& state = *context->state;
  TracerObject* tracer = as_tracer(context->tracer);
  if (context->old_files != nullptr) disable_file(context);
  ContextObject* next = entered_after(context);
  unlink(context);
  context->entered = false;
  (next != nullptr ? next->old_hard_disabled : tracer->hard_disabled) = context->old_hard_disabled;
  (next != nullptr ? next->old_calls : tracer->sandbox_calls) = context->old_calls;
  if (next != nullptr) {
    next->pushed |= std::exchange(context->pushed, false);
    next->enabled |= std::exchange(context->enabled, false);
    next->has_children |= std::exchange(context->has_children, false);
    if (!next->hooked) next->hooked = std::exchange(context->hooked, false);
  }
  if (context->pushed) pop(state, context->tracer);
  if (context->enabled) {
    switch_tracing(state, context->tracer, false);
  } else {
    state.update_flags();
  }
  Py_CLEAR(context->old_files);
  Py_CLEAR(context->old_sandbox);
  let_go_of_import_hook(context);
  if (PyList_GET_SIZE(state.stack.get()) == 0) state.drop_plan();
  if (context->has_children) end_children(context);
  if (context->pushed && tell) {
    call_if_overridden(state, context->tracer, state.names.exit_tracing_hook);
  }
}

PyObject* Context_enter(PyObject* self, PyObject*) {
  return guarded_object([&] {
    enter(as_context(self));
    return none();
  });
}

PyObject* Context_exit(PyObject* self, PyObject* const*, Py_ssize_t) {
  return guarded_object([&] {
    leave(as_context(self), true);
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

void leave_contexts_of_other_threads(DispatchState& state) {
  state.import_hook.changing = false;
  const unsigned long own = PyThread_get_thread_ident();
  Ref tracers = take(PyList_GetSlice(state.stack.get(), 0, PY_SSIZE_T_MAX));
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(tracers.get()); ++i) {
    ContextObject*& innermost = as_tracer(PyList_GET_ITEM(tracers.get(), i))->innermost;
    for (ContextObject* at = innermost; at != nullptr;) {
      if (!at->disabled || at->thread == own) {
        at = at->outer;
        continue;
      }
      Ref context = Ref::borrow(reinterpret_cast<PyObject*>(at));
      leave(at, false);
      at = innermost;
    }
  }
  settle_import_hook(state);
}

}  // namespace pyccolo::dispatch
