#ifndef FAULTLINE_PLUGIN_LINUX_FUTEX_FUTEX_OPS_H_
#define FAULTLINE_PLUGIN_LINUX_FUTEX_FUTEX_OPS_H_

// The futex operations behind the calls, one file each.

#include <cstdint>
#include <optional>

#include "guest_mm/base/errno.h"
#include "guest_mm/sync/point.h"
#include "guest_mm/sync/virtual_time.h"
#include "plugin/linux/futex/futex_key.h"
#include "plugin/linux/syscall/call.h"

namespace faultline::os {

// The word of a PI or robust futex (include/uapi/linux/futex.h).
inline constexpr uint32_t kFutexWaiters = 0x80000000;
inline constexpr uint32_t kFutexOwnerDied = 0x40000000;
inline constexpr uint32_t kFutexTidMask = 0x3fffffff;

// Between the look at the table and the look at the word, and after a change
// of the word: where races with user code are decided.
inline constexpr mm::PointSite kFutexQueued{"futex.queued"};
inline constexpr mm::PointSite kFutexWord{"futex.word"};

using Deadline = std::optional<mm::VirtualTime>;  // none: for ever

// FUTEX_WAIT(_BITSET). 0 when woken; kEAGAIN: the word is not `expected`;
// kETIMEDOUT; kERESTARTSYS, or with a deadline kERESTART_RESTARTBLOCK.
SyscallResult FutexWait(Task& task, uint64_t uaddr, FutexScope scope,
                        uint32_t expected, uint32_t bitset, Deadline deadline);

// FUTEX_WAKE_OP: `op` is its fourth argument, encoded. kENOSYS for an unknown
// operation or comparison.
SyscallResult FutexWakeOp(Task& task, uint64_t uaddr, uint64_t uaddr2,
                          FutexScope scope, int wake, int wake2, uint32_t op);

// FUTEX_(CMP_)REQUEUE; `expected`: none, or kEAGAIN if the word differs.
// Returns how many were woken or moved. kEINVAL for negative numbers.
SyscallResult FutexRequeue(Task& task, uint64_t from, FutexScope from_scope,
                           uint64_t to, FutexScope to_scope, int wake,
                           int requeue, std::optional<uint32_t> expected);

enum class PiTry : bool { kWait, kTryOnly };
SyscallResult FutexLockPi(Task& task, uint64_t uaddr, FutexScope scope,
                          PiTry mode, Deadline deadline);
SyscallResult FutexUnlockPi(Task& task, uint64_t uaddr, FutexScope scope);
// The owner died: hands the futex to the next sleeper, word and all.
void FutexPassOnPi(Task& dying, uint64_t uaddr);

// A timespec at `uaddr` as a deadline: relative (to now) or on `clock`.
// 0: none. kEFAULT, kEINVAL.
enum class TimeIs : bool { kRelative, kAbsolute };
ErrnoOr<Deadline> ReadDeadline(Task& task, uint64_t uaddr, TimeIs kind,
                               int clock);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FUTEX_FUTEX_OPS_H_
