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

Wanted SysHooks::wanted(Hook hook) {
  Wanted found;
  const unsigned long own = PyThread_get_thread_ident();
  Ref tracers = take(PyList_GetSlice(state.stack.get(), 0, PY_SSIZE_T_MAX));
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(tracers.get()); ++i) {
    Borrowed object = PyList_GET_ITEM(tracers.get(), i);
    TracerObject* tracer = as_tracer(object);
    const SysEvents events = sys_events_of(state, tracer);
    if (events == 0 || !tracer->enabled) continue;
    if (tracer->hook == Hook::None) choose(tracer);
    if (tracer->hook != hook) continue;
    found.any |= events;
    const bool everywhere = truth_of(object, state.names.multiple_threads_allowed);
    if (everywhere) found.all |= events;
    if (everywhere || tracer->thread == own) found.here |= events;
  }
  return found;
}

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
  if (!any_) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(state.stack.get()); ++i) {
      TracerObject* tracer = as_tracer(PyList_GET_ITEM(state.stack.get(), i));
      any_ = any_ || (tracer->enabled && sys_events_of(state, tracer) != 0);
    }
    if (!any_) return;
  }
  TracedThread& here = traced_thread(state.thread());
  if (here.delivering != 0) {
    here.settles_later = true;
    return;
  }
  state.plan();  // tracers have come or have other filters: what was rejected is to be asked about
  settrace_->settle(wanted(Hook::Settrace));
  monitoring_->settle(wanted(Hook::Monitoring));
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
