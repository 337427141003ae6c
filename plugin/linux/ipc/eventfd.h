#ifndef FAULTLINE_PLUGIN_LINUX_IPC_EVENTFD_H_
#define FAULTLINE_PLUGIN_LINUX_IPC_EVENTFD_H_

// EventFd: a 64-bit counter that can be waited for. Linux: fs/eventfd.c.

#include <cstdint>
#include <string>

#include "plugin/linux/fs/file.h"

namespace faultline::os {

class EventFd final : public File {
 public:
  enum class Semaphore : bool { kNo, kYes };  // a read takes 1, or all
  // The largest value; one more is an overflow, which write refuses.
  static constexpr uint64_t kMax = ~uint64_t{0} - 1;

  EventFd(uint64_t count, Semaphore semaphore, uint32_t flags)
      : File(flags), count_(count), semaphore_(semaphore) {}

  // kEINVAL under 8 bytes (and for a write of 2^64-1), kEAGAIN, kERESTARTSYS.
  ErrnoOr<uint64_t> Read(Task& task, absl::Span<std::byte> to) override;
  ErrnoOr<uint64_t> Write(Task& task,
                          absl::Span<const std::byte> from) override;
  PollEvents Poll() override;
  mm::WaitQueue* poll_queue() override { return &queue_; }
  std::string LinkName() const override { return "anon_inode:[eventfd]"; }
  std::string FdInfo() const override;

  uint64_t count() const { return count_; }

 private:
  uint64_t count_;
  Semaphore semaphore_;
  mm::WaitQueue queue_{"eventfd"};
  mm::WaitQueue read_wait_{"eventfd_read"};
  mm::WaitQueue write_wait_{"eventfd_write"};
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_IPC_EVENTFD_H_
