// site/site.hpp: one place in woven code where one event fires, and all that is known of it beforehand.
#pragma once

#include "core/marker.hpp"
#include "py/object.hpp"

namespace pyccolo::site {

/// How emit() may call an only handler right away; General: not at all.
enum class Way : std::uint8_t { General, Value, Notice, Run, Operation, Thunk };

/// A row of a rewrite's site table. But for `quiet`, nothing changes once the rewrite is done.
struct Site {
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  static constexpr std::uint64_t kNotQuiet = ~std::uint64_t(0);

  Ref node;    ///< the pristine node handlers are given; null for none
  Ref names;   ///< tuple of keyword names, null for none
  Ref values;  ///< tuple of their values
  Ref guards;  ///< tuple of (HandlerSpec, guard name) for handlers with a local guard, or null
  /// The site whose event fires next with the value of this one, or kNone.
  std::uint32_t next = kNone;
  Event event{};
  Op op = Op::None;
  Way way = Way::General;
  bool exempt : 1 = false;        ///< in a region that only guard-exempt handlers see
  bool chain : 1 = false;         ///< a comparison with several operators
  bool keeps_value : 1 = false;   ///< after_stmt whose value after_module_stmt wants
  bool has_else : 1 = false;      ///< a statement whose replacement's value is wanted
  bool region_guard : 1 = false;  ///< the last keyword is the guard of the site's region
  bool unread : 1 = false;        ///< its node and the ids among its keywords are not known yet

  /// Dispatch's: 0 while no handler was disabled here, else the stamp under which no handler is left to call.
  mutable std::uint64_t quiet = 0;

  Shape shape() const { return chain ? Shape::Thunk : info(event).shape; }

  /// Settles the short way, when all else is known.
  void settle_way() {
    const bool general = chain || keeps_value || guards || region_guard;
    switch (shape()) {
      case Shape::Value:
        way = general ? Way::General : Way::Value;
        break;
      case Shape::Notice:
        way = general ? Way::General : Way::Notice;
        break;
      case Shape::Stmt:
        way = general ? Way::General : Way::Run;
        break;
      case Shape::Operation:
        way = general ? Way::General : Way::Operation;
        break;
      case Shape::Thunk:
        way = general ? Way::General : Way::Thunk;
        break;
      default:
        way = Way::General;
    }
  }
};

}  // namespace pyccolo::site
