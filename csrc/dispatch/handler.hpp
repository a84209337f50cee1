// dispatch/handler.hpp: one handler of one tracer for one event, and how to call it.
#pragma once

#include <boost/container/small_vector.hpp>
#include <memory>

#include "ast/names.hpp"
#include "core/event.hpp"
#include "py/object.hpp"

namespace pyccolo::dispatch {

class Counter;
struct Armed;

/// What a parameter of a handler is filled with.
enum class Source : std::uint8_t { Ret, Node, Frame, Event, Guard, Keyword };

struct Argument {
  Source source;
  Ref keyword;  ///< the event's keyword, for Source::Keyword
};

/// How a handler wants to be called, from its signature.
///
/// Full: (self, ret, node, frame, event, guard, **keywords), Pyccolo's contract, for handlers with *args or with six
/// positional parameters; what such a handler never looks at is left out. Otherwise each parameter is given what its name says, and nothing else is computed.
struct Signature {
  bool full = false;
  bool all_keywords = false;  ///< **kwargs: every keyword of the event
  bool guard_by_position =
      false;  ///< a region's guard goes to the parameter `guard`, not to a keyword
  boost::container::small_vector<Argument, 4> positional;
  boost::container::small_vector<std::pair<Ref, Argument>, 2> named;

  bool uses(Source source) const;
  /// Is the node given, or its id, or another node's id?
  bool uses_nodes() const;
};

/// Reads a handler's signature. TypeError if it cannot take what the event gives.
/// is_itself: it is what is called, and not what a wrapper around it calls.
Signature read_signature(const ast::Names& names, Borrowed function, Event event,
                         bool is_itself = true);

struct Handler {
  Ref function;
  Ref spec;
  Ref predicate;  ///< null if it was decided when the code was woven
  bool raw = false;
  bool reentrant = false;
  Signature signature;
  Counter* counter = nullptr;          ///< of the tracer: the event is counted, nothing is called
  std::shared_ptr<const Armed> armed;  ///< see dispatch/disabled.hpp
};

}  // namespace pyccolo::dispatch
