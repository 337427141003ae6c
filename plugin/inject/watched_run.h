#ifndef FAULTLINE_PLUGIN_INJECT_WATCHED_RUN_H_
#define FAULTLINE_PLUGIN_INJECT_WATCHED_RUN_H_

// WatchedRun: a machine's run with a bound on its virtual time, and, when that
// is reached, the question whether it could ever have ended.
//
// A livelock is the same state twice: the registers of all threads and every
// byte of memory in use, at the same place of the same thread, with no timer
// that could change anything. What the kernel keeps beside memory (a pipe's
// place, a process table) is not looked at.

#include <cstdint>

#include "plugin/inject/time_limit.h"
#include "plugin/linux/kernel.h"

namespace faultline::inject {

enum class Limit : uint8_t { kKept, kReached, kLivelock, kDeadlock };

class WatchedRun {
 public:
  // Armed at once; `kernel` outlives it. The limit counts from now on.
  WatchedRun(os::Kernel& kernel, uint64_t limit_ns);
  // Another limit, from the beginning.
  void set_limit(uint64_t limit_ns) { time_.set(start_ + limit_ns); }

  // To the end, or the limit. Once.
  os::RunResult Run();
  Limit limit() const { return limit_; }

 private:
  os::Kernel& kernel_;
  mm::VirtualTime start_;
  TimeLimit time_;
  Limit limit_ = Limit::kKept;
};

// Whether the stopped machine, which has no timer of ours, comes to the same
// state twice if it runs on.
bool ComesRound(os::Kernel& kernel);

}  // namespace faultline::inject

#endif  // FAULTLINE_PLUGIN_INJECT_WATCHED_RUN_H_
