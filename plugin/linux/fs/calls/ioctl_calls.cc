// ioctl: what every descriptor knows; the rest is the file's. Linux:
// fs/ioctl.c do_vfs_ioctl().

#include "plugin/linux/fs/calls.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/fs/inode.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

enum Request : uint32_t {
  kFigetbsz = 2,
  kFionbio = 0x5421,
  kFionclex = 0x5450,
  kFioclex = 0x5451,
  kFioasync = 0x5452,
  kFioqsize = 0x5460,
};

SyscallResult SetFlagFromInt(Task& task, File& file, uint64_t user,
                             uint32_t flag) {
  FL_ASSIGN(const int32_t on, task.user().Get<int32_t>(user));
  file.set_flags(on != 0 ? file.flags() | flag : file.flags() & ~flag);
  return uint64_t{0};
}

}  // namespace

SyscallResult SysIoctl(Task& task, const SyscallArgs& args) {
  const int fd = args.Int(0);
  const uint64_t arg = args.U64(2);
  FL_ASSIGN(const std::shared_ptr<File> file, task.files().Get(fd));
  switch (args.Uint(1)) {
    case kFioclex:
    case kFionclex:
      FL_TRY(task.files().set_close_on_exec(
          fd, CloseOnExecIf(args.Uint(1) == kFioclex)));
      return uint64_t{0};
    case kFionbio:
      return SetFlagFromInt(task, *file, arg, kO_NONBLOCK);
    case kFioasync:
      return Errno::kENOTTY;  // nothing here sends SIGIO
    case kFioqsize: {
      const std::shared_ptr<Inode> inode = file->inode();
      if (inode == nullptr ||
          !(inode->is_regular() || inode->is_dir() || inode->is_symlink())) {
        return Errno::kENOTTY;
      }
      // inode_get_bytes(): what it takes, not its length.
      FL_TRY(task.user().Put(arg, int64_t(inode->Stat().blocks) * 512));
      return uint64_t{0};
    }
    case kFigetbsz:
      FL_TRY(task.user().Put(arg, int32_t(file->Stat().blksize)));
      return uint64_t{0};
    default:
      return file->Ioctl(task, args.Uint(1), arg);
  }
}

}  // namespace faultline::os
