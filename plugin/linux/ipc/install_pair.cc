#include "plugin/linux/ipc/install_pair.h"

#include <array>
#include <utility>

#include "plugin/linux/task/task.h"

namespace faultline::os {

ErrnoOr<Done> InstallPair(Task& task, std::shared_ptr<File> first,
                          std::shared_ptr<File> second, CloseOnExec cloexec,
                          uint64_t uaddr) {
  FL_ASSIGN(const int fd0, InstallFd(task, std::move(first), cloexec));
  const ErrnoOr<int> fd1 = InstallFd(task, std::move(second), cloexec);
  if (!fd1.ok()) {
    (void)task.files().Close(fd0).ok();
    return fd1.error();
  }
  const std::array<int32_t, 2> fds = {fd0, *fd1};
  const ErrnoOr<Done> put = task.user().Put(uaddr, fds);
  if (!put.ok()) {
    (void)task.files().Close(fd0).ok();
    (void)task.files().Close(*fd1).ok();
  }
  return put;
}

}  // namespace faultline::os
