// Futexes whose word names the owner, and which the kernel hands over. Linux:
// kernel/futex/pi.c. Sleepers are served in order of arrival; nobody's
// priority is raised, because nobody here has one.

#include "plugin/linux/futex/futex_ops.h"
#include "plugin/linux/futex/futex_table.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

// One attempt to take the word. kDone: it is ours. kEAGAIN: it has another
// owner, and now says that somebody waits.
ErrnoOr<Done> TryTake(Task& task, uint64_t uaddr, bool others_wait) {
  FL_ASSIGN(uint32_t word, task.user().Get<uint32_t>(uaddr));
  for (;;) {
    const uint32_t owner = word & kFutexTidMask;
    uint32_t wanted = word | kFutexWaiters;
    if (owner == uint32_t(task.tid())) {
      return Errno::kEDEADLK;
    }
    if (owner == 0) {
      wanted = (word & kFutexOwnerDied) | uint32_t(task.tid()) |
               (others_wait ? kFutexWaiters : 0);
    }
    FL_ASSIGN(const uint32_t found,
              task.user().CompareExchange(uaddr, word, wanted));
    if (found == word) {
      return owner == 0 ? ErrnoOr<Done>(kDone) : Errno::kEAGAIN;
    }
    word = found;
  }
}

// Writes the oldest sleeper's name into the word and wakes it. kEFAULT leaves
// the word as it was; the sleeper is awake all the same.
ErrnoOr<Done> HandOver(Task& task, uint64_t uaddr, FutexPlace& next,
                       uint32_t keep) {
  FutexTable& table = task.kernel().futexes();
  table.Claim(next);
  const uint32_t wanted = uint32_t(next.tid()) | kFutexWaiters | keep;
  ErrnoOr<uint32_t> word = task.user().Get<uint32_t>(uaddr);
  while (word.ok()) {
    const ErrnoOr<uint32_t> found =
        task.user().CompareExchange(uaddr, *word, wanted);
    if (found.ok() && *found == *word) {
      break;
    }
    word = found;
  }
  table.WakeClaimed(next);
  FL_TRY(word);
  return kDone;
}

bool OwnerExists(Task& task, uint64_t uaddr) {
  const ErrnoOr<uint32_t> word = task.user().Get<uint32_t>(uaddr);
  return word.ok() && task.kernel().processes().FindTask(
                          int(*word & kFutexTidMask)) != nullptr;
}

}  // namespace

SyscallResult FutexLockPi(Task& task, uint64_t uaddr, FutexScope scope,
                          PiTry mode, Deadline deadline) {
  FL_ASSIGN(const FutexKey key, GetFutexKey(task, uaddr, scope));
  FutexTable& table = task.kernel().futexes();
  mm::Scheduler& scheduler = task.kernel().scheduler();
  const ErrnoOr<Done> taken =
      TryTake(task, uaddr, table.FirstPi(key) != nullptr);
  if (taken.ok()) {
    return 0;
  }
  if (taken.error() != Errno::kEAGAIN) {
    return taken.error();
  }
  if (!OwnerExists(task, uaddr)) {
    return Errno::kESRCH;
  }
  if (mode == PiTry::kTryOnly) {
    return Errno::kEAGAIN;
  }
  FutexSleep sleep;
  FutexPlace place(sleep, 0, kFutexBitsetMatchAny, FutexUse::kPi, task.tid());
  table.Add(place, key);
  scheduler.Point(kFutexQueued);
  // It may have been given up before we were in the queue.
  const ErrnoOr<Done> again = TryTake(task, uaddr, /*others_wait=*/true);
  if (!sleep.claimed && (again.ok() || again.error() != Errno::kEAGAIN)) {
    return again.ok() ? SyscallResult(0) : again.error();
  }
  while (sleep.woken_by < 0) {
    const mm::WaitResult result =
        sleep.claimed
            ? scheduler.Wait(sleep.queue, mm::Interruptible::kNo)
            : scheduler.Wait(sleep.queue, mm::Interruptible::kYes,
                             deadline.value_or(mm::VirtualTime::Never()));
    if (sleep.claimed) {
      continue;  // ours in a moment, whatever else happened
    }
    if (result == mm::WaitResult::kTimedOut) {
      return Errno::kETIMEDOUT;
    }
    if (result == mm::WaitResult::kInterrupted) {
      return Errno::kERESTARTNOINTR;
    }
  }
  return 0;
}

SyscallResult FutexUnlockPi(Task& task, uint64_t uaddr, FutexScope scope) {
  FL_ASSIGN(const uint32_t word, task.user().Get<uint32_t>(uaddr));
  if ((word & kFutexTidMask) != uint32_t(task.tid())) {
    return Errno::kEPERM;
  }
  FL_ASSIGN(const FutexKey key, GetFutexKey(task, uaddr, scope));
  if (FutexPlace* next = task.kernel().futexes().FirstPi(key)) {
    FL_TRY(HandOver(task, uaddr, *next, 0));
    return 0;
  }
  FL_ASSIGN(const uint32_t found, task.user().CompareExchange(uaddr, word, 0));
  return found == word ? SyscallResult(0) : Errno::kEAGAIN;
}

void FutexPassOnPi(Task& dying, uint64_t uaddr) {
  for (FutexScope scope : {FutexScope::kPrivate, FutexScope::kShared}) {
    const ErrnoOr<FutexKey> key = GetFutexKey(dying, uaddr, scope);
    if (!key.ok()) {
      return;
    }
    if (FutexPlace* next = dying.kernel().futexes().FirstPi(*key)) {
      (void)HandOver(dying, uaddr, *next, kFutexOwnerDied).ok();
      return;
    }
  }
}

}  // namespace faultline::os
