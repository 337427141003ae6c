// Waiting on many futexes at once. Linux: kernel/futex/syscalls.c
// futex_waitv(), waitwake.c futex_wait_multiple().

#include <array>
#include <memory>
#include <vector>

#include "plugin/linux/futex/calls.h"
#include "plugin/linux/futex/futex_ops.h"
#include "plugin/linux/futex/futex_table.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/task.h"
#include "plugin/linux/time/clock.h"

namespace faultline::os {
namespace {

constexpr unsigned kFutexWaitvMax = 128;
// Flags of the futex2 calls: only 32-bit words exist.
constexpr uint32_t kFutex2SizeMask = 0x03;
constexpr uint32_t kFutex2SizeU32 = 0x02;
constexpr uint32_t kFutex2Private = 0x80;

// struct futex_waitv.
struct WaitvEntry {
  uint64_t value;
  uint64_t uaddr;
  uint32_t flags;
  uint32_t reserved;
};

ErrnoOr<FutexScope> ScopeOf(uint32_t flags) {
  if ((flags & ~(kFutex2SizeMask | kFutex2Private)) != 0 ||
      (flags & kFutex2SizeMask) != kFutex2SizeU32) {
    return Errno::kEINVAL;
  }
  return (flags & kFutex2Private) != 0 ? FutexScope::kPrivate
                                       : FutexScope::kShared;
}

// A value or bitset that a 32-bit futex can have.
bool FitsU32(uint64_t value) { return value >> 32 == 0; }

ErrnoOr<Deadline> ReadFutex2Deadline(Task& task, uint64_t timeout, int clock) {
  if (timeout != 0 && clock != kClockMonotonic && clock != kClockRealtime) {
    return Errno::kEINVAL;
  }
  return ReadDeadline(task, timeout, TimeIs::kAbsolute, clock);
}

struct Word {
  uint64_t uaddr;
  uint32_t expected;
  FutexScope scope;
};

SyscallResult WaitForAny(Task& task, const std::vector<Word>& words,
                         Deadline deadline) {
  FutexTable& table = task.kernel().futexes();
  mm::Scheduler& scheduler = task.kernel().scheduler();
  FutexSleep sleep;
  std::vector<std::unique_ptr<FutexPlace>> places;
  for (const Word& word : words) {
    FL_ASSIGN(const FutexKey key, GetFutexKey(task, word.uaddr, word.scope));
    places.push_back(std::make_unique<FutexPlace>(sleep, int(places.size()),
                                                  kFutexBitsetMatchAny));
    table.Add(*places.back(), key);
  }
  scheduler.Point(kFutexQueued);
  for (const Word& word : words) {
    const ErrnoOr<uint32_t> found = task.user().Get<uint32_t>(word.uaddr);
    if (sleep.woken_by >= 0) {
      break;
    }
    FL_TRY(found);
    if (*found != word.expected) {
      return Errno::kEAGAIN;
    }
  }
  while (sleep.woken_by < 0) {
    const mm::WaitResult result =
        scheduler.Wait(sleep.queue, mm::Interruptible::kYes,
                       deadline.value_or(mm::VirtualTime::Never()));
    if (sleep.woken_by >= 0) {
      break;
    }
    if (result != mm::WaitResult::kWoken) {
      return result == mm::WaitResult::kTimedOut ? Errno::kETIMEDOUT
                                                 : Errno::kERESTARTSYS;
    }
  }
  return uint64_t(sleep.woken_by);
}

}  // namespace

SyscallResult SysFutexWaitv(Task& task, const SyscallArgs& args) {
  const unsigned count = args.Uint(1);
  if (args.Uint(2) != 0 || count == 0 || count > kFutexWaitvMax ||
      args.Ptr(0) == 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const Deadline deadline,
            ReadFutex2Deadline(task, args.Ptr(3), args.Int(4)));
  std::vector<Word> words;
  for (unsigned i = 0; i < count; ++i) {
    FL_ASSIGN(
        const WaitvEntry entry,
        task.user().Get<WaitvEntry>(args.Ptr(0) + i * sizeof(WaitvEntry)));
    FL_ASSIGN(const FutexScope scope, ScopeOf(entry.flags));
    if (entry.reserved != 0 || !FitsU32(entry.value)) {
      return Errno::kEINVAL;
    }
    words.push_back({entry.uaddr, uint32_t(entry.value), scope});
  }
  return WaitForAny(task, words, deadline);
}

// futex_wait(uaddr, val, mask, flags, timeout, clockid), Linux 6.7.
SyscallResult SysFutexWait(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const FutexScope scope, ScopeOf(args.Uint(3)));
  if (!FitsU32(args.U64(1)) || !FitsU32(args.U64(2))) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const Deadline deadline,
            ReadFutex2Deadline(task, args.Ptr(4), args.Int(5)));
  return FutexWait(task, args.Ptr(0), scope, uint32_t(args.U64(1)),
                   uint32_t(args.U64(2)), deadline);
}

// futex_wake(uaddr, mask, nr, flags), Linux 6.7.
SyscallResult SysFutexWake(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const FutexScope scope, ScopeOf(args.Uint(3)));
  if (!FitsU32(args.U64(1)) || args.U64(1) == 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const FutexKey key, GetFutexKey(task, args.Ptr(0), scope));
  if (args.Int(2) == 0) {
    return 0;  // unlike FUTEX_WAKE, which wakes one
  }
  FL_ASSIGN(const int woken, task.kernel().futexes().Wake(
                                 key, args.Int(2), uint32_t(args.U64(1))));
  return uint64_t(woken);
}

// futex_requeue(waiters[2], flags, nr_wake, nr_requeue), Linux 6.7.
SyscallResult SysFutexRequeue(Task& task, const SyscallArgs& args) {
  if (args.Uint(1) != 0 || args.Ptr(0) == 0) {
    return Errno::kEINVAL;
  }
  using Pair = std::array<WaitvEntry, 2>;
  FL_ASSIGN(const Pair pair, task.user().Get<Pair>(args.Ptr(0)));
  for (const WaitvEntry& entry : pair) {
    if (entry.reserved != 0 || !FitsU32(entry.value)) {
      return Errno::kEINVAL;
    }
  }
  FL_ASSIGN(const FutexScope from, ScopeOf(pair[0].flags));
  FL_ASSIGN(const FutexScope to, ScopeOf(pair[1].flags));
  return FutexRequeue(task, pair[0].uaddr, from, pair[1].uaddr, to, args.Int(2),
                      args.Int(3), uint32_t(pair[0].value));
}

}  // namespace faultline::os
