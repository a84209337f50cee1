// dispatch/entry.hpp: the functions woven code calls.
#pragma once

#include "dispatch/state.hpp"

namespace pyccolo::dispatch {

/// Makes emit and run: builtin functions bound to an object that holds the state, so that they reach it in one step.
void add_entries(Borrowed module, DispatchState& state);

}  // namespace pyccolo::dispatch
