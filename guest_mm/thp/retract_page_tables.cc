#include "guest_mm/thp/retract_page_tables.h"

#include "guest_mm/file/mapping.h"
#include "guest_mm/mm/flush_tlb.h"
#include "guest_mm/pgtable/table_lock.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::mm {
namespace {

// Where `vma` could map the folio whole; nothing if it could not.
std::optional<GuestAddr> PlaceIn(const Vma& vma, uint64_t first,
                                 uint64_t huge_bytes) {
  if (vma.pgoff > first) {
    return std::nullopt;
  }
  const GuestAddr a =
      vma.range.start +
      PageCount(first - vma.pgoff).in_bytes(vma.mm->page_shift());
  const bool fits = a.AlignDown(huge_bytes) == a && a < vma.range.end &&
                    vma.range.end - a >= huge_bytes;
  return fits ? std::optional<GuestAddr>(a) : std::nullopt;
}

bool MustKeepTable(const Vma& vma) {
  NoteRead(&vma);
  const bool wp =
      vma.has(VmaFlag::kUffdWp) &&
      vma.mm->system().behaviours().uffd_wp_tables() == UffdWpTables::kKept;
  return vma.anon_vma != nullptr || wp || vma.has(VmaFlag::kMaybeGuard);
}

// The table at `a` leaves the tree, if there is one and it may.
void RetractAt(Vma& vma, GuestAddr a) {
  AddressSpace& mm = *vma.mm;
  PageTable& table = mm.page_table();
  const EntryRef pmd = table.Find(a, PagingGeometry::kHugeLevel);
  if (!pmd || !table.Get(pmd).is_table() || MustKeepTable(vma)) {
    return;
  }
  Scheduler::PointIfActive(kRetractFoundPoint);
  Pfn gone;
  {
    LockGuard upper(table.LockOf(pmd));
    const EntryRef base = table.Find(a, 0);
    if (!base) {
      return;  // somebody else has taken it
    }
    const TablePin pin(table, base.table);
    LockGuard lower(table.LockOf(base));
    if (mm.system().behaviours().retract_tables() !=
            RetractTables::kLooksOnce &&
        MustKeepTable(vma)) {
      return;  // it became so while we waited
    }
    gone = table.Detach(pmd);
    FlushTlb(mm, GuestRange::At(a, table.arch().geometry().HugeBytes()));
  }
  mm.system().phys().Put(gone);
}

// Up to 6.4: only if nobody is at work in the space.
void RetractIfIdle(Vma& vma, GuestAddr a) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  NoteRead(&vma);
  if (vma.anon_vma == nullptr && vma.mm->mmap_lock().WriteTryAcquire()) {
    RetractAt(vma, a);
    vma.mm->mmap_lock().WriteRelease();
  }
}

}  // namespace

void RetractPageTables(MemoryManager& system, Mapping& mapping,
                       uint64_t first) {
  const uint64_t huge = system.arch().geometry().HugeBytes();
  const bool trylock =
      system.behaviours().retract_tables() == RetractTables::kMmapTrylock;
  LockGuard guard(mapping.i_mmap_lock());
  for (const auto& [key, vma] : mapping.vmas()) {
    const std::optional<GuestAddr> a = PlaceIn(*vma, first, huge);
    if (!a.has_value()) {
      continue;
    }
    if (trylock) {
      RetractIfIdle(*vma, *a);
    } else {
      RetractAt(*vma, *a);
    }
  }
}

}  // namespace faultline::mm
