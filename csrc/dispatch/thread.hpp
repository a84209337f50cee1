// dispatch/thread.hpp: what dispatch knows of one thread.
#pragma once

#include <vector>

#include "py/object.hpp"

namespace pyccolo::dispatch {

/// Only its own thread touches it.
struct ThreadData {
  bool is_main = true;
  bool allow_events = true;      ///< false while a handler runs
  bool allow_reentrant = false;  ///< events inside handlers are handled like others

  /// What run() is to do next: call the object, or give it. Emitted code runs it right after emit().
  struct Pending {
    Ref object;
    bool call;
  };
  std::vector<Pending> pending;
  std::vector<Ref> keys;  ///< of subscripts between emit() and the access
  Ref saved_value;        ///< of the module's expression statement that has just run
};

}  // namespace pyccolo::dispatch
