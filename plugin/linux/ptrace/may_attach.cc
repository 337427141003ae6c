// Who may trace whom. Linux: kernel/ptrace.c __ptrace_may_access(),
// security/commoncap.c cap_ptrace_access_check(), cap_ptrace_traceme().

#include "plugin/linux/fs/capability.h"
#include "plugin/linux/ptrace/ptrace.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

bool HasAllCaps(const Credentials& a, const Credentials& of) {
  return (of.cap_permitted & ~a.cap_permitted) == 0;
}

}  // namespace

bool PtraceMayAttach(const Task& task, const Task& other) {
  if (&task.process() == &other.process()) {
    return true;
  }
  const Credentials& a = task.cred();
  const Credentials& b = other.cred();
  if (a.HasCap(kCapSysPtrace)) {
    return true;
  }
  const bool same = a.uid == b.uid && a.uid == b.euid && a.uid == b.suid &&
                    a.gid == b.gid && a.gid == b.egid && a.gid == b.sgid;
  constexpr int kDumpUser = 1;  // SUID_DUMP_USER
  return same && other.process().dumpable == kDumpUser && HasAllCaps(a, b);
}

bool PtraceMayBeTraced(const Task& task, const Task& parent) {
  return HasAllCaps(parent.cred(), task.cred()) ||
         parent.cred().HasCap(kCapSysPtrace);
}

}  // namespace faultline::os
