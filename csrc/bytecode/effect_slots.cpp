// What loads and stores do with slots, and with the cells in them: a part of effect.hpp.
#include <algorithm>

#include "bytecode/effect.hpp"
#include "bytecode/operands.hpp"

namespace pyccolo::bytecode {

namespace {

constexpr std::size_t index_of_slot(std::uint32_t slot) { return slot; }

}  // namespace

void Effects::enter() {
  depth = 0;
  std::fill(slots.begin(), slots.end(), Slot{kNull});
  std::fill_n(slots.begin(), facts_.argument_slots, Slot{kAny});
  if (facts_.iterator_slot >= 0) {
    slots[static_cast<std::size_t>(facts_.iterator_slot)] = Slot{kIterator};
  }
  if (facts_.defaults_slot >= 0) {
    slots[static_cast<std::size_t>(facts_.defaults_slot)] = Slot{kTuple};
  }
  if (facts_.keyword_defaults_slot >= 0) {
    slots[static_cast<std::size_t>(facts_.keyword_defaults_slot)] = Slot{kDict};
  }
}

void Effects::load_slot(std::uint32_t slot, bool checks, bool borrows) {
  Kinds kinds = slots[index_of_slot(slot)];
  if ((kinds & kNull) != 0) {
    if (!checks) {
      complain(index_, name() + " reads slot " + std::to_string(slot) +
                           ", which may be unbound here; LOAD_FAST_CHECK is for that");
    }
    kinds &= ~kNull;
    if (kinds == 0) kinds = kAny;
    slots[index_of_slot(slot)] = static_cast<Slot>(kinds);
    written_slots[written_slot_count++] = slot;
  }
  push(kinds, kinds == kTuple ? Value::kUnknown : 0, borrows ? slot + 1 : Value::kOwned);
}

void Effects::write_slot(std::uint32_t slot, Kinds kinds) {
  if (version_ >= Version::V314) {
    for (std::int32_t above = 0; above < depth; ++above) {
      if (!at(above).is_borrowed_from(slot)) continue;
      complain(index_, name() + " changes slot " + std::to_string(slot) +
                           ", whose value was borrowed by LOAD_FAST_BORROW and is still on the "
                           "stack; LOAD_FAST takes a reference of its own");
      break;
    }
  }
  slots[index_of_slot(slot)] = static_cast<Slot>(kinds);
  written_slots[written_slot_count++] = slot;
}

void Effects::store_slot(std::uint32_t slot) {
  check(0, objects_ | kNull);
  expect(at(0).lender == Value::kOwned,
         " keeps a value that LOAD_FAST_BORROW only borrowed; LOAD_FAST takes a reference of its "
         "own");
  expect((facts_.slots[index_of_slot(slot)] & kFreeSlot) == 0,
         " changes the slot of a free variable, which must hold a cell");
  const Kinds kinds = at(0).kinds;
  pop(1);
  write_slot(slot, stored(kinds));
}

void Effects::clear_slot(std::uint32_t slot) {
  expect((facts_.slots[index_of_slot(slot)] & kFreeSlot) == 0,
         " clears the slot of a free variable, which must hold a cell");
  write_slot(slot, kNull);
}

void Effects::make_cell() {
  const Slot held = slots[index_of_slot(arg())];
  write_slot(arg(), (held & ~(kNull | kTuple)) == 0 ? kCellOfTuple : kCell);
}

bool Effects::check_cell() {
  return expect((slots[index_of_slot(arg())] & ~kCells) == 0,
                " needs a cell in its slot; there may be none here");
}

void Effects::load_cell() {
  if (check_cell() && slots[index_of_slot(arg())] == kCellOfTuple) {
    push(kTuple, Value::kUnknown);
  } else {
    push(kAny);
  }
}

void Effects::store_cell() {
  check(0, objects_);
  check_cell();
  slots[index_of_slot(arg())] = static_cast<Slot>(at(0).is(kTuples) ? kCellOfTuple : kCell);
  written_slots[written_slot_count++] = arg();
  pop(1);
}

void Effects::copy_free_variables() {
  for (std::size_t slot = 0; slot < slots.size(); ++slot) {
    if ((facts_.slots[slot] & kFreeSlot) != 0) slots[slot] = Slot{kCell};
  }
  wrote_all_slots = true;
}

bool Effects::run_slot(const OpInfo& info) {
  switch (info.op) {
    case Op::LOAD_FAST:
      load_slot(arg(), version_ == Version::V311, false);
      return true;
    case Op::LOAD_FAST_CHECK:
    case Op::LOAD_CLOSURE:
      load_slot(arg(), true, false);
      return true;
    case Op::LOAD_FAST_BORROW:
      load_slot(arg(), false, true);
      return true;
    case Op::LOAD_FAST_LOAD_FAST:
      load_slot(arg() >> 4U, false, false);
      load_slot(arg() & 15U, false, false);
      return true;
    case Op::LOAD_FAST_BORROW_LOAD_FAST_BORROW:
      load_slot(arg() >> 4U, false, true);
      load_slot(arg() & 15U, false, true);
      return true;
    case Op::LOAD_FAST_AND_CLEAR: {
      const Kinds kinds = slots[index_of_slot(arg())];
      clear_slot(arg());
      push(kinds, kinds == kTuple ? Value::kUnknown : 0);
      return true;
    }
    case Op::STORE_FAST:
      store_slot(arg());
      return true;
    case Op::STORE_FAST_LOAD_FAST:
      store_slot(arg() >> 4U);
      load_slot(arg() & 15U, false, false);
      return true;
    case Op::STORE_FAST_STORE_FAST:
      store_slot(arg() >> 4U);
      store_slot(arg() & 15U);
      return true;
    case Op::DELETE_FAST:
      clear_slot(arg());
      return true;
    case Op::MAKE_CELL:
      make_cell();
      return true;
    case Op::COPY_FREE_VARS:
      copy_free_variables();
      return true;
    case Op::LOAD_DEREF:
      load_cell();
      return true;
    case Op::STORE_DEREF:
      store_cell();
      return true;
    case Op::DELETE_DEREF:
      check_cell();
      return true;
    case Op::LOAD_CLASSDEREF:
      expect((facts_.flags & kOptimizedFlag) == 0,
             " looks into the namespace of a class; code with CO_OPTIMIZED has none");
      check_cell();
      push(kAny);
      return true;
    case Op::LOAD_FROM_DICT_OR_DEREF:
      check(0, objects_);
      pop(1);
      load_cell();
      return true;
    default:
      return false;
  }
}

}  // namespace pyccolo::bytecode
