#ifndef FAULTLINE_PLUGIN_LINUX_TASK_CREDENTIALS_H_
#define FAULTLINE_PLUGIN_LINUX_TASK_CREDENTIALS_H_

// Credentials of a task. Linux: struct cred.

#include <cstdint>
#include <vector>

namespace faultline::os {

struct Credentials {
  uint32_t uid = 0, euid = 0, suid = 0, fsuid = 0;
  uint32_t gid = 0, egid = 0, sgid = 0, fsgid = 0;
  std::vector<uint32_t> groups;
  uint64_t cap_effective = ~uint64_t{0} >> 23;  // all 41 of Linux 6.12
  uint64_t cap_permitted = ~uint64_t{0} >> 23;
  uint64_t cap_inheritable = 0;
  // prctl(PR_SET_KEEPCAPS), until exec: the permitted capabilities stay when
  // the last root id goes. Linux: SECBIT_KEEP_CAPS.
  bool keep_caps = false;
  bool HasCap(int cap) const { return (cap_effective >> cap & 1) != 0; }
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TASK_CREDENTIALS_H_
