// clone(2), clone3(2), fork(2), vfork(2): decoding.

#include <algorithm>

#include "plugin/linux/abi.h"
#include "plugin/linux/signal/signal_info.h"
#include "plugin/linux/task/clone.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

// struct clone_args (include/uapi/linux/sched.h), version 2.
struct CloneArgs {
  uint64_t flags;
  uint64_t pidfd;
  uint64_t child_tid;
  uint64_t parent_tid;
  uint64_t exit_signal;
  uint64_t stack;
  uint64_t stack_size;
  uint64_t tls;
  uint64_t set_tid;
  uint64_t set_tid_size;
  uint64_t cgroup;
};
constexpr uint64_t kCloneArgsFirst = 64;
constexpr uint64_t kCloneIntoCgroup = 0x200000000;
constexpr uint64_t kClone3Flags = 0xffffffffull | kCloneClearSighand;
constexpr uint64_t kSignalMask = 0xff;

SyscallResult Answer(const ErrnoOr<int>& tid) {
  if (!tid.ok()) {
    return tid.error();
  }
  return uint64_t(*tid);
}

// copy_struct_from_user(): what the caller knows beyond us must be zero.
ErrnoOr<CloneArgs> ReadArgs(Task& task, uint64_t user, uint64_t size) {
  if (size > 4096) {
    return Errno::kE2BIG;
  }
  if (size < kCloneArgsFirst) {
    return Errno::kEINVAL;
  }
  CloneArgs a{};
  const size_t known = std::min<size_t>(size, sizeof a);
  if (task.user().CopyFrom(
          absl::MakeSpan(reinterpret_cast<std::byte*>(&a), known), user) != 0) {
    return Errno::kEFAULT;
  }
  for (uint64_t at = known; at < size; ++at) {
    FL_ASSIGN(const uint8_t byte, task.user().Get<uint8_t>(user + at));
    if (byte != 0) {
      return Errno::kE2BIG;
    }
  }
  return a;
}

}  // namespace

SyscallResult SysClone(Task& task, const SyscallArgs& args) {
  const bool tls_first = task.abi().clone_tls_before_child_tid();
  CloneRequest r;
  r.flags = uint32_t(args.U64(0)) & ~kSignalMask;
  r.exit_signal = int(args.U64(0) & kSignalMask);
  r.stack = args.U64(1);
  r.parent_tid = args.Ptr(2);
  r.pidfd = args.Ptr(2);
  r.tls = args.U64(tls_first ? 3 : 4);
  r.child_tid = args.Ptr(tls_first ? 4 : 3);
  if ((r.flags & kClonePidfd) != 0 && (r.flags & kCloneParentSettid) != 0) {
    return Errno::kEINVAL;  // both want the same place
  }
  return Answer(Clone(task, r));
}

SyscallResult SysClone3(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const CloneArgs a, ReadArgs(task, args.Ptr(0), args.U64(1)));
  if ((a.flags & ~kClone3Flags) != 0 || (a.flags & kCloneIntoCgroup) != 0 ||
      (a.flags & (kCloneDetached | kSignalMask) & ~uint64_t{0x80}) != 0 ||
      (a.exit_signal & ~kSignalMask) != 0 || a.exit_signal > kSigMax) {
    return Errno::kEINVAL;
  }
  if ((a.flags & (kCloneThread | kCloneParent)) != 0 && a.exit_signal != 0) {
    return Errno::kEINVAL;
  }
  if ((a.stack == 0) != (a.stack_size == 0) ||
      (a.set_tid == 0) != (a.set_tid_size == 0) || a.set_tid_size > 1) {
    return Errno::kEINVAL;  // one pid namespace, so one id at most
  }
  CloneRequest r;
  r.flags = a.flags;
  r.exit_signal = int(a.exit_signal);
  r.stack = a.stack == 0 ? 0 : a.stack + a.stack_size;
  r.tls = a.tls;
  r.parent_tid = a.parent_tid;
  r.child_tid = a.child_tid;
  r.pidfd = a.pidfd;
  if (a.set_tid_size == 1) {
    FL_ASSIGN(r.wanted_tid, task.user().Get<int32_t>(a.set_tid));
    if (r.wanted_tid <= 0) {
      return Errno::kEINVAL;
    }
  }
  return Answer(Clone(task, r));
}

SyscallResult SysFork(Task& task, const SyscallArgs&) {
  CloneRequest r;
  r.exit_signal = kSigChld;
  return Answer(Clone(task, r));
}

SyscallResult SysVfork(Task& task, const SyscallArgs&) {
  CloneRequest r;
  r.flags = kCloneVm | kCloneVfork;
  r.exit_signal = kSigChld;
  return Answer(Clone(task, r));
}

}  // namespace faultline::os
