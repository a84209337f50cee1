// hooks/quiet_frames.hpp: frames that nobody follows run as if there were no trace function.
#pragma once

#include "hooks/thread.hpp"

namespace pyccolo::hooks::quiet_frames {

/// From now on, in the threads that have our trace function and no other. Nothing happens where the interpreter offers no
/// way, or somebody else evaluates frames.
void begin(TracedThread& here);
void end(SysHooks& hooks);

}  // namespace pyccolo::hooks::quiet_frames
