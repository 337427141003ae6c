#include "plugin/linux/task/pidfd.h"

#include "absl/strings/str_format.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {

PidfdFile::PidfdFile(std::shared_ptr<Process> process, uint32_t flags)
    : File(flags), process_(std::move(process)) {}

PollEvents PidfdFile::Poll() {
  return process_->state == Process::State::kRunning ? 0
                                                     : kPollIn | kPollRdNorm;
}

mm::WaitQueue* PidfdFile::poll_queue() { return &process_->exited; }

std::string PidfdFile::FdInfo() const {
  const int pid =
      process_->state == Process::State::kReaped ? -1 : process_->pid();
  return absl::StrFormat("Pid:\t%d\nNSpid:\t%d\n", pid, pid);
}

ErrnoOr<int> OpenPidfd(Task& task, std::shared_ptr<Process> process,
                       uint32_t flags) {
  return InstallFd(
      task, std::make_shared<PidfdFile>(std::move(process), kO_RDWR | flags),
      CloseOnExec::kYes);
}

ErrnoOr<std::shared_ptr<PidfdFile>> GetPidfd(Task& task, int fd) {
  FL_ASSIGN(std::shared_ptr<File> file, task.files().Get(fd));
  auto pidfd = std::dynamic_pointer_cast<PidfdFile>(file);
  if (pidfd == nullptr) {
    return Errno::kEBADF;
  }
  return pidfd;
}

SyscallResult SysPidfdOpen(Task& task, const SyscallArgs& args) {
  const int pid = args.Int(0);
  if ((args.Uint(1) & ~kO_NONBLOCK) != 0 || pid <= 0) {
    return Errno::kEINVAL;
  }
  auto process = task.kernel().processes().FindProcess(pid);
  if (process == nullptr) {
    return task.kernel().processes().FindTask(pid) != nullptr ? Errno::kENOENT
                                                              : Errno::kESRCH;
  }
  FL_ASSIGN(const int fd, OpenPidfd(task, process, args.Uint(1)));
  return uint64_t(fd);
}

SyscallResult SysPidfdGetfd(Task& task, const SyscallArgs& args) {
  if (args.Uint(2) != 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const auto pidfd, GetPidfd(task, args.Int(0)));
  if (pidfd->process().threads.empty()) {
    return Errno::kESRCH;
  }
  Task& other = *pidfd->process().threads.front();
  if (other.exited()) {
    return Errno::kESRCH;
  }
  FL_ASSIGN(std::shared_ptr<File> file, other.files().GetAny(args.Int(1)));
  FL_ASSIGN(const int fd, InstallFd(task, file, CloseOnExec::kYes));
  return uint64_t(fd);
}

}  // namespace faultline::os
