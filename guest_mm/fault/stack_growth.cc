#include "guest_mm/fault/stack_growth.h"

namespace faultline::mm {
namespace {

// Does `bytes` more exceed a limit that `used` pages count towards?
bool Exceeds(uint64_t limit, PageCount used, uint64_t bytes, PageShift shift) {
  return limit != kNoLimit &&
         (used.in_bytes(shift) > limit || bytes > limit - used.in_bytes(shift));
}

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
  if (start.value() < sysctl.mmap_min_addr) {
    return Errno::kEPERM;
  }
  const Vma* const below = mm.vmas().Prev(vma);
  const uint64_t gap = sysctl.stack_guard_gap_pages << shift.value();
  if (below != nullptr && TooNearTo(*below, start, gap)) {
    return Errno::kENOMEM;
  }
  const uint64_t grown = vma.range.start - start;
  if (vma.range.end - start > mm.limits.stack ||
      Exceeds(mm.limits.as, mm.total_vm, grown, shift)) {
    return Errno::kENOMEM;
  }
  if (vma.has(VmaFlag::kLocked) && !mm.limits.can_exceed_memlock &&
      Exceeds(mm.limits.memlock, mm.locked_vm, grown, shift)) {
    return Errno::kENOMEM;
  }
  mm.vmas().Resize(vma, {start, vma.range.end});
  return kDone;
}

}  // namespace faultline::mm
