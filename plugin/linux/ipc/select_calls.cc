// select(2), pselect6(2). Linux: fs/select.c core_sys_select(), do_select().

#include <array>
#include <vector>

#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/ipc/calls.h"
#include "plugin/linux/ipc/poll_time.h"
#include "plugin/linux/ipc/poll_waiter.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/signal/mask.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

// The events each set asks for.
constexpr PollEvents kPollRdBand = 0x080;
constexpr PollEvents kPollWrBand = 0x200;
constexpr PollEvents kReadSet =
    kPollRdNorm | kPollRdBand | kPollIn | kPollHup | kPollErr;
constexpr PollEvents kWriteSet =
    kPollWrBand | kPollWrNorm | kPollOut | kPollErr;
constexpr PollEvents kExceptSet = kPollPri;
constexpr std::array<PollEvents, 3> kSetEvents = {kReadSet, kWriteSet,
                                                  kExceptSet};

// An fd_set as far as `nfds`, in words as user space has them.
using FdSet = std::vector<uint64_t>;
bool Has(const FdSet& set, int fd) {
  return !set.empty() && (set[size_t(fd) / 64] >> (fd % 64) & 1) != 0;
}

struct Sets {
  std::array<FdSet, 3> in;   // empty: not asked for
  std::array<FdSet, 3> out;  // of the same sizes
};

ErrnoOr<Sets> ReadSets(Task& task, int nfds,
                       const std::array<uint64_t, 3>& addresses) {
  Sets sets;
  const size_t words = (size_t(nfds) + 63) / 64;
  for (size_t i = 0; i < 3; ++i) {
    if (addresses[i] == 0) {
      continue;
    }
    sets.in[i].resize(words);
    const auto bytes = absl::MakeSpan(
        reinterpret_cast<std::byte*>(sets.in[i].data()), words * 8);
    if (task.user().CopyFrom(bytes, addresses[i]) != 0) {
      return Errno::kEFAULT;
    }
  }
  return sets;
}

ErrnoOr<Done> WriteSets(Task& task, const Sets& sets,
                        const std::array<uint64_t, 3>& addresses) {
  for (size_t i = 0; i < 3; ++i) {
    if (addresses[i] == 0) {
      continue;
    }
    const auto bytes = absl::MakeConstSpan(
        reinterpret_cast<const std::byte*>(sets.out[i].data()),
        sets.out[i].size() * 8);
    if (task.user().CopyTo(addresses[i], bytes) != 0) {
      return Errno::kEFAULT;
    }
  }
  return kDone;
}

// What is asked of `fd`, by set.
PollEvents Wanted(const Sets& sets, int fd) {
  PollEvents events = 0;
  for (size_t i = 0; i < 3; ++i) {
    if (Has(sets.in[i], fd)) {
      events |= kSetEvents[i];
    }
  }
  return events;
}

// max_select_fd(): kEBADF if a descriptor asked for is not open.
ErrnoOr<Done> CheckOpen(Task& task, const Sets& sets, int nfds) {
  for (int fd = 0; fd < nfds; ++fd) {
    if (Wanted(sets, fd) != 0) {
      FL_TRY(task.files().Get(fd));
    }
  }
  return kDone;
}

// Bits set in `sets.out`. kENOMEM.
ErrnoOr<int> Scan(Task& task, Sets& sets, int nfds, PollWaiter& waiter,
                  bool watch) {
  int ready = 0;
  for (size_t i = 0; i < 3; ++i) {
    sets.out[i].assign(sets.in[i].size(), 0);
  }
  for (int fd = 0; fd < nfds; ++fd) {
    const PollEvents wanted = Wanted(sets, fd);
    if (wanted == 0) {
      continue;
    }
    const ErrnoOr<std::shared_ptr<File>> file = task.files().Get(fd);
    if (!file.ok()) {
      continue;  // closed by another thread since
    }
    if (watch && ready == 0) {
      FL_TRY(waiter.Watch(*file, wanted));
    }
    const PollEvents events = (*file)->Poll();
    for (size_t i = 0; i < 3; ++i) {
      if (Has(sets.in[i], fd) && (events & kSetEvents[i]) != 0) {
        sets.out[i][size_t(fd) / 64] |= uint64_t{1} << (fd % 64);
        ++ready;
      }
    }
  }
  return ready;
}

ErrnoOr<int> DoSelect(Task& task, int nfds,
                      const std::array<uint64_t, 3>& addresses,
                      mm::VirtualTime deadline) {
  if (nfds < 0) {
    return Errno::kEINVAL;
  }
  nfds = std::min(nfds, std::max(task.files().end(), 64));
  FL_ASSIGN(Sets sets, ReadSets(task, nfds, addresses));
  FL_TRY(CheckOpen(task, sets, nfds));
  PollWaiter waiter(*task.kernel().vfs().slab());
  int ready = 0;
  for (bool watch = true;; watch = false) {
    FL_ASSIGN(ready, Scan(task, sets, nfds, waiter, watch));
    if (ready > 0) {
      break;
    }
    const mm::WaitResult result = waiter.Sleep(deadline);
    if (result == mm::WaitResult::kTimedOut) {
      break;
    }
    if (result == mm::WaitResult::kInterrupted) {
      return Errno::kERESTARTNOHAND;
    }
  }
  FL_TRY(WriteSets(task, sets, addresses));
  return ready;
}

std::array<uint64_t, 3> SetAddresses(const SyscallArgs& args) {
  return {args.Ptr(1), args.Ptr(2), args.Ptr(3)};
}

}  // namespace

SyscallResult SysSelect(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(PollTime time, PollTime::FromTimeval(task, args.Ptr(4)));
  const ErrnoOr<int> ready =
      DoSelect(task, args.Int(0), SetAddresses(args), time.deadline());
  time.WriteBack();
  FL_TRY(ready);
  return uint64_t(*ready);
}

SyscallResult SysPselect6(Task& task, const SyscallArgs& args) {
  // The sixth argument is a structure, because there is no seventh.
  struct MaskArg {
    uint64_t address;
    uint64_t size;
  };
  MaskArg mask{0, 0};
  if (args.Ptr(5) != 0) {
    FL_ASSIGN(mask, task.user().Get<MaskArg>(args.Ptr(5)));
  }
  FL_ASSIGN(PollTime time, PollTime::FromTimespec(task, args.Ptr(4)));
  FL_TRY(SetUserSigmask(task, mask.address, mask.size));
  const ErrnoOr<int> ready =
      DoSelect(task, args.Int(0), SetAddresses(args), time.deadline());
  const bool interrupted =
      !ready.ok() && ready.error() == Errno::kERESTARTNOHAND;
  RestoreSavedSigmaskUnless(task,
                            interrupted ? Interrupted::kYes : Interrupted::kNo);
  time.WriteBack();
  FL_TRY(ready);
  return uint64_t(*ready);
}

}  // namespace faultline::os
