#ifndef FAULTLINE_PLUGIN_LINUX_IPC_INSTALL_PAIR_H_
#define FAULTLINE_PLUGIN_LINUX_IPC_INSTALL_PAIR_H_

// What pipe2() and socketpair() end with: two descriptors, written to user
// memory as int[2] at `uaddr`. kEMFILE, kEFAULT: neither is open then.

#include <cstdint>
#include <memory>

#include "guest_mm/base/errno.h"
#include "plugin/linux/fs/fd_table.h"

namespace faultline::os {

class Task;

ErrnoOr<Done> InstallPair(Task& task, std::shared_ptr<File> first,
                          std::shared_ptr<File> second, CloseOnExec cloexec,
                          uint64_t uaddr);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_IPC_INSTALL_PAIR_H_
