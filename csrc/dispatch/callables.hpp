// dispatch/callables.hpp: what before-events hand out: the expression as a callable, or the operation.
#pragma once

#include "dispatch/state.hpp"

namespace pyccolo::dispatch {

/// The expression of a before-event, evaluated in its frame when it is called.
Ref make_thunk(DispatchState& state, site::RewriteObject* owner, const site::Site& site,
               Borrowed frame);
/// Gives a thunk up; one that nobody kept is used again.
void drop_thunk(DispatchState& state, Ref thunk);
/// A comparison with several operators, of operands that are given.
Ref make_chain(site::RewriteObject* owner, const site::Site& site);
/// Any arguments -> the value.
Ref make_constant(DispatchState& state, Borrowed value);

/// Makes the types and the operations, kept in `state`.
void add_callables(Borrowed module, DispatchState& state);

}  // namespace pyccolo::dispatch
