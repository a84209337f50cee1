#include "hooks/state.hpp"

#include "hooks/monitoring.hpp"
#include "hooks/settrace.hpp"

namespace pyccolo::hooks {

using dispatch::as_tracer;
using dispatch::TracerObject;

namespace {

void free_facts(void* facts) { delete static_cast<CodeFacts*>(facts); }

}  // namespace

SysHooks::SysHooks(dispatch::DispatchState& dispatching, Borrowed its_module)
    : state(dispatching),
      module(its_module),
      extra_index_(PycCode_RequestIndex(free_facts)),
      settrace_(std::make_unique<Settrace>(*this)),
      monitoring_(std::make_unique<Monitoring>(*this)) {
  if (extra_index_ < 0) {
    raise(PyExc_RuntimeError,
          "pyccolo_native: code objects have no room left for data of extensions");
  }
}

SysHooks::~SysHooks() = default;

CodeFacts& SysHooks::known_facts(PyCodeObject* code) {
  auto* object = reinterpret_cast<PyObject*>(code);
  auto* known = static_cast<CodeFacts*>(PycCode_Extra(object, extra_index_));
  if (known != nullptr) return *known;
  auto made = std::make_unique<CodeFacts>();
  ok(PycCode_SetExtra(object, extra_index_, made.get()));
  return *made.release();
}

CodeFacts& SysHooks::facts(dispatch::Plan& plan, PyCodeObject* code) {
  CodeFacts& known = known_facts(code);
  if (known.stamp != state.filter_stamp()) ask_filters(state, plan, code, known);
  return known;
}

/// Sees to it that every tracer that is on and has interpreter events has a hook. False if there is none.
bool SysHooks::choose_hooks() {
  bool any = false;
  any_on_stack_ = false;
  std::uint64_t listening = 0;  // who, to what, in which thread
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(state.stack.get()); ++i) {
    Ref object = Ref::borrow(PyList_GET_ITEM(state.stack.get(), i));
    TracerObject* tracer = as_tracer(object);
    if (sys_events_of(state, tracer) == 0) continue;
    any_on_stack_ = true;
    if (!tracer->enabled) continue;
    any = true;
    if (static_cast<std::size_t>(i) >= CodeFacts::kMaxTracers) {
      raise(
          PyExc_RuntimeError,
          "%R has handlers for interpreter events, and %zu tracers are active before it: too many",
          object.get(), CodeFacts::kMaxTracers);
    }
    if (tracer->hook == Hook::None) choose(tracer);
    constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15;
    for (const std::uint64_t part :
         {std::uint64_t(reinterpret_cast<std::uintptr_t>(tracer)), std::uint64_t(tracer->thread),
          std::uint64_t(tracer->sys_events)}) {
      listening = (listening ^ part) * kMix;
    }
  }
  if (std::exchange(listening_, listening) != listening) settrace_->look_anew();
  return any;
}

/// What the tracers that are on want of a hook. Runs Python code.
Wanted SysHooks::wanted(Hook hook) {
  Wanted found;
  const unsigned long own = PyThread_get_thread_ident();
  Ref tracers = take(PyList_GetSlice(state.stack.get(), 0, PY_SSIZE_T_MAX));
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(tracers.get()); ++i) {
    Borrowed object = PyList_GET_ITEM(tracers.get(), i);
    TracerObject* tracer = as_tracer(object);
    const SysEvents events = sys_events_of(state, tracer);
    if (events == 0 || !tracer->enabled || tracer->hook != hook) continue;
    found.any |= events;
    const bool everywhere = truth_of(object, state.names.multiple_threads_allowed);
    if (everywhere) found.all |= events;
    if (everywhere || tracer->thread == own) found.here |= events;
  }
  return found;
}

/// By the tracer's `sys_events`, and what this interpreter has. Raises if that cannot be.
void SysHooks::choose(TracerObject* tracer) {
  Borrowed object = reinterpret_cast<PyObject*>(tracer);
  Ref asked = get_attr(object, state.names.sys_events);
  const bool is_text = PyUnicode_Check(asked.get());
  auto asks = [&](const char* name) {
    return is_text && PyUnicode_CompareWithASCIIString(asked.get(), name) == 0;
  };
  auto take_hook = [&](Hook hook, Ref reason) {
    tracer->hook = hook;
    state.refilter();  // what is known of code says which hook it is for
    Ref old = Ref::steal(std::exchange(tracer->hook_reason, reason.release()));
  };
  if (asks("settrace")) {
    take_hook(Hook::Settrace, take(PyUnicode_FromString("sys_events is \"settrace\"")));
    return;
  }
  const bool is_auto = asks("auto");
  if (!is_auto && !asks("monitoring")) {
    raise(PyExc_ValueError, "%S.sys_events is %R; it is \"settrace\", \"monitoring\" or \"auto\"",
          get_attr(reinterpret_cast<PyObject*>(Py_TYPE(object.get())), "__qualname__").get(),
          asked.get());
  }
  const std::string obstacle = monitoring_->obstacle();
  if (obstacle.empty()) {
    take_hook(Hook::Monitoring,
              take(PyUnicode_FromString(
                  is_auto ? "sys_events is \"auto\", and sys.monitoring has a free tool id"
                          : "sys_events is \"monitoring\"")));
  } else if (is_auto) {
    take_hook(Hook::Settrace,
              take(PyUnicode_FromFormat("sys_events is \"auto\", and %s", obstacle.c_str())));
  } else {
    raise(PyExc_RuntimeError, "%S.sys_events is \"monitoring\", but %s",
          get_attr(reinterpret_cast<PyObject*>(Py_TYPE(object.get())), "__qualname__").get(),
          obstacle.c_str());
  }
}

void SysHooks::settle() {
  const bool any = choose_hooks();
  dispatch::ThreadData& data = state.thread();
  if (!any_on_stack_ && data.hooks && !traced_thread(data).frames.empty()) {
    settrace_->restore_frames();
    traced_thread(data).frames.clear();
  }
  if (!any && !any_ && (!data.hooks || settrace_->is_settled(traced_thread(data)))) return;
  TracedThread& here = traced_thread(data);
  if (here.delivering != 0) {
    here.settles_later = true;
    return;
  }
  state.plan();  // tracers have come or have other filters: what was rejected is to be asked about
  settrace_->settle(wanted(Hook::Settrace));
  monitoring_->settle(wanted(Hook::Monitoring));
  any_ = any;
}

void SysHooks::settle_quietly() {
  const ErrorScope parked;
  if (guarded_status([&] { settle(); }) < 0) PyErr_WriteUnraisable(module.get());
}

Delivering::Delivering(SysHooks& hooks, TracedThread& here) : hooks_(hooks), here_(here) {
  ++here.delivering;
}

Delivering::~Delivering() {
  if (--here_.delivering == 0 && std::exchange(here_.settles_later, false)) [[unlikely]]
    hooks_.settle_quietly();
}

void SysHooks::shutdown() {
  settrace_->shutdown();
  monitoring_->shutdown();
}

int SysHooks::traverse(visitproc visit, void* arg) const {
  if (const int status = settrace_->traverse(visit, arg)) return status;
  return monitoring_->traverse(visit, arg);
}

}  // namespace pyccolo::hooks
