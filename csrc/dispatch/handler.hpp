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
Signature read_signature(const ast::Names& names, Borrowed function, Event event);

/// A handler (self, ret, *_, **__) that never looks at `_` and `__`, as a function that has not got them: what would go into
/// them need not be made. Null for any other.
Ref without_the_rest(Borrowed function);
/// How it is called.
Signature signature_without_the_rest(Borrowed function, Event event);

struct Handler {
  Ref function;
  Ref lean;       ///< what is called in its place, or null: see without_the_rest()
  Ref lean_code;  ///< the function's code that it was made of
  Ref spec;
  Ref predicate;  ///< null if it was decided when the code was woven
  bool raw = false;
  bool reentrant = false;
  Signature signature;
  Counter* counter = nullptr;          ///< of the tracer: the event is counted, nothing is called
  std::shared_ptr<const Armed> armed;  ///< see dispatch/disabled.hpp

  Borrowed callee() const {
    const bool is_same = lean && PyFunction_GET_CODE(function.get()) == lean_code.get();
    return is_same ? lean : function;
  }
};

}  // namespace pyccolo::dispatch
