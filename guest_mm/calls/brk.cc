#include <memory>
#include <utility>

#include "guest_mm/calls/calls.h"
#include "guest_mm/calls/populate.h"
#include "guest_mm/calls/unmap.h"
#include "guest_mm/calls/unmapped_area.h"
#include "guest_mm/mm/limits.h"
#include "guest_mm/vma/mte.h"

namespace faultline::mm {
namespace {

// check_data_rlimit(): heap and program data together.
bool WithinDataLimit(const AddressSpace& mm, GuestAddr brk) {
  return mm.limits.data == kNoLimit ||
         (brk - mm.start_brk) + (mm.end_data - mm.start_data) <= mm.limits.data;
}

bool Shrink(AddressSpace& mm, GuestRange gone, UffdUnmapEvents& events) {
  const Vma* heap = mm.vmas().FindAtOrAbove(gone.start);
  if (heap == nullptr || heap->range.start >= gone.end) {
    return false;
  }
  return UnmapLocked(mm, gone, &events).ok();
}

// do_brk_flags().
bool Grow(AddressSpace& mm, GuestRange added) {
  if (!GetUnmappedArea(
           mm, {.hint = added.start, .length = added.size(), .fixed = true})
           .ok() ||
      !MayLock(mm, mm.def_flags, added.size())) {
    return false;
  }
  // One page of room stays below the next mapping, or below its guard.
  const Vma* next = mm.vmas().FindAtOrAbove(added.start);
  if (next != nullptr &&
      added.end + mm.page_shift().bytes() > mm.vmas().GuardedStart(*next)) {
    return false;
  }
  const VmaFlags flags = VmaFlags::FromProt(Prot::RW()) | VmaFlag::kMayRead |
                         VmaFlag::kMayWrite | VmaFlag::kMayExec |
                         VmaFlag::kAccount | mm.def_flags |
                         MteAllowed(mm.system().arch());
  const PageCount pages = added.Pages(mm.page_shift());
  if (!MayExpandVm(mm, flags, pages) ||
      mm.vmas().size() > mm.system().sysctl().max_map_count ||
      !EnoughMemory(mm, int64_t(pages.value()))) {
    return false;
  }
  ErrnoOr<std::unique_ptr<Vma>> vma = NewVma(mm);
  if (!vma.ok()) {
    return false;
  }
  (*vma)->range = added;
  (*vma)->flags = flags | mm.soft_dirty;
  (*vma)->pgoff = added.start.value() >> mm.page_shift().value();
  mm.vmas().Insert(*std::move(vma), VmaSet::Merge::kPrevOnly);
  return true;
}

bool MoveBreak(AddressSpace& mm, GuestAddr brk, GuestRange* populate,
               UffdUnmapEvents& events) {
  if (brk < mm.start_brk || !WithinDataLimit(mm, brk)) {
    return false;
  }
  const GuestAddr now = brk.PageUp(mm.page_shift());
  const GuestAddr old = mm.brk.PageUp(mm.page_shift());
  if (now != old && brk <= mm.brk) {
    if (!Shrink(mm, {now, old}, events)) {
      return false;
    }
  } else if (now != old) {
    // now < old: rounding went round the end of the address space.
    if (now < old || !Grow(mm, {old, now})) {
      return false;
    }
    if (mm.def_flags.has(VmaFlag::kLocked)) {
      *populate = {old, now};
    }
  }
  mm.brk = brk;
  return true;
}

}  // namespace

GuestAddr Brk(AddressSpace& mm, GuestAddr brk) {
  if (!mm.mmap_lock().WriteAcquireKillable()) {
    return mm.brk;  // the caller is about to die and will not look
  }
  GuestRange populate;
  UffdUnmapEvents events;
  MoveBreak(mm, brk, &populate, events);
  const GuestAddr result = mm.brk;
  mm.mmap_lock().WriteRelease();
  events.Complete();
  if (!populate.empty()) {
    (void)PopulateVmas(mm, populate, OnError::kGoOn);
  }
  return result;
}

void SetupBrk(AddressSpace& mm, GuestAddr start) {
  mm.start_brk = start.PageUp(mm.page_shift());
  mm.brk = mm.start_brk;
}

}  // namespace faultline::mm
