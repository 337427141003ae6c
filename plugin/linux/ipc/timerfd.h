#ifndef FAULTLINE_PLUGIN_LINUX_IPC_TIMERFD_H_
#define FAULTLINE_PLUGIN_LINUX_IPC_TIMERFD_H_

// TimerFd: a timer whose expiries are counted until they are read. Linux:
// fs/timerfd.c. A periodic timer is not armed again before somebody looks: the
// expiries in between are reckoned then, so an unread timer costs nothing.

#include <cstdint>
#include <string>

#include "guest_mm/sync/scheduler.h"
#include "plugin/linux/fs/file.h"

namespace faultline::os {

class TimerFd final : public File {
 public:
  // `scheduler` outlives it.
  TimerFd(mm::Scheduler& scheduler, int clock, uint32_t flags)
      : File(flags), scheduler_(scheduler), clock_(clock) {}
  ~TimerFd() override;

  int clock() const { return clock_; }

  // First expiry at `at` (Never(): disarms), then every `interval_ns` (0:
  // once). Expiries not yet read are forgotten.
  void Set(mm::VirtualTime at, uint64_t interval_ns);
  // What is left until the next expiry (0: disarmed), and the interval.
  struct Setting {
    uint64_t value_ns = 0;
    uint64_t interval_ns = 0;
  };
  Setting Get();

  // The number of expiries since the last read, as 8 bytes. kEINVAL for fewer,
  // kEAGAIN, kERESTARTSYS.
  ErrnoOr<uint64_t> Read(Task& task, absl::Span<std::byte> to) override;
  PollEvents Poll() override { return ticks_ > 0 ? kPollIn : 0; }
  mm::WaitQueue* poll_queue() override { return &queue_; }
  std::string LinkName() const override { return "anon_inode:[timerfd]"; }
  std::string FdInfo() const override;

 private:
  void Arm();
  void Fire();
  // Counts the expiries since the one that fired, and arms for the next.
  void CatchUp();

  mm::Scheduler& scheduler_;
  int clock_;
  mm::VirtualTime expires_ = mm::VirtualTime::Never();
  uint64_t interval_ns_ = 0;
  uint64_t ticks_ = 0;
  bool expired_ = false;  // and not armed again since
  mm::Scheduler::TimerId timer_ = 0;
  mm::WaitQueue queue_{"timerfd"};
  mm::WaitQueue read_wait_{"timerfd_read"};
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_IPC_TIMERFD_H_
