#include "site/types.hpp"

#include <cstring>

#include "ast/node.hpp"
#include "compat/code.hpp"
#include "site/node_table.hpp"

namespace pyccolo::site {

namespace {

// ---- Rewrite

void Rewrite_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  auto* object = reinterpret_cast<RewriteObject*>(self);
  if (object->rewrite != nullptr) {
    const ErrorScope parked;
    const int failed = guarded_status([&] { object->rewrite->state->forget(object); });
    if (failed < 0) PyErr_WriteUnraisable(nullptr);
    SiteState& state = *object->rewrite->state;
    delete object->rewrite;
    if (state.keeps_addresses && guarded_status([&] { state.strip_shells(); }) < 0)
      PyErr_WriteUnraisable(nullptr);
  }
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* Rewrite_repr(PyObject* self) {
  const Rewrite& rewrite = rewrite_of(self);
  return PyUnicode_FromFormat("<rewrite of %R: %zu sites>", rewrite.path.get(),
                              rewrite.sites.size());
}

PyObject* Rewrite_nodes(PyObject* self, PyObject*) {
  return guarded_object([&] {
    Rewrite& rewrite = rewrite_of(self);
    rewrite.need_nodes();
    ast::AstState& state = rewrite.state->ast;
    Ref found = list_of({});
    auto walk = [&](auto&& again, Borrowed node, ast::Kind kind) -> void {
      RecursionScope depth(" while listing nodes");
      append(found, node);
      for_each_child(state, kind, node,
                     [&](Borrowed child, ast::Kind its, bool) { again(again, child, its); });
    };
    walk(walk, rewrite.tree, state.kind_of(rewrite.tree));
    return found;
  });
}

PyObject* Rewrite_sites(PyObject* self, PyObject*) {
  return guarded_object([&] {
    Rewrite& rewrite = rewrite_of(self);
    rewrite.need_nodes();
    Ref found = list_of({});
    for (std::uint32_t i = 0; i < rewrite.sites.size(); ++i) {
      const Site& at = rewrite.sites[i];
      Ref keywords = take(PyDict_New());
      for (Py_ssize_t k = 0; at.names && k < PyTuple_GET_SIZE(at.names.get()); ++k) {
        set_item(keywords, PyTuple_GET_ITEM(at.names.get(), k),
                 PyTuple_GET_ITEM(at.values.get(), k));
      }
      append(found, take(Py_BuildValue("(LsOO)", static_cast<long long>(rewrite.marker(i)),
                                       info(at.event).name, at.node ? at.node.get() : Py_None,
                                       keywords.get())));
    }
    return found;
  });
}

PyObject* Rewrite_drop_tables(PyObject* self, PyObject*) {
  return guarded_object([&] {
    Rewrite& rewrite = rewrite_of(self);
    rewrite.state->drop_rows(rewrite);
    return none();
  });
}

template <Ref Rewrite::*member>
PyObject* Rewrite_get(PyObject* self, void*) {
  return guarded_object([&] {
    Rewrite& rewrite = rewrite_of(self);
    if constexpr (member != &Rewrite::path) rewrite.need_nodes();
    const Ref& value = rewrite.*member;
    return value ? value.copy() : none();
  });
}

PyObject* Rewrite_has_nodes(PyObject* self, void*) {
  return PyBool_FromLong(rewrite_of(self).unread == nullptr);
}

PyObject* Rewrite_site_count(PyObject* self, void*) {
  return PyLong_FromSize_t(rewrite_of(self).sites.size());
}

PyMethodDef rewrite_methods[] = {
    {"nodes", Rewrite_nodes, METH_NOARGS, "The pristine nodes, in preorder."},
    {"sites", Rewrite_sites, METH_NOARGS, "(marker, event name, node, keywords) of each site."},
    {"drop_tables", Rewrite_drop_tables, METH_NOARGS, "Takes its rows out of the node tables."},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef rewrite_getset[] = {
    {"path", Rewrite_get<&Rewrite::path>, nullptr, "The path it was rewritten for.", nullptr},
    {"module_id", Rewrite_get<&Rewrite::module_id>, nullptr, "The id of its module.", nullptr},
    {"tree", Rewrite_get<&Rewrite::tree>, nullptr, "The tree as it was parsed.", nullptr},
    {"site_count", Rewrite_site_count, nullptr, "How many sites were woven.", nullptr},
    {"has_nodes", Rewrite_has_nodes, nullptr, "False for a stored one until a node is wanted.",
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot rewrite_slots[] = {
    {Py_tp_doc, const_cast<char*>("One rewritten tree: pristine nodes, sites, guards.")},
    {Py_tp_dealloc, reinterpret_cast<void*>(Rewrite_dealloc)},
    {Py_tp_repr, reinterpret_cast<void*>(Rewrite_repr)},
    {Py_tp_methods, rewrite_methods},
    {Py_tp_getset, rewrite_getset},
    {0, nullptr},
};

PyType_Spec rewrite_spec = {"pyccolo_native._native.Rewrite", sizeof(RewriteObject), 0,
                            Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, rewrite_slots};

// ---- Site

SiteObject* as_site(PyObject* self) { return reinterpret_cast<SiteObject*>(self); }

std::int64_t marker_of(const SiteObject* object) {
  const Rewrite& rewrite = *object->owner->rewrite;
  return rewrite.marker(static_cast<std::uint32_t>(object->site - rewrite.sites.data()));
}

void Site_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  SiteObject* object = as_site(self);
  --object->owner->rewrite->state->live_sites;
  Py_DECREF(object->owner);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* Site_repr(PyObject* self) {
  const SiteObject* object = as_site(self);
  return PyUnicode_FromFormat("<site of %s in %R>", info(object->site->event).name,
                              object->owner->rewrite->path.get());
}

PyObject* Site_reduce(PyObject* self, PyObject*) {
  return Py_BuildValue("(O(L))", reinterpret_cast<PyObject*>(&PyLong_Type),
                       static_cast<long long>(marker_of(as_site(self))));
}

/// marshal writes what it does not know through the buffer protocol: as bytes with the marker.
int Site_getbuffer(PyObject* self, Py_buffer* view, int flags) {
  return guarded_status([&] {
    const std::int64_t marker = marker_of(as_site(self));
    Ref bytes =
        take(PyBytes_FromStringAndSize(reinterpret_cast<const char*>(&marker), sizeof(marker)));
    ok(PyObject_GetBuffer(bytes.get(), view, flags));
  });
}

PyObject* Site_rewrite(PyObject* self, void*) {
  return Py_NewRef(reinterpret_cast<PyObject*>(as_site(self)->owner));
}

PyGetSetDef site_getset[] = {
    {"rewrite", Site_rewrite, nullptr, "The Rewrite it is of.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyMethodDef site_methods[] = {
    {"__reduce__", Site_reduce, METH_NOARGS, "Pickled as its marker."},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot site_slots[] = {
    {Py_tp_doc, const_cast<char*>("A place in woven code where an event fires.")},
    {Py_tp_dealloc, reinterpret_cast<void*>(Site_dealloc)},
    {Py_tp_repr, reinterpret_cast<void*>(Site_repr)},
    {Py_tp_methods, site_methods},
    {Py_tp_getset, site_getset},
    {Py_bf_getbuffer, reinterpret_cast<void*>(Site_getbuffer)},
    {0, nullptr},
};

PyType_Spec site_spec = {"pyccolo_native._native.Site", sizeof(SiteObject), 0,
                         Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, site_slots};

Ref make_type(Borrowed module, PyType_Spec& spec) {
  return take(PyType_FromModuleAndSpec(module.get(), &spec, nullptr));
}

/// The compiler drops sites that cannot be reached; the guards that the code tests must stay for as long as it does.
void hold_guards(SiteState& state, Borrowed code) {
  PyObject* names = reinterpret_cast<PyCodeObject*>(code.get())->co_names;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); ++i) {
    Ref site = state.site_of_guard(PyTuple_GET_ITEM(names, i));
    if (site) return compat::append_const(code, std::move(site));
  }
}

}  // namespace

void add_types(Borrowed module, SiteState& state) {
  state.rewrite_type = make_type(module, rewrite_spec);
  state.site_type = make_type(module, site_spec);
  Ref table = make_node_table_type(module);
  ok(PyModule_AddObjectRef(module.get(), "Rewrite", state.rewrite_type.get()));
  ok(PyModule_AddObjectRef(module.get(), "Site", state.site_type.get()));
  ok(PyModule_AddObjectRef(module.get(), "NodeTable", table.get()));
}

void patch_code(SiteState& state, Borrowed code) {
  auto* object = reinterpret_cast<PyCodeObject*>(code.get());
  PyObject* consts = object->co_consts;
  bool has_sites = false;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(consts); ++i) {
    Borrowed value = PyTuple_GET_ITEM(consts, i);
    if (PyLong_CheckExact(value.get())) {
      int overflow = 0;
      const long long number = PyLong_AsLongLongAndOverflow(value.get(), &overflow);
      if (overflow != 0) continue;
      const auto marker = Marker::decode(number);
      if (!marker) continue;
      Ref site = state.site_object(*marker);
      if (!site) continue;
      Rewrite& rewrite = *as_site(site.get())->owner->rewrite;
      if (!rewrite.filename) rewrite.filename = Ref::borrow(object->co_filename);
      compat::replace_const(code, i, std::move(site));
      has_sites = true;
    } else if (PyCode_Check(value.get())) {
      patch_code(state, value);
    }
  }
  if (!has_sites) hold_guards(state, code);
}

}  // namespace pyccolo::site
