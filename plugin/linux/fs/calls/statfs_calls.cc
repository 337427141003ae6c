// statfs, fstatfs. Linux: fs/statfs.c.

#include "plugin/linux/fs/calls.h"
#include "plugin/linux/fs/calls/at.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/kernel.h"

namespace faultline::os {
namespace {

// struct statfs (include/uapi/asm-generic/statfs.h), as both 64-bit
// architectures have it.
struct UserStatfs {
  int64_t type, bsize;
  uint64_t blocks, bfree, bavail, files, ffree;
  int32_t fsid[2];
  int64_t namelen, frsize, flags, spare[4];
};
static_assert(sizeof(UserStatfs) == 120);

SyscallResult PutStatfs(Task& task, const Path& path, uint64_t user) {
  constexpr uint64_t kStRdonly = 1, kStValid = 0x20, kStRelatime = 0x1000;
  const FileSystem& fs = path.inode()->fs();
  const KStatfs k = fs.Statfs();
  UserStatfs s{};
  s.type = int64_t(k.magic);
  s.bsize = s.frsize = int64_t(k.block_size);
  s.blocks = k.blocks;
  s.bfree = k.blocks_free;
  s.bavail = k.blocks_available;
  s.files = k.files;
  s.ffree = k.files_free;
  s.fsid[0] = int32_t(fs.dev().Encode());
  s.namelen = int64_t(k.name_max);
  s.flags = int64_t(k.flags | kStValid | kStRelatime |
                    (path.mount->read_only == ReadOnly::kYes ? kStRdonly : 0));
  FL_TRY(task.user().Put(user, s));
  return uint64_t{0};
}

}  // namespace

SyscallResult SysStatfs(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const Path path, LookupAt(task, kAtFdCwd, args.Ptr(0), 0));
  return PutStatfs(task, path, args.Ptr(1));
}

SyscallResult SysFstatfs(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const std::shared_ptr<File> file, task.files().GetAny(args.Int(0)));
  return PutStatfs(task, task.kernel().vfs().PathOfFile(file), args.Ptr(1));
}

}  // namespace faultline::os
