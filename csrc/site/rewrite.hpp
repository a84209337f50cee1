// site/rewrite.hpp: one rewritten tree: its pristine nodes, its sites, its guards.
//
// Code made from the woven tree holds site objects in co_consts; each holds its Rewrite. When the last goes, so do
// the nodes, the rows of the node tables and the guards. Code compiled by others holds int markers: the registry
// finds their Rewrite as long as somebody keeps it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "ast/state.hpp"
#include "site/site.hpp"

namespace pyccolo::site {

class SiteState;

struct Rewrite {
  SiteState* state = nullptr;
  std::uint32_t id = 0;
  Ref path;       ///< str or None
  Ref module_id;  ///< int
  Ref tree;       ///< pristine
  std::vector<Site> sites;
  std::vector<Ref> guards;  ///< names of region guards, in builtins while we live
  Ref filename;             ///< co_filename of the code compiled from it; null until then

  bool guards_enabled = false;  ///< region guards were woven
  bool any_exempt = false;      ///< plain twins have the events of guard-exempt handlers

  /// Code of thunks that were called, by site index. Their sites are of rewrites of their own.
  std::vector<std::pair<std::uint32_t, Ref>> thunk_code;

  /// Tracers that get the events whatever their file filter says; shared with the rewrites of thunks.
  /// Only compared, never looked into: who grants takes it back before the tracers go.
  using Granted = std::vector<const PyObject*>;
  std::shared_ptr<Granted> granted;

  // The file filter's answer for each tracer of a plan, kept by dispatch.
  std::uint64_t filter_plan = 0;
  std::uint64_t filter_mask = 0;

  // Where our rows of the node tables stand.
  enum class Rows : std::uint8_t { None, Pending, Filled };
  Rows rows = Rows::None;

  std::int64_t marker(std::uint32_t index) const {
    const Site& at = sites[index];
    return Marker{at.shape(), at.op, id, index}.encode();
  }
  Borrowed file() const { return filename ? filename : path; }
};

struct RewriteObject {
  PyObject_HEAD
  Rewrite* rewrite;
};

/// What stands in co_consts.
struct SiteObject {
  PyObject_HEAD
  RewriteObject* owner;
  const Site* site;
};

inline Rewrite& rewrite_of(Borrowed object) {
  return *reinterpret_cast<RewriteObject*>(object.get())->rewrite;
}

}  // namespace pyccolo::site
