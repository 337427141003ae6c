#ifndef FAULTLINE_PLUGIN_LINUX_FS_CALLS_LOCK_CALLS_H_
#define FAULTLINE_PLUGIN_LINUX_FS_CALLS_LOCK_CALLS_H_

// fcntl(2)'s record locks. Linux: fs/locks.c fcntl_getlk(), fcntl_setlk().

#include "plugin/linux/fs/file.h"
#include "plugin/linux/syscall/call.h"

namespace faultline::os {

// Whose a lock is: the descriptor table's (POSIX) or the open file's (OFD).
enum class LockOwner : uint8_t { kTable, kFile };
enum class LockWait : uint8_t { kNo, kYes };

// `user` is a struct flock. kEINVAL, kEFAULT.
SyscallResult FcntlGetLock(Task& task, File& file, uint64_t user,
                           LockOwner whose);
// kEBADF if not opened for it, kEAGAIN if taken; waiting ends with
// kERESTARTSYS at a signal.
SyscallResult FcntlSetLock(Task& task, File& file, uint64_t user,
                           LockOwner whose, LockWait wait);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_CALLS_LOCK_CALLS_H_
