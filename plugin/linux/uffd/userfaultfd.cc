#include "plugin/linux/uffd/userfaultfd.h"

#include <memory>
#include <utility>

#include "plugin/linux/fs/capability.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/fs/path_file.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/task.h"
#include "plugin/linux/uffd/uffd_file.h"

namespace faultline::os {
namespace {

// new_userfaultfd().
SyscallResult NewUserfaultfd(Task& task, uint32_t flags) {
  if ((flags & ~(kO_CLOEXEC | kO_NONBLOCK | kUffdUserModeOnly)) != 0) {
    return Errno::kEINVAL;
  }
  using UserModeOnly = mm::UffdContext::UserModeOnly;
  FL_ASSIGN(auto ctx,
            mm::UffdContext::Create(task.mm(), (flags & kUffdUserModeOnly) != 0
                                                   ? UserModeOnly::kYes
                                                   : UserModeOnly::kNo));
  FL_ASSIGN(const int fd,
            InstallFd(task, std::make_shared<UffdFile>(std::move(ctx), flags),
                      CloseOnExecIf((flags & kO_CLOEXEC) != 0)));
  return uint64_t(fd);
}

class UserfaultfdDevice final : public PathFile {
 public:
  using PathFile::PathFile;
  ErrnoOr<uint64_t> Ioctl(Task& task, uint32_t request, uint64_t arg) override {
    if (request != kUserfaultfdIocNew) {
      return Errno::kEINVAL;
    }
    return NewUserfaultfd(task, uint32_t(arg));
  }
  ErrnoOr<uint64_t> Seek(int64_t, int) override { return uint64_t{0}; }
};

// The numbers of misc devices without one of their own count down from here.
constexpr DevId kDevice{10, 126};

}  // namespace

SyscallResult SysUserfaultfd(Task& task, const SyscallArgs& args) {
  const uint32_t flags = args.Uint(0);
  if ((flags & kUffdUserModeOnly) == 0 && !task.cred().HasCap(kCapSysPtrace) &&
      !task.kernel().memory().uffd().unprivileged) {
    return Errno::kEPERM;
  }
  return NewUserfaultfd(task, flags);
}

void AddUserfaultfdDevice(Vfs& vfs) {
  vfs.AddDevice(
      "userfaultfd", kDevice,
      [](const Caller&, const Path& path,
         uint32_t flags) -> ErrnoOr<std::shared_ptr<File>> {
        return std::shared_ptr<File>(
            std::make_shared<UserfaultfdDevice>(path, flags));
      },
      0600);
}

}  // namespace faultline::os
