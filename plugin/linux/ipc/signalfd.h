#ifndef FAULTLINE_PLUGIN_LINUX_IPC_SIGNALFD_H_
#define FAULTLINE_PLUGIN_LINUX_IPC_SIGNALFD_H_

// SignalFd: reads signals that the reading thread blocks, instead of their
// being delivered. Linux: fs/signalfd.c. Whose signals: the caller's, whoever
// made the file.

#include <string>

#include "plugin/linux/fs/file.h"
#include "plugin/linux/signal/signal_info.h"

namespace faultline::os {

class SignalFd final : public File {
 public:
  SignalFd(SignalSet mask, uint32_t flags) : File(flags) { set_mask(mask); }

  // SIGKILL and SIGSTOP are never read.
  void set_mask(SignalSet mask) { mask_ = mask & ~kUnblockable; }

  // As many struct signalfd_siginfo (128 bytes each) as fit and are pending.
  // kEINVAL under 128 bytes, kEAGAIN, kERESTARTSYS.
  ErrnoOr<uint64_t> Read(Task& task, absl::Span<std::byte> to) override;
  PollEvents Poll() override;
  mm::WaitQueue* poll_queue() override;
  std::string LinkName() const override { return "anon_inode:[signalfd]"; }
  std::string FdInfo() const override;

 private:
  SignalSet mask_;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_IPC_SIGNALFD_H_
