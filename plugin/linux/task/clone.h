#ifndef FAULTLINE_PLUGIN_LINUX_TASK_CLONE_H_
#define FAULTLINE_PLUGIN_LINUX_TASK_CLONE_H_

// New tasks. Linux: kernel/fork.c.

#include <cstdint>

#include "plugin/linux/syscall/call.h"

namespace faultline::os {

class Task;

inline constexpr uint64_t kCloneVm = 0x100;
inline constexpr uint64_t kCloneFs = 0x200;
inline constexpr uint64_t kCloneFiles = 0x400;
inline constexpr uint64_t kCloneSighand = 0x800;
inline constexpr uint64_t kClonePidfd = 0x1000;
inline constexpr uint64_t kClonePtrace = 0x2000;
inline constexpr uint64_t kCloneVfork = 0x4000;
inline constexpr uint64_t kCloneParent = 0x8000;
inline constexpr uint64_t kCloneThread = 0x10000;
inline constexpr uint64_t kCloneNewNs = 0x20000;
inline constexpr uint64_t kCloneSysvsem = 0x40000;
inline constexpr uint64_t kCloneSettls = 0x80000;
inline constexpr uint64_t kCloneParentSettid = 0x100000;
inline constexpr uint64_t kCloneChildCleartid = 0x200000;
inline constexpr uint64_t kCloneDetached = 0x400000;
inline constexpr uint64_t kCloneUntraced = 0x800000;
inline constexpr uint64_t kCloneChildSettid = 0x1000000;
inline constexpr uint64_t kCloneIo = 0x80000000;
inline constexpr uint64_t kCloneClearSighand = 0x100000000;
// New namespaces of any kind: there is one of each here.
inline constexpr uint64_t kCloneNamespaces =
    kCloneNewNs | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 |
    0x20000000 | 0x40000000 | 0x80;

struct CloneRequest {
  uint64_t flags = 0;
  int exit_signal = 0;
  uint64_t stack = 0;  // the child's stack pointer; 0: the parent's
  uint64_t tls = 0;
  uint64_t parent_tid = 0;
  uint64_t child_tid = 0;
  uint64_t pidfd = 0;  // where to put the descriptor
  int wanted_tid = 0;  // clone3's set_tid; 0: any
};

// Makes a task; returns its tid. kEINVAL, kEAGAIN, kENOMEM, kEEXIST. With
// CLONE_VFORK it returns when the child has let go of the memory.
ErrnoOr<int> Clone(Task& parent, const CloneRequest& request);

SyscallResult SysClone(Task& task, const SyscallArgs& args);
SyscallResult SysClone3(Task& task, const SyscallArgs& args);
SyscallResult SysFork(Task& task, const SyscallArgs& args);
SyscallResult SysVfork(Task& task, const SyscallArgs& args);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TASK_CLONE_H_
