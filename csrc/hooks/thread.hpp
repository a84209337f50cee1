// hooks/thread.hpp: what the hooks know of one thread.
#pragma once

#include <array>

#include "compat/trace.h"
#include "core/sys_event.hpp"
#include "dispatch/thread.hpp"
#include "hooks/frame.hpp"

namespace pyccolo::hooks {

class SysHooks;

inline constexpr std::size_t kSlots = 2;  ///< PYC_TRACE, PYC_PROFILE

/// A function that ours stands in front of.
struct Foreign {
  Py_tracefunc function = nullptr;
  Ref object;

  explicit operator bool() const { return function != nullptr; }
};

/// What is known of one thread.
struct TracedThread : dispatch::ThreadExtension {
  FollowedFrames frames;      ///< by the trace function
  FollowedFrames monitored;   ///< by sys.monitoring
  std::uint64_t session = 0;  ///< of Monitoring, which they are of
  std::array<Foreign, kSlots> foreign;
  int c_calls = 0;       ///< of C functions that our profile function was told of and that run
  int foreign_from = 0;  ///< so many of these began before the foreign profile function came
  std::array<Ref, kSlots> retired;  ///< an object of ours that was set last
  std::uint64_t epoch = 0;          ///< of Settrace when the thread was last looked at
  SysEvents wanted = 0;             ///< of this thread then
  SysHooks* hooks = nullptr;
  bool is_alone = false;                         ///< no other function is behind ours
  std::array<Py_tracefunc, kSlots> functions{};  ///< the thread's, as we have left them
  const char* stack_mark = nullptr;              ///< see quiet_frames.cpp
  int delivering = 0;                            ///< events that are being delivered
  bool settles_later = false;
};

inline TracedThread& traced_thread(dispatch::ThreadData& data) {
  if (!data.hooks) data.hooks = std::make_unique<TracedThread>();
  return static_cast<TracedThread&>(*data.hooks);
}

}  // namespace pyccolo::hooks
