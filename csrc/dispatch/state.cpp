#include "dispatch/state.hpp"

#include <chrono>

#include "compat/interpreter.h"
#include "dispatch/tracer.hpp"

namespace pyccolo::dispatch {

thread_local constinit ThreadCache thread_cache{0, nullptr};

namespace {

constexpr const char* kThreadCapsule = "pyccolo_native.thread";

void drop_thread(PyObject* capsule) {
  auto* data = static_cast<ThreadData*>(PyCapsule_GetPointer(capsule, kThreadCapsule));
  if (thread_cache.data == data) thread_cache = {0, nullptr};
  delete data;
}

}  // namespace

DispatchState::DispatchState(site::SiteState& site_state)
    : sites(site_state),
      names(site_state.ast.names),
      stack(take(PyList_New(0))),
      // Unique even if a later module's state lies where this one lay.
      main_thread_(PycInterpreter_IsFirst() != 0 ? PycInterpreter_MainThread()
                                                 : PyThread_get_thread_ident()),
      thread_key_(call(reinterpret_cast<PyObject*>(&PyBaseObject_Type))),
      id_(reinterpret_cast<std::uint64_t>(this) ^
          static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count())) {
}

ThreadData& DispatchState::find_thread() {
  PyObject* own = PyThreadState_GetDict();
  if (own == nullptr) throw std::bad_alloc();
  Borrowed capsule = find_item(own, thread_key_);
  if (!capsule) {
    auto data = std::make_unique<ThreadData>();
    data->ident = PyThread_get_thread_ident();
    data->is_main = data->ident == main_thread_;
    Ref made = take(PyCapsule_New(data.get(), kThreadCapsule, drop_thread));
    data.release();
    capsule = PyDict_SetDefault(own, thread_key_.get(), made.get());
    if (!capsule) throw PyRaised{};
  }
  auto* data = static_cast<ThreadData*>(PyCapsule_GetPointer(capsule.get(), kThreadCapsule));
  if (data == nullptr) throw PyRaised{};
  thread_cache = {id_, data};
  return *data;
}

void DispatchState::after_fork() {
  main_thread_ = PyThread_get_thread_ident();
  thread().ident = main_thread_;
  thread().is_main = true;
  leave_contexts_of_other_threads(*this);
}

bool DispatchState::is_current(Plan& plan) {
  PyObject* list = stack.get();
  const auto size = static_cast<Py_ssize_t>(plan.slots.size());
  if (plan.epoch != epoch_ || PyList_GET_SIZE(list) != size) return false;
  for (Py_ssize_t i = 0; i < size; ++i) {
    // Rereading a slot runs code of the tracer's class; meanwhile another thread may push or pop.
    if (PyList_GET_SIZE(list) != size) return false;
    TracerSlot& slot = plan.slots[static_cast<std::size_t>(i)];
    if (!slot.tracer.is(PyList_GET_ITEM(list, i))) return false;
    if (!compat::type_is_at(Py_TYPE(slot.tracer.get()), slot.version)) {
      ++filter_stamp_;
      if (!plan.refresh(slot)) return false;
    }
  }
  return true;
}

Plan* DispatchState::make_plan() {
  const PlanRef before(plan_.get());
  if (before && is_current(*before.get()) && is_latest(*before.get())) return before.get();
  const std::uint64_t stamp = ++filter_stamp_;
  Ref tracers = take(PyList_GetSlice(stack.get(), 0, PY_SSIZE_T_MAX));
  PlanRef made(new Plan(*this, tracers, epoch_, stamp));
  if (filter_stamp_ != stamp) ++filter_stamp_;  // answers noted meanwhile are those of another plan
  plan_ = std::move(made);
  return plan_.get();
}

bool DispatchState::overrides(Borrowed tracer, Borrowed name) {
  if (!base_class) return false;
  PyObject* found = _PyType_Lookup(Py_TYPE(tracer.get()), name.get());
  PyObject* ours = _PyType_Lookup(reinterpret_cast<PyTypeObject*>(base_class.get()), name.get());
  return found != ours;
}

bool DispatchState::file_passes(Borrowed tracer, Borrowed filename) {
  if (truth_of(tracer, names.instrument_all_files)) return true;
  const TracerObject* object = as_tracer(tracer);
  if (object->enabled_files != nullptr) {
    Ref files = Ref::borrow(object->enabled_files);
    if (ok(PySequence_Contains(files.get(), filename.get())) != 0) return true;
  }
  if (PyUnicode_Check(filename.get())) {
    Ref prefix = take(PyUnicode_FromString("<sandbox"));
    if (PyUnicode_Tailmatch(filename.get(), prefix.get(), 0, PY_SSIZE_T_MAX, -1) == 1) return true;
  }
  if (!overrides(tracer, names.should_instrument_file)) return false;
  return is_true(take(
      PyObject_CallMethodOneArg(tracer.get(), names.should_instrument_file.get(), filename.get())));
}

void DispatchState::update_flags() {
  bool tracing = false;
  bool function = false;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(stack.get()); ++i) {
    const TracerObject* tracer = as_tracer(PyList_GET_ITEM(stack.get(), i));
    tracing = tracing || !tracer->hard_disabled;
    function = function || (tracer->enabled && !tracer->hard_disabled);
  }
  if (tracing_flag_ != int(tracing)) {
    sites.set_builtin(names.tracing_enabled, tracing ? Py_True : Py_False);
    tracing_flag_ = int(tracing);
  }
  if (function_flag_ != int(function)) {
    sites.set_builtin(names.function_tracing_enabled, function ? Py_True : Py_False);
    function_flag_ = int(function);
  }
  settle_hooks();
}

Event DispatchState::event_of(Borrowed member_or_value) {
  Borrowed row = event_index ? find_item(event_index, member_or_value) : Borrowed();
  if (!row) raise(PyExc_ValueError, "%R is not a trace event", member_or_value.get());
  return static_cast<Event>(PyLong_AsLong(row.get()));
}

int DispatchState::traverse(visitproc visit, void* arg) {
  for (const Ref* held :
       {&stack, &event_index, &true_predicate, &base_class, &hooks, &node_by_id,
        &import_hook.cleanup, &null, &pass, &skip, &skip_all, &disable, &tracer_type, &context_type,
        &thunk_type, &constant_type, &sentinel_type, &counter_type, &count_type}) {
    Py_VISIT(held->get());
  }
  for (const Ref& event : events) Py_VISIT(event.get());
  return 0;
}

void DispatchState::clear() {
  plan_ = PlanRef();
  spare_thunk = nullptr;
  if (PyObject* own = PyThreadState_GetDict()) {
    if (PyDict_DelItem(own, thread_key_.get()) < 0) PyErr_Clear();  // no event has fired in it
  }
  for (Ref* held :
       {&event_index, &true_predicate, &base_class, &hooks, &node_by_id, &import_hook.cleanup})
    *held = nullptr;
  for (Ref& event : events) event = nullptr;
}

}  // namespace pyccolo::dispatch
