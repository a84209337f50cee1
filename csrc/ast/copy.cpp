#include "ast/copy.hpp"

#include <unordered_map>

#include "ast/node.hpp"

namespace pyccolo::ast {

namespace {

class Copier {
 public:
  Copier(AstState& state, CopyListener* listener, bool keep_lean)
      : state_(state), listener_(listener), keep_lean_(keep_lean) {}

  Ref node(Borrowed original) {
    const RecursionScope depth(" while copying a tree");
    const auto before = copies_.find(original.get());
    if (before != copies_.end()) return before->second.copy();
    const LeanLayout* layout = lean_layout(original);
    if (keep_lean_ && layout != nullptr) return lean(original, *layout);
    auto* type = layout == nullptr ? Py_TYPE(original.get())
                                   : reinterpret_cast<PyTypeObject*>(layout->plain_type.get());
    Ref fields = get_attr(reinterpret_cast<PyObject*>(type), state_.names.dunder_fields);
    Ref attributes = get_attr(reinterpret_cast<PyObject*>(type), state_.names.dunder_attributes);
    const bool is_empty =
        PyTuple_GET_SIZE(fields.get()) == 0 && PyTuple_GET_SIZE(attributes.get()) == 0;
    if (keep_lean_ && is_empty) return Ref::borrow(original);  // Load(), Add(): nothing to change
    Ref copy = take(type->tp_alloc(type, 0));
    Ref dict = take(PyDict_New());
    compat::set_instance_dict(copy, dict.copy());
    remember(original, copy);
    for (const Ref* names : {&fields, &attributes}) {
      for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names->get()); ++i) {
        Borrowed name = PyTuple_GET_ITEM(names->get(), i);
        Ref value = value_of(original, name);
        if (value) set_item(dict, name, copied(std::move(value)));
      }
    }
    return copy;
  }

 private:
  Ref lean(Borrowed original, const LeanLayout& layout) {
    Ref copy = copy_lean(layout, original);
    remember(original, copy);
    for (int i = 0; i < LeanLayout::kMaxFields; ++i) {
      PyObject*& slot = lean_slots(copy)[i];
      if (slot == nullptr) continue;
      Ref value = copied(Ref::borrow(slot));
      const Ref before = Ref::steal(std::exchange(slot, value.release()));
    }
    return copy;
  }

  void remember(Borrowed original, Borrowed copy) {
    copies_.emplace(original.get(), Ref::borrow(copy));
    if (listener_ != nullptr) listener_->copied(original, copy);
  }

  static Ref value_of(Borrowed node, Borrowed name) {
    Borrowed dict = compat::instance_dict(node);
    return dict ? Ref::borrow(find_item(dict, name)) : find_attr(node, name);
  }

  /// A field's value for the copy.
  Ref copied(Ref value) {
    if (!PyList_Check(value.get())) return state_.is_node(value) ? node(value) : std::move(value);
    Ref items = list_of({});
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(value.get()); ++i) {
      Ref item = Ref::borrow(PyList_GET_ITEM(value.get(), i));
      append(items, state_.is_node(item) ? node(item) : std::move(item));
    }
    return items;
  }

  AstState& state_;
  CopyListener* listener_;
  bool keep_lean_;
  std::unordered_map<PyObject*, Ref> copies_;
};

}  // namespace

Ref copy_tree(AstState& state, Borrowed node, CopyListener& listener) {
  return Copier(state, &listener, false).node(node);
}

Ref unshared(AstState& state, Borrowed woven) { return Copier(state, nullptr, true).node(woven); }

}  // namespace pyccolo::ast
