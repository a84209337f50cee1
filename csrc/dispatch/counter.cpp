#include "dispatch/counter.hpp"

#include "ast/node.hpp"
#include "compat/frame.h"
#include "dispatch/state.hpp"
#include "dispatch/tracer.hpp"
#include "py/module_state.hpp"

namespace pyccolo::dispatch {

// ---- Counting

void Counter::hit(const site::Site& site, site::RewriteObject* owner) {
  switch (by_) {
    case By::Event:
      ++events_[index_of(site.event)];
      break;
    case By::Code:
      if (PyCodeObject* code = PycFrame_CurrentCode()) {
        count(code, 0, reinterpret_cast<PyObject*>(code));
      }
      break;
    case By::Site:
    case By::Line:
      count(&site, kSite, reinterpret_cast<PyObject*>(owner));
      break;
  }
}

void Counter::hit_frame(Event event, Borrowed code, int lineno, int instruction_offset) {
  if (by_ == By::Event) {
    ++events_[index_of(event)];
  } else if (code) {
    const int number = by_ == By::Line ? lineno : by_ == By::Site ? instruction_offset : 0;
    count(code.get(), number, code);
  }
}

std::uint32_t* Counter::slot_of(const void* place, int number) {
  constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15;
  const std::size_t mask = slots_.size() - 1;
  const auto address = reinterpret_cast<std::uintptr_t>(place);
  const std::uint64_t mixed = (address ^ static_cast<std::uint32_t>(number) * kMix) * kMix;
  for (auto at = static_cast<std::size_t>(mixed >> 32);; ++at) {
    std::uint32_t* slot = &slots_[at & mask];
    if (*slot == 0 || entries_[*slot - 1].is(place, number)) return slot;
  }
}

void Counter::grow() {
  constexpr std::size_t kFirst = 16;
  slots_.assign(slots_.empty() ? kFirst : 2 * slots_.size(), 0);
  std::uint32_t number = 0;
  for (const Entry& entry : entries_) *slot_of(entry.place, entry.number) = ++number;
}

void Counter::count(const void* place, int number, Borrowed owner) {
  if (slots_.empty()) grow();
  std::uint32_t* slot = slot_of(place, number);
  if (*slot != 0) [[likely]] {
    ++entries_[*slot - 1].count;
    return;
  }
  if (2 * (entries_.size() + 1) > slots_.size()) {
    grow();
    slot = slot_of(place, number);
  }
  entries_.push_back({Ref::borrow(owner), place, number, 1});
  *slot = static_cast<std::uint32_t>(entries_.size());
}

void Counter::clear() {
  events_.fill(0);
  slots_.clear();
  const std::vector<Entry> dropped = std::exchange(entries_, {});
}

int Counter::traverse(visitproc visit, void* arg) const {
  for (const Entry& entry : entries_) Py_VISIT(entry.owner.get());
  return 0;
}

// ---- Looking

namespace {

/// The place of a node; of one that has none, such as a module, from its first child that has one to its last.
ast::Location place_of(ast::AstState& ast, Borrowed node) {
  ast::Location place = ast::Location::of(ast, node);
  if (place) return place;
  for_each_child(ast, ast.kind_of(node), node, [&](Borrowed child, ast::Kind, bool) {
    const ast::Location its = place_of(ast, child);
    if (!its) return;
    if (!place) place = its;
    place.end_lineno = its.end_lineno;
    place.end_col_offset = its.end_col_offset;
  });
  return place;
}

Ref number_or_none(int number) { return number < 0 ? none() : take(PyLong_FromLong(number)); }

Ref place_in_code(Borrowed code, int instruction_offset) {
  auto* object = reinterpret_cast<PyCodeObject*>(code.get());
  int line = -1, column = -1, end_line = -1, end_column = -1;
  PyCode_Addr2Location(object, instruction_offset, &line, &column, &end_line, &end_column);
  return take(Py_BuildValue("(ONNNN)", object->co_filename, number_or_none(line).release(),
                            number_or_none(column).release(), number_or_none(end_line).release(),
                            number_or_none(end_column).release()));
}

}  // namespace

Ref Counter::key_of(DispatchState& state, const Entry& entry) const {
  if (by_ == By::Code) return entry.owner.copy();
  if (entry.number != kSite && by_ == By::Site) return place_in_code(entry.owner, entry.number);
  if (entry.number != kSite) {
    const auto* code = reinterpret_cast<const PyCodeObject*>(entry.owner.get());
    const int line = entry.number < 0 ? code->co_firstlineno : entry.number;  // code without lines
    return take(Py_BuildValue("(Oi)", code->co_filename, line));
  }
  site::Rewrite& rewrite = site::rewrite_of(entry.owner);
  rewrite.need_nodes();
  const auto& site = *static_cast<const site::Site*>(entry.place);
  ast::Location at;
  if (site.node) at = place_of(state.sites.ast, site.node);
  const Ref one = take(PyLong_FromLong(1));
  const Ref zero = take(PyLong_FromLong(0));
  if (!at) at = {one, zero, one, zero};  // an empty module
  if (by_ == By::Line) return take(PyTuple_Pack(2, rewrite.file().get(), at.lineno.get()));
  auto item = [](Borrowed value) { return value ? value.get() : Py_None; };
  return take(PyTuple_Pack(5, rewrite.file().get(), at.lineno.get(), item(at.col_offset),
                           item(at.end_lineno), item(at.end_col_offset)));
}

Ref Counter::items(DispatchState& state) const {
  Ref found = list_of({});
  auto tell = [&](Ref key, std::uint64_t count) {
    append(found, take(Py_BuildValue("(NK)", key.release(), count)));
  };
  if (by_ == By::Event) {
    for (std::size_t i = 0; i < kEventCount; ++i) {
      if (events_[i] != 0) tell(state.events[i].copy(), events_[i]);
    }
    return found;
  }
  std::vector<Entry> now;  // making keys may run code that counts, or clears
  now.reserve(entries_.size());
  for (const Entry& its : entries_) {
    now.push_back({its.owner.copy(), its.place, its.number, its.count});
  }
  for (const Entry& entry : now) tell(key_of(state, entry), entry.count);
  return found;
}

// ---- Counter and Count in Python

namespace {

struct CounterObject {
  PyObject_HEAD
  DispatchState* state;
  Counter* counter;
};

CounterObject* as_counter(Borrowed self) { return reinterpret_cast<CounterObject*>(self.get()); }

int Counter_traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  const Counter* counter = as_counter(self)->counter;
  return counter == nullptr ? 0 : counter->traverse(visit, arg);
}

int Counter_clear(PyObject* self) {
  if (as_counter(self)->counter != nullptr) as_counter(self)->counter->clear();
  return 0;
}

void Counter_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  delete std::exchange(as_counter(self)->counter, nullptr);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* Counter_items(PyObject* self, PyObject*) {
  return guarded_object([&] { return as_counter(self)->counter->items(*as_counter(self)->state); });
}

PyObject* Counter_forget(PyObject* self, PyObject*) {
  as_counter(self)->counter->clear();
  return Py_NewRef(Py_None);
}

PyMethodDef counter_methods[] = {
    {"items", Counter_items, METH_NOARGS,
     "[(key, count)]: an event, code, (file, line), or (file, line, column, end line, end "
     "column)."},
    {"clear", Counter_forget, METH_NOARGS, "Nothing has been counted."},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot counter_slots[] = {
    {Py_tp_doc, const_cast<char*>("What one tracer has counted for one Count.")},
    {Py_tp_dealloc, reinterpret_cast<void*>(Counter_dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(Counter_traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(Counter_clear)},
    {Py_tp_methods, counter_methods},
    {0, nullptr},
};

PyType_Spec counter_spec = {
    "pyccolo_native._native.Counter", sizeof(CounterObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION, counter_slots};

struct CountObject {
  PyObject_HEAD
  Counter::By by;
};

constexpr const char* kByNames[] = {"event", "site", "code", "line"};

Counter::By read_by(Borrowed by) {
  if (PyUnicode_Check(by.get())) {
    for (std::size_t i = 0; i < std::size(kByNames); ++i) {
      if (PyUnicode_CompareWithASCIIString(by.get(), kByNames[i]) == 0) return Counter::By(i);
    }
  }
  raise(PyUnicode_Check(by.get()) ? PyExc_ValueError : PyExc_TypeError,
        "count() counts by='event', 'site', 'code' or 'line', not by=%R", by.get());
}

PyObject* Count_new(PyTypeObject* type, PyObject* args, PyObject*) {
  return guarded_object([&] {
    PyObject* by = nullptr;
    if (!PyArg_ParseTuple(args, "O:Count", &by)) throw PyRaised{};
    const Counter::By read = read_by(by);
    Ref self = take(type->tp_alloc(type, 0));
    reinterpret_cast<CountObject*>(self.get())->by = read;
    return self;
  });
}

void Count_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  type->tp_free(self);
  Py_DECREF(type);
}

Ref counter_object(Borrowed tracer, Borrowed count) {
  TracerObject* owner = as_tracer(tracer);
  if (owner->counters == nullptr) owner->counters = take(PyDict_New()).release();
  if (Borrowed known = find_item(owner->counters, count)) return Ref::borrow(known);
  auto* type = reinterpret_cast<PyTypeObject*>(owner->state->counter_type.get());
  Ref made = take(type->tp_alloc(type, 0));
  as_counter(made)->state = owner->state;
  as_counter(made)->counter = new Counter(reinterpret_cast<CountObject*>(count.get())->by);
  set_item(owner->counters, count, made);
  return made;
}

PyObject* Count_counter(PyObject* self, PyObject* tracer) {
  return guarded_object([&] {
    DispatchState* state = slots_of_type(Py_TYPE(self)).dispatch;
    auto* type = reinterpret_cast<PyTypeObject*>(state->tracer_type.get());
    if (PyObject_TypeCheck(tracer, type) == 0) {
      raise(PyExc_TypeError, "a count is read from a tracer, not from %R", tracer);
    }
    return counter_object(tracer, self);
  });
}

PyObject* Count_by(PyObject* self, void*) {
  const Counter::By by = reinterpret_cast<CountObject*>(self)->by;
  return PyUnicode_InternFromString(kByNames[static_cast<std::size_t>(by)]);
}

PyMethodDef count_methods[] = {
    {"counter", Count_counter, METH_O, "The Counter of a tracer."},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef count_getset[] = {
    {"by", Count_by, nullptr, "event, site, code or line: what is told apart.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot count_slots[] = {
    {Py_tp_doc, const_cast<char*>("Stands where a handler stands: its events are counted.")},
    {Py_tp_new, reinterpret_cast<void*>(Count_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(Count_dealloc)},
    {Py_tp_methods, count_methods},
    {Py_tp_getset, count_getset},
    {0, nullptr},
};

PyType_Spec count_spec = {"pyccolo_native._native.Count", sizeof(CountObject), 0,
                          Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, count_slots};

}  // namespace

bool is_count(const DispatchState& state, Borrowed object) {
  auto* type = reinterpret_cast<PyTypeObject*>(state.count_type.get());
  return PyObject_TypeCheck(object.get(), type) != 0;
}

Counter& counter_of(Borrowed tracer, Borrowed count) {
  return *as_counter(counter_object(tracer, count))->counter;  // the tracer's dict keeps it
}

void add_counting(Borrowed module, DispatchState& state) {
  state.counter_type = take(PyType_FromModuleAndSpec(module.get(), &counter_spec, nullptr));
  state.count_type = take(PyType_FromModuleAndSpec(module.get(), &count_spec, nullptr));
  ok(PyModule_AddObjectRef(module.get(), "Count", state.count_type.get()));
}

}  // namespace pyccolo::dispatch
