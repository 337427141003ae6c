#ifndef FAULTLINE_PLUGIN_LINUX_TASK_PIDFD_H_
#define FAULTLINE_PLUGIN_LINUX_TASK_PIDFD_H_

// Descriptors that stand for a process. Linux: kernel/pid.c, fs/pidfs.c.

#include <memory>

#include "plugin/linux/fs/file.h"
#include "plugin/linux/syscall/call.h"

namespace faultline::os {

class Process;
class Task;

class PidfdFile : public File {
 public:
  PidfdFile(std::shared_ptr<Process> process, uint32_t flags);
  Process& process() { return *process_; }
  // Readable once the process is a zombie.
  PollEvents Poll() override;
  mm::WaitQueue* poll_queue() override;
  std::string LinkName() const override { return "anon_inode:[pidfd]"; }
  std::string FdInfo() const override;

 private:
  std::shared_ptr<Process> process_;
};

// A new close-on-exec descriptor in `task`; `flags`: O_NONBLOCK or 0. kEMFILE.
ErrnoOr<int> OpenPidfd(Task& task, std::shared_ptr<Process> process,
                       uint32_t flags);
// The process behind a descriptor. kEBADF if it is none or another kind.
ErrnoOr<std::shared_ptr<PidfdFile>> GetPidfd(Task& task, int fd);

SyscallResult SysPidfdOpen(Task& task, const SyscallArgs& args);
SyscallResult SysPidfdGetfd(Task& task, const SyscallArgs& args);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TASK_PIDFD_H_
