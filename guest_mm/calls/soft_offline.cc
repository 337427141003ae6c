// MADV_SOFT_OFFLINE. Linux: mm/memory-failure.c soft_offline_page(),
// soft_offline_in_use_page().

#include "guest_mm/calls/injected_pages.h"
#include "guest_mm/calls/memory_error.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/rmap/migrate_page.h"
#include "guest_mm/rmap/pin.h"
#include "guest_mm/thp/split_folio.h"

namespace faultline::mm {
namespace {

// With the lock of the page's folio.
ErrnoOr<Done> GiveUpLocked(MemoryManager& system, Pfn pfn) {
  PhysMem& phys = system.phys();
  if (phys.frame(pfn).hw_poisoned) {
    return kDone;
  }
  if (phys.folio(pfn).order > 0 && !SplitFolio(system, pfn).ok()) {
    return Errno::kEBUSY;
  }
  Frame& page = phys.frame(pfn);
  // What nobody maps and the file has too need not move (mapping_evict_folio).
  const bool dropped = page.use == FrameUse::kPageCache &&
                       page.mapping != nullptr && page.mapping->DropPage(pfn);
  if (!dropped && !MigratePage(system, pfn).ok()) {
    return Errno::kEBUSY;
  }
  page.hw_poisoned = true;
  return kDone;
}

ErrnoOr<Done> GiveUp(MemoryManager& system,
                     Pfn pfn) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  PhysMem& phys = system.phys();
  // A split leaves the lock to the page that it was asked for.
  phys.folio(pfn).lock.Acquire();
  const ErrnoOr<Done> done = GiveUpLocked(system, pfn);
  phys.folio(pfn).lock.Release();
  return done;
}

}  // namespace

ErrnoOr<Done> SoftOfflinePages(AddressSpace& mm, GuestRange range) {
  MemoryManager& system = mm.system();
  return ForEachInjected(mm, range, [&](GuestAddr a, Pfn pfn) -> ErrnoOr<Done> {
    if (!system.sysctl().enable_soft_offline) {
      return Errno::kEOPNOTSUPP;
    }
    if (system.phys().folio(pfn).use == FrameUse::kHugeTlb) {
      return SoftOfflineHugePage(system, PlaceAt(mm, a), pfn);
    }
    if (IsZeroPage(system, pfn)) {
      return Errno::kEIO;
    }
    return GiveUp(system, pfn);
  });
}

}  // namespace faultline::mm
