#include "guest_mm/calls/calls.h"
#include "guest_mm/calls/locked.h"
#include "guest_mm/calls/unmap.h"
#include "guest_mm/pgtable/range_ops.h"

namespace faultline::mm {

ErrnoOr<Unmapping> GatherUnmap(AddressSpace& mm, GuestRange range,
                               UffdUnmapEvents* events) {
  VmaSet& vmas = mm.vmas();
  Unmapping plan;
  Vma* v = vmas.FindAtOrAbove(range.start);
  if (v == nullptr || v->range.start >= range.end) {
    return plan;
  }
  if (v->has(VmaFlag::kSealed)) {
    return Errno::kEPERM;
  }
  if (v->range.start < range.start) {
    // The one case in which munmap leaves more VMAs than it found.
    if (range.end < v->range.end &&
        vmas.size() >= mm.system().sysctl().max_map_count) {
      return Errno::kENOMEM;
    }
    FL_ASSIGN(v, vmas.Split(*v, range.start, VmaSet::MapLimit::kIgnored));
  }
  for (; v != nullptr && v->range.start < range.end; v = vmas.Next(*v)) {
    if (v->has(VmaFlag::kSealed)) {
      return Errno::kEPERM;
    }
    if (range.end < v->range.end) {
      FL_TRY(vmas.Split(*v, range.end, VmaSet::MapLimit::kIgnored));
    }
    if (events != nullptr) {
      events->Prepare(*v, range);
    }
    const PageCount pages = v->range.Pages(mm.page_shift());
    plan.pages += pages;
    plan.accounted += v->has(VmaFlag::kAccount) ? pages : PageCount();
  }
  return plan;
}

// The VMAs leave their files only after the pages are gone, so that a
// truncation finds every page that is still mapped.
void CompleteUnmap(AddressSpace& mm, GuestRange range) {
  VmaSet& vmas = mm.vmas();
  Vma* const first = vmas.FindAtOrAbove(range.start);
  if (first == nullptr || first->range.start >= range.end) {
    return;
  }
  const Vma* const below = vmas.Prev(*first);
  GuestRange limits{below ? below->range.end : GuestAddr(0),
                    mm.system().arch().layout().user_end};
  Vma* v = first;
  for (; v != nullptr && v->range.start < range.end; v = vmas.Next(*v)) {
    ZapRange(mm, *v, v->range, Markers::kDrop);
  }
  if (v != nullptr) {
    limits.end = v->range.start;
  }
  v = first;
  while (v != nullptr && v->range.start < range.end) {
    Vma* const next = vmas.Next(*v);
    vmas.Remove(*v);
    v = next;
  }
  mm.page_table().FreeEmptyTables(range, limits);
}

ErrnoOr<Done> UnmapLocked(AddressSpace& mm, GuestRange range,
                          UffdUnmapEvents* events) {
  FL_TRY(GatherUnmap(mm, range, events));
  CompleteUnmap(mm, range);
  return kDone;
}

ErrnoOr<Done> MunmapLocked(AddressSpace& mm, GuestAddr start, uint64_t length,
                           UffdUnmapEvents* events) {
  const uint64_t user_end = mm.system().arch().layout().user_end.value();
  if (!start.IsPageAligned(mm.page_shift()) || start.value() > user_end ||
      length > user_end - start.value()) {
    return Errno::kEINVAL;
  }
  const GuestRange range{start, (start + length).PageUp(mm.page_shift())};
  if (range.empty()) {
    return Errno::kEINVAL;
  }
  return UnmapLocked(mm, range, events);
}

ErrnoOr<Done> Munmap(AddressSpace& mm, GuestAddr start, uint64_t length) {
  UffdUnmapEvents events;
  const auto result = UnderWriteLock(
      mm, [&] { return MunmapLocked(mm, start, length, &events); });
  events.Complete();
  return result;
}

}  // namespace faultline::mm
