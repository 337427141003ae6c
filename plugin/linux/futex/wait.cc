// Waiting on one futex. Linux: kernel/futex/waitwake.c futex_wait().

#include "plugin/linux/futex/futex_ops.h"
#include "plugin/linux/futex/futex_table.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {

SyscallResult FutexWait(Task& task, uint64_t uaddr, FutexScope scope,
                        uint32_t expected, uint32_t bitset, Deadline deadline) {
  if (bitset == 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const FutexKey key, GetFutexKey(task, uaddr, scope));
  FutexSleep sleep;
  FutexPlace place(sleep, 0, bitset);
  task.kernel().futexes().Add(place, key);
  mm::Scheduler& scheduler = task.kernel().scheduler();
  scheduler.Point(kFutexQueued);
  const ErrnoOr<uint32_t> word = task.user().Get<uint32_t>(uaddr);
  if (sleep.woken_by < 0) {
    if (!word.ok()) {
      return word.error();
    }
    if (*word != expected) {
      return Errno::kEAGAIN;
    }
  }
  while (sleep.woken_by < 0) {
    const mm::WaitResult result =
        scheduler.Wait(sleep.queue, mm::Interruptible::kYes,
                       deadline.value_or(mm::VirtualTime::Never()));
    if (sleep.woken_by >= 0) {
      break;  // whatever else happened at the same time
    }
    if (result == mm::WaitResult::kTimedOut) {
      return Errno::kETIMEDOUT;
    }
    if (result == mm::WaitResult::kInterrupted) {
      if (!deadline) {
        return Errno::kERESTARTSYS;
      }
      return task.SetRestart([=](Task& again) {
        return FutexWait(again, uaddr, scope, expected, bitset, deadline);
      });
    }
  }
  return 0;
}

}  // namespace faultline::os
