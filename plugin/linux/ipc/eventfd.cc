#include "plugin/linux/ipc/eventfd.h"

#include <cstring>

#include "absl/strings/str_format.h"
#include "guest_mm/sync/scheduler.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/ipc/calls.h"

namespace faultline::os {
namespace {

constexpr uint32_t kEfdSemaphore = 1;

SyscallResult DoEventFd(Task& task, unsigned count, uint32_t flags) {
  if ((flags & ~(kEfdSemaphore | kO_CLOEXEC | kO_NONBLOCK)) != 0) {
    return Errno::kEINVAL;
  }
  auto file = std::make_shared<EventFd>(count,
                                        (flags & kEfdSemaphore) != 0
                                            ? EventFd::Semaphore::kYes
                                            : EventFd::Semaphore::kNo,
                                        kO_RDWR | (flags & kO_NONBLOCK));
  FL_ASSIGN(const int fd, InstallFd(task, std::move(file),
                                    CloseOnExecIf((flags & kO_CLOEXEC) != 0)));
  return uint64_t(fd);
}

}  // namespace

ErrnoOr<uint64_t> EventFd::Read(Task&, absl::Span<std::byte> to) {
  if (to.size() < sizeof count_) {
    return Errno::kEINVAL;
  }
  while (count_ == 0) {
    if (nonblocking()) {
      return Errno::kEAGAIN;
    }
    if (mm::Scheduler::Active()->Wait(read_wait_, mm::Interruptible::kYes) ==
        mm::WaitResult::kInterrupted) {
      return Errno::kERESTARTSYS;
    }
  }
  const uint64_t taken = semaphore_ == Semaphore::kYes ? 1 : count_;
  count_ -= taken;
  std::memcpy(to.data(), &taken, sizeof taken);
  if (count_ > 0) {
    read_wait_.WakeOne();
  }
  write_wait_.WakeAll();
  queue_.WakeOne(kPollOut);
  return sizeof taken;
}

ErrnoOr<uint64_t> EventFd::Write(Task&, absl::Span<const std::byte> from) {
  uint64_t added = 0;
  if (from.size() < sizeof added) {
    return Errno::kEINVAL;
  }
  std::memcpy(&added, from.data(), sizeof added);
  if (added > kMax) {
    return Errno::kEINVAL;
  }
  while (added > kMax - count_) {
    if (nonblocking()) {
      return Errno::kEAGAIN;
    }
    if (mm::Scheduler::Active()->Wait(write_wait_, mm::Interruptible::kYes) ==
        mm::WaitResult::kInterrupted) {
      return Errno::kERESTARTSYS;
    }
  }
  count_ += added;
  read_wait_.WakeOne();
  queue_.WakeOne(kPollIn);
  return sizeof added;
}

PollEvents EventFd::Poll() {
  PollEvents events = 0;
  if (count_ > 0) {
    events |= kPollIn;
  }
  if (count_ < kMax) {
    events |= kPollOut;
  }
  return events;
}

std::string EventFd::FdInfo() const {
  return absl::StrFormat("eventfd-count: %16x\neventfd-semaphore: %d\n", count_,
                         semaphore_ == Semaphore::kYes ? 1 : 0);
}

SyscallResult SysEventfd(Task& task, const SyscallArgs& args) {
  return DoEventFd(task, args.Uint(0), 0);
}

SyscallResult SysEventfd2(Task& task, const SyscallArgs& args) {
  return DoEventFd(task, args.Uint(0), args.Uint(1));
}

}  // namespace faultline::os
