// epoll_create1(2), epoll_ctl(2), epoll_wait(2) and their kin.

#include <array>
#include <cstring>

#include "plugin/linux/abi.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/ipc/calls.h"
#include "plugin/linux/ipc/epoll.h"
#include "plugin/linux/ipc/poll_time.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/signal/mask.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

enum EpollCommand : int { kCtlAdd = 1, kCtlDel = 2, kCtlMod = 3 };

// struct epoll_event: events first, data in the last 8 bytes, which are where
// the architectures differ.
constexpr size_t kMaxEventBytes = 16;

ErrnoOr<EpollEvent> GetEvent(Task& task, uint64_t address) {
  const size_t size = task.abi().epoll_event_bytes();
  std::array<std::byte, kMaxEventBytes> bytes;
  if (task.user().CopyFrom(absl::MakeSpan(bytes).first(size), address) != 0) {
    return Errno::kEFAULT;
  }
  EpollEvent event;
  std::memcpy(&event.events, bytes.data(), sizeof event.events);
  std::memcpy(&event.data, bytes.data() + size - sizeof event.data,
              sizeof event.data);
  return event;
}

bool PutEvent(Task& task, uint64_t address, const EpollEvent& event) {
  const size_t size = task.abi().epoll_event_bytes();
  std::array<std::byte, kMaxEventBytes> bytes{};
  std::memcpy(bytes.data(), &event.events, sizeof event.events);
  std::memcpy(bytes.data() + size - sizeof event.data, &event.data,
              sizeof event.data);
  return task.user().CopyTo(address, absl::MakeSpan(bytes).first(size)) == 0;
}

// kEBADF, or kEINVAL for a file that is no epoll.
ErrnoOr<std::shared_ptr<Epoll>> GetEpoll(Task& task, int fd) {
  FL_ASSIGN(const std::shared_ptr<File> file, task.files().Get(fd));
  auto epoll = std::dynamic_pointer_cast<Epoll>(file);
  if (epoll == nullptr) {
    return Errno::kEINVAL;
  }
  return epoll;
}

SyscallResult Create(Task& task, CloseOnExec cloexec) {
  auto epoll = std::make_shared<Epoll>(task.kernel().vfs().slab());
  FL_ASSIGN(const int fd, InstallFd(task, std::move(epoll), cloexec));
  return uint64_t(fd);
}

ErrnoOr<int> DoWait(Task& task, const SyscallArgs& args,
                    mm::VirtualTime deadline) {
  const int max = args.Int(2);
  const uint64_t size = task.abi().epoll_event_bytes();
  if (max <= 0 || uint64_t(max) > 0x7fffffff / size) {
    return Errno::kEINVAL;
  }
  uint64_t address = args.Ptr(1);
  const uint64_t user_end = task.mm().system().arch().layout().user_end.value();
  if (address > user_end || uint64_t(max) * size > user_end - address) {
    return Errno::kEFAULT;  // before it waits: access_ok()
  }
  FL_ASSIGN(const std::shared_ptr<Epoll> epoll, GetEpoll(task, args.Int(0)));
  return epoll->Wait(max, deadline, [&](const EpollEvent& event) {
    const bool put = PutEvent(task, address, event);
    address += size;
    return put;
  });
}

// With the signal mask swapped for the time of the wait.
SyscallResult MaskedWait(Task& task, const SyscallArgs& args,
                         mm::VirtualTime deadline) {
  FL_TRY(SetUserSigmask(task, args.Ptr(4), args.U64(5)));
  const ErrnoOr<int> n = DoWait(task, args, deadline);
  const bool interrupted = !n.ok() && n.error() == Errno::kEINTR;
  RestoreSavedSigmaskUnless(task,
                            interrupted ? Interrupted::kYes : Interrupted::kNo);
  FL_TRY(n);
  return uint64_t(*n);
}

}  // namespace

SyscallResult SysEpollCreate(Task& task, const SyscallArgs& args) {
  return args.Int(0) <= 0 ? Errno::kEINVAL : Create(task, CloseOnExec::kNo);
}

SyscallResult SysEpollCreate1(Task& task, const SyscallArgs& args) {
  if ((args.Uint(0) & ~kO_CLOEXEC) != 0) {
    return Errno::kEINVAL;
  }
  return Create(task, CloseOnExecIf(args.Uint(0) != 0));
}

SyscallResult SysEpollCtl(Task& task, const SyscallArgs& args) {
  const int command = args.Int(1);
  const int fd = args.Int(2);
  EpollEvent event;
  if (command != kCtlDel) {
    FL_ASSIGN(event, GetEvent(task, args.Ptr(3)));
  }
  FL_ASSIGN(const std::shared_ptr<File> epoll_file,
            task.files().Get(args.Int(0)));
  FL_ASSIGN(const std::shared_ptr<File> file, task.files().Get(fd));
  if (file->poll_queue() == nullptr) {
    return Errno::kEPERM;
  }
  auto epoll = std::dynamic_pointer_cast<Epoll>(epoll_file);
  if (epoll == nullptr || epoll_file == file) {
    return Errno::kEINVAL;
  }
  switch (command) {
    case kCtlAdd:
      FL_TRY(epoll->Add(fd, file, event));
      return 0;
    case kCtlMod:
      FL_TRY(epoll->Modify(fd, *file, event));
      return 0;
    case kCtlDel:
      FL_TRY(epoll->Delete(fd, *file));
      return 0;
    default:
      return Errno::kEINVAL;
  }
}

SyscallResult SysEpollWait(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const int n, DoWait(task, args, DeadlineInMs(task, args.Int(3))));
  return uint64_t(n);
}

SyscallResult SysEpollPwait(Task& task, const SyscallArgs& args) {
  return MaskedWait(task, args, DeadlineInMs(task, args.Int(3)));
}

SyscallResult SysEpollPwait2(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const PollTime time, PollTime::FromTimespec(task, args.Ptr(3)));
  return MaskedWait(task, args, time.deadline());
}

}  // namespace faultline::os
