// dispatch/thread.hpp: what dispatch knows of one thread.
#pragma once

#include <memory>
#include <vector>

#include "py/object.hpp"

namespace pyccolo::dispatch {

/// What another layer knows of a thread.
struct ThreadExtension {
  virtual ~ThreadExtension() = default;
};
class Fire;

/// Only its own thread touches it. The dict of the thread's Python state owns it: it goes when the thread ends, also
/// when that end is a fork in another one.
struct ThreadData {
  unsigned long ident = 0;
  bool is_main = false;
  bool allow_events = true;  ///< false while a handler runs
  int allow_reentrant = 0;   ///< how many ask for events inside handlers to be handled like others
  const Fire* overridden = nullptr;  ///< the event that some tracer's own _emit_event() has in hand

  /// What run() is to do next: call the object, or give it. Emitted code runs it right after emit().
  struct Pending {
    Ref object;
    bool call;
  };
  std::vector<Pending> pending;
  std::vector<Ref> keys;                   ///< of subscripts between emit() and the access
  std::unique_ptr<ThreadExtension> hooks;  ///< what hooks/ knows
  Ref saved_value;  ///< of the module's expression statement that has just run
};

}  // namespace pyccolo::dispatch
