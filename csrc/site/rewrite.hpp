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

/// What is known of a stored rewrite's nodes before its source is parsed again: their numbers in preorder.
struct Unread {
  struct Id {
    Borrowed values;  ///< keyword values, of some site
    Py_ssize_t position;
    std::uint32_t node;
  };
  Ref source;                        ///< bytes, or what gives the tree when it is called
  std::vector<std::uint32_t> nodes;  ///< of each site, or Site::kNone
  std::vector<std::uint32_t> guards;
  std::vector<Id> ids;  ///< keyword values that are ids of nodes
};

/// The guard of a region. `node` is borrowed from the tree, and null while the tree is unread.
struct RegionGuard {
  Ref name;
  Borrowed node;
};

struct Rewrite {
  SiteState* state = nullptr;
  std::uint32_t id = 0;
  Ref path;       ///< str or None
  Ref module_id;  ///< int; null while the tree is unread
  Ref tree;       ///< pristine; null while it is unread
  std::unique_ptr<Unread> unread;
  /// Where another tree was woven in its place: (that tree, exact, slots, groups), see rewrite/origin.cpp; or null.
  Ref transformed;
  std::vector<Site> sites;
  std::vector<RegionGuard> guards;  ///< in builtins while we live
  Ref chains;                       ///< of a stored one: site index -> its operators as bytes
  Ref filename;                     ///< co_filename of the code compiled from it; null until then

  bool guards_enabled = false;  ///< region guards were woven
  bool any_exempt = false;      ///< plain twins have the events of guard-exempt handlers
  bool incomplete = false;      ///< an event could not be woven somewhere: said aloud

  /// Code of thunks that were called, by site index. Their sites are of rewrites of their own.
  std::vector<std::pair<std::uint32_t, Ref>> thunk_code;

  /// Tracers that get the events whatever their file filter says; shared with the rewrites of thunks.
  /// Only compared, never looked into: who grants takes it back before the tracers go.
  using Granted = std::vector<const PyObject*>;
  std::shared_ptr<Granted> granted;

  // The file filter's answer for each tracer of a plan, kept by dispatch.
  std::uint64_t filter_plan = 0;
  std::uint64_t filter_mask = 0;
  std::shared_ptr<void> disabled;  ///< what handlers are disabled at which sites, kept by dispatch

  // Where our rows of the node tables stand.
  enum class Rows : std::uint8_t { None, Pending, Filled };
  Rows rows = Rows::None;

  std::int64_t marker(std::uint32_t index) const {
    const Site& at = sites[index];
    return Marker{at.shape(), at.op, id, index}.encode();
  }
  /// The operators of a comparison chain, an Op a byte.
  Ref chain_operators(const Site& site);
  Borrowed file() const { return filename ? filename : path; }

  /// To be called before the tree, a site's node or an id among its keywords is looked at.
  void need_nodes() {
    if (unread) [[unlikely]]
      read_nodes();
  }

 private:
  void read_nodes();
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
