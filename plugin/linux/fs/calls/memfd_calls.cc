// memfd_create. Linux: mm/memfd.c.

#include "absl/strings/str_cat.h"
#include "plugin/linux/fs/calls.h"
#include "plugin/linux/fs/fd_table.h"
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
constexpr size_t kNameMaxBytes = 249;  // NAME_MAX less "memfd:"

}  // namespace

SyscallResult SysMemfdCreate(Task& task, const SyscallArgs& args) {
  const uint32_t flags = args.Uint(1);
  constexpr uint32_t kKnown =
      kMfdCloexec | kMfdAllowSealing | kMfdNoexecSeal | kMfdExec;
  if ((flags & ~kKnown) != 0 ||
      (flags & (kMfdNoexecSeal | kMfdExec)) == (kMfdNoexecSeal | kMfdExec)) {
    return Errno::kEINVAL;
  }
  ErrnoOr<std::string> name =
      task.user().GetString(args.Ptr(0), kNameMaxBytes + 1);
  if (!name.ok()) {
    return name.error() == Errno::kENAMETOOLONG ? Errno::kEINVAL : name.error();
  }
  std::shared_ptr<File> file = task.kernel().vfs().NewShmemFile(
      absl::StrCat("memfd:", *name), 0, kO_RDWR);
  auto& inode = static_cast<RegularInode&>(*file->inode());
  AttrChange owner;
  owner.uid = task.cred().fsuid;
  owner.gid = task.cred().fsgid;
  if ((flags & kMfdNoexecSeal) != 0) {
    owner.mode = 0666;
    inode.set_seals(kSealExec);  // and sealing is allowed
  } else if ((flags & kMfdAllowSealing) != 0) {
    inode.set_seals(0);
  }
  FL_TRY(inode.SetAttr(owner));
  FL_ASSIGN(const int fd, InstallFd(task, std::move(file),
                                    CloseOnExecIf((flags & kMfdCloexec) != 0)));
  return uint64_t(fd);
}

}  // namespace faultline::os
