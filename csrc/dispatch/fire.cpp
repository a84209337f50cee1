#include "dispatch/fire.hpp"

#include "dispatch/counter.hpp"
#include "dispatch/tracer.hpp"

namespace pyccolo::dispatch {

void Fire::set_site(site::RewriteObject* its_owner, const site::Site& its_site) {
  owner = its_owner;
  site = &its_site;
  if (site->quiet != 0) disabled = disabled_at(*owner->rewrite, *site);
}

bool Fire::take_place(const Fire* overridden, Borrowed tracer) {
  if (overridden == nullptr || overridden->event != event || !tracer.is(overridden->overriding_)) {
    return false;
  }
  disabled = overridden->disabled;
  if (overridden->site != nullptr) set_site(overridden->owner, *overridden->site);
  return site != nullptr || disabled != nullptr;
}

Borrowed Fire::current_frame() {
  if (!frame) {
    frame = Ref::borrow(reinterpret_cast<PyObject*>(PyEval_GetFrame()));
    if (!frame) frame = none();
  }
  return frame;
}

Borrowed Fire::raw_id() {
  if (!node_id) node_id = node ? id_of(node) : none();
  return node_id;
}

Borrowed Fire::node_for(const Handler& handler) {
  if (handler.raw) return raw_id();
  return node ? node : Borrowed(Py_None);
}

Borrowed Fire::keyword(Borrowed name) const {
  for (Py_ssize_t i = 0; keyword_names && i < PyTuple_GET_SIZE(keyword_names.get()); ++i) {
    PyObject* its = PyTuple_GET_ITEM(keyword_names.get(), i);
    if (its == name.get() || PyUnicode_Compare(its, name.get()) == 0) return keyword_values[i];
  }
  return nullptr;
}

Borrowed Fire::local_guard(const Handler& handler) const {
  for (Py_ssize_t i = 0; local_guards && i < PyTuple_GET_SIZE(local_guards.get()); ++i) {
    PyObject* pair = PyTuple_GET_ITEM(local_guards.get(), i);
    if (handler.spec.is(PyTuple_GET_ITEM(pair, 0))) return PyTuple_GET_ITEM(pair, 1);
  }
  return nullptr;
}

bool Fire::is_on(Borrowed guard) {
  Borrowed at = current_frame();
  if (at.is_none()) return false;
  Ref globals = take(PyFrame_GetGlobals(reinterpret_cast<PyFrameObject*>(at.get())));
  Borrowed value = find_item(globals, guard);
  return value && is_true(value);
}

bool Fire::predicate_says_no(const Handler& handler) {
  if (!handler.predicate) return false;
  return !is_true(take(PyObject_CallMethodOneArg(
      handler.predicate.get(), state.names.dynamic_call.get(), node_for(handler).get())));
}

Borrowed Fire::given(const Argument& argument, const Handler& handler, Borrowed guard) {
  switch (argument.source) {
    case Source::Ret:
      return ret ? Borrowed(ret) : Borrowed(Py_None);
    case Source::Node:
      return node_for(handler);
    case Source::Frame:
      return current_frame();
    case Source::Event:
      return state.events[index_of(event)];
    case Source::Guard: {
      Borrowed region = region_guard ? keyword(state.names.guard) : Borrowed();
      return region ? region : guard ? guard : Borrowed(Py_None);
    }
    case Source::Keyword: {
      Borrowed value = keyword(argument.keyword);
      return value ? value : Borrowed(Py_None);
    }
  }
  return Py_None;
}

Ref Fire::call_full(const TracerSlot& slot, const Handler& handler, Borrowed guard) {
  constexpr std::size_t kPositional = 6;
  boost::container::small_vector<PyObject*, 16> stack{
      nullptr,
      slot.tracer.get(),
      ret ? ret.get() : Py_None,
      node_for(handler).get(),
      current_frame().get(),
      state.events[index_of(event)].get(),
      guard ? guard.get() : Py_None,
  };
  const Signature& signature = handler.signature;
  const Py_ssize_t count = keyword_names ? PyTuple_GET_SIZE(keyword_names.get()) : 0;
  Borrowed names = keyword_names;
  Ref own_names;
  const bool moves_guard = signature.guard_by_position && region_guard;
  if (count != 0 && signature.all_keywords && !moves_guard) {
    stack.insert(stack.end(), keyword_values, keyword_values + count);
  } else if (count != 0) {
    own_names = list_of({});
    for (Py_ssize_t i = 0; i < count; ++i) {
      Borrowed name = PyTuple_GET_ITEM(keyword_names.get(), i);
      if (moves_guard && name.is(state.names.guard)) {
        stack[kPositional] = keyword_values[i];
        continue;
      }
      bool wanted = signature.all_keywords;
      for (const auto& [parameter, argument] : signature.named) {
        wanted = wanted || PyUnicode_Compare(parameter.get(), name.get()) == 0;
      }
      if (!wanted) continue;
      append(own_names, name);
      stack.push_back(keyword_values[i]);
    }
    own_names = take(PyList_AsTuple(own_names.get()));
    names = own_names;
  }
  return Ref::steal(calling_python([&] {
    return PyObject_Vectorcall(handler.callee().get(), stack.data() + 1,
                               kPositional | PY_VECTORCALL_ARGUMENTS_OFFSET,
                               count != 0 ? names.get() : nullptr);
  }));
}

Ref Fire::call_named(const TracerSlot& slot, const Handler& handler, Borrowed guard) {
  const Signature& signature = handler.signature;
  boost::container::small_vector<PyObject*, 12> stack{nullptr, slot.tracer.get()};
  for (const Argument& argument : signature.positional) {
    stack.push_back(given(argument, handler, guard).get());
  }
  const std::size_t positional = stack.size() - 1;
  Ref names;
  if (!signature.named.empty() || (signature.all_keywords && keyword_names)) {
    Ref list = list_of({});
    for (const auto& [parameter, argument] : signature.named) {
      append(list, parameter);
      stack.push_back(given(argument, handler, guard).get());
    }
    for (Py_ssize_t i = 0;
         signature.all_keywords && keyword_names && i < PyTuple_GET_SIZE(keyword_names.get());
         ++i) {
      Borrowed name = PyTuple_GET_ITEM(keyword_names.get(), i);
      bool taken = false;
      for (const Argument& argument : signature.positional) {
        taken = taken || (argument.keyword && argument.keyword.is(name)) ||
                (argument.source == Source::Guard && name.is(state.names.guard));
      }
      for (const auto& [parameter, argument] : signature.named) {
        taken = taken || PyUnicode_Compare(parameter.get(), name.get()) == 0;
      }
      if (taken) continue;
      append(list, name);
      stack.push_back(keyword_values[i]);
    }
    names = take(PyList_AsTuple(list.get()));
  }
  return Ref::steal(calling_python([&] {
    return PyObject_Vectorcall(handler.callee().get(), stack.data() + 1,
                               positional | PY_VECTORCALL_ARGUMENTS_OFFSET, names.get());
  }));
}

/// Null with an error set if the handler or its predicate raised.
Ref Fire::call_handler(const TracerSlot& slot, const Handler& handler, Borrowed guard) {
  try {
    if (predicate_says_no(handler)) return none();
    if (handler.counter != nullptr) {
      count(handler);
      return none();
    }
    return handler.signature.full ? call_full(slot, handler, guard)
                                  : call_named(slot, handler, guard);
  } catch (const PyRaised&) {
    return nullptr;
  }
}

namespace {

/// Room to tell of an error when the program has used the stack up.
class RecursionReserve {
 public:
  RecursionReserve() : limit_(Py_GetRecursionLimit()) { Py_SetRecursionLimit(limit_ + kFrames); }
  ~RecursionReserve() { Py_SetRecursionLimit(limit_); }
  RecursionReserve(const RecursionReserve&) = delete;
  RecursionReserve& operator=(const RecursionReserve&) = delete;

 private:
  static constexpr int kFrames = 50;
  int limit_;
};

/// A RecursionError that came right away: the stack was used up when the handler was called.
bool is_at_the_limit(Borrowed exception, Borrowed traceback) {
  constexpr int kOwnFrames = 1;
  if (PyErr_GivenExceptionMatches(exception.get(), PyExc_RecursionError) == 0) return false;
  int frames = 0;
  Ref at = Ref::borrow(traceback);
  while (at && !at.is(Py_None) && frames <= kOwnFrames) {
    ++frames;
    at = get_attr(at, "tb_next");
  }
  return frames <= kOwnFrames;
}

/// Prints through sys.unraisablehook, unless this handler has raised this type of exception before.
void report_once(TracerObject* tracer, Borrowed function, Borrowed exception,
                 Borrowed where = nullptr) {
  if (tracer->reported == nullptr) tracer->reported = take(PySet_New(nullptr)).release();
  Ref key = take(PyTuple_Pack(2, function.get(), Py_TYPE(exception.get())));
  if (ok(PySet_Contains(tracer->reported, key.get())) != 0) return;
  ok(PySet_Add(tracer->reported, key.get()));
  const RecursionReserve reserve;
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.get())), exception.get());
  PyErr_WriteUnraisable(where ? where.get() : function.get());
}

void log_in_dev_mode(DispatchState& state, Borrowed tracer, Event event, Borrowed exception) {
  if (!truth_of(tracer, state.names._is_dev_mode)) return;
  Ref logging = take(PyImport_ImportModule("logging"));
  Ref logger = take(PyObject_CallMethod(logging.get(), "getLogger", "s", "pyccolo_native.tracer"));
  Ref method = get_attr(logger, "error");
  Ref arguments = take(Py_BuildValue("(sO)", "An exception while handling evt %s",
                                     state.event_values[index_of(event)].get()));
  Ref keywords = take(Py_BuildValue("{sO}", "exc_info", exception.get()));
  take(PyObject_Call(method.get(), arguments.get(), keywords.get()));
}

}  // namespace

void settle_filter_error(Borrowed tracer, Borrowed hook, Borrowed file) {
  if (!PyErr_ExceptionMatches(PyExc_Exception)) throw PyRaised{};
  const Caught caught = catch_raised();
  Ref name = get_attr(reinterpret_cast<PyObject*>(Py_TYPE(tracer.get())), "__qualname__");
  Ref where = take(PyUnicode_FromFormat("%S.%S, asked about %S: taken for a no", name.get(),
                                        hook.get(), file.get()));
  report_once(as_tracer(tracer.get()), hook, caught.exception, where);
}

void Fire::settle_error(const TracerSlot& slot, Borrowed function) {
  if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) {
    {
      const ErrorScope parked;
      disable_tracing(state, slot.tracer);
    }
    throw PyRaised{};
  }
  if (!PyErr_ExceptionMatches(PyExc_Exception)) throw PyRaised{};

  auto [its_type, exception, its_traceback] = catch_raised();
  if (is_at_the_limit(exception, its_traceback)) {
    // The program has no stack left, not the handler a fault: it gets the error it would have had a call later.
    ok(PyException_SetTraceback(exception.get(), Py_None));
    PyErr_SetObject(its_type.get(), exception.get());
    throw PyRaised{};
  }
  if (slot.may_propagate) {
    Ref answer = take(PyObject_CallMethodObjArgs(
        slot.tracer.get(), state.names.should_propagate_handler_exception.get(),
        state.events[index_of(event)].get(), exception.get(), nullptr));
    if (is_true(answer)) {
      PyException_SetCause(exception.get(), Py_NewRef(Py_None));  // raise … from None
      PyErr_Restore(its_type.release(), exception.release(), its_traceback.release());
      throw PyRaised{};
    }
  }
  log_in_dev_mode(state, slot.tracer, event, exception);
  report_once(as_tracer(slot.tracer), function, exception);
}

/// What fires in no woven code is counted by its frame.
void Fire::count(const Handler& handler) {
  if (site != nullptr) {
    handler.counter->hit(*site, owner);
    return;
  }
  if (current_frame().is_none()) {
    handler.counter->hit_frame(event, nullptr, 0, 0);
    return;
  }
  auto* at = reinterpret_cast<PyFrameObject*>(frame.get());
  Ref code = take(reinterpret_cast<PyObject*>(PyFrame_GetCode(at)));
  handler.counter->hit_frame(event, code, PyFrame_GetLineNumber(at), PyFrame_GetLasti(at));
}

void Fire::disable(const Handler& handler) {
  if (disabled == nullptr && site != nullptr) disabled = &make_disabled_at(*owner->rewrite, *site);
  if (disabled == nullptr) return;
  disabled->add(handler);
  if (site != nullptr) site->quiet = site::Site::kNotQuiet;
}

Fire::Outcome Fire::take_result(const Handler& handler, Ref result) {
  if (result.is(Py_None)) return Outcome::Continue;
  if (result.is(state.disable)) {
    disable(handler);
    return Outcome::Continue;
  }
  if (result.is(state.skip)) return Outcome::StopTracer;
  if (result.is(state.skip_all)) return Outcome::StopAll;
  was_null = result.is(state.null);
  was_set = !was_null;
  ret = was_null ? none() : std::move(result);
  return Outcome::Continue;
}

Fire::Outcome Fire::run(const TracerSlot& slot, const std::vector<Handler>& handlers) {
  for (const Handler& handler : handlers) {
    if (reentrant_only && !handler.reentrant) continue;
    if (disabled != nullptr && disabled->has(handler)) continue;
    Borrowed guard = local_guards ? local_guard(handler) : Borrowed();
    if (guard && is_on(guard)) continue;
    Ref result = call_handler(slot, handler, guard);
    if (!result) {
      settle_error(slot, handler.function);
      continue;
    }
    const Outcome outcome = take_result(handler, std::move(result));
    if (outcome != Outcome::Continue) return outcome;
    if (as_tracer(slot.tracer)->hard_disabled) break;  // the handler turned its own tracer off
  }
  return Outcome::Continue;
}

Fire::Outcome Fire::finish_single(const TracerSlot& slot, const Handler& handler, Ref result) {
  if (result) return take_result(handler, std::move(result));
  settle_error(slot, handler.function);
  return Outcome::Continue;
}

Fire::Outcome Fire::run_overridden(const TracerSlot& slot) {
  Ref method = get_attr(slot.tracer, state.names._emit_event);
  Ref keywords = take(PyDict_New());
  set_item(keywords, state.names.reentrant_handlers_only, boolean(reentrant_only));
  for (Py_ssize_t i = 0; keyword_names && i < PyTuple_GET_SIZE(keyword_names.get()); ++i) {
    set_item(keywords, PyTuple_GET_ITEM(keyword_names.get(), i), keyword_values[i]);
  }
  set_item(keywords, state.names.ret, ret ? Borrowed(ret) : Borrowed(Py_None));
  Ref arguments = take(PyTuple_Pack(3, state.event_values[index_of(event)].get(), raw_id().get(),
                                    current_frame().get()));
  ThreadData& thread = state.thread();
  overriding_ = slot.tracer;
  struct Overriding {
    Overriding(ThreadData& its_thread, const Fire* fire)
        : thread(its_thread), before(std::exchange(its_thread.overridden, fire)) {}
    ~Overriding() { thread.overridden = before; }
    ThreadData& thread;
    const Fire* before;
  } const overriding(thread, this);
  Ref result = take(
      calling_python([&] { return PyObject_Call(method.get(), arguments.get(), keywords.get()); }));
  if (PyTuple_Check(result.get()) && PyTuple_GET_SIZE(result.get()) > 1 &&
      state.skip_all.is(PyTuple_GET_ITEM(result.get(), 0))) {
    ret = Ref::borrow(PyTuple_GET_ITEM(result.get(), 1));
    return Outcome::StopAll;
  }
  ret = std::move(result);
  return Outcome::Continue;
}

}  // namespace pyccolo::dispatch
