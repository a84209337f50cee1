// rewrite/thunk_code.hpp: code that evaluates the expression of a before-event in the scope of a running frame.
#pragma once

#include "rewrite/rewriter.hpp"

namespace pyccolo::rewrite {

/// The code of a thunk: for a function's frame the code of a lambda whose free variables are the names it reads
/// (and whose one parameter, if any, is the frame's first argument, for super()); for other frames code to be
/// evaluated with the frame's globals and locals. RuntimeError if the expression awaits, yields or binds a name.
Ref thunk_code(site::SiteState& state, site::RewriteObject* rewrite, const site::Site& site,
               Borrowed frame_code);

}  // namespace pyccolo::rewrite
