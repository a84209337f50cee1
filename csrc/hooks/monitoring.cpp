#include "hooks/monitoring.hpp"

#include <algorithm>

#include "compat/features.hpp"
#include "hooks/thread.hpp"
#include "py/module_state.hpp"

namespace pyccolo::hooks {

namespace {

constexpr long kTools = 6;

// ---- callbacks

Monitoring& monitoring_of(PyObject* module) {
  return static_cast<SysHooks*>(slots_of_module(module).dispatch->interpreter)->monitoring();
}

PyCodeObject* code_of(PyObject* const* args) { return reinterpret_cast<PyCodeObject*>(args[0]); }

int number(PyObject* object) { return static_cast<int>(PyLong_AsLong(object)); }

PyObject* on_begin(PyObject* self, PyObject* const* args, Py_ssize_t) {
  return guarded_object([&] { return monitoring_of(self).begins(code_of(args)); });
}
PyObject* on_throw(PyObject* self, PyObject* const* args, Py_ssize_t) {
  return guarded_object([&] {
    monitoring_of(self).begins(code_of(args));
    return none();  // sys.monitoring takes the callback away if this event is switched off at a place
  });
}
PyObject* on_line(PyObject* self, PyObject* const* args, Py_ssize_t) {
  return guarded_object([&] {
    return monitoring_of(self).happens(Event::line, code_of(args), nullptr,
                                       {.line = number(args[1])});
  });
}
PyObject* on_instruction(PyObject* self, PyObject* const* args, Py_ssize_t) {
  return guarded_object([&] {
    return monitoring_of(self).happens(Event::opcode, code_of(args), nullptr,
                                       {.offset = number(args[1])});
  });
}
PyObject* on_return(PyObject* self, PyObject* const* args, Py_ssize_t) {
  return guarded_object([&] {
    return monitoring_of(self).ends(code_of(args), args[2], {.offset = number(args[1])});
  });
}
PyObject* on_unwind(PyObject* self, PyObject* const* args, Py_ssize_t) {
  return guarded_object([&] {
    return monitoring_of(self).ends(code_of(args), nullptr, {.offset = number(args[1])});
  });
}
PyObject* on_raise(PyObject* self, PyObject* const* args, Py_ssize_t) {
  return guarded_object([&] {
    return monitoring_of(self).raises(code_of(args), args[2], {.offset = number(args[1])});
  });
}
PyObject* on_stop(PyObject* self, PyObject* const* args, Py_ssize_t) {
  return guarded_object([&] {
    return monitoring_of(self).stops(code_of(args), args[2], {.offset = number(args[1])});
  });
}
PyObject* on_jump(PyObject* self, PyObject* const* args, Py_ssize_t) {
  return guarded_object(
      [&] { return monitoring_of(self).jumps(code_of(args), number(args[1]), number(args[2])); });
}
template <Event kEvent>
PyObject* on_call(PyObject* self, PyObject* const* args, Py_ssize_t) {
  return guarded_object([&] {
    return monitoring_of(self).calls(kEvent, code_of(args), args[2], args[3],
                                     {.offset = number(args[1])});
  });
}

struct Watch {
  PyMethodDef callback;  ///< under the event's name in sys.monitoring.events
  SysEvents serves;      ///< the events it is needed for
  bool is_local;         ///< may be asked for code by code
};

Watch watch(const char* event, PyObject* (*callback)(PyObject*, PyObject* const*, Py_ssize_t),
            SysEvents serves, bool is_local) {
  auto* function = reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(callback));
  return {{event, function, METH_FASTCALL, nullptr}, serves, is_local};
}

/// Beginnings and ends are needed for all.
constexpr SysEvents kAll = 0xFF;

Watch watches[] = {
    watch("PY_START", on_begin, kAll, false),
    watch("PY_RESUME", on_begin, kAll, false),
    watch("PY_THROW", on_throw, kAll, false),
    watch("PY_UNWIND", on_unwind, kFrameEvents, false),
    watch("PY_RETURN", on_return, kFrameEvents, true),
    watch("PY_YIELD", on_return, kFrameEvents, true),
    watch("RAISE", on_raise, bit_of(Event::exception), false),
    watch("STOP_ITERATION", on_stop, bit_of(Event::exception), true),
    watch("LINE", on_line, bit_of(Event::line), true),
    watch("JUMP", on_jump, bit_of(Event::line), true),
    watch("INSTRUCTION", on_instruction, bit_of(Event::opcode), true),
    watch("CALL", on_call<Event::c_call>, kCallEvents, true),
    watch("C_RETURN", on_call<Event::c_return>, kCallEvents, true),
    watch("C_RAISE", on_call<Event::c_exception>, kCallEvents, true),
};

}  // namespace

// ---- sys.monitoring

/// Not by an import: that asks the frame's builtins, which may be an empty dict.
Ref Monitoring::module() {
  PyObject* found = PySys_GetObject("monitoring");
  if (found == nullptr) raise(PyExc_RuntimeError, "pyccolo_native: sys.monitoring is gone");
  return Ref::borrow(found);
}

long Monitoring::constant(const char* name) {
  const long value = PyLong_AsLong(get_attr(get_attr(module(), "events"), name).get());
  if (PyErr_Occurred()) throw PyRaised{};
  return value;
}

/// Calls a function with the tool's id, an object if there is one, and numbers.
void Monitoring::call(const char* function, std::initializer_list<long> numbers, Borrowed object) {
  Ref arguments = list_of({PyLong_FromLong(tool_)});
  if (object) append(arguments, object);
  for (const long number : numbers) append(arguments, take(PyLong_FromLong(number)));
  Ref tuple = take(PyList_AsTuple(arguments.get()));
  take(PyObject_Call(get_attr(module(), function).get(), tuple.get(), nullptr));
}

std::string Monitoring::obstacle() {
  if (!compat::kHasMonitoring)
    return "this Python has no sys.monitoring (CPython 3.12 and later have)";
  if (tool_ >= 0) return {};
  std::string holders;
  Ref get_tool = get_attr(module(), "get_tool");
  for (long id = 0; id < kTools; ++id) {
    Ref holder = pyccolo::call(get_tool, take(PyLong_FromLong(id)));
    if (holder.is(Py_None)) return {};
    Ref text = take(PyObject_Str(holder.get()));
    const char* name = PyUnicode_AsUTF8(text.get());
    if (name == nullptr) throw PyRaised{};
    holders += (holders.empty() ? "" : ", ") + std::string(name);
  }
  return "all tool ids of sys.monitoring are taken, by " + holders;
}

void Monitoring::acquire() {
  // Ids 3 and 4 are nobody's; the others have names for tools that may come later.
  for (const long id : {3L, 4L, 5L, 2L, 1L, 0L}) {
    Ref taken =
        Ref::steal(PyObject_CallMethod(module().get(), "use_tool_id", "ls", id, "pyccolo_native"));
    if (taken) {
      tool_ = static_cast<int>(id);
      break;
    }
    if (!PyErr_ExceptionMatches(PyExc_ValueError)) throw PyRaised{};
    PyErr_Clear();
  }
  if (tool_ < 0) raise(PyExc_RuntimeError, "%s", obstacle().c_str());
  disable_ = get_attr(module(), "DISABLE");
  missing_ = get_attr(module(), "MISSING");
  ++session_;
  for (Watch& watch : watches) {
    Ref callback = take(PyCFunction_NewEx(&watch.callback, hooks.module.get(), nullptr));
    take(PyObject_CallMethod(module().get(), "register_callback", "ilO", tool_,
                             constant(watch.callback.ml_name), callback.get()));
  }
}

void Monitoring::release() {
  call("set_events", {0}, nullptr);
  local_events_ = 0;
  for (const Ref& weak : codes_) {
    Ref code = pyccolo::call(weak);
    if (code.is(Py_None)) continue;
    call("set_local_events", {0}, code);
    hooks.known_facts(reinterpret_cast<PyCodeObject*>(code.get())).local_events = 0;
  }
  codes_.clear();
  for (const Watch& watch : watches) {
    take(PyObject_CallMethod(module().get(), "register_callback", "ilO", tool_,
                             constant(watch.callback.ml_name), Py_None));
  }
  call("free_tool_id", {}, nullptr);
  // Whoever takes the id next is not to miss what was switched off under it.
  const bool was_disabled = std::exchange(disabled_any_, false);
  if (std::exchange(disabled_for_good_, false) || was_disabled)
    take(PyObject_CallMethod(module().get(), "restart_events", nullptr));
  tool_ = -1;
}

void Monitoring::settle(Wanted wanted) {
  if (wanted.any == 0) {
    wanted_ = 0;
    has_locals_ = false;
    if (tool_ >= 0) release();
    return;
  }
  if (tool_ < 0) acquire();
  if (has_locals_) wanted.any |= kLocalEvents;
  if (wanted.any != wanted_) {
    wanted_ = wanted.any;
    long everywhere = 0;
    local_events_ = 0;
    for (const Watch& watch : watches) {
      if ((wanted_ & watch.serves) == 0) continue;
      (watch.is_local ? local_events_ : everywhere) |= constant(watch.callback.ml_name);
    }
    call("set_events", {everywhere}, nullptr);
    for (const Ref& weak : codes_) {
      Ref code = pyccolo::call(weak);
      if (code.is(Py_None)) continue;
      call("set_local_events", {local_events_}, code);
      hooks.known_facts(reinterpret_cast<PyCodeObject*>(code.get())).local_events = local_events_;
    }
  }
  if (disabled_any_ && disabled_stamp_ != hooks.state.quiet_stamp()) {
    disabled_any_ = false;
    take(PyObject_CallMethod(module().get(), "restart_events", nullptr));
  }
}

void Monitoring::shutdown() { settle({}); }

int Monitoring::traverse(visitproc visit, void* arg) const {
  Py_VISIT(disable_.get());
  Py_VISIT(missing_.get());
  for (const Ref& weak : codes_) Py_VISIT(weak.get());
  return 0;
}

// ---- events

/// Asks for the events of a code object that are not asked for everywhere.
void Monitoring::ask_for(PyCodeObject* code, CodeFacts& known) {
  auto* object = reinterpret_cast<PyObject*>(code);
  if (known.local_events == 0) codes_.push_back(take(PyWeakref_NewRef(object, nullptr)));
  call("set_local_events", {local_events_}, object);
  known.local_events = local_events_;
}

/// DISABLE, until what the answer depends on changes.
Ref Monitoring::not_again(std::uint64_t stamp) {
  if (!disabled_any_) disabled_stamp_ = stamp;
  disabled_any_ = true;
  return disable_.copy();
}

/// DISABLE, as the answer lies in the code.
Ref Monitoring::never_again() {
  disabled_for_good_ = true;
  return disable_.copy();
}

/// The calling thread's frames. Those of before the tool id was given back and taken again are over.
FollowedFrames& Monitoring::frames(TracedThread& here) {
  if (std::exchange(here.session, session_) != session_) here.monitored.clear();
  return here.monitored;
}

Ref Monitoring::begins(PyCodeObject* code) {
  dispatch::Plan* current = hooks.state.plan();
  if (current == nullptr) return none();
  const dispatch::PlanRef plan(current);
  const std::uint64_t stamp = hooks.state.quiet_stamp();
  CodeFacts& known = hooks.facts(*plan.get(), code);
  if (!known.monitored) return not_again(stamp);
  if (known.local_events != local_events_) ask_for(code, known);
  TracedThread& here = traced_thread(hooks.state.thread());
  PyCodeObject* running = nullptr;
  const void* key = PycFrame_Current(&running);
  FollowedFrame* frame =
      hooks.follow(*plan.get(), frames(here), key, code, known, Hook::Monitoring);
  if (frame != nullptr)
    tell(here, *plan.get(), *frame, {Event::call, Hook::Monitoring, nullptr, nullptr, code});
  return none();  // the frame is to be followed, even if nobody hears of its beginning any more
}

/// Gives the event to those who follow the frame, then does what was put off meanwhile.
Delivered Monitoring::tell(TracedThread& here, dispatch::Plan& plan, FollowedFrame& frame,
                           const SysEvent& event) {
  const Delivering delivering(hooks, here);
  const void* key = frame.key;
  const Delivered delivered = hooks.deliver(plan, here.monitored, frame, event);
  if (!has_locals_) {
    const FollowedFrame* followed = here.monitored.find(key);
    if (followed != nullptr && followed->has_locals) has_locals_ = here.settles_later = true;
  }
  return delivered;
}

FollowedFrame* Monitoring::running_frame(TracedThread& here) {
  if (PycFrame_MakesGenerator()) return nullptr;
  PyCodeObject* running = nullptr;
  const void* key = PycFrame_Current(&running);
  return frames(here).find(key, running);
}

Ref Monitoring::happens(Event event, PyCodeObject* code, Borrowed argument, Position at) {
  TracedThread& here = traced_thread(hooks.state.thread());
  FollowedFrame* frame = running_frame(here);
  dispatch::Plan* plan = frame != nullptr ? hooks.state.plan() : nullptr;
  if (plan == nullptr) return none();
  const std::uint64_t stamp = hooks.state.quiet_stamp();
  const Delivered delivered = tell(
      here, *plan, *frame, {event, Hook::Monitoring, argument, nullptr, code, at.line, at.offset});
  const bool may_end = event == Event::line || event == Event::opcode;
  return may_end && delivered == Delivered::ToNobody ? not_again(stamp) : none();
}

Ref Monitoring::ends(PyCodeObject* code, Borrowed argument, Position at) {
  TracedThread& here = traced_thread(hooks.state.thread());
  FollowedFrame* frame = running_frame(here);
  if (frame == nullptr) return none();
  const void* key = frame->key;
  const int status = guarded_status([&] { happens(Event::return_, code, argument, at); });
  if (FollowedFrame* followed = here.monitored.find(key)) here.monitored.erase(*followed);
  if (status < 0) throw PyRaised{};
  return none();
}

Ref Monitoring::raises(PyCodeObject* code, Borrowed exception, Position at) {
  if (running_frame(traced_thread(hooks.state.thread())) == nullptr) return none();
  Ref traceback = Ref::steal(PyException_GetTraceback(exception.get()));
  Ref argument = take(PyTuple_Pack(3, Py_TYPE(exception.get()), exception.get(),
                                   traceback ? traceback.get() : Py_None));
  return happens(Event::exception, code, argument, at);
}

/// The end of a generator's loop is told of only where lines are not: a trace function never hears of it.
Ref Monitoring::stops(PyCodeObject* code, Borrowed exception, Position at) {
  const int ends = PycCode_EndsLoop(code, at.offset);
  if (ok(ends) != 0) return never_again();
  return raises(code, exception, at);
}

/// A loop of one line has no other line that its next round could begin with.
Ref Monitoring::jumps(PyCodeObject* code, int from, int to) {
  if (to >= from || PyCode_Addr2Line(code, from) != PyCode_Addr2Line(code, to))
    return never_again();
  return happens(Event::line, code, nullptr, {.offset = from});
}

Ref Monitoring::calls(Event event, PyCodeObject* code, Borrowed callable, Borrowed first,
                      Position at) {
  dispatch::Plan* plan = hooks.state.plan();
  if (plan == nullptr) return none();
  const bool is_method = Py_IS_TYPE(callable.get(), &PyMethodDescr_Type);
  if (!is_method && PyCFunction_Check(callable.get()) == 0) return none();
  if (plan->list(event).rows.empty() || hooks.facts(*plan, code).files == 0) return none();
  Ref function = Ref::borrow(callable);
  if (is_method) {
    // As profile functions are given it: the method of the object it is called on.
    if (first.is(missing_)) return none();
    auto* type = reinterpret_cast<PyObject*>(Py_TYPE(first.get()));
    function = Ref::steal(Py_TYPE(callable.get())->tp_descr_get(callable.get(), first.get(), type));
    if (!function) {
      PyErr_Clear();  // the call itself says what is wrong
      return none();
    }
  }
  const std::uint64_t stamp = hooks.state.quiet_stamp();
  const Delivered delivered = hooks.deliver_call(
      *plan, {event, Hook::Monitoring, function, nullptr, code, at.line, at.offset});
  return event == Event::c_call && delivered == Delivered::ToNobody && wanted_only(event)
             ? not_again(stamp)
             : none();
}

/// Is that the only event of C functions that is wanted? The others come only where calls are told of.
bool Monitoring::wanted_only(Event event) const { return (wanted_ & kCallEvents) == bit_of(event); }

}  // namespace pyccolo::hooks
