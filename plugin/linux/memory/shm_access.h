#ifndef FAULTLINE_PLUGIN_LINUX_MEMORY_SHM_ACCESS_H_
#define FAULTLINE_PLUGIN_LINUX_MEMORY_SHM_ACCESS_H_

// Permissions of System V segments. Linux: ipc/util.c ipcperms().

#include <algorithm>
#include <cstdint>

#include "plugin/linux/memory/shm.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {

inline constexpr uint32_t kShmDest = 01000;  // remove when detached
inline constexpr uint32_t kShmLocked = 02000;

// `wanted`: mode bits of any of owner, group, others (0444, 0666).
inline bool ShmMayAccess(const Task& task, const ShmSegment& s,
                         uint32_t wanted) {
  constexpr int kCapIpcOwner = 15;
  const Credentials& c = task.cred();
  const uint32_t need = (wanted >> 6 | wanted >> 3 | wanted) & 7;
  uint32_t granted = s.mode;
  if (c.euid == s.creator_uid || c.euid == s.uid) {
    granted >>= 6;
  } else if (c.egid == s.gid || c.egid == s.creator_gid ||
             std::find(c.groups.begin(), c.groups.end(), s.gid) !=
                 c.groups.end()) {
    granted >>= 3;
  }
  return (need & ~granted & 7) == 0 || c.HasCap(kCapIpcOwner);
}

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_MEMORY_SHM_ACCESS_H_
