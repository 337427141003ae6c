#include "plugin/linux/task/rlimit.h"

namespace faultline::os {

std::array<Rlimit, kRlimitCount> DefaultRlimits() {
  std::array<Rlimit, kRlimitCount> r{};
  r[kRlimitStack] = {8ull << 20, kRlimInfinity};
  r[kRlimitCore] = {0, kRlimInfinity};
  r[kRlimitNproc] = {4096, 4096};
  r[kRlimitNofile] = {1024, 4096};
  r[kRlimitMemlock] = {8ull << 20, 8ull << 20};
  r[kRlimitSigpending] = {4096, 4096};
  r[kRlimitMsgqueue] = {819200, 819200};
  r[kRlimitNice] = {0, 0};
  r[kRlimitRtprio] = {0, 0};
  return r;
}

}  // namespace faultline::os
