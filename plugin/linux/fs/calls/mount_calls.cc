// mount and umount2: file systems in memory. What else the machine has is laid
// out before it starts. Linux: fs/namespace.c path_mount(), do_umount().

#include <algorithm>
#include <memory>
#include <string>

#include "guest_mm/mm/memory_manager.h"
#include "guest_mm/phys/phys_mem.h"
#include "plugin/linux/fs/calls.h"
#include "plugin/linux/fs/calls/at.h"
#include "plugin/linux/fs/capability.h"
#include "plugin/linux/fs/hugetlbfs.h"
#include "plugin/linux/fs/tmpfs.h"
#include "plugin/linux/fs/tmpfs_options.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/kernel.h"

namespace faultline::os {
namespace {

// include/uapi/linux/mount.h.
constexpr uint64_t kMsRdonly = 1;
constexpr uint64_t kMsRemount = 32;
constexpr uint64_t kMsBind = 4096;
constexpr uint64_t kMsMove = 8192;
constexpr uint64_t kMsUnbindable = 1 << 17;
constexpr uint64_t kMsPrivate = 1 << 18;
constexpr uint64_t kMsSlave = 1 << 19;
constexpr uint64_t kMsShared = 1 << 20;
constexpr uint64_t kMsPropagation =
    kMsUnbindable | kMsPrivate | kMsSlave | kMsShared;
constexpr uint64_t kUmountKnown = 0xf;
constexpr uint64_t kUmountDetach = 2;
constexpr uint64_t kUmountNofollow = 8;

// copy_mount_string(): nothing if the pointer is null.
ErrnoOr<std::string> GetOptional(Task& task, uint64_t user) {
  return user == 0 ? std::string() : GetPath(task, user);
}

ErrnoOr<Done> MountTmpfs(Task& task, const Path& place, absl::string_view data,
                         ReadOnly read_only, const std::string& source) {
  Vfs& vfs = task.kernel().vfs();
  mm::PhysMem& phys = vfs.phys();
  FL_ASSIGN(const TmpfsOptions options,
            ParseTmpfsOptions(data, phys.total(), phys.page_shift()));
  auto fs =
      std::make_shared<Tmpfs>(vfs.NextDev(), vfs.clock(), phys, vfs.slab(),
                              std::make_shared<mm::ShmemMount>(options.mount));
  return vfs.MountOn(
      place, TmpfsDir::MakeRoot(fs, options.mode, options.uid, options.gid),
      read_only, source.empty() ? "none" : source);
}

ErrnoOr<Done> MountHugetlbfs(Task& task, const Path& place,
                             absl::string_view data, ReadOnly read_only,
                             const std::string& source) {
  Vfs& vfs = task.kernel().vfs();
  mm::Hugetlb& hugetlb = task.kernel().memory().hugetlb();
  FL_ASSIGN(const HugetlbfsOptions options,
            ParseHugetlbfsOptions(data, hugetlb));
  FL_ASSIGN(std::shared_ptr<Inode> root,
            NewHugetlbfs(vfs, hugetlb, vfs.NextDev(), options));
  return vfs.MountOn(place, std::move(root), read_only,
                     source.empty() ? "none" : source);
}

SyscallResult Answer(const ErrnoOr<Done>& done) {
  return done.ok() ? SyscallResult(uint64_t{0}) : done.error();
}

}  // namespace

SyscallResult SysMount(Task& task, const SyscallArgs& args) {
  const uint64_t flags = args.U64(3);
  FL_ASSIGN(const std::string type, GetOptional(task, args.Ptr(2)));
  FL_ASSIGN(const std::string source, GetOptional(task, args.Ptr(0)));
  FL_ASSIGN(const std::string data, GetOptional(task, args.Ptr(4)));
  FL_ASSIGN(const Path place, LookupAt(task, kAtFdCwd, args.Ptr(1), 0));
  if (!task.cred().HasCap(kCapSysAdmin)) {
    return Errno::kEPERM;
  }
  if ((flags & kMsPropagation) != 0) {
    return uint64_t{0};  // there is one namespace: nothing to propagate to
  }
  if ((flags & (kMsRemount | kMsBind | kMsMove)) != 0) {
    return Errno::kEPERM;  // docs/deviations.md
  }
  if (type.empty()) {
    return Errno::kEINVAL;
  }
  const ReadOnly read_only =
      (flags & kMsRdonly) != 0 ? ReadOnly::kYes : ReadOnly::kNo;
  if (type == "hugetlbfs") {
    return Answer(MountHugetlbfs(task, place, data, read_only, source));
  }
  if (type != "tmpfs") {
    constexpr absl::string_view kLaidOut[] = {"proc", "sysfs", "devtmpfs",
                                              "devpts", "debugfs"};
    return std::find(std::begin(kLaidOut), std::end(kLaidOut), type) ==
                   std::end(kLaidOut)
               ? Errno::kENODEV
               : Errno::kEPERM;
  }
  return Answer(MountTmpfs(task, place, data, read_only, source));
}

SyscallResult SysUmount2(Task& task, const SyscallArgs& args) {
  const uint64_t flags = args.U64(1);
  if ((flags & ~kUmountKnown) != 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(Path place,
            LookupAt(task, kAtFdCwd, args.Ptr(0),
                     (flags & kUmountNofollow) != 0 ? kAtSymlinkNofollow : 0));
  if (!task.cred().HasCap(kCapSysAdmin)) {
    return Errno::kEPERM;
  }
  return Answer(task.kernel().vfs().Unmount(
      std::move(place),
      (flags & kUmountDetach) != 0 ? IfBusy::kDetach : IfBusy::kRefuse));
}

}  // namespace faultline::os
