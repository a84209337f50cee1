// tests/native/site/fixture.hpp: a state of sites, with tables, for one case.
#pragma once

#include "../source.hpp"
#include "py/module_state.hpp"
#include "site/types.hpp"

namespace pyccolo::test {

struct Sites {
  ast::AstState ast;
  site::SiteState state{ast};
  Ref module = take(PyImport_ImportModule("_native_tests"));
  Ref tables = run("");

  Sites() {
    state.builtins = take(PyDict_New());
    state.guards = take(PySet_New(nullptr));
    site::add_types(module, state);
    slots_of_module(module).site = &state;
    for (const char* name : site::kTableNames) {
      ok(PyDict_SetItemString(tables.get(), name, take(PyDict_New()).get()));
    }
    state.set_tables(tables);
  }
  ~Sites() {
    PyGC_Collect();  // no rewrite may outlive the state
    slots_of_module(module).site = nullptr;
  }
  Sites(const Sites&) = delete;
  Sites& operator=(const Sites&) = delete;

  Ref rewrite(Borrowed tree = Py_None, const char* path = "path") {
    return state.make_rewrite(tree, intern(path), take(PyLong_FromLong(7)));
  }
  Ref rewrite_of_source(const char* source) { return rewrite(parse(source)); }

  /// Adds a site; its marker.
  std::int64_t add_site(Borrowed rewrite, Event event, Borrowed node = nullptr) {
    site::Rewrite& its = site::rewrite_of(rewrite);
    site::Site& made = its.sites.emplace_back();
    made.event = event;
    made.node = Ref::borrow(node);
    return its.marker(static_cast<std::uint32_t>(its.sites.size()) - 1);
  }

  Borrowed table(site::Table which) const {
    return PyDict_GetItemString(tables.get(), site::kTableNames[static_cast<int>(which)]);
  }
};

inline site::RewriteObject* object_of(Borrowed rewrite) {
  return reinterpret_cast<site::RewriteObject*>(rewrite.get());
}

}  // namespace pyccolo::test
