// site/node_table.hpp: a dict whose rows are written when somebody first looks.
#pragma once

#include "site/state.hpp"

namespace pyccolo::site {

Ref make_node_table_type(Borrowed module);

}  // namespace pyccolo::site
