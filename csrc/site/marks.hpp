// site/marks.hpp: what is known of a node by its id, beside the node tables, and for as long as the node lives.
//
// The rows are in Python's own sets and dicts, which programs read and change: {augmentation: set of ids} and the
// tables that tracers have registered. A marked node is watched by a weak reference; when it goes, so do its rows.
#pragma once

#include <unordered_map>

#include "py/object.hpp"

namespace pyccolo::site {

class Marks {
 public:
  /// `augmented`: {spec: set of ids}. `additional`: {name: dict or set by id}. `module`: what the watchers are bound to.
  void set_tables(Borrowed module, Borrowed augmented, Borrowed additional);

  bool any_augmented() const { return augmented_ && PyDict_GET_SIZE(augmented_.get()) > 0; }
  bool any_additional() const { return additional_ && PyDict_GET_SIZE(additional_.get()) > 0; }

  /// Adds the node's id to a set of ids.
  void mark(Borrowed ids, Borrowed node);
  /// Takes the id of a node out of all tables when the node goes.
  void watch(Borrowed node);
  /// Gives a copy the rows of the node that it was made from.
  void propagate(Borrowed node, Borrowed copy, bool augmentations);
  /// The keys of `augmented` that have the id: a frozenset.
  static Ref of(Borrowed augmented, Borrowed node_id);
  /// Nothing that tracers have registered is known of the id any more.
  void discard_additional(Borrowed node_id);
  /// Nothing at all is known of a node any more.
  void forget_node(Borrowed node);

  int traverse(visitproc visit, void* arg);
  void clear();

 private:
  static PyObject* gone(PyObject* module, PyObject* reference);
  void discard(std::size_t id);

  Ref augmented_;
  Ref additional_;
  Ref watcher_;  ///< the weak references' callback
  std::unordered_map<std::size_t, Ref> by_id_;
  std::unordered_map<PyObject*, std::size_t> by_reference_;
};

}  // namespace pyccolo::site
