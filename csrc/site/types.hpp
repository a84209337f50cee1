// site/types.hpp: the Python types of this layer.
#pragma once

#include "site/state.hpp"

namespace pyccolo::site {

/// Makes Rewrite and Site, kept in `state`, and adds Rewrite and NodeTable to the module.
void add_types(Borrowed module, SiteState& state);

/// compile() output: puts a site object in the place of each marker, in nested code too, and tells each Rewrite
/// the file name its code runs under.
void patch_code(SiteState& state, Borrowed code);

}  // namespace pyccolo::site
