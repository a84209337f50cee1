#include "site/marks.hpp"

#include "py/module_state.hpp"
#include "site/state.hpp"

namespace pyccolo::site {

namespace {

std::size_t address_of(Borrowed node) { return reinterpret_cast<std::size_t>(node.get()); }

void discard_from(Borrowed table, Borrowed key) {
  if (PySet_Check(table.get())) {
    ok(PySet_Discard(table.get(), key.get()));
  } else if (PyDict_Check(table.get())) {
    if (PyDict_Contains(table.get(), key.get()) == 1) ok(PyDict_DelItem(table.get(), key.get()));
  }
}

/// Calls visit(key, value) for the items that a dict has now.
template <typename Visit>
void for_each_item(Borrowed dict, Visit&& visit) {
  Py_ssize_t at = 0;
  PyObject* key;
  PyObject* value;
  while (PyDict_Next(dict.get(), &at, &key, &value) != 0) visit(key, value);
}

}  // namespace

void Marks::set_tables(Borrowed module, Borrowed augmented, Borrowed additional) {
  static PyMethodDef watcher = {"gone", gone, METH_O, nullptr};
  watcher_ = take(PyCFunction_New(&watcher, module.get()));
  augmented_ = Ref::borrow(augmented);
  additional_ = Ref::borrow(additional);
}

void Marks::mark(Borrowed ids, Borrowed node) {
  ok(PySet_Add(ids.get(), id_of(node).get()));
  watch(node);
}

void Marks::watch(Borrowed node) {
  const std::size_t id = address_of(node);
  if (!watcher_ || by_id_.contains(id)) return;
  Ref reference = take(PyWeakref_NewRef(node.get(), watcher_.get()));
  by_reference_.emplace(reference.get(), id);
  by_id_.emplace(id, std::move(reference));
}

PyObject* Marks::gone(PyObject* module, PyObject* reference) {
  return guarded_object([&] {
    Marks& marks = slots_of_module(module).site->marks;
    const auto found = marks.by_reference_.find(reference);
    if (found != marks.by_reference_.end()) marks.discard(found->second);
    return none();
  });
}

void Marks::propagate(Borrowed node, Borrowed copy, bool augmentations) {
  Ref id;
  Ref id_of_copy;
  auto ids = [&] {
    if (id) return;
    id = id_of(node);
    id_of_copy = id_of(copy);
  };
  if (augmentations && any_augmented()) {
    ids();
    for_each_item(augmented_, [&](Borrowed, Borrowed set) {
      if (PySet_Check(set.get()) && ok(PySet_Contains(set.get(), id.get())) != 0) mark(set, copy);
    });
  }
  if (!any_additional()) return;
  ids();
  for_each_item(additional_, [&](Borrowed, Borrowed table) {
    if (PySet_Check(table.get())) {
      if (ok(PySet_Contains(table.get(), id.get())) != 0) mark(table, copy);
    } else if (PyDict_Check(table.get())) {
      Borrowed value = find_item(table, id);
      if (!value) return;
      const Ref held = Ref::borrow(value);
      set_item(table, id_of_copy, held);
      watch(copy);
    }
  });
}

Ref Marks::of(Borrowed augmented, Borrowed node_id) {
  Ref found;
  for_each_item(augmented, [&](Borrowed spec, Borrowed set) {
    if (ok(PySequence_Contains(set.get(), node_id.get())) == 0) return;
    if (!found) found = list_of({});
    append(found, spec);
  });
  return take(PyFrozenSet_New(found.get()));
}

void Marks::discard_additional(Borrowed node_id) {
  if (!additional_) return;
  for_each_item(additional_, [&](Borrowed, Borrowed table) { discard_from(table, node_id); });
}

void Marks::forget_node(Borrowed node) { discard(address_of(node)); }

void Marks::discard(std::size_t id) {
  const auto watched = by_id_.find(id);
  if (watched == by_id_.end()) return;
  const Ref reference = std::move(watched->second);
  by_id_.erase(watched);
  by_reference_.erase(reference.get());
  const Ref number = take(PyLong_FromSize_t(id));
  discard_additional(number);
  if (!augmented_) return;
  for_each_item(augmented_, [&](Borrowed, Borrowed ids) { discard_from(ids, number); });
}

int Marks::traverse(visitproc visit, void* arg) {
  Py_VISIT(augmented_.get());
  Py_VISIT(additional_.get());
  Py_VISIT(watcher_.get());
  return 0;
}

void Marks::clear() {
  by_reference_.clear();
  by_id_.clear();
  watcher_ = nullptr;
  augmented_ = nullptr;
  additional_ = nullptr;
}

}  // namespace pyccolo::site
