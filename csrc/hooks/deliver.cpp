// One event of the interpreter on its way through the tracers that follow its frame.
#include "dispatch/counter.hpp"
#include "dispatch/emit.hpp"
#include "hooks/state.hpp"

namespace pyccolo::hooks {

using dispatch::as_tracer;
using dispatch::EventList;
using dispatch::Fire;
using dispatch::HandlingScope;
using dispatch::Plan;
using dispatch::PlanRef;
using dispatch::ThreadData;
using dispatch::TracerHandlers;
using dispatch::TracerSlot;

namespace {

const std::vector<dispatch::Handler>* handlers_of(const EventList& list, std::size_t slot) {
  for (const TracerHandlers& row : list.rows) {
    if (row.slot == slot) return &row.handlers;
  }
  return nullptr;
}

/// The slot of a tracer, or the number of slots if it is not on the stack any more.
std::size_t slot_of(const Plan& plan, const dispatch::TracerObject* tracer) {
  std::size_t i = 0;
  while (i < plan.slots.size() && as_tracer(plan.slots[i].tracer) != tracer) ++i;
  return i;
}

Follower* follower_of(FollowedFrames& frames, const void* key,
                      const dispatch::TracerObject* tracer) {
  FollowedFrame* frame = frames.find(key);
  if (frame == nullptr) return nullptr;
  for (Follower& follower : frame->followers) {
    if (follower.tracer == tracer) return &follower;
  }
  return nullptr;
}

void leave_frame(FollowedFrames& frames, const void* key, const dispatch::TracerObject* tracer) {
  FollowedFrame* frame = frames.find(key);
  Follower* follower = follower_of(frames, key, tracer);
  if (follower != nullptr) {
    frame->followers.erase(frame->followers.begin() + (follower - frame->followers.data()));
  }
}

/// What a handler's return value says of the rest of the frame: nothing, that the tracer leaves it, or what is called
/// from now on.
void take_local(FollowedFrames& frames, const void* key, const TracerSlot& slot, Fire& fire,
                Borrowed argument, Borrowed function) {
  const dispatch::TracerObject* tracer = as_tracer(slot.tracer);
  if (fire.was_null) {
    leave_frame(frames, key, tracer);
    return;
  }
  if (!fire.was_set || fire.event == Event::return_ || fire.ret.is(argument)) return;
  if (PyCallable_Check(fire.ret.get()) == 0) {
    PyErr_Format(PyExc_TypeError,
                 "a handler for %s returned %R; it returns None, Null to leave the frame, or a "
                 "local trace function",
                 info(fire.event).name, fire.ret.get());
    fire.settle_error(slot, function);
    return;
  }
  if (Follower* follower = follower_of(frames, key, tracer)) {
    follower->local = fire.ret.copy();
    frames.find(key)->has_locals = true;
  }
}

/// Opcode events that a tracer's handlers ask for, or the frame's own f_trace_opcodes, are its local function's too.
bool has_opcodes(FollowedFrames& frames, const void* key, const SysEvent& event, bool handles) {
  if (event.event != Event::opcode || handles) return true;
  const FollowedFrame* frame = frames.find(key);
  return event.hook == Hook::Settrace && frame != nullptr && !frame->opcodes_on;
}

/// Calls what a handler has left in its place, as the interpreter calls local trace functions.
void call_local(FollowedFrames& frames, const void* key, const TracerSlot& slot, Fire& fire,
                Ref local) {
  PyObject* arguments[] = {nullptr, fire.current_frame().get(),
                           fire.state.event_values[index_of(fire.event)].get(), fire.ret.get()};
  Borrowed argument = fire.ret;
  Ref result = Ref::steal(calling_python([&] {
    return PyObject_Vectorcall(local.get(), arguments + 1, 3 | PY_VECTORCALL_ARGUMENTS_OFFSET,
                               nullptr);
  }));
  if (!result) {
    leave_frame(frames, key, as_tracer(slot.tracer));
    fire.settle_error(slot, local);
    return;
  }
  if (result.is(Py_None)) return;
  Ref given = std::exchange(fire.ret, std::move(result));
  fire.was_set = true;
  take_local(frames, key, slot, fire, argument, local);
}

void count(const dispatch::Handler& handler, const SysEvent& event) {
  using By = dispatch::Counter::By;
  const By by = handler.counter->by();
  handler.counter->hit_frame(event.event, reinterpret_cast<PyObject*>(event.code),
                             by == By::Line ? event.its_line() : 0,
                             by == By::Site ? event.its_offset() : 0);
}

/// What is disabled at the place of an event while its handlers run; a place is noted when the first one is.
class DisabledHere {
 public:
  DisabledHere(CodeFacts& facts, const SysEvent& event) : facts_(facts) {
    if (!facts.disabled) return;
    const auto found = facts.disabled->find(event.place());
    if (found != facts.disabled->end()) known_ = &found->second;
  }
  dispatch::DisabledAt& get() { return known_ != nullptr ? *known_ : fresh_; }
  bool has(const dispatch::Handler& handler) const {
    return known_ != nullptr && known_->has(handler);
  }
  void keep(const SysEvent& event) {
    if (known_ != nullptr || fresh_.prune()) return;
    if (!facts_.disabled) facts_.disabled = std::make_unique<DisabledPlaces>();
    (*facts_.disabled)[event.place()] = std::move(fresh_);
  }

 private:
  CodeFacts& facts_;
  dispatch::DisabledAt* known_ = nullptr;
  dispatch::DisabledAt fresh_;
};

/// Has every handler of the event that uses the hook been disabled at the place?
bool is_for_nobody(const Plan& plan, const EventList& list, Hook hook,
                   const DisabledHere& disabled) {
  for (const TracerHandlers& row : list.rows) {
    const TracerSlot& slot = plan.slots[row.slot];
    if (as_tracer(slot.tracer)->hook != hook) continue;
    for (const dispatch::Handler& handler : row.handlers) {
      if (slot.overrides_emit || !disabled.has(handler)) return false;
    }
  }
  return true;
}

}  // namespace

int SysEvent::its_line() const {
  if (line > 0) return line;
  if (frame) return PyFrame_GetLineNumber(reinterpret_cast<PyFrameObject*>(frame.get()));
  return event == Event::call ? code->co_firstlineno : PyCode_Addr2Line(code, its_offset());
}

int SysEvent::its_offset() const {
  if (offset >= 0) return offset;
  PyObject* at = frame ? frame.get() : reinterpret_cast<PyObject*>(PyEval_GetFrame());
  return at != nullptr ? PyFrame_GetLasti(reinterpret_cast<PyFrameObject*>(at)) : 0;
}

Place SysEvent::place() const {
  switch (event) {
    case Event::line:
      return {event, its_line()};
    case Event::call:
    case Event::return_:
    case Event::exception:
      return {event, 0};
    default:
      return {event, its_offset()};
  }
}

bool SysHooks::is_heard(const TracerSlot& slot, Hook hook, const ThreadData& thread) {
  const dispatch::TracerObject* tracer = as_tracer(slot.tracer);
  return tracer->enabled && !tracer->hard_disabled && tracer->hook == hook &&
         (slot.threads_allowed || tracer->thread == thread.ident);
}

FollowedFrame* SysHooks::follow(Plan& plan, FollowedFrames& frames, const void* key,
                                PyCodeObject* code, CodeFacts& known, Hook hook) {
  if (known.files == 0) return nullptr;
  const ThreadData& data = state.thread();
  FollowedFrame* frame = nullptr;
  for (std::size_t i = plan.slots.size(); i-- > 0;) {
    const TracerSlot& slot = plan.slots[i];
    if (!known.follows(i) || !is_heard(slot, hook, data)) continue;
    if (frame == nullptr) {
      frame = &frames.push(key, code);
      frame->stamp = known.stamp;
      frame->facts = &known;
    }
    frame->followers.push_back({as_tracer(slot.tracer), nullptr});
  }
  return frame;
}

std::optional<Delivered> SysHooks::deliver_directly(Plan& current, FollowedFrames& frames,
                                                    FollowedFrame& frame, const SysEvent& event) {
  const EventList* list = current.made_list(event.event);
  if (list == nullptr || list->single.handler == nullptr || frame.followers.size() != 1 ||
      frame.stamp != state.filter_stamp()) {
    return std::nullopt;
  }
  const dispatch::SingleHandler& single = list->single;
  const TracerSlot& slot = *single.slot;
  const Follower& follower = frame.followers.front();
  ThreadData& data = state.thread();
  if (follower.local || follower.tracer != as_tracer(slot.tracer) || !data.allow_events ||
      !is_heard(slot, event.hook, data)) {
    return std::nullopt;
  }
  if (frame.facts->disabled && DisabledHere(*frame.facts, event).has(*single.handler))
    return Delivered::ToNobody;
  if (single.handler->counter != nullptr) {
    count(*single.handler, event);
    return Delivered::ToAll;
  }
  if (event.event == Event::line) {
    frame.line_handler = &single;
    frame.line_plan = current.id;
  }
  return call_directly(current, frames, frame, event, single);
}

Delivered SysHooks::call_directly(Plan& current, FollowedFrames& frames, const FollowedFrame& frame,
                                  const SysEvent& event, const dispatch::SingleHandler& single) {
  const TracerSlot& slot = *single.slot;
  const PlanRef plan(&current);
  const HandlingScope handling(state.thread());
  const void* key = frame.key;
  CodeFacts& known = *frame.facts;
  Borrowed argument = event.argument ? event.argument : Borrowed(Py_None);
  PyObject* stack[2 + dispatch::SingleHandler::kMaxSources];
  const std::size_t count = give(
      single, stack + 1, argument.get(), Py_None, state.events[index_of(event.event)].get(), [&] {
        return event.frame ? event.frame.get() : reinterpret_cast<PyObject*>(PyEval_GetFrame());
      });
  Ref result = Ref::steal(calling_python([&] {
    return PyObject_Vectorcall(single.handler->callee().get(), stack + 1,
                               count | PY_VECTORCALL_ARGUMENTS_OFFSET, nullptr);
  }));
  if (result && result.is(Py_None)) [[likely]]
    return Delivered::ToAll;
  Fire fire(state, event.event);
  fire.frame = Ref::borrow(event.frame);
  fire.ret = Ref::borrow(argument);
  DisabledHere disabled(known, event);
  fire.disabled = &disabled.get();
  const Fire::Outcome outcome = fire.finish_single(slot, *single.handler, std::move(result));
  disabled.keep(event);
  take_local(frames, key, slot, fire, argument, single.handler->function);
  return outcome == Fire::Outcome::StopAll ? Delivered::SkipsTheRest : Delivered::ToAll;
}

Delivered SysHooks::deliver(Plan& current, FollowedFrames& frames, FollowedFrame& frame,
                            const SysEvent& event) {
  if (frame.followers.empty()) return Delivered::ToAll;
  if (const auto done = deliver_directly(current, frames, frame, event)) return *done;
  if (current.list(event.event).rows.empty() && !frame.has_locals) return Delivered::ToAll;
  const void* key = frame.key;
  const PlanRef plan(&current);
  const EventList& list = plan->list(event.event);
  ThreadData& data = state.thread();
  const bool reentrant = !data.allow_events;
  if (reentrant && !data.allow_reentrant && !list.reentrant_possible) return Delivered::ToAll;
  CodeFacts& known = *frame.facts;
  if (known.disabled && !frame.has_locals &&
      is_for_nobody(*plan.get(), list, event.hook, DisabledHere(known, event)))
    return Delivered::ToNobody;
  const HandlingScope handling(data);
  frame.stamp = state.filter_stamp();

  // What is called here may detach tracers, and end or begin frames: the frame is looked for anew each time.
  boost::container::small_vector<const dispatch::TracerObject*, 8> order;
  for (const Follower& follower : frame.followers) order.push_back(follower.tracer);
  for (const dispatch::TracerObject* tracer : order) {
    const std::size_t at = slot_of(*plan.get(), tracer);
    Follower* follower = follower_of(frames, key, tracer);
    if (at == plan->slots.size() || follower == nullptr) continue;
    const TracerSlot& slot = plan->slots[at];
    if (!is_heard(slot, event.hook, data)) continue;
    if (reentrant && !slot.reentrant_allowed && !data.allow_reentrant) continue;
    const std::vector<dispatch::Handler>* handlers = handlers_of(list, at);
    if (handlers == nullptr && !follower->local) continue;
    if (!facts(*plan.get(), event.code).wants(at, event.event)) continue;

    Fire fire(state, event.event);
    fire.frame = Ref::borrow(event.frame);
    fire.ret = Ref::borrow(event.argument ? event.argument : Borrowed(Py_None));
    fire.reentrant_only = reentrant && data.allow_reentrant == 0;
    if (follower->local) {
      if (!has_opcodes(frames, key, event, handlers != nullptr)) continue;
      call_local(frames, key, slot, fire, follower->local.copy());
      continue;
    }
    Ref argument = fire.ret.copy();
    DisabledHere disabled(known, event);
    fire.disabled = &disabled.get();
    Fire::Outcome outcome;
    if (slot.overrides_emit) {
      outcome = fire.run_overridden(slot);
      fire.was_null = fire.ret.is(state.null);
      fire.was_set = !fire.was_null && !fire.ret.is(Py_None);
    } else {
      outcome = fire.run(slot, *handlers);
    }
    disabled.keep(event);
    Borrowed function = handlers->empty() ? slot.emit : handlers->back().function;
    take_local(frames, key, slot, fire, argument, function);
    if (outcome == Fire::Outcome::StopAll) return Delivered::SkipsTheRest;
  }
  return Delivered::ToAll;
}

Delivered SysHooks::deliver_call(Plan& current, const SysEvent& event) {
  const PlanRef plan(&current);
  CodeFacts& known = facts(*plan.get(), event.code);
  if (known.files == 0) return Delivered::ToAll;
  const EventList& list = plan->list(event.event);
  ThreadData& data = state.thread();
  const bool reentrant = !data.allow_events;
  if (list.rows.empty()) return Delivered::ToAll;
  if (reentrant && !data.allow_reentrant && !list.reentrant_possible) return Delivered::ToAll;
  if (known.disabled && is_for_nobody(*plan.get(), list, event.hook, DisabledHere(known, event)))
    return Delivered::ToNobody;
  const HandlingScope handling(data);
  Fire fire(state, event.event);
  fire.frame = Ref::borrow(event.frame);
  fire.reentrant_only = reentrant && data.allow_reentrant == 0;
  for (auto at = list.rows.rbegin(); at != list.rows.rend(); ++at) {
    const TracerHandlers& row = *at;
    const TracerSlot& slot = plan->slots[row.slot];
    if (!is_heard(slot, event.hook, data)) continue;
    if (reentrant && !slot.reentrant_allowed && !data.allow_reentrant) continue;
    if (!facts(*plan.get(), event.code).wants(row.slot, event.event)) continue;
    fire.ret = Ref::borrow(event.argument);
    DisabledHere disabled(known, event);
    fire.disabled = &disabled.get();
    const Fire::Outcome outcome =
        slot.overrides_emit ? fire.run_overridden(slot) : fire.run(slot, row.handlers);
    disabled.keep(event);
    if (outcome == Fire::Outcome::StopAll) return Delivered::SkipsTheRest;
  }
  return Delivered::ToAll;
}

}  // namespace pyccolo::hooks
