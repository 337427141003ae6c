#ifndef FAULTLINE_PLUGIN_LINUX_IPC_POLL_TIME_H_
#define FAULTLINE_PLUGIN_LINUX_IPC_POLL_TIME_H_

// The time limits of poll, select and epoll_wait. Linux:
// poll_select_set_timeout(), poll_select_finish() in fs/select.c.

#include <cstdint>

#include "guest_mm/base/errno.h"
#include "guest_mm/sync/virtual_time.h"

namespace faultline::os {

class Task;

// Milliseconds from now; negative: Never().
mm::VirtualTime DeadlineInMs(Task& task, int ms);

// A limit in user memory that is overwritten with what is left of it.
class PollTime {
 public:
  // Address 0: none. kEFAULT, kEINVAL (negative, or too many nanoseconds).
  static ErrnoOr<PollTime> FromTimespec(Task& task, uint64_t address);
  // select's: microseconds may exceed a second. kEFAULT, kEINVAL (negative).
  static ErrnoOr<PollTime> FromTimeval(Task& task, uint64_t address);

  mm::VirtualTime deadline() const { return deadline_; }
  // What is left, unless the program has asked that its limits stay
  // (STICKY_TIMEOUTS). A bad address is ignored: the call has its answer.
  void WriteBack();

 private:
  enum class As : uint8_t { kTimespec, kTimeval };
  PollTime(Task& task, uint64_t address, As as)
      : task_(task), address_(address), as_(as) {}

  Task& task_;
  uint64_t address_;
  As as_;
  mm::VirtualTime deadline_ = mm::VirtualTime::Never();
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_IPC_POLL_TIME_H_
