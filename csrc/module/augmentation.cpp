// module/augmentation.cpp: the functions about source with tokens of its own, and about what is known of nodes.
#include "ast/copy.hpp"
#include "augment/bind.hpp"
#include "augment/relocate.hpp"
#include "augment/text.hpp"
#include "compat/recursion.hpp"
#include "module/functions.hpp"

#include <algorithm>

namespace pyccolo::module {

namespace {

using augment::Anchors;
using augment::Offset;

PyObject* configure_marks(PyObject* self, PyObject* args) {
  return guarded_object([&] {
    PyObject *augmented, *additional;
    if (!PyArg_ParseTuple(args, "O!O!:configure_marks", &PyDict_Type, &augmented, &PyDict_Type,
                          &additional)) {
      throw PyRaised{};
    }
    owned_by(self).sites.marks.set_tables(self, augmented, additional);
    return none();
  });
}

PyObject* keep_addresses(PyObject* self, PyObject*) {
  return guarded_object([&] {
    owned_by(self).sites.keeps_addresses = true;
    return none();
  });
}

PyObject* mark(PyObject* self, PyObject* args) {
  return guarded_object([&] {
    PyObject *ids, *node;
    if (!PyArg_ParseTuple(args, "O!O:mark", &PySet_Type, &ids, &node)) throw PyRaised{};
    owned_by(self).sites.marks.mark(ids, node);
    return none();
  });
}

PyObject* augmentations(PyObject*, PyObject* args) {
  return guarded_object([&] {
    PyObject *augmented, *node_id;
    if (!PyArg_ParseTuple(args, "O!O:augmentations", &PyDict_Type, &augmented, &node_id))
      throw PyRaised{};
    if (PyLong_Check(node_id)) return site::Marks::of(augmented, node_id);
    return site::Marks::of(augmented, id_of(node_id));
  });
}

// ---- copies

class Propagation final : public ast::CopyListener {
 public:
  Propagation(site::Marks& marks, bool augmentations, Borrowed mapping)
      : marks_(marks),
        mapping_(mapping),
        augmentations_(augmentations && marks.any_augmented()),
        needed_(augmentations_ || marks.any_additional()) {}
  void copied(Borrowed node, Borrowed copy) override {
    set_item(mapping_, id_of(node), copy);
    if (needed_) marks_.propagate(node, copy, augmentations_);
  }

 private:
  site::Marks& marks_;
  Borrowed mapping_;
  bool augmentations_;
  bool needed_;
};

PyObject* copy_tree(PyObject* self, PyObject* args) {
  return guarded_object([&] {
    PyObject* node;
    int augmentations = 1;
    if (!PyArg_ParseTuple(args, "O|p:copy_tree", &node, &augmentations)) throw PyRaised{};
    Owned& owned = owned_by(self);
    if (!owned.ast.is_node(node))
      raise(PyExc_TypeError, "copy_tree() takes a node, not %.200s", Py_TYPE(node)->tp_name);
    const GcPause pause;
    Ref mapping = take(PyDict_New());
    Propagation propagation(owned.sites.marks, augmentations != 0, mapping);
    Ref copy = ast::copy_tree(owned.ast, node, propagation);
    return take(PyTuple_Pack(2, copy.get(), mapping.get()));
  });
}

PyObject* unshared(PyObject* self, PyObject* woven) {
  return guarded_object([&] {
    const GcPause pause;
    const compat::DeepTrees deep;
    return ast::unshared(owned_by(self).ast, woven);
  });
}

PyObject* propagate(PyObject* self, PyObject* args) {
  return guarded_object([&] {
    PyObject *node, *copy;
    int augmentations = 1;
    if (!PyArg_ParseTuple(args, "OO|p:propagate", &node, &copy, &augmentations)) throw PyRaised{};
    owned_by(self).sites.marks.propagate(node, copy, augmentations != 0);
    return none();
  });
}

// ---- places

augment::Remap remap_of(Borrowed edits) {
  Ref rows = take(PySequence_List(edits.get()));
  std::vector<augment::Edit> read;
  Offset done = 0;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(rows.get()); ++i) {
    Ref row = take(PySequence_Tuple(PyList_GET_ITEM(rows.get(), i)));
    if (PyTuple_GET_SIZE(row.get()) != 3)
      raise(PyExc_ValueError, "an edit is (start, end, new length), not %R", row.get());
    const augment::Edit edit{size_from(PyTuple_GET_ITEM(row.get(), 0)),
                             size_from(PyTuple_GET_ITEM(row.get(), 1)),
                             size_from(PyTuple_GET_ITEM(row.get(), 2))};
    if (edit.start < done || edit.end < edit.start)
      raise(PyExc_ValueError, "edits must be sorted and apart; %R is not", row.get());
    done = edit.end;
    read.push_back(edit);
  }
  return augment::Remap(std::move(read));
}

PyObject* remap(PyObject*, PyObject* args) {
  return guarded_object([&] {
    PyObject *edits, *offsets;
    if (!PyArg_ParseTuple(args, "OO!:remap", &edits, &PyList_Type, &offsets)) throw PyRaised{};
    const augment::Remap map = remap_of(edits);
    Ref found = take(PyList_New(PyList_GET_SIZE(offsets)));
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(offsets); ++i) {
      const Offset to = map(size_from(PyList_GET_ITEM(offsets, i)));
      PyList_SET_ITEM(found.get(), i, take(PyLong_FromSize_t(to)).release());
    }
    return found;
  });
}

PyObject* relocate(PyObject* self, PyObject* args) {
  return guarded_object([&] {
    PyObject *tree, *from, *to, *passes;
    if (!PyArg_ParseTuple(args, "OUUO!:relocate", &tree, &from, &to, &PyList_Type, &passes))
      throw PyRaised{};
    std::vector<augment::Remap> back;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(passes); ++i) {
      back.push_back(remap_of(PyList_GET_ITEM(passes, i)));
    }
    augment::Relocation(augment::u32_of(from), augment::u32_of(to), std::move(back))
        .apply(owned_by(self).ast, tree);
    return none();
  });
}

Anchors anchors_from(Borrowed row, const augment::Lines& lines) {
  PyObject *part, *places;
  if (!PyArg_ParseTuple(row.get(), "OO!", &part, &PyList_Type, &places)) throw PyRaised{};
  Anchors anchors;
  if (PyUnicode_Check(part)) {
    anchors.part = augment::part_named(part);
  } else {
    anchors.part = augment::Part::custom;
    anchors.range_for = Ref::borrow(part);
  }
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(places); ++i) {
    long line, column;
    Ref place = take(PySequence_Tuple(PyList_GET_ITEM(places, i)));
    if (!PyArg_ParseTuple(place.get(), "ll", &line, &column)) throw PyRaised{};
    anchors.places.push_back(lines ? lines.place(line, column) : augment::Place{line, column});
  }
  std::sort(anchors.places.begin(), anchors.places.end());
  anchors.nodes = list_of({});
  return anchors;
}

PyObject* bind(PyObject* self, PyObject* args) {
  return guarded_object([&] {
    PyObject *tree, *source, *rows;
    if (!PyArg_ParseTuple(args, "OOO!:bind", &tree, &source, &PyList_Type, &rows)) throw PyRaised{};
    Owned& owned = owned_by(self);
    if (!owned.ast.is_node(tree))
      raise(PyExc_TypeError, "bind() takes a tree, not %.200s", Py_TYPE(tree)->tp_name);
    Py_ssize_t size = 0;
    const char* utf8 = Py_IsNone(source) ? nullptr : PyUnicode_AsUTF8AndSize(source, &size);
    if (utf8 == nullptr && !Py_IsNone(source)) throw PyRaised{};
    const augment::Lines lines =
        utf8 == nullptr ? augment::Lines() : augment::Lines({utf8, std::size_t(size)});
    std::vector<Anchors> anchors;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(rows); ++i) {
      anchors.push_back(anchors_from(PyList_GET_ITEM(rows, i), lines));
    }
    Ref strings = list_of({});
    augment::bind(owned.ast, tree, lines, anchors, strings);
    Ref nodes = list_of({});
    for (const Anchors& its : anchors) append(nodes, its.nodes);
    return take(PyTuple_Pack(2, nodes.get(), strings.get()));
  });
}

}  // namespace

PyMethodDef augmentation_functions[] = {
    {"configure_marks", configure_marks, METH_VARARGS, "Tells of the tables by node id."},
    {"keep_addresses", keep_addresses, METH_NOARGS,
     "From now on, ids of nodes are not used again."},
    {"mark", mark, METH_VARARGS, "Adds a node to a set of ids, for as long as it lives."},
    {"augmentations", augmentations, METH_VARARGS, "The augmentations of a node, or its id."},
    {"copy_tree", copy_tree, METH_VARARGS, "(copy, {id of node: its copy})."},
    {"unshared", unshared, METH_O, "A woven tree without nodes of the tree it was woven from."},
    {"propagate", propagate, METH_VARARGS, "Gives a copy what is known of its original."},
    {"remap", remap, METH_VARARGS, "Where offsets lie after edits."},
    {"relocate", relocate, METH_VARARGS, "Gives a tree the places of the source as it was."},
    {"bind", bind, METH_VARARGS, "The nodes that stand where tokens were replaced."},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace pyccolo::module
