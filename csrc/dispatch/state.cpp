#include "dispatch/state.hpp"

#include <chrono>

#include "dispatch/tracer.hpp"

namespace pyccolo::dispatch {

thread_local constinit ThreadCache thread_cache{0, nullptr};

namespace {

bool is_main_thread() {
  PyObject* modules = PyImport_GetModuleDict();
  PyObject* threading = PyDict_GetItemString(modules, "threading");
  if (threading == nullptr) return true;  // nobody has started a thread through it
  Ref main = take(PyObject_CallMethod(threading, "main_thread", nullptr));
  Ref ident = get_attr(main, "ident");
  return PyLong_AsUnsignedLong(ident.get()) == PyThread_get_thread_ident();
}

}  // namespace

DispatchState::DispatchState(site::SiteState& site_state)
    : sites(site_state),
      names(site_state.ast.names),
      stack(take(PyList_New(0))),
      // Unique even if a later module's state lies where this one lay.
      id_(reinterpret_cast<std::uint64_t>(this) ^
          static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count())) {
}

ThreadData& DispatchState::find_thread() {
  auto& data = threads_[PyThread_get_thread_ident()];
  if (!data) {
    data = std::make_unique<ThreadData>();
    data->is_main = is_main_thread();
  }
  thread_cache = {id_, data.get()};
  return *data;
}

void DispatchState::after_fork() {
  // Only the forking thread lives on; it is the main one now.
  ThreadData& own = thread();
  std::erase_if(threads_, [&](const auto& entry) { return entry.second.get() != &own; });
  own.is_main = true;
}

bool DispatchState::is_current(Plan& plan) {
  PyObject* list = stack.get();
  const auto size = static_cast<std::size_t>(PyList_GET_SIZE(list));
  if (plan.epoch != epoch_ || plan.slots.size() != size) return false;
  for (std::size_t i = 0; i < size; ++i) {
    TracerSlot& slot = plan.slots[i];
    if (!slot.tracer.is(PyList_GET_ITEM(list, static_cast<Py_ssize_t>(i)))) return false;
    if (!compat::type_is_at(Py_TYPE(slot.tracer.get()), slot.version)) {
      ++filter_stamp_;
      if (!plan.refresh(slot)) return false;
    }
  }
  return true;
}

Plan* DispatchState::make_plan() {
  if (!plan_ || !is_current(*plan_.get())) {
    ++filter_stamp_;
    plan_ = PlanRef(new Plan(*this, stack, epoch_, filter_stamp_));
  }
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
  if (object->enabled_files != nullptr &&
      ok(PySequence_Contains(object->enabled_files, filename.get())) != 0) {
    return true;
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
}

Event DispatchState::event_of(Borrowed member_or_value) {
  Borrowed row = event_index ? find_item(event_index, member_or_value) : Borrowed();
  if (!row) raise(PyExc_ValueError, "%R is not a trace event", member_or_value.get());
  return static_cast<Event>(PyLong_AsLong(row.get()));
}

int DispatchState::traverse(visitproc visit, void* arg) {
  for (const Ref* held : {&stack, &event_index, &true_predicate, &base_class, &hooks, &node_by_id,
                          &null, &pass, &skip, &skip_all, &tracer_type, &context_type, &thunk_type,
                          &constant_type, &sentinel_type}) {
    Py_VISIT(held->get());
  }
  for (const Ref& event : events) Py_VISIT(event.get());
  return 0;
}

void DispatchState::clear() {
  plan_ = PlanRef();
  spare_thunk = nullptr;
  threads_.clear();
  thread_cache = {0, nullptr};
  for (Ref* held : {&event_index, &true_predicate, &base_class, &hooks, &node_by_id})
    *held = nullptr;
  for (Ref& event : events) event = nullptr;
}

}  // namespace pyccolo::dispatch
