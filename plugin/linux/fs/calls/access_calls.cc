// access, faccessat, faccessat2. Linux: fs/open.c do_faccessat().

#include "plugin/linux/fs/calls.h"
#include "plugin/linux/fs/calls/at.h"

namespace faultline::os {
namespace {

// access(2) asks for the real ids, not the effective ones.
Credentials AsReal(const Credentials& cred) {
  Credentials real = cred;
  real.fsuid = cred.uid;
  real.fsgid = cred.gid;
  real.cap_effective = cred.uid == 0 ? cred.cap_permitted : 0;
  return real;
}

SyscallResult Access(Task& task, int dirfd, uint64_t user_path, int mode,
                     int flags) {
  if ((mode & ~7) != 0 ||
      (flags & ~(kAtEaccess | kAtSymlinkNofollow | kAtEmptyPath)) != 0) {
    return Errno::kEINVAL;
  }
  const Credentials cred =
      (flags & kAtEaccess) != 0 ? task.cred() : AsReal(task.cred());
  const Caller caller{cred, task.fs(), &task};
  FL_ASSIGN(const std::string path, GetPath(task, user_path));
  Path found;
  if (path.empty()) {
    FL_ASSIGN(found, LookupAt(task, dirfd, user_path, flags));
  } else {
    FL_ASSIGN(const Path start, StartOf(task, dirfd, path));
    const Follow follow =
        (flags & kAtSymlinkNofollow) != 0 ? Follow::kNo : Follow::kYes;
    FL_ASSIGN(found, LookupPath(caller, start, path, {follow, 0}));
  }
  if (mode != 0) {
    FL_TRY(PathPermission(caller, found, unsigned(mode)));
  }
  return uint64_t{0};
}

}  // namespace

SyscallResult SysAccess(Task& task, const SyscallArgs& args) {
  return Access(task, kAtFdCwd, args.Ptr(0), args.Int(1), 0);
}
SyscallResult SysFaccessat(Task& task, const SyscallArgs& args) {
  return Access(task, args.Int(0), args.Ptr(1), args.Int(2), 0);
}
SyscallResult SysFaccessat2(Task& task, const SyscallArgs& args) {
  return Access(task, args.Int(0), args.Ptr(1), args.Int(2), args.Int(3));
}

}  // namespace faultline::os
