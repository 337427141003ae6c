#include "guest_mm/thp/collapse_pte_mapped.h"

#include <optional>

#include "guest_mm/file/mapping.h"
#include "guest_mm/mm/flush_tlb.h"
#include "guest_mm/pgtable/page_prot.h"
#include "guest_mm/pgtable/table_lock.h"
#include "guest_mm/rmap/mlock_folio.h"
#include "guest_mm/rmap/rmap.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/thp/eligible.h"
#include "guest_mm/thp/find_table.h"

namespace faultline::mm {
namespace {

class PteMappedCollapser {
 public:
  // `head` is locked.
  PteMappedCollapser(AddressSpace& mm, Vma& vma, GuestAddr a, Pfn head)
      : mm_(mm),
        table_(mm.page_table()),
        vma_(vma),
        address_(a),
        head_(head),
        pages_(mm.system().arch().geometry().HugePages()) {}

  // Steps 1 to 4.
  ScanResult Run(const EntryRef& pmd) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    const EntryRef base = table_.Find(address_, 0);
    const TablePin pin(table_, base.table);
    Lock& upper = table_.LockOf(pmd);
    Lock& lower = table_.LockOf(base);
    {
      LockGuard guard(lower);
      if (!table_.InTree(base)) {
        return ScanResult::kFail;
      }
      const ScanResult checked = Check(base);
      if (checked != ScanResult::kSucceed) {
        return checked;
      }
    }
    Scheduler::PointIfActive(kPteMappedCheckedPoint);
    bool upper_held = false;
    if (KeepsUpperLock()) {
      upper.Acquire();
      upper_held = true;
    }
    lower.Acquire();
    ScanResult result = Clear(base);
    if (result == ScanResult::kSucceed && WantsTrylock()) {
      // The other order: only if it costs no wait; else all over again, with
      // both from the start.
      upper_held = upper.TryAcquire();
      if (!upper_held) {
        lower.Release();
        upper.Acquire();
        upper_held = true;
        lower.Acquire();
        ++mm_.system().thp().rescans;
        result = Clear(base);
      }
    }
    if (result != ScanResult::kSucceed) {
      Flush();
      lower.Release();
      if (upper_held) {
        upper.Release();
      }
      return result;
    }
    const bool keeps_lower =
        upper_held && behaviour() != CollapseUffd::kPmlOnly;
    if (!keeps_lower) {
      lower.Release();
    }
    Scheduler::PointIfActive(kPteMappedClearedPoint);
    if (!upper_held) {
      upper.Acquire();
    }
    if (!keeps_lower) {
      lower.Acquire();
    }
    const Pfn gone = table_.Detach(pmd);
    Flush();
    lower.Release();
    upper.Release();
    mm_.system().phys().Put(gone);
    return ScanResult::kSucceed;
  }

  // Step 5 (set_huge_pmd()).
  ScanResult Map(const EntryRef& pmd) {
    PhysMem& phys = mm_.system().phys();
    LockGuard guard(table_.LockOf(pmd));
    if (!table_.Get(pmd).none()) {
      return ScanResult::kFail;
    }
    phys.Get(head_);
    AddFileRmapPmd(mm_, head_);
    MlockVmaFolio(vma_, head_);
    table_.Set(
        pmd, Entry::Page(
                 head_,
                 PageProt(mm_.system().arch(), vma_).with(EntryFlag::kYoung)));
    ++mm_.system().thp().counters.file_mapped;
    return ScanResult::kSucceed;
  }

 private:
  CollapseUffd behaviour() const {
    return mm_.system().behaviours().collapse_uffd();
  }
  // Private memory into which userfaultfd may put pages at any time.
  bool UffdMayFill() const {
    return !vma_.shared() &&
           vma_.flags.any(VmaFlag::kUffdMissing | VmaFlag::kUffdWp |
                          VmaFlags(VmaFlag::kUffdMinor));
  }
  bool KeepsUpperLock() const {
    return (behaviour() == CollapseUffd::kPmlEarly ||
            behaviour() == CollapseUffd::kPmlOnly) &&
           UffdMayFill();
  }
  bool WantsTrylock() const {
    return behaviour() == CollapseUffd::kTrylockRestart && UffdMayFill();
  }

  EntryRef At(const EntryRef& base, uint64_t i) const {
    const uint64_t page = mm_.page_shift().bytes();
    return {0, base.table, base.word + i, address_ + i * page};
  }

  ScanResult CheckEntry(const EntryRef& r, uint64_t i) const {
    if (*r.word == 0) {
      return ScanResult::kSucceed;
    }
    const Entry e = table_.Get(r);
    if (!e.present()) {
      return ScanResult::kPteNonPresent;
    }
    return e.counted() && e.pfn() == head_ + i ? ScanResult::kSucceed
                                               : ScanResult::kFail;
  }

  ScanResult Check(const EntryRef& base) const {
    for (uint64_t i = 0; i < pages_; ++i) {
      const ScanResult result = CheckEntry(At(base, i), i);
      if (result != ScanResult::kSucceed) {
        return result;
      }
    }
    return ScanResult::kSucceed;
  }

  // Steps 2 and 3; on failure those before the entry that does not suit are
  // cleared.
  ScanResult Clear(const EntryRef& base) {
    for (uint64_t i = 0; i < pages_; ++i) {
      const EntryRef r = At(base, i);
      const ScanResult result = CheckEntry(r, i);
      if (result != ScanResult::kSucceed) {
        return result;
      }
      if (*r.word != 0) {
        mm_.system().phys().frame(head_).dirty |= table_.Get(r).dirty();
        table_.Set(r, Entry::None());
        MunlockVmaFolio(vma_, head_ + i);
        RemoveRmap(mm_, head_ + i);
        mm_.system().phys().Put(head_);
      }
    }
    return ScanResult::kSucceed;
  }

  void Flush() {
    FlushTlb(mm_, GuestRange::At(address_,
                                 mm_.system().arch().geometry().HugeBytes()));
  }

  AddressSpace& mm_;
  PageTable& table_;
  Vma& vma_;
  const GuestAddr address_;
  const Pfn head_;
  const uint64_t pages_;
};

// With the folio locked.
ScanResult CollapseLocked(AddressSpace& mm, Vma& vma, GuestAddr a, Pfn head,
                          InstallHuge install) {
  EntryRef pmd;
  PteMappedCollapser collapser(mm, vma, a, head);
  ScanResult found = FindTable(mm.page_table(), a, &pmd);
  if (found == ScanResult::kPmdNull && !pmd && install == InstallHuge::kMap &&
      mm.system().behaviours().collapse_no_table() == CollapseNoTable::kMaps) {
    const ErrnoOr<EntryRef> made =
        mm.page_table().FindOrAllocate(a, PagingGeometry::kHugeLevel);
    if (!made.ok()) {
      return ScanResult::kFail;
    }
    pmd = *made;
    found = FindTable(mm.page_table(), a, &pmd);
  }
  switch (found) {
    case ScanResult::kSucceed: {
      const ScanResult result = collapser.Run(pmd);
      if (result != ScanResult::kSucceed) {
        return result;
      }
      break;
    }
    case ScanResult::kPmdNone:
      break;  // retracted already
    default:
      return found;
  }
  return install == InstallHuge::kMap ? collapser.Map(pmd)
                                      : ScanResult::kSucceed;
}

}  // namespace

ScanResult CollapsePteMapped(AddressSpace& mm, GuestAddr a, InstallHuge install)
    ABSL_NO_THREAD_SAFETY_ANALYSIS {
  Vma* const vma = mm.vmas().Find(a);
  const uint64_t huge = mm.system().arch().geometry().HugeBytes();
  if (vma == nullptr || vma->file == nullptr || vma->range.end - a < huge) {
    return ScanResult::kVmaCheck;
  }
  EntryRef pmd;
  if (FindTable(mm.page_table(), a, &pmd) == ScanResult::kPmdMapped) {
    return ScanResult::kPmdMapped;
  }
  if (!HugeAllowed(*vma, ThpFor::kCollapse)) {
    return ScanResult::kVmaCheck;
  }
  if (vma->has(VmaFlag::kUffdWp) &&
      mm.system().behaviours().uffd_wp_tables() == UffdWpTables::kKept) {
    return ScanResult::kPteUffdWp;  // markers would be lost with the table
  }
  Mapping& mapping = vma->file->mapping();
  const uint64_t index = vma->PageIndex(a, mm.page_shift());
  const Pfn* const found = mapping.Find(index);
  if (found == nullptr) {
    return ScanResult::kPageNull;
  }
  const Pfn pfn = *found;
  PhysMem& phys = mm.system().phys();
  phys.Get(pfn);
  Frame& folio = phys.folio(pfn);
  folio.lock.Acquire();
  ScanResult result = ScanResult::kPageNull;  // truncated meanwhile
  if (folio.mapping == &mapping) {
    result = folio.order == mm.system().arch().geometry().HugeOrder()
                 ? CollapseLocked(mm, *vma, a, pfn, install)
                 : ScanResult::kPageCompound;
  }
  folio.lock.Release();
  phys.Put(pfn);
  return result;
}

}  // namespace faultline::mm
