#include "plugin/linux/ipc/signalfd.h"

#include <cstring>
#include <optional>

#include "absl/strings/str_format.h"
#include "guest_mm/sync/scheduler.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/ipc/calls.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/signal/dequeue.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

// struct signalfd_siginfo.
struct SignalFdInfo {
  uint32_t signo;
  int32_t error;
  int32_t code;
  uint32_t pid;
  uint32_t uid;
  int32_t fd;
  uint32_t tid;
  uint32_t band;
  uint32_t overrun;
  uint32_t trapno;
  int32_t status;
  int32_t value_int;
  uint64_t value_ptr;
  uint64_t utime;
  uint64_t stime;
  uint64_t address;
  uint16_t address_lsb;
  uint16_t pad2;
  int32_t syscall;
  uint64_t call_addr;
  uint32_t arch;
  uint8_t pad[28];
};
static_assert(sizeof(SignalFdInfo) == 128);

// signalfd_copyinfo(): which fields count depends on where it came from.
SignalFdInfo Encode(const SigInfo& info) {
  SignalFdInfo out{};
  out.signo = uint32_t(info.signo);
  out.error = info.error;
  out.code = info.code;
  if (info.code == kSiTimer) {
    out.tid = uint32_t(info.timer.id);
    out.overrun = uint32_t(info.timer.overrun);
    out.value_ptr = info.timer.value;
    out.value_int = int32_t(info.timer.value);
  } else if (info.signo == kSigChld && info.code > 0) {
    out.pid = uint32_t(info.child.pid);
    out.uid = info.child.uid;
    out.status = info.child.status;
    out.utime = uint64_t(info.child.utime);
    out.stime = uint64_t(info.child.stime);
  } else if (info.code > 0 && info.code != kSiKernel &&
             (info.signo == kSigSegv || info.signo == kSigBus ||
              info.signo == kSigIll || info.signo == kSigFpe)) {
    out.address = info.fault.address;
    out.address_lsb = uint16_t(info.fault.address_lsb);
  } else {
    out.pid = uint32_t(info.rt.pid);
    out.uid = info.rt.uid;
    out.value_ptr = info.rt.value;
    out.value_int = int32_t(info.rt.value);
  }
  return out;
}

Task& CurrentTask() {
  return *static_cast<Task*>(mm::Scheduler::Current()->owner());
}

SyscallResult DoSignalFd(Task& task, int fd, uint64_t mask, uint64_t size,
                         uint32_t flags) {
  if ((flags & ~(kO_CLOEXEC | kO_NONBLOCK)) != 0 || size != sizeof(uint64_t)) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const uint64_t bits, task.user().Get<uint64_t>(mask));
  if (fd != -1) {
    FL_ASSIGN(const std::shared_ptr<File> file, task.files().Get(fd));
    auto signals = std::dynamic_pointer_cast<SignalFd>(file);
    if (signals == nullptr) {
      return Errno::kEINVAL;
    }
    signals->set_mask(SignalSet(bits));
    task.handlers->signalfd_queue.WakeAll();
    return uint64_t(fd);
  }
  auto file = std::make_shared<SignalFd>(SignalSet(bits),
                                         kO_RDWR | (flags & kO_NONBLOCK));
  FL_ASSIGN(const int made,
            InstallFd(task, std::move(file),
                      CloseOnExecIf((flags & kO_CLOEXEC) != 0)));
  return uint64_t(made);
}

}  // namespace

ErrnoOr<uint64_t> SignalFd::Read(Task& task, absl::Span<std::byte> to) {
  if (to.size() < sizeof(SignalFdInfo)) {
    return Errno::kEINVAL;
  }
  size_t done = 0;
  while (to.size() - done >= sizeof(SignalFdInfo)) {
    const std::optional<SigInfo> info = DequeueSignal(task, mask_);
    if (info) {
      const SignalFdInfo out = Encode(*info);
      std::memcpy(to.data() + done, &out, sizeof out);
      done += sizeof out;
      continue;
    }
    if (done > 0) {
      break;
    }
    if (nonblocking()) {
      return Errno::kEAGAIN;
    }
    if (mm::Scheduler::Active()->Wait(task.handlers->signalfd_queue,
                                      mm::Interruptible::kYes) ==
        mm::WaitResult::kInterrupted) {
      return Errno::kERESTARTSYS;
    }
  }
  RecalcSigpending(task);
  return done;
}

PollEvents SignalFd::Poll() {
  Task& task = CurrentTask();
  const SignalSet pending =
      task.signals.pending.set() | task.process().pending.set();
  return (pending & mask_).empty() ? 0 : kPollIn;
}

mm::WaitQueue* SignalFd::poll_queue() {
  return &CurrentTask().handlers->signalfd_queue;
}

std::string SignalFd::FdInfo() const {
  return absl::StrFormat("sigmask:\t%016x\n", mask_.bits());
}

SyscallResult SysSignalfd(Task& task, const SyscallArgs& args) {
  return DoSignalFd(task, args.Int(0), args.Ptr(1), args.U64(2), 0);
}

SyscallResult SysSignalfd4(Task& task, const SyscallArgs& args) {
  return DoSignalFd(task, args.Int(0), args.Ptr(1), args.U64(2), args.Uint(3));
}

}  // namespace faultline::os
