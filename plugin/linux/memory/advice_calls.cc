// madvise, mincore, msync, mlock.

#include <algorithm>
#include <vector>

#include "guest_mm/calls/calls.h"
#include "guest_mm/calls/memory_error.h"
#include "plugin/linux/fs/capability.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/memory/calls.h"
#include "plugin/linux/memory/memory_failure.h"
#include "plugin/linux/memory/remote.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/task/pidfd.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

using mm::GuestAddr;

enum InjectedError : int { kHwPoison = 100, kSoftOffline = 101 };

GuestAddr Start(Task& task, const SyscallArgs& args) {
  return task.mm().system().arch().Untag(GuestAddr(args.U64(0)));
}

SyscallResult Answer(const ErrnoOr<Done>& r) {
  return r.ok() ? SyscallResult(0) : r.error();
}

// What process_madvise(2) accepts for another process.
bool MayAdviseOthers(int advice) {
  constexpr int kWillneed = 3, kCold = 20, kPageout = 21, kCollapse = 25;
  return advice == kWillneed || advice == kCold || advice == kPageout ||
         advice == kCollapse;
}

// mm_access() with PTRACE_MODE_READ, and what changing its speed takes.
ErrnoOr<Done> MayAdvise(Task& task, const Task& other, int advice) {
  constexpr int kCapSysNice = 23;
  if (!PtraceMayAccess(task, other)) {
    return Errno::kEACCES;
  }
  const bool self = &other.process() == &task.process();
  const bool all =
      self && task.mm().system().behaviours().process_madvise_self() ==
                  mm::ProcessMadviseSelf::kAll;
  if (!all && !MayAdviseOthers(advice)) {
    return Errno::kEINVAL;
  }
  if (self) {
    return kDone;
  }
  return task.cred().HasCap(kCapSysNice) ? ErrnoOr<Done>(kDone) : Errno::kEPERM;
}

// Who asked for it is told as if he had touched it (kill_proc()).
void ReportMemoryError(Task& task, mm::AddressSpace& mm, GuestAddr address,
                       int lsb) {
  if (&mm != &task.mm()) {
    ReportMemoryFailure(task.kernel(), mm, address, lsb);
    return;
  }
  SigInfo info(kSigBus, kBusMceerrAr);
  info.fault.address = address.value();
  info.fault.address_lsb = uint8_t(lsb);
  ForceSignal(task, info);
}

// madvise_inject_error().
SyscallResult InjectErrors(Task& task, GuestAddr start, uint64_t length,
                           int advice) {
  const mm::PageShift shift = task.mm().page_shift();
  const uint64_t rounded = GuestAddr(length).PageUp(shift).value();
  const mm::GuestRange range = mm::GuestRange::At(start, rounded);
  if (!start.IsPageAligned(shift) || (length != 0 && rounded == 0) ||
      range.end < range.start) {
    return Errno::kEINVAL;
  }
  if (range.empty()) {
    return 0;
  }
  if (!task.cred().HasCap(kCapSysAdmin)) {
    return Errno::kEPERM;
  }
  if (advice == kSoftOffline) {
    return Answer(mm::SoftOfflinePages(task.mm(), range));
  }
  return Answer(mm::InjectMemoryErrors(
      task.mm(), range, [&](mm::AddressSpace& mm, GuestAddr address, int lsb) {
        ReportMemoryError(task, mm, address, lsb);
      }));
}

}  // namespace

SyscallResult SysMadvise(Task& task, const SyscallArgs& args) {
  const int advice = args.Int(2);
  if (advice == kHwPoison || advice == kSoftOffline) {
    return InjectErrors(task, Start(task, args), args.U64(1), advice);
  }
  return Answer(mm::Madvise(task.mm(), Start(task, args), args.U64(1), advice));
}

SyscallResult SysProcessMadvise(Task& task, const SyscallArgs& args) {
  const int advice = args.Int(3);
  if (args.Uint(4) != 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const std::vector<Iovec> vectors,
            GetOwnVectors(task, args.Ptr(1), args.U64(2)));
  FL_ASSIGN(const auto pidfd, GetPidfd(task, args.Int(0)));
  Process& process = pidfd->process();
  if (process.threads.empty()) {
    return Errno::kESRCH;
  }
  FL_TRY(MayAdvise(task, *process.threads.front(), advice));
  const std::shared_ptr<mm::AddressSpace> mm =
      process.threads.front()->shared.mm;
  if (mm == nullptr) {
    return Errno::kESRCH;  // it exits
  }
  uint64_t done = 0;
  for (const Iovec& v : vectors) {
    const ErrnoOr<Done> r = mm::Madvise(
        *mm, mm->system().arch().Untag(GuestAddr(v.base)), v.length, advice);
    if (!r.ok()) {
      return done != 0 ? SyscallResult(done) : r.error();
    }
    done += v.length;
  }
  return done;
}

SyscallResult SysMincore(Task& task, const SyscallArgs& args) {
  const auto shift = task.mm().page_shift();
  const GuestAddr start = Start(task, args);
  const uint64_t length = args.U64(1);
  const uint64_t user_end = task.mm().system().arch().layout().user_end.value();
  if (!start.IsPageAligned(shift)) {
    return Errno::kEINVAL;
  }
  if (start.value() > user_end || length > user_end - start.value()) {
    return Errno::kENOMEM;
  }
  // A page of answers at a time, as Linux does. Those for what lies below a
  // hole are given, too.
  constexpr uint8_t kUnanswered = 0xff;
  const uint64_t pages = mm::PageCount::ToHold(length, shift).value();
  std::vector<uint8_t> chunk(std::min<uint64_t>(pages, shift.bytes()));
  for (uint64_t done = 0; done < pages; done += chunk.size()) {
    const size_t n = size_t(std::min<uint64_t>(chunk.size(), pages - done));
    std::fill(chunk.begin(), chunk.end(), kUnanswered);
    const ErrnoOr<Done> asked = mm::Mincore(
        task.mm(), start + (done << shift.value()),
        uint64_t{n} << shift.value(), absl::MakeSpan(chunk).subspan(0, n));
    const auto answered =
        std::find(chunk.begin(), chunk.begin() + ptrdiff_t(n), kUnanswered);
    if (task.user().CopyTo(
            args.Ptr(2) + done,
            absl::MakeConstSpan(reinterpret_cast<std::byte*>(chunk.data()),
                                size_t(answered - chunk.begin()))) != 0) {
      return Errno::kEFAULT;
    }
    FL_TRY(asked);
  }
  return 0;
}

SyscallResult SysMsync(Task& task, const SyscallArgs& args) {
  return Answer(
      mm::Msync(task.mm(), Start(task, args), args.U64(1), args.Int(2)));
}

SyscallResult SysMlock(Task& task, const SyscallArgs& args) {
  return Answer(mm::Mlock(task.mm(), Start(task, args), args.U64(1),
                          mm::MlockOnFault::kNo));
}

SyscallResult SysMlock2(Task& task, const SyscallArgs& args) {
  constexpr int kOnFault = 1;
  if ((args.Int(2) & ~kOnFault) != 0) {
    return Errno::kEINVAL;
  }
  return Answer(mm::Mlock(task.mm(), Start(task, args), args.U64(1),
                          args.Int(2) == kOnFault ? mm::MlockOnFault::kYes
                                                  : mm::MlockOnFault::kNo));
}

SyscallResult SysMunlock(Task& task, const SyscallArgs& args) {
  return Answer(mm::Munlock(task.mm(), Start(task, args), args.U64(1)));
}

SyscallResult SysMlockall(Task& task, const SyscallArgs& args) {
  return Answer(mm::MlockAll(task.mm(), args.Int(0)));
}

SyscallResult SysMunlockall(Task& task, const SyscallArgs&) {
  return Answer(mm::MunlockAll(task.mm()));
}

}  // namespace faultline::os
