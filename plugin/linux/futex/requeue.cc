// Moving sleepers from one futex to another. Linux: kernel/futex/requeue.c.

#include "plugin/linux/futex/futex_ops.h"
#include "plugin/linux/futex/futex_table.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {

SyscallResult FutexRequeue(Task& task, uint64_t from, FutexScope from_scope,
                           uint64_t to, FutexScope to_scope, int wake,
                           int requeue, std::optional<uint32_t> expected) {
  if (wake < 0 || requeue < 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const FutexKey from_key, GetFutexKey(task, from, from_scope));
  FL_ASSIGN(const FutexKey to_key, GetFutexKey(task, to, to_scope));
  if (expected) {
    FL_ASSIGN(const uint32_t word, task.user().Get<uint32_t>(from));
    if (word != *expected) {
      return Errno::kEAGAIN;
    }
  }
  FL_ASSIGN(const int count,
            task.kernel().futexes().Requeue(from_key, to_key, wake, requeue));
  return uint64_t(count);
}

}  // namespace faultline::os
