#ifndef FAULTLINE_PLUGIN_LINUX_FS_CALLS_H_
#define FAULTLINE_PLUGIN_LINUX_FS_CALLS_H_

// The file system calls' handlers, by file of calls/. Each answers as its
// manual page says; syscall/list/files.cc says what is missing.

#include "plugin/linux/syscall/call.h"

namespace faultline::os {

// calls/access_calls.cc
SyscallResult SysAccess(Task& task, const SyscallArgs& args);
SyscallResult SysFaccessat(Task& task, const SyscallArgs& args);
SyscallResult SysFaccessat2(Task& task, const SyscallArgs& args);

// calls/attr_calls.cc
SyscallResult SysChmod(Task& task, const SyscallArgs& args);
SyscallResult SysFchmod(Task& task, const SyscallArgs& args);
SyscallResult SysFchmodat(Task& task, const SyscallArgs& args);
SyscallResult SysFchmodat2(Task& task, const SyscallArgs& args);
SyscallResult SysChown(Task& task, const SyscallArgs& args);
SyscallResult SysLchown(Task& task, const SyscallArgs& args);
SyscallResult SysFchown(Task& task, const SyscallArgs& args);
SyscallResult SysFchownat(Task& task, const SyscallArgs& args);

// calls/cwd_calls.cc
SyscallResult SysChdir(Task& task, const SyscallArgs& args);
SyscallResult SysFchdir(Task& task, const SyscallArgs& args);
SyscallResult SysChroot(Task& task, const SyscallArgs& args);
SyscallResult SysGetcwd(Task& task, const SyscallArgs& args);
SyscallResult SysUmask(Task& task, const SyscallArgs& args);

// calls/fd_calls.cc
SyscallResult SysDup(Task& task, const SyscallArgs& args);
SyscallResult SysDup2(Task& task, const SyscallArgs& args);
SyscallResult SysDup3(Task& task, const SyscallArgs& args);
SyscallResult SysFcntl(Task& task, const SyscallArgs& args);

// calls/getdents_calls.cc
SyscallResult SysGetdents64(Task& task, const SyscallArgs& args);
SyscallResult SysGetdents(Task& task, const SyscallArgs& args);

// calls/ioctl_calls.cc
SyscallResult SysIoctl(Task& task, const SyscallArgs& args);

// calls/lock_calls.cc
SyscallResult SysFlock(Task& task, const SyscallArgs& args);

// calls/memfd_calls.cc
SyscallResult SysMemfdCreate(Task& task, const SyscallArgs& args);

// calls/mount_calls.cc
SyscallResult SysMount(Task& task, const SyscallArgs& args);
SyscallResult SysUmount2(Task& task, const SyscallArgs& args);

// calls/name_calls.cc
SyscallResult SysMkdir(Task& task, const SyscallArgs& args);
SyscallResult SysMkdirat(Task& task, const SyscallArgs& args);
SyscallResult SysMknod(Task& task, const SyscallArgs& args);
SyscallResult SysMknodat(Task& task, const SyscallArgs& args);
SyscallResult SysRmdir(Task& task, const SyscallArgs& args);
SyscallResult SysUnlink(Task& task, const SyscallArgs& args);
SyscallResult SysUnlinkat(Task& task, const SyscallArgs& args);
SyscallResult SysRename(Task& task, const SyscallArgs& args);
SyscallResult SysRenameat(Task& task, const SyscallArgs& args);
SyscallResult SysRenameat2(Task& task, const SyscallArgs& args);
SyscallResult SysLink(Task& task, const SyscallArgs& args);
SyscallResult SysLinkat(Task& task, const SyscallArgs& args);
SyscallResult SysSymlink(Task& task, const SyscallArgs& args);
SyscallResult SysSymlinkat(Task& task, const SyscallArgs& args);
SyscallResult SysReadlink(Task& task, const SyscallArgs& args);
SyscallResult SysReadlinkat(Task& task, const SyscallArgs& args);

// calls/open_calls.cc
SyscallResult SysOpen(Task& task, const SyscallArgs& args);
SyscallResult SysOpenat(Task& task, const SyscallArgs& args);
SyscallResult SysCreat(Task& task, const SyscallArgs& args);
SyscallResult SysOpenat2(Task& task, const SyscallArgs& args);
SyscallResult SysClose(Task& task, const SyscallArgs& args);
SyscallResult SysCloseRange(Task& task, const SyscallArgs& args);

// calls/read_write.cc
SyscallResult SysRead(Task& task, const SyscallArgs& args);
SyscallResult SysWrite(Task& task, const SyscallArgs& args);
SyscallResult SysPread64(Task& task, const SyscallArgs& args);
SyscallResult SysPwrite64(Task& task, const SyscallArgs& args);
SyscallResult SysReadv(Task& task, const SyscallArgs& args);
SyscallResult SysWritev(Task& task, const SyscallArgs& args);
SyscallResult SysPreadv(Task& task, const SyscallArgs& args);
SyscallResult SysPwritev(Task& task, const SyscallArgs& args);
SyscallResult SysPreadv2(Task& task, const SyscallArgs& args);
SyscallResult SysPwritev2(Task& task, const SyscallArgs& args);
SyscallResult SysLseek(Task& task, const SyscallArgs& args);

// calls/sendfile_calls.cc
SyscallResult SysSendfile(Task& task, const SyscallArgs& args);
SyscallResult SysCopyFileRange(Task& task, const SyscallArgs& args);

// calls/size_calls.cc
SyscallResult SysTruncate(Task& task, const SyscallArgs& args);
SyscallResult SysFtruncate(Task& task, const SyscallArgs& args);
SyscallResult SysFallocate(Task& task, const SyscallArgs& args);
SyscallResult SysFadvise64(Task& task, const SyscallArgs& args);
SyscallResult SysReadahead(Task& task, const SyscallArgs& args);
SyscallResult SysFsync(Task& task, const SyscallArgs& args);
SyscallResult SysFdatasync(Task& task, const SyscallArgs& args);
SyscallResult SysSync(Task& task, const SyscallArgs& args);
SyscallResult SysSyncfs(Task& task, const SyscallArgs& args);
SyscallResult SysSyncFileRange(Task& task, const SyscallArgs& args);

// calls/splice_calls.cc
SyscallResult SysSplice(Task& task, const SyscallArgs& args);
SyscallResult SysTee(Task& task, const SyscallArgs& args);
SyscallResult SysVmsplice(Task& task, const SyscallArgs& args);

// calls/stat_calls.cc
SyscallResult SysStat(Task& task, const SyscallArgs& args);
SyscallResult SysLstat(Task& task, const SyscallArgs& args);
SyscallResult SysFstat(Task& task, const SyscallArgs& args);
SyscallResult SysNewfstatat(Task& task, const SyscallArgs& args);
SyscallResult SysStatx(Task& task, const SyscallArgs& args);

// calls/statfs_calls.cc
SyscallResult SysStatfs(Task& task, const SyscallArgs& args);
SyscallResult SysFstatfs(Task& task, const SyscallArgs& args);

// calls/utimes_calls.cc
SyscallResult SysUtimensat(Task& task, const SyscallArgs& args);
SyscallResult SysFutimesat(Task& task, const SyscallArgs& args);
SyscallResult SysUtimes(Task& task, const SyscallArgs& args);
SyscallResult SysUtime(Task& task, const SyscallArgs& args);

// calls/xattr_calls.cc
SyscallResult SysGetxattr(Task& task, const SyscallArgs& args);
SyscallResult SysLgetxattr(Task& task, const SyscallArgs& args);
SyscallResult SysFgetxattr(Task& task, const SyscallArgs& args);
SyscallResult SysRemovexattr(Task& task, const SyscallArgs& args);
SyscallResult SysLremovexattr(Task& task, const SyscallArgs& args);
SyscallResult SysFremovexattr(Task& task, const SyscallArgs& args);
SyscallResult SysSetxattr(Task& task, const SyscallArgs& args);
SyscallResult SysLsetxattr(Task& task, const SyscallArgs& args);
SyscallResult SysFsetxattr(Task& task, const SyscallArgs& args);
SyscallResult SysListxattr(Task& task, const SyscallArgs& args);
SyscallResult SysLlistxattr(Task& task, const SyscallArgs& args);
SyscallResult SysFlistxattr(Task& task, const SyscallArgs& args);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_CALLS_H_
