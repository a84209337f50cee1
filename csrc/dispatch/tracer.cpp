#include "dispatch/tracer.hpp"

#include "dispatch/disabled.hpp"
#include "dispatch/fire.hpp"
#include "py/module_state.hpp"

namespace pyccolo::dispatch {

namespace {

int Tracer_traverse(PyObject* self, visitproc visit, void* arg) {
  const TracerObject* tracer = as_tracer(self);
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(tracer->enabled_files);
  Py_VISIT(tracer->sandbox_fname);
  Py_VISIT(tracer->reported);
  Py_VISIT(tracer->counters);
  return tracer->armed == nullptr ? 0 : tracer->armed->traverse(visit, arg);
}

int Tracer_clear(PyObject* self) {
  TracerObject* tracer = as_tracer(self);
  Py_CLEAR(tracer->enabled_files);
  Py_CLEAR(tracer->sandbox_fname);
  Py_CLEAR(tracer->reported);
  Py_CLEAR(tracer->hook_reason);
  Py_CLEAR(tracer->counters);
  delete std::exchange(tracer->armed, nullptr);
  return 0;
}

void Tracer_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  Tracer_clear(self);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* Tracer_new(PyTypeObject* type, PyObject*, PyObject*) {
  return guarded_object([&] {
    DispatchState* state = slots_of_type(type).dispatch;
    Ref self = take(type->tp_alloc(type, 0));
    TracerObject* tracer = as_tracer(self);
    tracer->state = state;
    tracer->enabled_files = take(PySet_New(nullptr)).release();
    tracer->sandbox_fname = take(PyUnicode_FromString("<sandbox>")).release();
    return self;
  });
}

int Tracer_init(PyObject*, PyObject*, PyObject*) { return 0; }

/// What a plan or the file filter was made from changes only through here or through the type.
int Tracer_setattro(PyObject* self, PyObject* name, PyObject* value) {
  DispatchState& state = *as_tracer(self)->state;
  const ast::Names& n = state.names;
  bool is_watched = false;
  for (const Ref* watched :
       {&n._event_handlers, &n.events_with_registered_handlers, &n.allow_reentrant_events,
        &n.multiple_threads_allowed, &n.instrument_all_files, &n._emit_event,
        &n.should_instrument_file, &n.file_passes_filter_for_event,
        &n.should_propagate_handler_exception}) {
    if (!watched->is(name)) continue;
    state.invalidate();
    is_watched = true;
  }
  if (n.events_with_registered_handlers.is(name)) as_tracer(self)->knows_sys_events = false;
  const int status = PyObject_GenericSetAttr(self, name, value);
  if (status < 0 || !is_watched || !as_tracer(self)->enabled) return status;
  return guarded_status([&] { state.settle_hooks(); });
}

// ---- attributes

PyObject* get_enabled(PyObject* self, void*) { return PyBool_FromLong(as_tracer(self)->enabled); }

int set_flag(PyObject* self, PyObject* value, bool TracerObject::*flag) {
  return guarded_status([&] {
    if (value == nullptr) raise(PyExc_AttributeError, "cannot delete a flag of a tracer");
    as_tracer(self)->*flag = is_true(value);
    as_tracer(self)->state->update_flags();
  });
}

int set_enabled(PyObject* self, PyObject* value, void*) {
  return set_flag(self, value, &TracerObject::enabled);
}

PyObject* get_hard_disabled(PyObject* self, void*) {
  return PyBool_FromLong(as_tracer(self)->hard_disabled);
}

int set_hard_disabled(PyObject* self, PyObject* value, void*) {
  return set_flag(self, value, &TracerObject::hard_disabled);
}

template <PyObject* TracerObject::*member>
PyObject* get_object(PyObject* self, void*) {
  return Py_NewRef(as_tracer(self)->*member != nullptr ? as_tracer(self)->*member : Py_None);
}

template <PyObject* TracerObject::*member>
int set_object(PyObject* self, PyObject* value, void*) {
  TracerObject* tracer = as_tracer(self);
  Ref old = Ref::steal(tracer->*member);
  tracer->*member = Py_XNewRef(value);
  tracer->state->refilter();
  return 0;
}

PyObject* get_sandbox_calls(PyObject* self, void*) {
  return PyLong_FromSsize_t(as_tracer(self)->sandbox_calls);
}

int set_sandbox_calls(PyObject* self, PyObject* value, void*) {
  return guarded_status([&] {
    const Py_ssize_t count = value == nullptr ? 0 : PyLong_AsSsize_t(value);
    if (PyErr_Occurred()) throw PyRaised{};
    as_tracer(self)->sandbox_calls = count;
  });
}

PyObject* get_hook(PyObject* self, void*) {
  return guarded_object([&] {
    const TracerObject* tracer = as_tracer(self);
    if (tracer->hook == Hook::None) return none();
    return take(Py_BuildValue("(sO)", tracer->hook == Hook::Settrace ? "settrace" : "monitoring",
                              tracer->hook_reason));
  });
}

PyGetSetDef getset[] = {
    {"_sys_hook", get_hook, nullptr, "(name, reason) of the hook for interpreter events, or None.",
     nullptr},
    {"_is_tracing_enabled", get_enabled, set_enabled, "Between enable and disable.", nullptr},
    {"_is_tracing_hard_disabled", get_hard_disabled, set_hard_disabled,
     "Inside tracing_disabled(): no handler runs.", nullptr},
    {"_tracing_enabled_files", get_object<&TracerObject::enabled_files>,
     set_object<&TracerObject::enabled_files>, "Files instrumented whatever the filters say.",
     nullptr},
    {"_current_sandbox_fname", get_object<&TracerObject::sandbox_fname>,
     set_object<&TracerObject::sandbox_fname>, "File name of the innermost exec or eval.", nullptr},
    {"_num_sandbox_calls_seen", get_sandbox_calls, set_sandbox_calls,
     "Calls of the innermost sandbox so far.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

// ---- methods

template <bool kDisabled, bool kTakesDisabled>
PyObject* open_context(PyObject* self, PyObject* args, PyObject* keywords) {
  return guarded_object([&] {
    int disabled = kDisabled ? 1 : 0;
    PyObject* file = Py_None;
    static const char* with_flag[] = {"disabled", "tracing_enabled_file", nullptr};
    const bool parsed =
        kTakesDisabled
            ? PyArg_ParseTupleAndKeywords(args, keywords, "|pO:tracing_context",
                                          const_cast<char**>(with_flag), &disabled, &file) != 0
            : PyArg_ParseTupleAndKeywords(args, keywords, "|O", const_cast<char**>(with_flag + 1),
                                          &file) != 0;
    if (!parsed) throw PyRaised{};
    return make_context(*as_tracer(self)->state, self, disabled != 0, kDisabled && !kTakesDisabled,
                        file);
  });
}

PyObject* Tracer_enable(PyObject* self, PyObject* args, PyObject* keywords) {
  return guarded_object([&] {
    int check = 1;
    PyObject* existing = nullptr;
    static const char* names[] = {"check_disabled", "existing_tracer", nullptr};
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "|pO:_enable_tracing",
                                     const_cast<char**>(names), &check, &existing)) {
      throw PyRaised{};
    }
    if (check != 0 && as_tracer(self)->enabled) {
      raise(PyExc_AssertionError, "tracing of %R is enabled already", self);
    }
    enable_tracing(*as_tracer(self)->state, self);
    return none();
  });
}

PyObject* Tracer_rearm(PyObject* self, PyObject* events) {
  return guarded_object([&] {
    DispatchState& state = *as_tracer(self)->state;
    Ref wanted = take(PySequence_Tuple(events));
    if (PyTuple_GET_SIZE(wanted.get()) == 0) armed_handlers(self).rearm();
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(wanted.get()); ++i) {
      armed_handlers(self).rearm(state.event_of(PyTuple_GET_ITEM(wanted.get(), i)));
    }
    state.rearmed();  // sites that had gone quiet ask again
    state.settle_hooks();
    return none();
  });
}

PyObject* Tracer_disable(PyObject* self, PyObject* args, PyObject* keywords) {
  return guarded_object([&] {
    int check = 1;
    static const char* names[] = {"check_enabled", nullptr};
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "|p:_disable_tracing",
                                     const_cast<char**>(names), &check)) {
      throw PyRaised{};
    }
    if (check != 0 && !as_tracer(self)->enabled) {
      raise(PyExc_AssertionError, "tracing of %R is not enabled", self);
    }
    disable_tracing(*as_tracer(self)->state, self);
    return none();
  });
}

/// Keyword arguments of an event in the form dispatch has them.
struct EventKeywords {
  Ref names;
  std::vector<PyObject*> values;
};

EventKeywords event_keywords(Borrowed keywords, Borrowed skip_a, Borrowed skip_b) {
  Ref names = list_of({});
  EventKeywords found;
  PyObject* name = nullptr;
  PyObject* value = nullptr;
  Py_ssize_t at = 0;
  while (keywords && PyDict_Next(keywords.get(), &at, &name, &value)) {
    if (PyUnicode_Compare(name, skip_a.get()) == 0 || PyUnicode_Compare(name, skip_b.get()) == 0)
      continue;
    append(names, name);
    found.values.push_back(value);
  }
  found.names = take(PyList_AsTuple(names.get()));
  return found;
}

PyObject* Tracer_emit_event(PyObject* self, PyObject* args, PyObject* keywords) {
  return guarded_object([&] {
    DispatchState& state = *as_tracer(self)->state;
    const ast::Names& n = state.names;
    PyObject* which = nullptr;
    PyObject* node_id = nullptr;
    PyObject* frame = nullptr;
    PyObject* fourth = nullptr;
    if (!PyArg_ParseTuple(args, "OOO|O:_emit_event", &which, &node_id, &frame, &fourth)) {
      throw PyRaised{};
    }
    const Event event = state.event_of(which);
    Borrowed ret = keywords != nullptr ? find_item(keywords, n.ret) : Borrowed();
    Borrowed reentrant = fourth;
    if (!reentrant && keywords != nullptr)
      reentrant = find_item(keywords, n.reentrant_handlers_only);
    if (as_tracer(self)->hard_disabled) return ret ? Ref::borrow(ret) : none();

    // A stack of its own: the tracer need not be on the stack to be told of an import.
    PlanRef plan;
    std::size_t slot = 0;
    Plan* current = state.plan();
    for (std::size_t i = 0; current != nullptr && i < current->slots.size(); ++i) {
      if (!current->slots[i].tracer.is(self)) continue;
      plan = PlanRef(current);
      slot = i;
      break;
    }
    if (!plan) plan = PlanRef(new Plan(state, list_of({Py_NewRef(self)}), 0, 0));

    EventKeywords given = event_keywords(keywords, n.ret, n.reentrant_handlers_only);
    Fire fire(state, event);
    Ref node;
    if (!Borrowed(node_id).is_none() && state.node_by_id) {
      node = Ref::steal(PyObject_GetItem(state.node_by_id.get(), node_id));
      if (!node) {
        if (!PyErr_ExceptionMatches(PyExc_KeyError)) throw PyRaised{};
        PyErr_Clear();
      }
    }
    fire.node = node;
    fire.node_id = Ref::borrow(node_id);
    fire.frame = Ref::borrow(frame);
    fire.ret = ret ? Ref::borrow(ret) : none();
    fire.reentrant_only = reentrant && is_true(reentrant);
    fire.keyword_names = given.names;
    fire.keyword_values = given.values.data();
    fire.region_guard = ok(PySequence_Contains(given.names.get(), n.guard.get())) != 0;
    if (!fire.take_place(state.thread().overridden, self))
      fire.disabled = &armed_handlers(self).nowhere;
    for (const TracerHandlers& row : plan->list(event).rows) {
      if (row.slot != slot) continue;
      const Fire::Outcome outcome = fire.run(plan->slots[slot], row.handlers);
      if (outcome == Fire::Outcome::StopAll) {
        return take(PyTuple_Pack(2, state.skip_all.get(), fire.ret.get()));
      }
    }
    if (is_sys_event(event) && fire.was_null) return state.null.copy();  // None leaves things alone
    return std::move(fire.ret);
  });
}

PyCFunction as_method(PyCFunctionWithKeywords function) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

PyMethodDef methods[] = {
    {"tracing_context", as_method(open_context<false, true>), METH_VARARGS | METH_KEYWORDS,
     "tracing_context(disabled=False, tracing_enabled_file=None): on the stack, enabled or "
     "disabled."},
    {"tracing_enabled", as_method(open_context<false, false>), METH_VARARGS | METH_KEYWORDS,
     "tracing_enabled(tracing_enabled_file=None): on the stack and enabled."},
    {"tracing_disabled", as_method(open_context<true, false>), METH_VARARGS | METH_KEYWORDS,
     "tracing_disabled(tracing_enabled_file=None): on the stack, no handler runs."},
    {"_enable_tracing", as_method(Tracer_enable), METH_VARARGS | METH_KEYWORDS,
     "_enable_tracing(check_disabled=True, existing_tracer=None)"},
    {"_disable_tracing", as_method(Tracer_disable), METH_VARARGS | METH_KEYWORDS,
     "_disable_tracing(check_enabled=True)"},
    {"_rearm", Tracer_rearm, METH_O, "_rearm(events): all, if there are none."},
    {"_emit_event", as_method(Tracer_emit_event), METH_VARARGS | METH_KEYWORDS,
     "_emit_event(evt, node_id, frame, reentrant_handlers_only=False, **kwargs): runs this "
     "tracer's handlers."},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("C base of BaseTracer: the flags dispatch reads.")},
    {Py_tp_new, reinterpret_cast<void*>(Tracer_new)},
    {Py_tp_init, reinterpret_cast<void*>(Tracer_init)},
    {Py_tp_dealloc, reinterpret_cast<void*>(Tracer_dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(Tracer_traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(Tracer_clear)},
    {Py_tp_setattro, reinterpret_cast<void*>(Tracer_setattro)},
    {Py_tp_methods, methods},
    {Py_tp_getset, getset},
    {0, nullptr},
};

PyType_Spec spec = {"pyccolo_native._native.TracerCore", sizeof(TracerObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots};

}  // namespace

ArmedHandlers& armed_handlers(Borrowed tracer) {
  TracerObject* object = as_tracer(tracer);
  if (object->armed == nullptr) object->armed = new ArmedHandlers;
  return *object->armed;
}

Ref make_tracer_type(Borrowed module) {
  return take(PyType_FromModuleAndSpec(module.get(), &spec, nullptr));
}

void enable_tracing(DispatchState& state, Borrowed tracer) {
  as_tracer(tracer)->enabled = true;
  as_tracer(tracer)->thread = PyThread_get_thread_ident();
  as_tracer(tracer)->hook = Hook::None;  // chosen anew
  state.update_flags();
}

SysEvents sys_events_of(DispatchState& state, TracerObject* tracer) {
  if (tracer->knows_sys_events) return tracer->sys_events;
  Borrowed self = reinterpret_cast<PyObject*>(tracer);
  Ref registered = get_attr(self, state.names.events_with_registered_handlers);
  SysEvents found = 0;
  for (std::size_t i = kFirstSysEvent; i < kEventCount; ++i) {
    if (ok(PySequence_Contains(registered.get(), state.events[i].get())) != 0)
      found |= bit_of(static_cast<Event>(i));
  }
  tracer->sys_events = found;
  tracer->knows_sys_events = true;
  return found;
}

void disable_tracing(DispatchState& state, Borrowed tracer) {
  as_tracer(tracer)->enabled = false;
  state.update_flags();
}

}  // namespace pyccolo::dispatch
