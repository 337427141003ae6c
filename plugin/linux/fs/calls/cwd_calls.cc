// chdir, fchdir, getcwd, chroot, umask. Linux: fs/open.c, fs/d_path.c.

#include "plugin/linux/fs/calls.h"
#include "plugin/linux/fs/calls/at.h"
#include "plugin/linux/fs/capability.h"

namespace faultline::os {

SyscallResult SysChdir(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const Path to, LookupAt(task, kAtFdCwd, args.Ptr(0), 0));
  if (!to.inode()->is_dir()) {
    return Errno::kENOTDIR;
  }
  FL_TRY(to.inode()->Permission(CallerOf(task), kMayExec));
  task.fs().set_cwd(to);
  return uint64_t{0};
}

SyscallResult SysFchdir(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const std::shared_ptr<File> file, task.files().GetAny(args.Int(0)));
  if (file->path() == nullptr || !file->path()->inode()->is_dir()) {
    return Errno::kENOTDIR;
  }
  FL_TRY(file->path()->inode()->Permission(CallerOf(task), kMayExec));
  task.fs().set_cwd(*file->path());
  return uint64_t{0};
}

SyscallResult SysChroot(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const Path to, LookupAt(task, kAtFdCwd, args.Ptr(0), 0));
  if (!to.inode()->is_dir()) {
    return Errno::kENOTDIR;
  }
  FL_TRY(to.inode()->Permission(CallerOf(task), kMayExec));
  if (!task.cred().HasCap(kCapSysChroot)) {
    return Errno::kEPERM;
  }
  task.fs().set_root(to);
  return uint64_t{0};
}

SyscallResult SysGetcwd(Task& task, const SyscallArgs& args) {
  if (task.fs().cwd().dentry->deleted()) {
    return Errno::kENOENT;
  }
  const std::string path = DPath(task.fs().cwd(), task.fs().root());
  const size_t bytes = path.size() + 1;  // the NUL is part of the answer
  if (bytes > kPathMax) {
    return Errno::kENAMETOOLONG;
  }
  if (bytes > args.U64(1)) {
    return Errno::kERANGE;
  }
  const auto* data = reinterpret_cast<const std::byte*>(path.c_str());
  if (task.user().CopyTo(args.Ptr(0), absl::MakeConstSpan(data, bytes)) != 0) {
    return Errno::kEFAULT;
  }
  return uint64_t{bytes};
}

SyscallResult SysUmask(Task& task, const SyscallArgs& args) {
  const uint64_t old = task.fs().umask();
  task.fs().set_umask(args.Uint(0));
  return old;
}

}  // namespace faultline::os
