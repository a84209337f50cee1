// One event of the interpreter on its way through the tracers that follow its frame.
#include <ranges>

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

}  // namespace

bool SysHooks::is_heard(const TracerSlot& slot, Hook hook) {
  const dispatch::TracerObject* tracer = as_tracer(slot.tracer);
  return tracer->enabled && !tracer->hard_disabled && tracer->hook == hook &&
         (slot.threads_allowed || tracer->thread == PyThread_get_thread_ident());
}

FollowedFrame* SysHooks::follow(Plan& plan, FollowedFrames& frames, const void* key,
                                PyCodeObject* code, Hook hook) {
  const CodeFacts& known = facts(plan, code);
  if (known.files == 0) return nullptr;
  FollowedFrame* frame = nullptr;
  for (std::size_t i = plan.slots.size(); i-- > 0;) {
    const TracerSlot& slot = plan.slots[i];
    if (i >= CodeFacts::kMaxTracers || !known.follows(i) || !is_heard(slot, hook)) continue;
    if (frame == nullptr) {
      frame = &frames.push(key);
      frame->stamp = known.stamp;
    }
    frame->followers.push_back({as_tracer(slot.tracer), nullptr});
  }
  return frame;
}

std::optional<Delivered> SysHooks::deliver_directly(Plan& current, FollowedFrames& frames,
                                                    const FollowedFrame& frame,
                                                    const SysEvent& event) {
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
      !is_heard(slot, event.hook)) {
    return std::nullopt;
  }
  const PlanRef plan(&current);
  const HandlingScope handling(data);
  const void* key = frame.key;
  Borrowed argument = event.argument ? event.argument : Borrowed(Py_None);
  PyObject* its_event = state.events[index_of(event.event)].get();
  PyObject* stack[2 + dispatch::SingleHandler::kMaxSources];
  stack[1] = slot.tracer.get();
  std::size_t count = 1;
  auto its_frame = [&] {
    return event.frame ? event.frame.get() : reinterpret_cast<PyObject*>(PyEval_GetFrame());
  };
  if (single.source_count == 0) {
    stack[2] = argument.get();
    stack[3] = Py_None;
    stack[4] = its_frame();
    stack[5] = its_event;
    stack[6] = Py_None;
    count = 6;
  }
  for (std::size_t i = 0; i < single.source_count; ++i) {
    const dispatch::Source source = single.sources[i];
    stack[++count] = source == dispatch::Source::Ret     ? argument.get()
                     : source == dispatch::Source::Frame ? its_frame()
                     : source == dispatch::Source::Event ? its_event
                                                         : Py_None;
  }
  Ref result = Ref::steal(calling_python([&] {
    return PyObject_Vectorcall(single.handler->function.get(), stack + 1,
                               count | PY_VECTORCALL_ARGUMENTS_OFFSET, nullptr);
  }));
  if (result && result.is(Py_None)) [[likely]]
    return Delivered::ToAll;
  Fire fire(state, event.event);
  fire.frame = Ref::borrow(event.frame);
  fire.ret = Ref::borrow(argument);
  const Fire::Outcome outcome = fire.finish_single(slot, *single.handler, std::move(result));
  take_local(frames, key, slot, fire, argument, single.handler->function);
  return outcome == Fire::Outcome::StopAll ? Delivered::SkipsTheRest : Delivered::ToAll;
}

Delivered SysHooks::deliver(Plan& current, FollowedFrames& frames, const void* key,
                            const SysEvent& event) {
  FollowedFrame* frame = frames.find(key);
  if (frame == nullptr || frame->followers.empty()) return Delivered::ToAll;
  if (current.list(event.event).rows.empty() && !frame->has_locals) return Delivered::ToAll;
  if (const auto done = deliver_directly(current, frames, *frame, event)) return *done;
  const PlanRef plan(&current);
  const EventList& list = plan->list(event.event);
  ThreadData& data = state.thread();
  const bool reentrant = !data.allow_events;
  if (reentrant && !data.allow_reentrant && !list.reentrant_possible) return Delivered::ToAll;
  const HandlingScope handling(data);
  frame->stamp = state.filter_stamp();

  // What is called here may detach tracers, and end or begin frames: the frame is looked for anew each time.
  boost::container::small_vector<const dispatch::TracerObject*, 8> order;
  for (const Follower& follower : frame->followers) order.push_back(follower.tracer);
  for (const dispatch::TracerObject* tracer : order) {
    const std::size_t at = slot_of(*plan.get(), tracer);
    Follower* follower = follower_of(frames, key, tracer);
    if (at == plan->slots.size() || follower == nullptr) continue;
    const TracerSlot& slot = plan->slots[at];
    if (!is_heard(slot, event.hook)) continue;
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
    Fire::Outcome outcome;
    if (slot.overrides_emit) {
      outcome = fire.run_overridden(slot);
      fire.was_null = fire.ret.is(state.null);
      fire.was_set = !fire.was_null && !fire.ret.is(Py_None);
    } else {
      outcome = fire.run(slot, *handlers);
    }
    Borrowed function = handlers->empty() ? slot.emit : handlers->back().function;
    take_local(frames, key, slot, fire, argument, function);
    if (outcome == Fire::Outcome::StopAll) return Delivered::SkipsTheRest;
  }
  return Delivered::ToAll;
}

Delivered SysHooks::deliver_call(Plan& current, const SysEvent& event) {
  const PlanRef plan(&current);
  const CodeFacts& known = facts(*plan.get(), event.code);
  if (known.files == 0) return Delivered::ToAll;
  const EventList& list = plan->list(event.event);
  ThreadData& data = state.thread();
  const bool reentrant = !data.allow_events;
  if (list.rows.empty()) return Delivered::ToAll;
  if (reentrant && !data.allow_reentrant && !list.reentrant_possible) return Delivered::ToAll;
  const HandlingScope handling(data);
  Fire fire(state, event.event);
  fire.frame = Ref::borrow(event.frame);
  fire.reentrant_only = reentrant && data.allow_reentrant == 0;
  for (const TracerHandlers& row : std::views::reverse(list.rows)) {
    const TracerSlot& slot = plan->slots[row.slot];
    if (!is_heard(slot, event.hook)) continue;
    if (reentrant && !slot.reentrant_allowed && !data.allow_reentrant) continue;
    if (!facts(*plan.get(), event.code).wants(row.slot, event.event)) continue;
    fire.ret = Ref::borrow(event.argument);
    const Fire::Outcome outcome =
        slot.overrides_emit ? fire.run_overridden(slot) : fire.run(slot, row.handlers);
    if (outcome == Fire::Outcome::StopAll) return Delivered::SkipsTheRest;
  }
  return Delivered::ToAll;
}

}  // namespace pyccolo::hooks
