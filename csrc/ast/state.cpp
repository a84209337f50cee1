#include "ast/state.hpp"

#include <sstream>

namespace pyccolo::ast {

namespace {

constexpr const char* kLeanNames[] = {
#define NODE(name, category, fields) "ast." #name,
#include "def/nodes.def"
};

std::size_t slot_of(PyTypeObject* type) {
  return (reinterpret_cast<std::size_t>(type) >> 4U) * 0x9E3779B97F4A7C15ULL >> 56U;
}

}  // namespace

void AstState::fill() {
  Ref module = take(PyImport_ImportModule("_ast"));
  for (int i = 0; i < kKindCount; ++i) {
    const auto kind = static_cast<Kind>(i);
    PyObject* type = PyObject_GetAttrString(module.get(), info(kind).name);
    if (type == nullptr) {
      if (!PyErr_ExceptionMatches(PyExc_AttributeError)) throw PyRaised{};
      PyErr_Clear();
      continue;
    }
    types_[index(kind)] = Ref::steal(type);
    remember(reinterpret_cast<PyTypeObject*>(type), kind);
    std::istringstream words(info(kind).fields);
    for (std::string word; words >> word;) fields_[index(kind)].push_back(intern(word.c_str()));
    if (is_lean(kind)) add_lean_type(kind);
  }
  loaded_ = true;
}

void AstState::add_lean_type(Kind kind) {
  LeanLayout& layout = lean_[index(kind)];
  make_lean_type(layout, types_[index(kind)], kLeanNames[index(kind)]);
  Ref fields = get_attr(types_[index(kind)], "_fields");
  const Py_ssize_t count = PyTuple_GET_SIZE(fields.get());
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyObject* name = Py_NewRef(PyTuple_GET_ITEM(fields.get(), i));
    PyUnicode_InternInPlace(&name);
    layout.names[i] = Ref::steal(name);
  }
  const Ref* positions[] = {&names.lineno, &names.col_offset, &names.end_lineno,
                            &names.end_col_offset};
  for (int i = 0; i < LeanLayout::kPositions; ++i) {
    layout.names[LeanLayout::kMaxFields + i] = positions[i]->copy();
  }
  remember(reinterpret_cast<PyTypeObject*>(layout.type.get()), kind);
}

void AstState::remember(PyTypeObject* type, Kind kind) {
  std::size_t at = slot_of(type);
  while (slots_[at].type != nullptr) at = (at + 1) % slots_.size();
  slots_[at] = {type, kind};
}

Kind AstState::find(PyTypeObject* type) const {
  for (std::size_t at = slot_of(type); slots_[at].type != nullptr; at = (at + 1) % slots_.size()) {
    if (slots_[at].type == type) return slots_[at].kind;
  }
  return Kind::Unknown;
}

Kind AstState::kind_of(Borrowed object) {
  load();
  PyTypeObject* type = Py_TYPE(object.get());
  const Kind kind = find(type);
  if (kind != Kind::Unknown || type->tp_base == &PyBaseObject_Type) return kind;
  // A user's subclass of an ast class counts as that class.
  for (type = type->tp_base; type != nullptr; type = type->tp_base) {
    const Kind base = find(type);
    if (base != Kind::Unknown) return base;
  }
  return Kind::Unknown;
}

Borrowed AstState::singleton(Kind kind) {
  load();
  Ref& shared = singletons_[index(kind)];
  if (!shared) shared = call(types_[index(kind)]);
  return shared;
}

Borrowed AstState::field_template(Kind kind) {
  load();
  Ref& ready = templates_[index(kind)];
  if (!ready) {
    Ref dict = take(PyDict_New());
    Ref field_names = get_attr(types_[index(kind)], "_fields");
    Ref attribute_names = get_attr(types_[index(kind)], "_attributes");
    for (Borrowed group : {Borrowed(field_names), Borrowed(attribute_names)}) {
      for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(group.get()); ++i) {
        set_item(dict, PyTuple_GET_ITEM(group.get(), i), Py_None);
      }
    }
    ready = std::move(dict);
  }
  return ready;
}

int AstState::traverse(visitproc visit, void* arg) {
  for (const Ref& type : types_) Py_VISIT(type.get());
  for (const Ref& shared : singletons_) Py_VISIT(shared.get());
  for (const Ref& ready : templates_) Py_VISIT(ready.get());
  for (const LeanLayout& layout : lean_) Py_VISIT(layout.type.get());
  return 0;
}

void AstState::clear() {
  loaded_ = false;
  slots_.fill({});
  for (Ref& type : types_) type = nullptr;
  for (Ref& shared : singletons_) shared = nullptr;
  for (Ref& ready : templates_) ready = nullptr;
}

}  // namespace pyccolo::ast
