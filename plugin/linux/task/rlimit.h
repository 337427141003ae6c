#ifndef FAULTLINE_PLUGIN_LINUX_TASK_RLIMIT_H_
#define FAULTLINE_PLUGIN_LINUX_TASK_RLIMIT_H_

// Resource limits (include/uapi/asm-generic/resource.h).

#include <array>
#include <cstdint>

namespace faultline::os {

enum Resource : int {
  kRlimitCpu,
  kRlimitFsize,
  kRlimitData,
  kRlimitStack,
  kRlimitCore,
  kRlimitRss,
  kRlimitNproc,
  kRlimitNofile,
  kRlimitMemlock,
  kRlimitAs,
  kRlimitLocks,
  kRlimitSigpending,
  kRlimitMsgqueue,
  kRlimitNice,
  kRlimitRtprio,
  kRlimitRttime,
  kRlimitCount
};

inline constexpr uint64_t kRlimInfinity = ~uint64_t{0};

struct Rlimit {
  uint64_t soft = kRlimInfinity;
  uint64_t hard = kRlimInfinity;
};

// What a fresh 6.12 gives its first process (INIT_RLIMITS), with the usual
// 1024/4096 descriptors.
std::array<Rlimit, kRlimitCount> DefaultRlimits();

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TASK_RLIMIT_H_
