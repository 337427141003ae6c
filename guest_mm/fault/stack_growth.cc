#include "guest_mm/fault/stack_growth.h"

#include "guest_mm/mm/limits.h"
#include "guest_mm/vma/anon_vma.h"

namespace faultline::mm {
namespace {

bool TooNearTo(const Vma& below, GuestAddr address, uint64_t gap) {
  // Another stack keeps its own gap; PROT_NONE memory is a gap itself.
  return !below.has(VmaFlag::kGrowsDown) && !below.prot().none() &&
         address - below.range.end < gap;
}

}  // namespace

ErrnoOr<Done> ExpandStack(AddressSpace& mm, Vma& vma, GuestAddr address) {
  mm.mmap_lock().AssertWriteHeld();
  const PageShift shift = mm.page_shift();
  const VmSysctl& sysctl = mm.system().sysctl();
  const GuestAddr start = address.PageDown(shift);
  if (start.value() < mm.system().lowest_mapping()) {
    return Errno::kEPERM;
  }
  const Vma* const below = mm.vmas().Prev(vma);
  const uint64_t gap = sysctl.stack_guard_gap_pages << shift.value();
  if (below != nullptr && TooNearTo(*below, start, gap)) {
    return Errno::kENOMEM;
  }
  FL_TRY(PrepareAnonVma(vma));  // whether it will grow, or have pages, or not
  const PageCount grown = GuestRange{start, vma.range.start}.Pages(shift);
  if (vma.range.end - start > mm.limits.stack ||
      !MayExpandVm(mm, vma.flags, grown) ||
      !MayLock(mm, vma.flags, grown.in_bytes(shift)) ||
      (vma.has(VmaFlag::kAccount) &&
       !EnoughMemory(mm, int64_t(grown.value())))) {
    return Errno::kENOMEM;
  }
  mm.vmas().Resize(vma, {start, vma.range.end});
  return kDone;
}

}  // namespace faultline::mm
