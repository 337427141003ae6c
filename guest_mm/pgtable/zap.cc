// Taking pages out of a range. Linux: mm/memory.c unmap_page_range(),
// zap_pte_range(), unmap_mapping_range().

#include "guest_mm/base/check.h"
#include "guest_mm/hugetlb/hugetlb_range.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/pgtable/range_ops.h"
#include "guest_mm/pgtable/tlb_gather.h"
#include "guest_mm/pgtable/walk.h"
#include "guest_mm/rmap/mlock_folio.h"
#include "guest_mm/rmap/rmap.h"
#include "guest_mm/thp/split_pmd.h"
#include "guest_mm/uffd/uffd_vma.h"

namespace faultline::mm {
namespace {

class Zapper {
 public:
  Zapper(Vma& vma, EvenCows even_cows, Markers markers)
      : mm_(*vma.mm),
        vma_(vma),
        even_cows_(even_cows),
        markers_(markers),
        gather_(mm_) {}

  void Zap(GuestRange range) {
    WalkSpans(mm_.page_table(), range, [this](const EntrySpan& span) {
      if (span.huge()) {
        ZapHuge(span);
      } else {
        ZapSpan(span);
      }
      if (gather_.full()) {
        gather_.Finish();
      }
      return true;
    });
  }

 private:
  // zap_pmd_range(), zap_huge_pmd(). Of a huge page at the edge of the range
  // only a part goes: it is split, and the walk goes on in its table.
  void ZapHuge(const EntrySpan& span) {
    if (!span.whole) {
      SplitHugePmd(mm_, vma_, span.first.address);
      return;
    }
    PageTable& table = mm_.page_table();
    LockGuard guard(table.LockOf(span.first));
    const Entry e = table.Get(span.first);
    if (e.is_table() || e.none()) {
      return;  // others were faster
    }
    if (!e.present()) {
      table.Set(span.first, Entry::None());
      return;
    }
    Frame& folio = mm_.system().phys().frame(e.pfn());
    const bool anon = folio.use == FrameUse::kAnon;
    if (anon && even_cows_ == EvenCows::kNo) {
      return;
    }
    table.Set(span.first, Entry::None());
    gather_.Add(span.range());
    if (anon || e.special()) {
      table.FreeSpare(table.Withdraw(span.first));
    }
    if (e.special()) {
      return;
    }
    if (!anon) {
      folio.dirty |= e.dirty();
      folio.referenced |= e.young();
    }
    MunlockVmaFolio(vma_, e.pfn());
    RemoveRmapPmd(mm_, e.pfn());
    gather_.RemovePage(e.pfn());
    if (!anon && e.dirty()) {
      gather_.FlushNow();
    }
  }

  void ZapSpan(const EntrySpan& span) {
    PageTable& table = mm_.page_table();
    const SpanLock guard(table, span);
    if (!guard) {
      return;
    }
    bool flush_before_unlock = false;
    for (uint64_t i = 0; i < span.count; ++i) {
      const EntryRef r = span[i];
      if (*r.word != 0) {
        flush_before_unlock |= ZapEntry(r, table.Get(r), span.entry_bytes);
      }
    }
    if (flush_before_unlock) {
      gather_.FlushNow();
    }
  }

  // True if the flush must not wait until the lock is dropped.
  bool ZapEntry(const EntryRef& r, const Entry& e, uint64_t bytes) {
    PageTable& table = mm_.page_table();
    if (e.swap()) {
      if (even_cows_ == EvenCows::kYes) {  // a private copy, as pages are
        table.Set(r, InItsPlace(e));
        mm_.rss.swap -= PageCount(1);
        mm_.system().swap().DropAndCache(e.slot());
      }
      return false;
    }
    if (e.kind == EntryKind::kMarker && MarkerStays(e)) {
      return false;
    }
    if (e.kind == EntryKind::kHwPoison && even_cows_ == EvenCows::kNo) {
      return false;  // that data was lost stays known
    }
    if (!e.counted()) {
      // Entries without a page go too; special pages have no counts.
      if (e.kind == EntryKind::kMigration && !ZapMigration(e)) {
        return false;
      }
      table.Set(r, Entry::None());
      if (e.present()) {
        gather_.Add(GuestRange::At(r.address, bytes));
      }
      return false;
    }
    Frame& folio = mm_.system().phys().folio(e.pfn());
    const bool file_page = folio.use != FrameUse::kAnon;
    if (!file_page && even_cows_ == EvenCows::kNo) {
      return false;
    }
    table.Set(r, InItsPlace(e));
    gather_.Add(GuestRange::At(r.address, bytes));
    const bool stores_may_follow = file_page && e.dirty();
    if (stores_may_follow) {
      folio.dirty = true;
    }
    folio.referenced |= file_page && e.young();
    MunlockVmaFolio(vma_, e.pfn());
    RemoveRmap(mm_, e.pfn());
    gather_.RemovePage(e.pfn());
    return stores_may_follow;
  }

  // Protection of a file's place outlives the page, which may come back; of
  // anonymous memory nothing does (zap_install_uffd_wp_if_needed()).
  bool KeepsProtection() const {
    return markers_ == Markers::kKeep && !vma_.anonymous() && UffdWp(vma_);
  }
  Entry InItsPlace(const Entry& e) const {
    return KeepsProtection() && e.flags.has(EntryFlag::kUffdWp)
               ? Entry::Marker(kMarkerUffdWp)
               : Entry::None();
  }
  bool MarkerStays(const Entry& e) const {
    if (markers_ == Markers::kDrop) {
      return false;
    }
    return e.marker(kMarkerGuard) ||
           (e.marker(kMarkerUffdWp) && !vma_.anonymous()) ||
           (e.marker(kMarkerPoison) && even_cows_ == EvenCows::kNo);
  }

  // The mark of a page that is being moved was counted as resident. False: it
  // is to stay.
  bool ZapMigration(const Entry& e) {
    const Frame& folio = mm_.system().phys().folio(e.pfn());
    if (folio.use == FrameUse::kAnon && even_cows_ == EvenCows::kNo) {
      return false;
    }
    RssOf(mm_, folio) -= PageCount(1);
    return true;
  }

  AddressSpace& mm_;
  Vma& vma_;
  EvenCows even_cows_;
  Markers markers_;
  TlbGather gather_;
};

}  // namespace

void ZapRange(AddressSpace& mm, Vma& vma, GuestRange range, Markers markers) {
  FL_DCHECK(vma.mm == &mm);
  if (vma.hugetlb()) {
    ZapHugetlbRange(vma, range, markers);
    return;
  }
  Zapper(vma, EvenCows::kYes, markers).Zap(range);
}

void ZapFileRange(Vma& vma, GuestRange range, EvenCows even_cows) {
  if (vma.hugetlb()) {
    ZapHugetlbFileRange(vma, range);
    return;
  }
  Zapper(vma, even_cows, Markers::kKeep).Zap(range);
}

}  // namespace faultline::mm
