// Extended attributes: no file here has any. Linux: fs/xattr.c.

#include "plugin/linux/fs/calls.h"
#include "plugin/linux/fs/calls/at.h"

namespace faultline::os {
namespace {

constexpr size_t kXattrNameMax = 255;

// The place of each form's first argument.
ErrnoOr<Done> FindPath(Task& task, uint64_t path, int at_flags) {
  FL_TRY(LookupAt(task, kAtFdCwd, path, at_flags));
  return kDone;
}
ErrnoOr<Done> FindFd(Task& task, int fd) {
  FL_TRY(task.files().Get(fd));
  return kDone;
}

ErrnoOr<Done> CheckName(Task& task, uint64_t user) {
  const ErrnoOr<std::string> name =
      task.user().GetString(user, kXattrNameMax + 1);
  if (!name.ok()) {
    return name.error() == Errno::kENAMETOOLONG ? Errno::kERANGE : name.error();
  }
  return name->empty() ? Errno::kERANGE : ErrnoOr<Done>(kDone);
}

// Get and remove: there is no such attribute.
SyscallResult NoData(Task& task, const ErrnoOr<Done>& found, uint64_t name) {
  FL_TRY(CheckName(task, name));
  FL_TRY(found);
  return Errno::kENODATA;
}
SyscallResult NotSupported(Task& task, const ErrnoOr<Done>& found,
                           uint64_t name) {
  FL_TRY(CheckName(task, name));
  FL_TRY(found);
  return Errno::kEOPNOTSUPP;
}
SyscallResult EmptyList(const ErrnoOr<Done>& found) {
  FL_TRY(found);
  return uint64_t{0};
}

}  // namespace

SyscallResult SysGetxattr(Task& task, const SyscallArgs& args) {
  return NoData(task, FindPath(task, args.Ptr(0), 0), args.Ptr(1));
}
SyscallResult SysLgetxattr(Task& task, const SyscallArgs& args) {
  return NoData(task, FindPath(task, args.Ptr(0), kAtSymlinkNofollow),
                args.Ptr(1));
}
SyscallResult SysFgetxattr(Task& task, const SyscallArgs& args) {
  return NoData(task, FindFd(task, args.Int(0)), args.Ptr(1));
}
SyscallResult SysRemovexattr(Task& task, const SyscallArgs& args) {
  return NoData(task, FindPath(task, args.Ptr(0), 0), args.Ptr(1));
}
SyscallResult SysLremovexattr(Task& task, const SyscallArgs& args) {
  return NoData(task, FindPath(task, args.Ptr(0), kAtSymlinkNofollow),
                args.Ptr(1));
}
SyscallResult SysFremovexattr(Task& task, const SyscallArgs& args) {
  return NoData(task, FindFd(task, args.Int(0)), args.Ptr(1));
}
SyscallResult SysSetxattr(Task& task, const SyscallArgs& args) {
  return NotSupported(task, FindPath(task, args.Ptr(0), 0), args.Ptr(1));
}
SyscallResult SysLsetxattr(Task& task, const SyscallArgs& args) {
  return NotSupported(task, FindPath(task, args.Ptr(0), kAtSymlinkNofollow),
                      args.Ptr(1));
}
SyscallResult SysFsetxattr(Task& task, const SyscallArgs& args) {
  return NotSupported(task, FindFd(task, args.Int(0)), args.Ptr(1));
}
SyscallResult SysListxattr(Task& task, const SyscallArgs& args) {
  return EmptyList(FindPath(task, args.Ptr(0), 0));
}
SyscallResult SysLlistxattr(Task& task, const SyscallArgs& args) {
  return EmptyList(FindPath(task, args.Ptr(0), kAtSymlinkNofollow));
}
SyscallResult SysFlistxattr(Task& task, const SyscallArgs& args) {
  return EmptyList(FindFd(task, args.Int(0)));
}

}  // namespace faultline::os
