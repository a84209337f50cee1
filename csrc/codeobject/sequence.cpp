// codeobject/sequence.cpp: a Code as a list of its items.
#include <algorithm>
#include <vector>

#include "codeobject/code_type.hpp"

namespace pyccolo::codeobject {

namespace {

bool has_type(Borrowed object, const Ref& type) {
  return Py_IS_TYPE(object.get(), reinterpret_cast<PyTypeObject*>(type.get()));
}

bool is_located(State& state, Borrowed item) {
  return has_type(item, state.instr_type) && as_instr(item.get())->located != Located::Unset;
}

void check_item(State& state, Borrowed object) {
  if (!is_item(state, object))
    raise(PyExc_TypeError,
          "a Code is made of Instr, Label, SetLineno, TryBegin and TryEnd, not %.200s",
          Py_TYPE(object.get())->tp_name);
}

Py_ssize_t index_from(PyObject* index, Py_ssize_t length) {
  Py_ssize_t i = PyNumber_AsSsize_t(index, PyExc_IndexError);
  if (i == -1 && PyErr_Occurred()) throw PyRaised{};
  if (i < 0) i += length;
  if (i < 0 || i >= length)
    raise(PyExc_IndexError, "a Code of %zd items has no item %zd", length, i);
  return i;
}

/// The located instruction that is nearest before `index`; null if a SetLineno is nearer, or there is none.
InstrObject* located_before(State& state, Borrowed items, Py_ssize_t index, bool& is_said) {
  for (Py_ssize_t i = index - 1; i >= 0; --i) {
    Borrowed item = PyList_GET_ITEM(items.get(), i);
    if (has_type(item, state.set_lineno_type)) {
      is_said = true;
      return nullptr;
    }
    if (is_located(state, item)) return as_instr(item.get());
  }
  return nullptr;
}

InstrObject* located_from(State& state, Borrowed items, Py_ssize_t index) {
  for (Py_ssize_t i = index; i < PyList_GET_SIZE(items.get()); ++i) {
    Borrowed item = PyList_GET_ITEM(items.get(), i);
    if (has_type(item, state.set_lineno_type)) return nullptr;
    if (is_located(state, item)) return as_instr(item.get());
  }
  return nullptr;
}

struct Place {
  bytecode::Position position;
  Located located = Located::Unset;
};

Place place_of(const InstrObject* instr) {
  return instr == nullptr ? Place{} : Place{instr->position, instr->located};
}

/// Gives the new instructions in [first, last) that were given no location one: that of what they replace, else of
/// the nearest instruction before them, else behind them.
void inherit(State& state, Borrowed items, Py_ssize_t first, Py_ssize_t last, Place replaced) {
  Place here = replaced;
  bool is_said = false;
  if (here.located == Located::Unset) here = place_of(located_before(state, items, first, is_said));
  if (here.located == Located::Unset && !is_said)
    here = place_of(located_from(state, items, first));
  for (Py_ssize_t i = first; i < last; ++i) {
    Borrowed item = PyList_GET_ITEM(items.get(), i);
    if (has_type(item, state.set_lineno_type)) here = Place{};
    if (!has_type(item, state.instr_type)) continue;
    InstrObject* instr = as_instr(item.get());
    if (instr->located == Located::Unset) {
      instr->position = here.position;
      instr->located = here.located;
    } else {
      here = place_of(instr);
    }
  }
}

Place first_place(State& state, Borrowed items, Py_ssize_t first, Py_ssize_t last) {
  for (Py_ssize_t i = first; i < last; ++i) {
    Borrowed item = PyList_GET_ITEM(items.get(), i);
    if (is_located(state, item)) return place_of(as_instr(item.get()));
  }
  return {};
}

Ref checked_list(State& state, PyObject* value) {
  Ref list = take(PySequence_List(value));
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list.get()); ++i)
    check_item(state, PyList_GET_ITEM(list.get(), i));
  return list;
}

void set_slice(State& state, Borrowed items, PyObject* index, PyObject* value) {
  Py_ssize_t start = 0;
  Py_ssize_t stop = 0;
  Py_ssize_t step = 0;
  ok(PySlice_Unpack(index, &start, &stop, &step));
  const Py_ssize_t count = PySlice_AdjustIndices(PyList_GET_SIZE(items.get()), &start, &stop, step);
  if (value == nullptr) {
    ok(PyObject_DelItem(items.get(), index));
    return;
  }
  Ref list = checked_list(state, value);
  if (step != 1) {
    std::vector<Place> replaced;
    for (Py_ssize_t i = 0; i < count; ++i)
      replaced.push_back(first_place(state, items, start + i * step, start + i * step + 1));
    ok(PyObject_SetItem(items.get(), index, list.get()));
    for (Py_ssize_t i = 0; i < count; ++i) {
      inherit(state, items, start + i * step, start + i * step + 1,
              replaced[static_cast<std::size_t>(i)]);
    }
    return;
  }
  const Place replaced = first_place(state, items, start, std::max(start, stop));
  ok(PyList_SetSlice(items.get(), start, std::max(start, stop), list.get()));
  inherit(state, items, start, start + PyList_GET_SIZE(list.get()), replaced);
}

}  // namespace

bool is_item(State& state, Borrowed object) {
  for (const Ref* type : {&state.instr_type, &state.label_type, &state.try_begin_type,
                          &state.try_end_type, &state.set_lineno_type}) {
    if (has_type(object, *type)) return true;
  }
  return false;
}

Py_ssize_t code_length(PyObject* self) {
  return guarded(static_cast<Py_ssize_t>(-1),
                 [&] { return PyList_GET_SIZE(items_of(state_of(self), as_code(self)).get()); });
}

PyObject* code_item(PyObject* self, PyObject* index) {
  return guarded_object([&] {
    Borrowed items = items_of(state_of(self), as_code(self));
    if (PySlice_Check(index)) return take(PyObject_GetItem(items.get(), index));
    return Ref::borrow(
        PyList_GET_ITEM(items.get(), index_from(index, PyList_GET_SIZE(items.get()))));
  });
}

int code_set_item(PyObject* self, PyObject* index, PyObject* value) {
  return guarded_status([&] {
    State& state = state_of(self);
    check_editable(state, as_code(self));
    Borrowed items = items_of(state, as_code(self));
    if (PySlice_Check(index)) return set_slice(state, items, index, value);
    const Py_ssize_t i = index_from(index, PyList_GET_SIZE(items.get()));
    if (value == nullptr) {
      ok(PyList_SetSlice(items.get(), i, i + 1, nullptr));
      return;
    }
    check_item(state, value);
    const Place replaced = first_place(state, items, i, i + 1);
    ok(PyList_SetItem(items.get(), i, Py_NewRef(value)));
    inherit(state, items, i, i + 1, replaced);
  });
}

PyObject* code_iterator(PyObject* self) {
  return guarded_object(
      [&] { return take(PyObject_GetIter(items_of(state_of(self), as_code(self)).get())); });
}

PyObject* code_insert(PyObject* self, PyObject* args) {
  return guarded_object([&] {
    State& state = state_of(self);
    check_editable(state, as_code(self));
    Py_ssize_t index = 0;
    PyObject* item = nullptr;
    if (!PyArg_ParseTuple(args, "nO:insert", &index, &item)) throw PyRaised{};
    check_item(state, item);
    Borrowed items = items_of(state, as_code(self));
    const Py_ssize_t length = PyList_GET_SIZE(items.get());
    if (index < 0) index = std::max<Py_ssize_t>(0, index + length);
    index = std::min(index, length);
    ok(PyList_Insert(items.get(), index, item));
    inherit(state, items, index, index + 1, {});
    return none();
  });
}

PyObject* code_children(PyObject* self, PyObject*) {
  return guarded_object([&] {
    State& state = state_of(self);
    Borrowed items = items_of(state, as_code(self));
    Ref found = take(PyList_New(0));
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items.get()); ++i) {
      Borrowed item = PyList_GET_ITEM(items.get(), i);
      if (!has_type(item, state.instr_type)) continue;
      Borrowed arg = as_instr(item.get())->arg;
      if (!arg || !is_code(state, arg)) continue;
      bool is_new = true;
      for (Py_ssize_t k = 0; k < PyList_GET_SIZE(found.get()); ++k) {
        is_new = is_new && !arg.is(PyList_GET_ITEM(found.get(), k));
      }
      if (is_new) append(found, arg);
    }
    return found;
  });
}

}  // namespace pyccolo::codeobject
