#include "guest_mm/calls/swapoff.h"

#include <algorithm>
#include <optional>

#include "guest_mm/fault/fatal_signal.h"
#include "guest_mm/fault/handle_mm_fault.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::mm {
namespace {

// The first entry at or above `from` that stands for a page in swap.
// mmap_lock is held.
std::optional<GuestAddr> NextSwapEntry(AddressSpace& mm, GuestAddr from) {
  std::optional<GuestAddr> found;
  for (Vma* v = mm.vmas().FindAtOrAbove(from);
       v != nullptr && !found.has_value(); v = mm.vmas().Next(*v)) {
    const GuestRange range{std::max(from, v->range.start), v->range.end};
    mm.page_table().ForEach(range, [&](const EntryRef& r, const Entry& e) {
      if (e.swap()) {
        found = r.address;
      }
      return !found.has_value();
    });
  }
  return found;
}

// unuse_mm(): faults do the work, one page each.
ErrnoOr<Done> UnuseSpace(AddressSpace& mm) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  GuestAddr at(0);
  while (mm.rss.swap != PageCount()) {
    if (FatalSignalPending()) {
      return Errno::kEINTR;
    }
    mm.mmap_lock().ReadAcquire();
    const std::optional<GuestAddr> next = NextSwapEntry(mm, at);
    Vma* const v = next.has_value() ? mm.vmas().Find(*next) : nullptr;
    if (v == nullptr) {
      mm.mmap_lock().ReadRelease();
      return kDone;
    }
    at = *next;
    const VmFaultResult result =
        HandleMmFault(mm, *v, at, Access::kRead, FaultAttempt::kFirst);
    if (result.released()) {
      continue;  // mmap_lock was given back; the wait is over
    }
    mm.mmap_lock().ReadRelease();
    if (!result.done()) {
      return Errno::kENOMEM;
    }
  }
  return kDone;
}

// shmem_unuse().
ErrnoOr<Done> UnuseFiles(SwapArea& swap) {
  std::vector<Mapping*>& files = swap.files();
  while (!files.empty()) {
    Mapping* const file = files.front();
    FL_TRY(file->SwapInAll());
    // It has nothing there now, or it would be registered again.
    files.erase(std::find(files.begin(), files.end(), file));
  }
  return kDone;
}

// Copies that nobody needs, as their pages are in memory for good.
void EmptyCache(MemoryManager& system) {
  SwapArea& swap = system.swap();
  PhysMem& phys = system.phys();
  SwapSlot after;
  while (const std::optional<Pfn> pfn = swap.NextUnheld(after)) {
    after = phys.frame(*pfn).swap_slot;
    phys.Get(*pfn);
    {
      LockGuard guard(phys.frame(*pfn).lock);
      (void)swap.FreeSwap(*pfn);
    }
    swap.PutPage(*pfn);
  }
}

// try_to_unuse().
ErrnoOr<Done> Unuse(MemoryManager& system, SpacesToSearch spaces) {
  SwapArea& swap = system.swap();
  while (swap.used() != PageCount()) {
    FL_TRY(UnuseFiles(swap));
    for (const std::shared_ptr<AddressSpace>& mm : spaces()) {
      FL_TRY(UnuseSpace(*mm));
    }
    EmptyCache(system);
    if (FatalSignalPending()) {
      return Errno::kEINTR;
    }
    // What is left belongs to somebody who is just coming or going.
    if (swap.used() != PageCount() && Scheduler::Current() != nullptr) {
      Scheduler::Active()->GoRound(kSwapOffPoint);
    }
  }
  return kDone;
}

}  // namespace

ErrnoOr<Done> SwapOff(MemoryManager& system, SpacesToSearch spaces) {
  SwapArea& swap = system.swap();
  swap.set_on(false);
  const ErrnoOr<Done> done = Unuse(system, spaces);
  if (!done.ok()) {
    swap.set_on(true);
  }
  return done;
}

}  // namespace faultline::mm
