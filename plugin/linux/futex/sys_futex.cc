// futex(2) and the robust list's registration. Linux:
// kernel/futex/syscalls.c do_futex().

#include "plugin/linux/futex/calls.h"
#include "plugin/linux/futex/futex_ops.h"
#include "plugin/linux/futex/futex_table.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/task.h"
#include "plugin/linux/time/clock.h"

namespace faultline::os {
namespace {

enum FutexCommand : int {
  kWait = 0,
  kWake = 1,
  kRequeue = 3,
  kCmpRequeue = 4,
  kWakeOp = 5,
  kLockPi = 6,
  kUnlockPi = 7,
  kTrylockPi = 8,
  kWaitBitset = 9,
  kWakeBitset = 10,
  kLockPi2 = 13,
};
constexpr int kPrivateFlag = 128;
constexpr int kClockRealtimeFlag = 256;

// struct robust_list_head.
constexpr uint64_t kRobustListHeadBytes = 24;

// Commands whose fourth argument is a time; of the others it is a number.
bool TakesTime(int command) {
  return command == kWait || command == kLockPi || command == kLockPi2 ||
         command == kWaitBitset;
}

SyscallResult Wake(Task& task, uint64_t uaddr, FutexScope scope, int max,
                   uint32_t bitset) {
  if (bitset == 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const FutexKey key, GetFutexKey(task, uaddr, scope));
  FL_ASSIGN(const int woken, task.kernel().futexes().Wake(key, max, bitset));
  return uint64_t(woken);
}

}  // namespace

ErrnoOr<Deadline> ReadDeadline(Task& task, uint64_t uaddr, TimeIs kind,
                               int clock) {
  if (uaddr == 0) {
    return Deadline();
  }
  FL_ASSIGN(const Timespec time, task.user().Get<Timespec>(uaddr));
  FL_ASSIGN(const uint64_t ns, ToNs(time));
  if (kind == TimeIs::kRelative) {
    return Deadline(task.kernel().now() + ns);
  }
  FL_ASSIGN(const mm::VirtualTime at, ToVirtualTime(task, clock, ns));
  return Deadline(at);
}

SyscallResult SysFutex(Task& task, const SyscallArgs& args) {
  const uint64_t uaddr = args.Ptr(0);
  const uint64_t uaddr2 = args.Ptr(4);
  const int command = args.Int(1) & ~(kPrivateFlag | kClockRealtimeFlag);
  const FutexScope scope = (args.Int(1) & kPrivateFlag) != 0
                               ? FutexScope::kPrivate
                               : FutexScope::kShared;
  const bool realtime = (args.Int(1) & kClockRealtimeFlag) != 0;
  const uint32_t value = args.Uint(2);
  const int number = args.Int(3);  // of the commands that take no time
  const uint32_t value3 = args.Uint(5);

  Deadline deadline;
  if (TakesTime(command)) {
    // LOCK_PI is the one whose time is on the real-time clock unasked.
    const bool on_realtime = realtime || command == kLockPi;
    FL_ASSIGN(
        deadline,
        ReadDeadline(task, args.Ptr(3),
                     command == kWait ? TimeIs::kRelative : TimeIs::kAbsolute,
                     on_realtime ? kClockRealtime : kClockMonotonic));
  }
  if (realtime && command != kWaitBitset && command != kLockPi2) {
    return Errno::kENOSYS;
  }
  switch (command) {
    case kWait:
      return FutexWait(task, uaddr, scope, value, kFutexBitsetMatchAny,
                       deadline);
    case kWaitBitset:
      return FutexWait(task, uaddr, scope, value, value3, deadline);
    case kWake:
      return Wake(task, uaddr, scope, int(value), kFutexBitsetMatchAny);
    case kWakeBitset:
      return Wake(task, uaddr, scope, int(value), value3);
    case kRequeue:
      return FutexRequeue(task, uaddr, scope, uaddr2, scope, int(value), number,
                          std::nullopt);
    case kCmpRequeue:
      return FutexRequeue(task, uaddr, scope, uaddr2, scope, int(value), number,
                          value3);
    case kWakeOp:
      return FutexWakeOp(task, uaddr, uaddr2, scope, int(value), number,
                         value3);
    case kLockPi:
    case kLockPi2:
      return FutexLockPi(task, uaddr, scope, PiTry::kWait, deadline);
    case kTrylockPi:
      return FutexLockPi(task, uaddr, scope, PiTry::kTryOnly, {});
    case kUnlockPi:
      return FutexUnlockPi(task, uaddr, scope);
    default:
      return Errno::kENOSYS;
  }
}

SyscallResult SysSetRobustList(Task& task, const SyscallArgs& args) {
  if (args.U64(1) != kRobustListHeadBytes) {
    return Errno::kEINVAL;
  }
  task.robust_list = args.Ptr(0);
  return 0;
}

// get_robust_list(pid, head_ptr, len_ptr); pid 0 is the caller.
SyscallResult SysGetRobustList(Task& task, const SyscallArgs& args) {
  Task* of = &task;
  std::shared_ptr<Task> other;
  if (args.Int(0) != 0) {
    other = task.kernel().processes().FindTask(args.Int(0));
    if (other == nullptr) {
      return Errno::kESRCH;
    }
    of = other.get();
  }
  FL_TRY(task.user().Put(args.Ptr(2), kRobustListHeadBytes));
  FL_TRY(task.user().Put(args.Ptr(1), of->robust_list));
  return 0;
}

}  // namespace faultline::os
