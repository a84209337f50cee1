// compat/recursion.hpp: how deep C code may recurse for a tree.
#pragma once

#include "py/python.hpp"

namespace pyccolo::compat {

/// Lets compile() and us go deeper than the program's recursion limit while it lives: up to 3.12 a tree that is nested as
/// deeply as the compiler takes it from source cannot be handed to it as a tree otherwise.
class DeepTrees {
 public:
#if PY_VERSION_HEX < 0x030C0000
  DeepTrees() : thread_(PyThreadState_Get()) {
    thread_->recursion_remaining += kMore;
    thread_->recursion_limit += kMore;
    limit_ = thread_->recursion_limit;
  }
  ~DeepTrees() {
    if (thread_->recursion_limit != limit_) return;  // the program has set it anew meanwhile
    thread_->recursion_remaining -= kMore;
    thread_->recursion_limit -= kMore;
  }
#elif PY_VERSION_HEX < 0x030D0000
  DeepTrees() : thread_(PyThreadState_Get()) { thread_->c_recursion_remaining += kMore; }
  ~DeepTrees() { thread_->c_recursion_remaining -= kMore; }
#else
  DeepTrees() = default;
  ~DeepTrees() {}
#endif
  DeepTrees(const DeepTrees&) = delete;
  DeepTrees& operator=(const DeepTrees&) = delete;

 private:
#if PY_VERSION_HEX < 0x030D0000
  // So that it is 3,000 levels, which is what the compiler takes from source.
  static constexpr int kMore = PY_VERSION_HEX < 0x030C0000 ? 2000 : 1500;
  PyThreadState* thread_;
#endif
#if PY_VERSION_HEX < 0x030C0000
  int limit_;
#endif
};

}  // namespace pyccolo::compat
