#include "hooks/settrace.hpp"

#include <algorithm>

#include "hooks/anchor.hpp"
#include "hooks/quiet_frames.hpp"

namespace pyccolo::hooks {

using dispatch::as_tracer;

namespace {

constexpr PycSlot kEverySlot[] = {PYC_TRACE, PYC_PROFILE};

constexpr SysEvents events_of(PycSlot slot) {
  return slot == PYC_TRACE ? kFrameEvents : kCallEvents;
}

template <PycSlot kSlot>
int called(PyObject* anchor, PyFrameObject* frame, int what, PyObject* argument) {
  return guarded(-1, [&] {
    // CPython 3.11 may call us with it once more when it has been set no longer, and holds no reference to it.
    Ref held = Ref::borrow(anchor);
    Settrace& settrace = reinterpret_cast<AnchorObject*>(anchor)->hooks->settrace();
    const int status = settrace.tell(kSlot, frame, what, argument);
    if (Py_REFCNT(anchor) == 1) settrace.retire(kSlot, std::move(held));
    return status;
  });
}

constexpr Py_tracefunc function_of(PycSlot slot) {
  return slot == PYC_TRACE ? called<PYC_TRACE> : called<PYC_PROFILE>;
}

Event event_of(int what) {
  switch (what) {
    case PyTrace_CALL:
      return Event::call;
    case PyTrace_EXCEPTION:
      return Event::exception;
    case PyTrace_LINE:
      return Event::line;
    case PyTrace_RETURN:
      return Event::return_;
    case PyTrace_C_CALL:
      return Event::c_call;
    case PyTrace_C_EXCEPTION:
      return Event::c_exception;
    case PyTrace_C_RETURN:
      return Event::c_return;
    default:
      return Event::opcode;
  }
}

/// The thread may come to its end in it.
int call(const Foreign& foreign, PyFrameObject* frame, int what, Borrowed argument) {
  Ref object = foreign.object.copy();
  int status = 0;
  calling_python([&]() -> PyObject* {
    status = foreign.function(object.get(), frame, what, argument.get());
    return nullptr;
  });
  return status;
}

/// Lets the interpreter tell of a frame's instructions if we want them and the program does not.
void ask_for_opcodes(PyFrameObject* frame, FollowedFrame& followed) {
  if (followed.wants_opcodes && PycFrame_TracesOpcodes(frame) == PYC_NOBODY)
    ok(PycFrame_SetTracesOpcodes(frame, PYC_OURS));
  followed.opcodes_on = PycFrame_TracesOpcodes(frame) == PYC_OURS;
}

/// Lets the interpreter tell of the events that somebody wants of a frame, and of no others.
void ask_for_events(PyFrameObject* frame, FollowedFrame& followed, bool is_alone) {
  SysEvents wanted = 0;
  for (const Follower& follower : followed.followers) {
    wanted |= follower.tracer->sys_events;
    if (follower.local) wanted |= bit_of(Event::line);
  }
  const bool lines = (wanted & bit_of(Event::line)) != 0;
  if (!lines && is_alone && PycFrame_TracesLines(frame) != 0) {
    PycFrame_SetTracesLines(frame, 0);
    followed.lines_off = true;
  }
  if (lines && std::exchange(followed.lines_off, false)) PycFrame_SetTracesLines(frame, 1);
  followed.wants_opcodes = (wanted & bit_of(Event::opcode)) != 0;
  ask_for_opcodes(frame, followed);
  if (followed.lines_off || followed.wants_opcodes)
    followed.frame = Ref::borrow(reinterpret_cast<PyObject*>(frame));
}

void restore_lines(PyFrameObject* frame, FollowedFrame& followed) {
  if (std::exchange(followed.lines_off, false)) PycFrame_SetTracesLines(frame, 1);
}

/// Gives a frame's attributes back to the program.
void restore_flags(PyFrameObject* frame, FollowedFrame& followed) {
  restore_lines(frame, followed);
  if (PycFrame_TracesOpcodes(frame) == PYC_OURS) ok(PycFrame_SetTracesOpcodes(frame, PYC_NOBODY));
  followed.opcodes_on = false;
}

/// Does something for the frames whose attributes are not the program's, on the stack or not: a greenlet's may come back.
template <typename Action>
void for_changed(FollowedFrames& frames, Action&& action) {
  for (FollowedFrame& its : frames) {
    if (its.frame) action(reinterpret_cast<PyFrameObject*>(its.frame.get()), its);
  }
}

}  // namespace

Settrace::Settrace(SysHooks& its_hooks)
    : hooks(its_hooks), anchor_type(make_anchor_type(its_hooks.module)) {}

bool Settrace::is_ours(PycSlot slot) const {
  PyObject* object = nullptr;
  return PycThread_Function(PyThreadState_Get(), slot, &object) == function_of(slot);
}

// ---- setting and taking away

void Settrace::take_parked(TracedThread& here) {
  const auto found = parked_.find(PyThreadState_GetID(PyThreadState_Get()));
  if (found == parked_.end()) return;
  Parked parked = std::move(found->second);
  parked_.erase(found);
  for (PycSlot slot : kEverySlot) {
    if (parked[slot]) here.foreign[slot] = std::move(*parked[slot]);
  }
}

void Settrace::set(TracedThread& here, PycSlot slot) {
  PyObject* object = nullptr;
  const Py_tracefunc current = PycThread_Function(PyThreadState_Get(), slot, &object);
  const bool gets_opcodes = slot == PYC_TRACE && (here.wanted & bit_of(Event::opcode)) != 0 &&
                            PycThread_AllowOpcodes() != 0;
  if (current == function_of(slot)) {
    Ref anchor = Ref::borrow(object);
    // Set from another thread: from now on this thread has one of its own.
    if (!is_armed(object)) {
      anchor = make_anchor(anchor_type, hooks, true);
      PycThread_ExchangeFunction(slot, current, anchor.get());
    }
    if (gets_opcodes) ok(PycThread_SetFunction(slot, current, anchor.get()));
    return;
  }
  Foreign found;
  if (current != nullptr && !is_anchor(anchor_type, object)) found = {current, Ref::borrow(object)};
  // It is told of the ends of those calls that it was told of: sys.setprofile() is not the first of them.
  if (slot == PYC_PROFILE && !here.foreign[slot]) here.foreign_from = here.c_calls;
  Foreign before = std::exchange(here.foreign[slot], std::move(found));
  Ref anchor = make_anchor(anchor_type, hooks, true);
  if (current != nullptr) {
    PycThread_ExchangeFunction(slot, function_of(slot), anchor.get());
  } else {
    ok(PycThread_SetFunction(slot, function_of(slot), anchor.get()));
  }
  if (current != nullptr && gets_opcodes)
    ok(PycThread_SetFunction(slot, function_of(slot), anchor.get()));
  if (slot != PYC_TRACE) return;
  // A debugger steps through the frames that run already.
  if (current != nullptr) for_changed(here.frames, restore_lines);
  // Ours may have been away for a while.
  here.frames.drop_ended();
  for_changed(here.frames, ask_for_opcodes);
}

void Settrace::restore_frames() {
  for_changed(traced_thread(hooks.state.thread()).frames, restore_flags);
}

void Settrace::unset(TracedThread& here, PycSlot slot) {
  if (slot == PYC_TRACE) {
    restore_frames();
    // A handler that switches tracing off often switches it on again: who was told of a call hears of the return.
    if (!is_ours(slot)) {
      here.frames.drop_ended();
    } else if (!hooks.state.thread().allow_events && hooks.any_on_stack()) {
      here.frames.hold_running();
    } else {
      here.frames.clear();
    }
  }
  Foreign behind = std::move(here.foreign[slot]);
  here.foreign[slot] = {};
  if (slot == PYC_PROFILE) here.c_calls = here.foreign_from = 0;
  if (!is_ours(slot)) return;
  PyObject* object = nullptr;
  PycThread_Function(PyThreadState_Get(), slot, &object);
  disarm(anchor_type, object);
  if (behind) {
    PycThread_ExchangeFunction(slot, behind.function, behind.object.get());
  } else {
    ok(PycThread_SetFunction(slot, nullptr, nullptr));
  }
}

/// Sets our function in all threads that have it not.
void Settrace::cover(PycSlot slot) {
  bool any = false;
  PyThreadState* own = PyThreadState_Get();
  std::unordered_map<std::uint64_t, Parked> parked;  // without those of threads that have ended
  std::vector<PyObject*> anchors;
  for (PyThreadState* thread = PyInterpreterState_ThreadHead(PyThreadState_GetInterpreter(own));
       thread != nullptr; thread = PyThreadState_Next(thread)) {
    const std::uint64_t id = PyThreadState_GetID(thread);
    if (const auto found = parked_.find(id); found != parked_.end())
      parked[id] = std::move(found->second);
    PyObject* object = nullptr;
    const Py_tracefunc current = PycThread_Function(thread, slot, &object);
    if (is_anchor(anchor_type, object)) anchors.push_back(object);
    if (current == function_of(slot) || thread == own) continue;
    any = true;
    parked[id][slot] = Foreign{current, Ref::borrow(object)};
  }
  std::swap(parked_, parked);
  if (!any) return;
  for (PyObject* object : anchors) disarm(anchor_type, object);
  Ref anchor = make_anchor(anchor_type, hooks, false);
  ok(PycThread_SetFunctionOfAll(slot, function_of(slot), anchor.get()));
  ++epoch_;
}

void Settrace::settle(Wanted wanted) {
  TracedThread& here = traced_thread(hooks.state.thread());
  if (all_ != wanted.all) {
    all_ = wanted.all;
    ++epoch_;
  }
  here.wanted = wanted.here;
  take_parked(here);
  for (PycSlot slot : kEverySlot) {
    if ((wanted.here & events_of(slot)) != 0) {
      set(here, slot);
    } else {
      unset(here, slot);
    }
    if ((wanted.all & events_of(slot)) == 0) continue;
    cover(slot);
    set(here, slot);
  }
  here.epoch = epoch_;
  here.hooks = &hooks;
  here.is_alone = !here.foreign[PYC_TRACE] && !here.foreign[PYC_PROFILE];
  for (PycSlot slot : kEverySlot)
    here.functions[slot] = is_ours(slot) ? function_of(slot) : nullptr;
  if (wanted.any != 0) {
    quiet_frames::begin(here);
  } else {
    quiet_frames::end(hooks);
  }
  patches.settle(hooks.module, wanted.any != 0, wanted.all != 0);
}

void Settrace::shutdown() {
  all_ = 0;
  ++epoch_;
  TracedThread& here = traced_thread(hooks.state.thread());
  here.wanted = 0;
  for (PycSlot slot : kEverySlot) unset(here, slot);
  quiet_frames::end(hooks);
  patches.settle(hooks.module, false, false);
}

int Settrace::traverse(visitproc visit, void* arg) const {
  Py_VISIT(anchor_type.get());
  for (const auto& [thread, foreigns] : parked_) {
    for (const auto& foreign : foreigns) {
      if (foreign) Py_VISIT(foreign->object.get());
    }
  }
  return patches.traverse(visit, arg);
}

Ref Settrace::visible(PycSlot slot) {
  TracedThread& here = traced_thread(hooks.state.thread());
  if (here.epoch != epoch_) hooks.settle();
  PyObject* object = nullptr;
  const Py_tracefunc current = PycThread_Function(PyThreadState_Get(), slot, &object);
  if (current == function_of(slot)) object = here.foreign[slot].object.get();
  return object != nullptr ? Ref::borrow(object) : none();
}

// ---- what the interpreter tells

Delivered Settrace::trace(TracedThread& here, PyFrameObject* frame, int what, Borrowed argument) {
  const Event event = event_of(what);
  if ((here.wanted & kFrameEvents) == 0) return Delivered::ToAll;
  dispatch::Plan* plan = hooks.state.plan();
  if (plan == nullptr) return Delivered::ToAll;
  PyCodeObject* code = PycFrame_Code(frame);
  const void* key = PycFrame_Key(frame);
  FollowedFrame* followed =
      event == Event::call
          ? hooks.follow(*plan, here.frames, key, code, hooks.facts(*plan, code), Hook::Settrace)
          : here.frames.find(key, code);
  if (followed == nullptr) return Delivered::ToAll;
  return hooks.deliver(*plan, here.frames, *followed,
                       {event, Hook::Settrace, argument, reinterpret_cast<PyObject*>(frame), code});
}

/// Calls the function behind ours as the interpreter would have.
int Settrace::call_behind(TracedThread& here, PycSlot slot, PyFrameObject* frame, int what,
                          Borrowed argument) {
  Foreign& behind = here.foreign[slot];
  if (!behind) return 0;
  const void* key = PycFrame_Key(frame);
  FollowedFrame* followed =
      slot == PYC_TRACE ? here.frames.find(key, PycFrame_Code(frame)) : nullptr;
  if (followed != nullptr && PycFrame_TracesOpcodes(frame) == PYC_OURS) {
    if (what == PyTrace_OPCODE) return 0;  // it has not asked for them
    ok(PycFrame_SetTracesOpcodes(frame, PYC_NOBODY));
  }
  const int status = call(behind, frame, what, argument);
  const ErrorScope parked;
  if (followed != nullptr) {
    followed = here.frames.find(key);
    if (followed != nullptr) ask_for_opcodes(frame, *followed);
  }
  if (!is_ours(slot)) hooks.settle();  // it has set another one, or none
  return status;
}

void Settrace::retire(PycSlot slot, Ref anchor) {
  TracedThread& here = traced_thread(hooks.state.thread());
  const bool was_displaced = disarm(anchor_type, anchor.get());
  Ref before = std::exchange(here.retired[slot], std::move(anchor));
  if (was_displaced) hooks.settle_quietly();
}

namespace {

/// Is the handler of the frame's last line that of this one, too?
bool is_as_before(dispatch::DispatchState& state, const dispatch::Plan& plan,
                  const FollowedFrame& followed) {
  if (followed.line_handler == nullptr || followed.line_plan != plan.id ||
      followed.stamp != state.filter_stamp() || followed.has_locals || followed.facts->disabled ||
      followed.followers.size() != 1 || !state.thread().allow_events)
    return false;
  const dispatch::TracerObject* tracer = as_tracer(followed.line_handler->slot->tracer);
  return tracer->enabled && !tracer->hard_disabled;
}

}  // namespace

/// The most frequent event, with nobody behind us.
int Settrace::tell_of_line(TracedThread& here, PyFrameObject* frame) {
  PyCodeObject* code = PycFrame_Code(frame);
  FollowedFrame* followed = here.frames.find(PycFrame_Key(frame), code);
  if (followed == nullptr) return 0;
  const Delivering delivering(hooks, here);
  return guarded_status([&] {
    dispatch::Plan* plan = hooks.state.plan();
    if (plan == nullptr) return;
    const SysEvent event{Event::line, Hook::Settrace, nullptr, reinterpret_cast<PyObject*>(frame),
                         code};
    if (is_as_before(hooks.state, *plan, *followed)) {
      hooks.call_directly(*plan, here.frames, *followed, event, *followed->line_handler);
    } else {
      hooks.deliver(*plan, here.frames, *followed, event);
    }
  });
}

int Settrace::tell(PycSlot slot, PyFrameObject* frame, int what, Borrowed argument) {
  TracedThread& here = traced_thread(hooks.state.thread());
  if (here.epoch != epoch_) {
    take_parked(here);
    const Foreign before{here.foreign[slot].function, Ref::borrow(here.foreign[slot].object)};
    hooks.settle();
    if (!is_ours(slot)) {
      return before ? call(before, frame, what, argument) : 0;
    }
  }
  if (what == PyTrace_LINE && !here.foreign[slot]) return tell_of_line(here, frame);
  if ((what == PyTrace_RETURN || what == PyTrace_EXCEPTION) && PycFrame_MakesGenerator())
    return call_behind(here, slot, frame, what, argument);
  const bool is_call =
      what == PyTrace_C_CALL || what == PyTrace_C_RETURN || what == PyTrace_C_EXCEPTION;
  bool is_for_all = true;
  if (what == PyTrace_C_CALL) {
    ++here.c_calls;
  } else if (is_call && here.c_calls > 0) {
    is_for_all = --here.c_calls >= here.foreign_from;
    here.foreign_from = std::min(here.foreign_from, here.c_calls);
  }
  Delivered delivered = Delivered::ToAll;
  const Delivering delivering(hooks, here);
  int status = guarded_status([&] {
    if (slot == PYC_TRACE) {
      delivered = trace(here, frame, what, argument);
    } else if (is_call) {
      if (dispatch::Plan* plan = hooks.state.plan()) {
        delivered =
            hooks.deliver_call(*plan, {event_of(what), Hook::Settrace, argument,
                                       reinterpret_cast<PyObject*>(frame), PycFrame_Code(frame)});
      }
    }
  });
  if (is_for_all && delivered != Delivered::SkipsTheRest && here.foreign[slot]) {
    if (status < 0) {
      const ErrorScope parked;
      if (call_behind(here, slot, frame, what, argument) < 0) PyErr_Clear();
    } else {
      status = call_behind(here, slot, frame, what, argument);
    }
  }
  if (slot == PYC_TRACE &&
      (what == PyTrace_CALL || what == PyTrace_RETURN || what == PyTrace_EXCEPTION)) {
    FollowedFrame* followed = here.frames.find(PycFrame_Key(frame), PycFrame_Code(frame));
    if (followed != nullptr) {
      if (what == PyTrace_RETURN) {
        restore_flags(frame, *followed);
        here.frames.erase(*followed);
      } else if (status == 0) {
        status = guarded_status([&] { ask_for_events(frame, *followed, !here.foreign[slot]); });
      }
    }
  }
  return status;
}

}  // namespace pyccolo::hooks
