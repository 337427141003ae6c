// Waiting for signals.

#include <utility>

#include "plugin/linux/kernel.h"
#include "plugin/linux/signal/calls.h"
#include "plugin/linux/signal/dequeue.h"
#include "plugin/linux/signal/mask.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"
#include "plugin/linux/time/clock.h"
#include "plugin/linux/time/posix_timers.h"

namespace faultline::os {

std::optional<SigInfo> DequeueSignal(Task& task, SignalSet from) {
  auto info = task.signals.pending.Take(from);
  if (!info.has_value()) {
    info = task.process().pending.Take(from);
  }
  if (info.has_value() && info->code == kSiTimer) {
    PosixTimerSignalTaken(task, *info);
  }
  return info;
}

SyscallResult SysPause(Task& task, const SyscallArgs&) {
  while (!task.SignalPending()) {
    task.kernel().scheduler().Sleep(mm::VirtualTime::Never(),
                                    mm::Interruptible::kYes);
  }
  return Errno::kERESTARTNOHAND;
}

SyscallResult SysRtSigsuspend(Task& task, const SyscallArgs& args) {
  if (args.U64(1) != 8) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const uint64_t bits, task.user().Get<uint64_t>(args.Ptr(0)));
  task.signals.saved = task.signals.blocked;
  task.signals.has_saved = true;
  SetBlocked(task, SignalSet(bits));
  return SysPause(task, args);
}

SyscallResult SysRtSigtimedwait(Task& task, const SyscallArgs& args) {
  if (args.U64(3) != 8) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const uint64_t bits, task.user().Get<uint64_t>(args.Ptr(0)));
  mm::VirtualTime deadline = mm::VirtualTime::Never();
  if (args.Ptr(2) != 0) {
    FL_ASSIGN(const auto timeout, task.user().Get<Timespec>(args.Ptr(2)));
    FL_ASSIGN(const uint64_t ns, ToNs(timeout));
    deadline = task.kernel().now() + ns;
  }
  const SignalSet wanted = SignalSet(bits) & ~kUnblockable;
  std::optional<SigInfo> info = DequeueSignal(task, wanted);
  if (!info.has_value() && deadline > task.kernel().now()) {
    // Unblocked while waiting, so that sending wakes us; still taken here.
    const SignalSet blocked = task.signals.blocked;
    task.signals.waiting_for = blocked;
    SetBlocked(task, blocked & ~wanted);
    if (!task.SignalPending()) {
      task.kernel().scheduler().Sleep(deadline, mm::Interruptible::kYes);
    }
    task.signals.waiting_for = SignalSet();
    info = DequeueSignal(task, wanted);
    SetBlocked(task, blocked);
  }
  if (!info.has_value()) {
    return task.SignalPending() ? Errno::kEINTR : Errno::kEAGAIN;
  }
  RecalcSigpending(task);
  if (args.Ptr(1) != 0) {
    FL_TRY(task.user().Put(args.Ptr(1), *info));
  }
  return uint64_t(info->signo);
}

SyscallResult SysRestartSyscall(Task& task, const SyscallArgs&) {
  const auto how = std::exchange(task.run.restart_block, nullptr);
  return how == nullptr ? SyscallResult(Errno::kEINTR) : how(task);
}

}  // namespace faultline::os
