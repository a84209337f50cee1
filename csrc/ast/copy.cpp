#include "ast/copy.hpp"

#include "ast/node.hpp"

namespace pyccolo::ast {

namespace {

class Copier {
 public:
  Copier(AstState& state, Borrowed mapping, CopyListener& listener)
      : state_(state), mapping_(mapping), listener_(listener) {}

  Ref node(Borrowed original) {
    const RecursionScope depth(" while copying a tree");
    Ref id = id_of(original);
    if (Borrowed before = find_item(mapping_, id)) return Ref::borrow(before);
    PyTypeObject* type = Py_TYPE(original.get());
    if (!compat::instance_dict(original))  // a lean node: its copy is a plain one
      type = reinterpret_cast<PyTypeObject*>(state_.type(state_.kind_of(original)).get());
    Ref copy = take(type->tp_alloc(type, 0));
    Ref dict = take(PyDict_New());
    compat::set_instance_dict(copy, dict.copy());
    set_item(mapping_, id, copy);
    listener_.copied(original, copy);
    for (const char* names : {"_fields", "_attributes"}) {
      Ref list = get_attr(reinterpret_cast<PyObject*>(type), names);
      for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(list.get()); ++i) {
        field(original, dict, PyTuple_GET_ITEM(list.get(), i));
      }
    }
    return copy;
  }

 private:
  void field(Borrowed original, Borrowed dict, Borrowed name) {
    Borrowed of_original = compat::instance_dict(original);
    Ref its = of_original ? Ref::borrow(find_item(of_original, name)) : find_attr(original, name);
    if (!its) return;
    if (PyList_Check(its.get())) {
      Ref items = list_of({});
      for (Py_ssize_t i = 0; i < PyList_GET_SIZE(its.get()); ++i) {
        Ref item = Ref::borrow(PyList_GET_ITEM(its.get(), i));
        append(items, state_.is_node(item) ? node(item) : std::move(item));
      }
      its = std::move(items);
    } else if (state_.is_node(its)) {
      its = node(its);
    }
    set_item(dict, name, its);
  }

  AstState& state_;
  Borrowed mapping_;
  CopyListener& listener_;
};

}  // namespace

Ref copy_tree(AstState& state, Borrowed node, Borrowed mapping, CopyListener& listener) {
  return Copier(state, mapping, listener).node(node);
}

}  // namespace pyccolo::ast
