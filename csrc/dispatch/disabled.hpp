// dispatch/disabled.hpp: handlers that want no more of an event at a place, until they are armed again.
//
// A place notes the handlers that returned Disable there, and keeps neither tracers nor handlers alive by it. What it notes
// holds for as long as the handler's number is what it was: rearming gives the handler another one, and touches no place.
#pragma once

#include <memory>
#include <vector>

#include "core/event.hpp"
#include "py/object.hpp"

namespace pyccolo::site {
struct Rewrite;
struct Site;
}  // namespace pyccolo::site

namespace pyccolo::dispatch {

struct Handler;

/// Stands for one handler of one tracer for one event, in plans and in the places where it is disabled.
struct Armed {
  std::uint64_t number = 1;  ///< 0: the tracer is gone
};

/// The handlers that are disabled at one place.
class DisabledAt {
 public:
  bool has(const Handler& handler) const;
  void add(const Handler& handler);
  /// Forgets the handlers that are armed again or gone; true if that leaves none.
  bool prune();

 private:
  struct Entry {
    std::shared_ptr<const Armed> armed;
    std::uint64_t number;
  };
  std::vector<Entry> entries_;
};

/// What a tracer knows of its own handlers.
class ArmedHandlers {
 public:
  ArmedHandlers() = default;
  ArmedHandlers(const ArmedHandlers&) = delete;
  ArmedHandlers& operator=(const ArmedHandlers&) = delete;
  ~ArmedHandlers();

  /// Handlers that are disabled for events that have no place in code, such as imports.
  DisabledAt nowhere;

  std::shared_ptr<const Armed> of(Borrowed spec, Event event);
  /// The handler's function without_the_rest(), or null. It is made once, and again when the function has other code.
  Borrowed lean_of(Borrowed spec, Event event, Borrowed function);
  void rearm();
  void rearm(Event event);
  int traverse(visitproc visit, void* arg) const;

 private:
  struct Row {
    Ref spec;
    Event event;
    std::shared_ptr<Armed> armed;
    Ref code;  ///< of the function that `lean` was made of
    Ref lean;
  };
  Row& row_of(Borrowed spec, Event event);
  std::vector<Row> rows_;
};

/// What is disabled at a site, or null if nothing ever was. It stays where it is while the rewrite lives.
DisabledAt* disabled_at(const site::Rewrite& rewrite, const site::Site& site);
DisabledAt& make_disabled_at(site::Rewrite& rewrite, const site::Site& site);

}  // namespace pyccolo::dispatch
