// dispatch/counter.hpp: counting events without entering Python.
#pragma once

#include <array>
#include <vector>

#include "site/rewrite.hpp"

namespace pyccolo::dispatch {

class DispatchState;

/// What one tracer has counted for one Count of its class. Keys are addresses while it counts, held by what they are of;
/// they become Python objects when somebody looks.
class Counter {
 public:
  enum class By : std::uint8_t { Event, Site, Code, Line };

  explicit Counter(By by) : by_(by) {}

  By by() const { return by_; }

  /// An event of woven code, in the frame that runs.
  void hit(const site::Site& site, site::RewriteObject* owner);
  /// An event of a frame that is at a line and an instruction (f_lasti); of no frame, if there is no code.
  void hit_frame(Event event, Borrowed code, int lineno, int instruction_offset);

  /// A list of (key, count); keys of several places may be equal.
  Ref items(DispatchState& state) const;
  void clear();
  int traverse(visitproc visit, void* arg) const;

 private:
  static constexpr int kSite = -0x7FFFFFFF;  ///< no line and no offset

  struct Entry {
    Ref owner;  ///< a Rewrite where `number` is kSite, else code
    const void* place;
    int number;
    std::uint64_t count;

    bool is(const void* its_place, int its_number) const {
      return place == its_place && number == its_number;
    }
  };

  void count(const void* place, int number, Borrowed owner);
  std::uint32_t* slot_of(const void* place, int number);
  void grow();
  Ref key_of(DispatchState& state, const Entry& entry) const;

  By by_;
  std::array<std::uint64_t, kEventCount> events_{};
  std::vector<Entry> entries_;        ///< in the order of their first hits
  std::vector<std::uint32_t> slots_;  ///< open addressing: 1 + index of an entry, or 0
};

/// Is this the description of a count, in the place of a handler?
bool is_count(const DispatchState& state, Borrowed object);
/// The tracer's counter for a Count, made on demand; the tracer owns it.
Counter& counter_of(Borrowed tracer, Borrowed count);

/// Makes the types, kept in `state`, and adds Count to the module.
void add_counting(Borrowed module, DispatchState& state);

}  // namespace pyccolo::dispatch
