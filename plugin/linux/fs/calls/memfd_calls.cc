// memfd_create. Linux: mm/memfd.c.

#include "absl/strings/str_cat.h"
#include "guest_mm/mm/memory_manager.h"
#include "plugin/linux/fs/calls.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/fs/hugetlbfs.h"
#include "plugin/linux/fs/regular_file.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

enum MemfdFlag : uint32_t {
  kMfdCloexec = 1,
  kMfdAllowSealing = 2,
  kMfdHugetlb = 4,
  kMfdNoexecSeal = 8,
  kMfdExec = 16,
};
constexpr int kMfdHugeShift = 26;
constexpr uint32_t kMfdHugeSizes = 0x3fu << kMfdHugeShift;
constexpr size_t kNameMaxBytes = 249;  // NAME_MAX less "memfd:"

// memfd_create()'s part for either kind of inode.
template <typename MemoryInode>
ErrnoOr<Done> SetUp(Task& task, uint32_t flags, MemoryInode& inode) {
  AttrChange owner;
  owner.uid = task.cred().fsuid;
  owner.gid = task.cred().fsgid;
  if ((flags & kMfdNoexecSeal) != 0) {
    owner.mode = 0666;
  }
  FL_TRY(inode.SetAttr(owner));
  if ((flags & kMfdNoexecSeal) != 0) {
    inode.set_seals(kSealExec);  // and sealing is allowed
  } else if ((flags & kMfdAllowSealing) != 0) {
    inode.set_seals(0);
  }
  return kDone;
}

ErrnoOr<std::shared_ptr<File>> NewFile(Task& task, uint32_t flags,
                                       absl::string_view name) {
  Vfs& vfs = task.kernel().vfs();
  if ((flags & kMfdHugetlb) == 0) {
    std::shared_ptr<File> file = vfs.NewShmemFile(name, 0, kO_RDWR);
    FL_TRY(SetUp(task, flags, static_cast<RegularInode&>(*file->inode())));
    return file;
  }
  mm::Hugetlb& hugetlb = task.kernel().memory().hugetlb();
  mm::HugePagePool* const pool =
      hugetlb.PoolOf((flags & kMfdHugeSizes) >> kMfdHugeShift);
  if (pool == nullptr) {
    return Errno::kENODEV;
  }
  std::shared_ptr<File> file =
      vfs.NewHugetlbFile(hugetlb, *pool, name, kO_RDWR);
  FL_TRY(SetUp(task, flags, static_cast<HugetlbfsInode&>(*file->inode())));
  return file;
}

// check_sysctl_memfd_noexec(): what is not said is as vm.memfd_noexec has it;
// with 2 only what cannot be executed is to be had. kEACCES.
ErrnoOr<uint32_t> WithExecPolicy(Task& task, uint32_t flags) {
  const int policy = task.kernel().memory().sysctl().memfd_noexec;
  if ((flags & (kMfdExec | kMfdNoexecSeal)) == 0) {
    flags |= policy >= 1 ? kMfdNoexecSeal : kMfdExec;
  }
  if ((flags & kMfdNoexecSeal) == 0 && policy >= 2) {
    return Errno::kEACCES;
  }
  return flags;
}

}  // namespace

SyscallResult SysMemfdCreate(Task& task, const SyscallArgs& args) {
  uint32_t flags = args.Uint(1);
  uint32_t known = kMfdCloexec | kMfdAllowSealing | kMfdNoexecSeal | kMfdExec;
  if ((flags & kMfdHugetlb) != 0) {
    known |= kMfdHugetlb | kMfdHugeSizes;
  }
  if ((flags & ~known) != 0 ||
      (flags & (kMfdNoexecSeal | kMfdExec)) == (kMfdNoexecSeal | kMfdExec)) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(flags, WithExecPolicy(task, flags));
  ErrnoOr<std::string> name =
      task.user().GetString(args.Ptr(0), kNameMaxBytes + 1);
  if (!name.ok()) {
    return name.error() == Errno::kENAMETOOLONG ? Errno::kEINVAL : name.error();
  }
  FL_ASSIGN(std::shared_ptr<File> file,
            NewFile(task, flags, absl::StrCat("memfd:", *name)));
  FL_ASSIGN(const int fd, InstallFd(task, std::move(file),
                                    CloseOnExecIf((flags & kMfdCloexec) != 0)));
  return uint64_t(fd);
}

}  // namespace faultline::os
