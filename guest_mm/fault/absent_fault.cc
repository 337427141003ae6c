// Entries that are neither empty nor a page. Linux: mm/memory.c, the first
// part of do_swap_page(), and handle_pte_marker().

#include "guest_mm/base/check.h"
#include "guest_mm/fault/handle_mm_fault.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/uffd/uffd_vma.h"

namespace faultline::mm {
namespace {

VmFaultResult DoMarker(VmFault& f) {
  if ((f.orig.payload & kMarkerPoison) != 0) {
    return VmFaultResult::Poisoned(f.mm.page_shift());
  }
  if ((f.orig.payload & kMarkerGuard) != 0) {
    return VmFaultResult::Of(VmFaultResult::Kind::kSegv);
  }
  // Protected while nothing was here: the page that comes now is, too
  // (pte_marker_handle_uffd_wp()).
  if (f.orig.marker(kMarkerUffdWp) && UffdWp(f.vma)) {
    return f.vma.anonymous() ? DoAnonymousPage(f) : DoFileFault(f);
  }
  // Anything else says something about a page that is not there: it is
  // dropped and the access faults again on an empty entry
  // (pte_marker_clear()).
  LockGuard guard(f.ptl());
  if (f.Unchanged()) {
    f.table().Set(f.entry, Entry::None());
  }
  return VmFaultResult::Done();
}

// migration_entry_wait(). Without a reference to the page, which whoever is at
// work on it could not tell from one that forbids the work.
VmFaultResult WaitForMigration(VmFault& f) {
  // No point was passed since the entry was looked at: no wake-up is missed.
  Scheduler::Active()->Wait(f.mm.system().migration_wait(), Interruptible::kNo);
  return VmFaultResult::Done();
}

}  // namespace

VmFaultResult DoAbsentEntry(VmFault& f) {
  switch (f.orig.kind) {
    case EntryKind::kMarker:
      return DoMarker(f);
    case EntryKind::kHwPoison:
      return VmFaultResult::Poisoned(f.mm.page_shift());
    case EntryKind::kMigration:
      return WaitForMigration(f);
    case EntryKind::kSwap:
      return DoSwapPage(f);
    case EntryKind::kNone:
    case EntryKind::kTable:
    case EntryKind::kPage:
      break;
  }
  return VmFaultResult::Done();
}

}  // namespace faultline::mm
