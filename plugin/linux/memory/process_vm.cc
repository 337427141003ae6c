// Reaching into other processes. Linux: mm/process_vm_access.c,
// mm/oom_kill.c process_mrelease().

#include <algorithm>
#include <cstring>
#include <vector>

#include "guest_mm/gup/gup.h"
#include "guest_mm/reclaim/oom.h"
#include "plugin/linux/fs/capability.h"
#include "plugin/linux/fs/iov_iter.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/memory/calls.h"
#include "plugin/linux/memory/remote.h"
#include "plugin/linux/task/pidfd.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr uint64_t kMaxVectors = 1024;  // UIO_MAXIOV
// Pages of the other's that are pinned at a time: as many pointers as fit into
// two pages (PVM_MAX_KMALLOC_PAGES).
constexpr uint64_t kMostPinned = 1024;

// task_will_free_mem(): everybody who uses the memory is being killed.
bool WillFree(Kernel& kernel, const std::shared_ptr<mm::AddressSpace>& memory) {
  const auto& all = kernel.processes().processes();
  return std::all_of(all.begin(), all.end(), [&](const auto& entry) {
    const Process& process = *entry.second;
    return process.threads.empty() || process.exiting ||
           process.threads.front()->shared.mm != memory;
  });
}

SyscallResult Reap(mm::AddressSpace& memory) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (!memory.mmap_lock().ReadAcquireKillable()) {
    return Errno::kEINTR;
  }
  if (!memory.oom_skip) {
    mm::OomReapLocked(memory);
  }
  memory.mmap_lock().ReadRelease();
  return 0;
}

enum class Direction { kRead, kWrite };

// process_vm_rw_pages(): as much of `left` bytes as `pages` hold, from `offset`
// of the first on. Both may be the same memory: copies ascend. kEFAULT: the
// caller's own memory faulted.
ErrnoOr<Done> CopyPages(mm::PhysMem& phys, const std::vector<mm::Pfn>& pages,
                        uint64_t offset, uint64_t left, IovIter& local,
                        Direction direction) {
  for (const mm::Pfn pfn : pages) {
    const size_t n =
        std::min({left, phys.page_shift().bytes() - offset, local.remaining()});
    std::byte* const memory = phys.Data(pfn) + offset;
    size_t copied = 0;
    if (direction == Direction::kWrite) {
      copied = local.CopyFrom(absl::MakeSpan(memory, n));
      phys.WroteByHost(pfn);
    } else {
      copied = local.CopyTo(absl::MakeConstSpan(memory, n));
    }
    if (copied < n) {
      return Errno::kEFAULT;
    }
    left -= n;
    offset = 0;
  }
  return kDone;
}

// process_vm_rw_single_vec(): one extent of the other's memory, pinned a batch
// of pages at a time. The page may leave the other's tables meanwhile; what is
// copied is then what it was mapped to.
ErrnoOr<Done> CopyExtent(mm::AddressSpace& remote, const Iovec& extent,
                         IovIter& local, Direction direction) {
  mm::MemoryManager& system = remote.system();
  const mm::PageShift shift = remote.page_shift();
  const bool write = direction == Direction::kWrite;
  mm::GuestAddr at = system.arch().Untag(mm::GuestAddr(extent.base));
  uint64_t left = extent.length;
  while (left > 0 && local.remaining() > 0) {
    const uint64_t offset = at.PageOffset(shift);
    const uint64_t pages = (left - 1 + offset) / shift.bytes() + 1;
    std::vector<mm::Pfn> pinned;
    const ErrnoOr<uint64_t> got =
        mm::GetUserPages(remote, at, std::min(pages, kMostPinned),
                         {.grab = mm::Grab::kPin, .write = write}, &pinned);
    if (!got.ok()) {
      return Errno::kEFAULT;
    }
    const uint64_t n = std::min(left, *got * shift.bytes() - offset);
    const ErrnoOr<Done> copied =
        CopyPages(system.phys(), pinned, offset, n, local, direction);
    for (const mm::Pfn pfn : pinned) {
      if (write) {
        mm::UnpinDirty(system, pfn);
      } else {
        mm::ReleasePage(system, pfn, mm::Grab::kPin);
      }
    }
    FL_TRY(copied);
    at += n;
    left -= n;
  }
  return kDone;
}

// process_vm_rw().
SyscallResult Transfer(Task& task, const SyscallArgs& args,
                       Direction direction) {
  if (args.U64(5) != 0) {
    return Errno::kEINVAL;
  }
  FL_TRY(GetOwnVectors(task, args.Ptr(1), args.U64(2)));
  FL_ASSIGN(IovIter local,
            IovIter::FromUserIovec(task.user(), args.Ptr(1), args.U64(2)));
  const uint64_t wanted = local.remaining();
  if (wanted == 0) {
    return 0;
  }
  FL_ASSIGN(const auto extents, GetVectors(task, args.Ptr(3), args.U64(4)));
  if (std::ranges::all_of(extents,
                          [](const Iovec& e) { return e.length == 0; })) {
    return 0;
  }
  auto other = task.kernel().processes().FindTask(args.Int(0));
  if (other == nullptr || other->exited()) {
    return Errno::kESRCH;
  }
  if (!PtraceMayAccess(task, *other)) {
    return Errno::kEPERM;
  }
  // Kept alive: the other process may end while this one waits.
  const std::shared_ptr<mm::AddressSpace> remote = other->shared.mm;
  ErrnoOr<Done> result = kDone;
  for (size_t i = 0; i < extents.size() && result.ok(); ++i) {
    result = CopyExtent(*remote, extents[i], local, direction);
  }
  const uint64_t copied = wanted - local.remaining();
  return copied > 0 || result.ok() ? SyscallResult(copied) : result.error();
}

}  // namespace

ErrnoOr<std::vector<Iovec>> GetVectors(Task& task, uint64_t user,
                                       uint64_t count) {
  if (count > kMaxVectors) {
    return Errno::kEINVAL;
  }
  std::vector<Iovec> v(count);
  if (task.user().CopyFrom(
          absl::MakeSpan(reinterpret_cast<std::byte*>(v.data()),
                         v.size() * sizeof(Iovec)),
          user) != 0) {
    return Errno::kEFAULT;
  }
  for (const Iovec& i : v) {
    if (int64_t(i.length) < 0) {
      return Errno::kEINVAL;
    }
  }
  return v;
}

ErrnoOr<std::vector<Iovec>> GetOwnVectors(Task& task, uint64_t user,
                                          uint64_t count) {
  FL_ASSIGN(auto v, GetVectors(task, user, count));
  const mm::ArchOps& arch = task.mm().system().arch();
  const uint64_t end = arch.layout().user_end.value();
  for (const Iovec& i : v) {
    // Tags count unless the caller has asked for them to be let through
    // (arm64's access_ok()).
    const mm::GuestAddr base(i.base);
    const uint64_t start =
        (task.takes_tagged_addresses() ? arch.Untag(base) : base).value();
    if (i.length > end || start > end - i.length) {
      return Errno::kEFAULT;
    }
  }
  return v;
}

bool PtraceMayAccess(const Task& task, const Task& other) {
  const Credentials& a = task.cred();
  const Credentials& b = other.cred();
  return &task.process() == &other.process() || a.HasCap(kCapSysPtrace) ||
         (a.fsuid == b.uid && a.fsuid == b.euid && a.fsuid == b.suid &&
          a.fsgid == b.gid && a.fsgid == b.egid && a.fsgid == b.sgid);
}

SyscallResult SysProcessVmReadv(Task& task, const SyscallArgs& args) {
  return Transfer(task, args, Direction::kRead);
}

SyscallResult SysProcessVmWritev(Task& task, const SyscallArgs& args) {
  return Transfer(task, args, Direction::kWrite);
}

SyscallResult SysProcessMrelease(Task& task, const SyscallArgs& args) {
  if (args.Uint(1) != 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const auto pidfd, GetPidfd(task, args.Int(0)));
  const Process& process = pidfd->process();
  const std::shared_ptr<mm::AddressSpace> memory =
      process.threads.empty() ? nullptr : process.threads.front()->shared.mm;
  if (memory == nullptr) {
    return Errno::kESRCH;
  }
  if (memory->oom_skip) {
    return 0;  // there is nothing left to take
  }
  if (!WillFree(task.kernel(), memory)) {
    return Errno::kEINVAL;
  }
  return Reap(*memory);
}

}  // namespace faultline::os
