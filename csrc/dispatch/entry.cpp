// emit() and run(), and the short way through them: one handler that asks for little.
#include "dispatch/entry.hpp"

#include <algorithm>

#include "dispatch/callables.hpp"
#include "dispatch/counter.hpp"
#include "dispatch/emit.hpp"
#include "dispatch/tracer.hpp"

namespace pyccolo::dispatch {

namespace {

/// What emit and run are bound to.
struct EntryObject {
  PyObject_HEAD
  DispatchState* state;
  PyObject* module;  ///< lives as long as builtins have us
};

DispatchState& state_of(PyObject* self) { return *reinterpret_cast<EntryObject*>(self)->state; }

PyObject* current_frame() { return reinterpret_cast<PyObject*>(PyEval_GetFrame()); }

/// Calls the only handler of an event. Null with an error set: it raised.
inline PyObject* call_single(DispatchState& state, const SingleHandler& single,
                             const site::Site& site, PyObject* value) {
  constexpr std::size_t kMaxKeywords = 8;
  PyObject* stack[2 + SingleHandler::kMaxSources + kMaxKeywords];
  PyObject* function = single.handler->callee().get();
  PyObject* node = site.node ? site.node.get() : Py_None;
  Ref node_id;
  if (single.handler->raw) [[unlikely]] {
    node_id = Ref::steal(site.node ? PyLong_FromVoidPtr(node) : Py_NewRef(Py_None));
    node = node_id.get();
  }
  const std::size_t count =
      give(single, stack + 1, value, node, state.events[index_of(site.event)].get(), current_frame);
  PyObject* names = single.source_count == 0 ? site.names.get() : nullptr;
  if (names != nullptr) {
    PyObject* const* values = reinterpret_cast<PyTupleObject*>(site.values.get())->ob_item;
    std::copy_n(values, PyTuple_GET_SIZE(names), stack + 1 + count);
  }
  return calling_python([&] {
    return PyObject_Vectorcall(function, stack + 1, count | PY_VECTORCALL_ARGUMENTS_OFFSET, names);
  });
}

/// What woven code goes on with when no handler is called.
inline Ref untouched(DispatchState& state, const site::Site& site, PyObject* const* args) {
  switch (site.way) {
    case site::Way::Value:
      return Ref::borrow(args[1]);
    case site::Way::Operation:
      return state.operations[static_cast<std::size_t>(site.op)].copy();
    case site::Way::Run:
    case site::Way::Thunk:
      return boolean(true);
    default:
      return none();
  }
}

/// What the only handler of a thunk's event is given, or nothing if it does not look.
Ref thunk_for(DispatchState& state, const EventList& list, site::RewriteObject* owner,
              const site::Site& site) {
  return list.needs_ret ? make_thunk(state, owner, site, current_frame()) : Ref();
}

Ref direct(DispatchState& state, Plan& current, const EventList& list, ThreadData& thread,
           const site::SiteObject& object, PyObject* const* args, Py_ssize_t count) {
  const site::Site& site = *object.site;
  const SingleHandler& single = list.single;
  const PlanRef plan(&current);
  if (site.unread && list.needs_node) [[unlikely]]
    object.owner->rewrite->need_nodes();
  const HandlingScope handling(thread);
  Ref thunk;
  PyObject* given = Py_None;
  switch (site.way) {
    case site::Way::Value:
      given = args[1];
      break;
    case site::Way::Operation:
      given = state.operations[static_cast<std::size_t>(site.op)].get();
      break;
    case site::Way::Thunk:
      thunk = thunk_for(state, list, object.owner, site);
      given = thunk ? thunk.get() : Py_None;
      break;
    default:
      break;
  }
  PyObject* result = call_single(state, single, site, given);
  if (result == Py_None) [[likely]] {
    Py_DECREF(result);
    if (thunk) drop_thunk(state, std::move(thunk));
    return site.way == site::Way::Run     ? boolean(true)
           : site.way == site::Way::Thunk ? boolean(true)
                                          : Ref::borrow(given);
  }
  const bool unseen = site.way == site::Way::Thunk && !thunk;
  return finish_single(state, thread, *plan.get(), list, object.owner, site,
                       unseen ? Borrowed() : Borrowed(given), Ref::steal(result), args, count);
}

/// The plan's list for an event, if the event can go the short way right now; else null.
inline const EventList* direct_list(DispatchState& state, Plan& plan, const ThreadData& thread,
                                    const site::SiteObject& object) {
  const EventList* list = plan.made_list(object.site->event);
  if (list == nullptr || list->single.handler == nullptr || !thread.allow_events) return nullptr;
  const TracerSlot& slot = *list->single.slot;
  if (as_tracer(slot.tracer)->hard_disabled || (!thread.is_main && !slot.threads_allowed))
    return nullptr;
  const site::Rewrite& rewrite = *object.owner->rewrite;
  return rewrite.filter_plan == state.filter_stamp() && (rewrite.filter_mask & 1U) != 0 ? list
                                                                                        : nullptr;
}

PyObject* emit(PyObject* self, PyObject* const* args, Py_ssize_t count) noexcept {
  return guarded_object([&] {
    DispatchState& state = state_of(self);
    if (count > 0 && Py_TYPE(args[0]) ==
                         reinterpret_cast<PyTypeObject*>(state.sites.site_type.get())) [[likely]] {
      const auto& object = *reinterpret_cast<site::SiteObject*>(args[0]);
      const site::Site& site = *object.site;
      if (site.way != site::Way::General && count == (site.way == site::Way::Value ? 2 : 1))
          [[likely]] {
        ThreadData& thread = state.thread();
        Plan* plan = state.plan();
        if (plan != nullptr) [[likely]] {
          Ref value;
          if (site.quiet != 0) [[unlikely]] {
            if (site.quiet == state.quiet_stamp()) value = untouched(state, site, args);
          } else if (const EventList* list = direct_list(state, *plan, thread, object)) [[likely]] {
            if (Counter* counter = list->single.handler->counter) {
              counter->hit(site, object.owner);
              value = untouched(state, site, args);
            } else {
              value = direct(state, *plan, *list, thread, object, args, count);
            }
          }
          if (value) [[likely]] {
            if (site.next == site::Site::kNone) [[likely]]
              return value;
            return emit_followers(state, object.owner, site, std::move(value));
          }
        }
      }
    }
    return emit_any(state, args, count);
  });
}

/// run(): what was saved. run(site): the same, and the site's event fires with its value. run(operands…): the
/// comparison that was saved.
PyObject* run(PyObject* self, PyObject* const* args, Py_ssize_t count) noexcept {
  return guarded_object([&] {
    DispatchState& state = state_of(self);
    ThreadData& thread = state.thread();
    if (thread.pending.empty()) {
      raise(PyExc_RuntimeError, "_X5ix_PYCCOLO_EXEC_SAVED_THUNK: nothing was saved to run");
    }
    ThreadData::Pending next = std::move(thread.pending.back());
    thread.pending.pop_back();
    const bool has_site = count == 1;
    Ref value = std::move(next.object);
    if (next.call) {
      const std::size_t operands = has_site ? 0 : static_cast<std::size_t>(count);
      value = take(calling_python(
          [&] { return PyObject_Vectorcall(value.get(), args, operands, nullptr); }));
    }
    if (!has_site) return value;
    PyObject* arguments[] = {args[0], value.get()};
    return emit_any(state, arguments, 2);
  });
}

PyCFunction as_fast(PyObject* (*function)(PyObject*, PyObject* const*, Py_ssize_t) noexcept) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

PyMethodDef entry_methods[] = {
    {"emit", as_fast(emit), METH_FASTCALL, "emit(site[, value[, key]]): fires an event."},
    {"run", as_fast(run), METH_FASTCALL, "run(*operands): what a handler left to be run."},
};

void Entry_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  Py_CLEAR(reinterpret_cast<EntryObject*>(self)->module);
  type->tp_free(self);
  Py_DECREF(type);
}

PyType_Slot entry_slots[] = {
    {Py_tp_doc, const_cast<char*>("What emit and run are bound to.")},
    {Py_tp_dealloc, reinterpret_cast<void*>(Entry_dealloc)},
    {0, nullptr},
};

PyType_Spec entry_spec = {"pyccolo_native._native.Entry", sizeof(EntryObject), 0,
                          Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, entry_slots};

}  // namespace

void add_entries(Borrowed module, DispatchState& state) {
  Ref type = take(PyType_FromModuleAndSpec(module.get(), &entry_spec, nullptr));
  auto* entry_type = reinterpret_cast<PyTypeObject*>(type.get());
  Ref entry = take(entry_type->tp_alloc(entry_type, 0));
  reinterpret_cast<EntryObject*>(entry.get())->state = &state;
  reinterpret_cast<EntryObject*>(entry.get())->module = Py_NewRef(module.get());
  for (PyMethodDef& method : entry_methods) {
    Ref function = take(PyCFunction_NewEx(&method, entry.get(), nullptr));
    ok(PyModule_AddObjectRef(module.get(), method.ml_name, function.get()));
  }
}

}  // namespace pyccolo::dispatch
