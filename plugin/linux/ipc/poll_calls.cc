// poll(2), ppoll(2). Linux: fs/select.c do_sys_poll().

#include <algorithm>
#include <vector>

#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/ipc/calls.h"
#include "plugin/linux/ipc/poll_time.h"
#include "plugin/linux/ipc/poll_waiter.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/signal/mask.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

// struct pollfd.
struct PollFd {
  int32_t fd;
  int16_t events;
  int16_t revents;
};

enum class Look : bool { kOnly, kAndWatch };

// Fills in revents; how many have any. kENOMEM.
ErrnoOr<int> Scan(Task& task, std::vector<PollFd>& fds, PollWaiter& waiter,
                  Look look) {
  int ready = 0;
  for (PollFd& p : fds) {
    p.revents = 0;
    if (p.fd < 0) {
      continue;
    }
    const ErrnoOr<std::shared_ptr<File>> file = task.files().Get(p.fd);
    PollEvents events = kPollNval;
    if (file.ok()) {
      const PollEvents wanted = uint16_t(p.events) | kPollErr | kPollHup;
      // Once something is ready there will be no sleep.
      if (look == Look::kAndWatch && ready == 0) {
        FL_TRY(waiter.Watch(*file, wanted));
      }
      events = (*file)->Poll() & wanted;
    }
    p.revents = int16_t(events);
    ready += events != 0 ? 1 : 0;
  }
  return ready;
}

// How many are ready, 0 at the deadline, or kEINTR.
ErrnoOr<int> WaitForAny(Task& task, std::vector<PollFd>& fds,
                        mm::VirtualTime deadline) {
  PollWaiter waiter(*task.kernel().vfs().slab());
  Look look = Look::kAndWatch;
  for (;;) {
    FL_ASSIGN(const int ready, Scan(task, fds, waiter, look));
    look = Look::kOnly;
    if (ready > 0) {
      return ready;
    }
    switch (waiter.Sleep(deadline)) {
      case mm::WaitResult::kWoken:
        break;
      case mm::WaitResult::kTimedOut:
        return 0;
      case mm::WaitResult::kInterrupted:
        return Errno::kEINTR;
    }
  }
}

ErrnoOr<int> DoPoll(Task& task, uint64_t ufds, unsigned count,
                    mm::VirtualTime deadline) {
  if (count > task.process().rlimits[kRlimitNofile].soft) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const mm::Slab::Charge charge,
            task.kernel().vfs().slab()->Take(count * sizeof(PollFd)));
  std::vector<PollFd> fds(count);
  const auto bytes = absl::MakeSpan(reinterpret_cast<std::byte*>(fds.data()),
                                    count * sizeof(PollFd));
  if (task.user().CopyFrom(bytes, ufds) != 0) {
    return Errno::kEFAULT;
  }
  FL_ASSIGN(const int ready, WaitForAny(task, fds, deadline));
  for (unsigned i = 0; i < count; ++i) {
    FL_TRY(task.user().Put(
        ufds + i * sizeof(PollFd) + offsetof(PollFd, revents), fds[i].revents));
  }
  return ready;
}

SyscallResult PollUntil(Task& task, uint64_t ufds, unsigned count,
                        mm::VirtualTime deadline) {
  const ErrnoOr<int> ready = DoPoll(task, ufds, count, deadline);
  if (ready.ok()) {
    return uint64_t(*ready);
  }
  if (ready.error() != Errno::kEINTR) {
    return ready.error();
  }
  // Made again after a signal without a handler, with what is left of the time.
  return task.SetRestart(
      [=](Task& again) { return PollUntil(again, ufds, count, deadline); });
}

}  // namespace

SyscallResult SysPoll(Task& task, const SyscallArgs& args) {
  return PollUntil(task, args.Ptr(0), args.Uint(1),
                   DeadlineInMs(task, args.Int(2)));
}

SyscallResult SysPpoll(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(PollTime time, PollTime::FromTimespec(task, args.Ptr(2)));
  FL_TRY(SetUserSigmask(task, args.Ptr(3), args.U64(4)));
  const ErrnoOr<int> ready =
      DoPoll(task, args.Ptr(0), args.Uint(1), time.deadline());
  const bool interrupted = !ready.ok() && ready.error() == Errno::kEINTR;
  RestoreSavedSigmaskUnless(task,
                            interrupted ? Interrupted::kYes : Interrupted::kNo);
  time.WriteBack();
  if (interrupted) {
    return Errno::kERESTARTNOHAND;
  }
  FL_TRY(ready);
  return uint64_t(*ready);
}

}  // namespace faultline::os
