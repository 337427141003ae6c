// stat, fstat, newfstatat, statx. Linux: fs/stat.c.

#include <array>

#include "plugin/linux/abi.h"
#include "plugin/linux/fs/calls.h"
#include "plugin/linux/fs/calls/at.h"

namespace faultline::os {
namespace {

SyscallResult PutStat(Task& task, const KStat& k, uint64_t user) {
  FileStat s;
  s.dev = k.dev.Encode();
  s.ino = k.ino;
  s.mode = k.mode;
  s.nlink = k.nlink;
  s.uid = k.uid;
  s.gid = k.gid;
  s.rdev = k.rdev.Encode();
  s.size = int64_t(k.size);
  s.blksize = k.blksize;
  s.blocks = k.blocks;
  s.atime_ns = uint64_t(k.atime.ns());
  s.mtime_ns = uint64_t(k.mtime.ns());
  s.ctime_ns = uint64_t(k.ctime.ns());
  std::array<std::byte, 144> bytes{};
  const size_t n = task.abi().EncodeStat(s, absl::MakeSpan(bytes));
  if (task.user().CopyTo(user, absl::MakeConstSpan(bytes).first(n)) != 0) {
    return Errno::kEFAULT;
  }
  return uint64_t{0};
}

SyscallResult StatAt(Task& task, int dirfd, uint64_t path, uint64_t out,
                     int flags) {
  constexpr int kKnown =
      kAtSymlinkNofollow | kAtNoAutomount | kAtEmptyPath | kAtStatxSync;
  if ((flags & ~kKnown) != 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const Path found, LookupAt(task, dirfd, path, flags));
  return PutStat(task, found.inode()->Stat(), out);
}

// struct statx (include/uapi/linux/stat.h), the same everywhere.
struct StatxTime {
  int64_t sec;
  uint32_t nsec;
  int32_t reserved;
};
struct Statx {
  uint32_t mask, blksize;
  uint64_t attributes;
  uint32_t nlink, uid, gid;
  uint16_t mode, spare0;
  uint64_t ino, size, blocks, attributes_mask;
  StatxTime atime, btime, ctime, mtime;
  uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
  uint64_t mnt_id;
  uint32_t dio_mem_align, dio_offset_align;
  uint64_t spare[12];
};
static_assert(sizeof(Statx) == 256);

StatxTime ToStatx(Timestamp t) { return {t.sec(), uint32_t(t.nsec()), 0}; }

Statx ToStatx(const KStat& k, int mount_id) {
  constexpr uint32_t kBasicStats = 0x7ff, kBtime = 0x800, kMountId = 0x1000;
  Statx s{};
  s.mask = kBasicStats;
  if (k.btime != Timestamp()) {
    s.mask |= kBtime;
    s.btime = ToStatx(k.btime);
  }
  if (mount_id != 0) {
    s.mask |= kMountId;
    s.mnt_id = uint64_t(mount_id);
  }
  s.blksize = k.blksize;
  s.nlink = k.nlink;
  s.uid = k.uid;
  s.gid = k.gid;
  s.mode = uint16_t(k.mode);
  s.ino = k.ino;
  s.size = k.size;
  s.blocks = k.blocks;
  s.atime = ToStatx(k.atime);
  s.ctime = ToStatx(k.ctime);
  s.mtime = ToStatx(k.mtime);
  s.rdev_major = k.rdev.major;
  s.rdev_minor = k.rdev.minor;
  s.dev_major = k.dev.major;
  s.dev_minor = k.dev.minor;
  return s;
}

}  // namespace

SyscallResult SysStat(Task& task, const SyscallArgs& args) {
  return StatAt(task, kAtFdCwd, args.Ptr(0), args.Ptr(1), 0);
}
SyscallResult SysLstat(Task& task, const SyscallArgs& args) {
  return StatAt(task, kAtFdCwd, args.Ptr(0), args.Ptr(1), kAtSymlinkNofollow);
}
SyscallResult SysFstat(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const std::shared_ptr<File> file, task.files().GetAny(args.Int(0)));
  return PutStat(task, file->Stat(), args.Ptr(1));
}
SyscallResult SysNewfstatat(Task& task, const SyscallArgs& args) {
  return StatAt(task, args.Int(0), args.Ptr(1), args.Ptr(2), args.Int(3));
}

SyscallResult SysStatx(Task& task, const SyscallArgs& args) {
  constexpr int kKnown =
      kAtSymlinkNofollow | kAtNoAutomount | kAtEmptyPath | kAtStatxSync;
  constexpr uint32_t kReserved = 0x80000000u;
  const int flags = args.Int(2);
  if ((flags & ~kKnown) != 0 || (flags & kAtStatxSync) == kAtStatxSync ||
      (args.Uint(3) & kReserved) != 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const Path found, LookupAt(task, args.Int(0), args.Ptr(1), flags));
  FL_TRY(task.user().Put(args.Ptr(4),
                         ToStatx(found.inode()->Stat(), found.mount->id)));
  return uint64_t{0};
}

}  // namespace faultline::os
