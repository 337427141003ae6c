// Taking huge pages out of a range. Linux: mm/hugetlb.c
// __unmap_hugepage_range(), unmap_ref_private().

#include <optional>

#include "guest_mm/hugetlb/hugetlb_range.h"
#include "guest_mm/hugetlb/rmap.h"
#include "guest_mm/pgtable/tlb_gather.h"
#include "guest_mm/pgtable/walk.h"
#include "guest_mm/rmap/rmap_walk.h"

namespace faultline::mm {
namespace {

class Zapper {
 public:
  // `only`: the one page to take; nothing: all.
  Zapper(Vma& vma, Markers markers, std::optional<Pfn> only = std::nullopt)
      : vma_(vma), markers_(markers), only_(only), gather_(*vma.mm) {}

  void Zap(GuestRange range) {
    const int level = vma_.file->hugetlb()->pool().level();
    WalkSpans(vma_.mm->page_table(), range, [&](const EntrySpan& span) {
      if (span.first.level == level && span.whole) {
        ZapEntry(span.first, span.range());
      }
      return true;
    });
    // Before the VMA's lock is dropped: whoever finds the page reserved again
    // must find it free, too.
    gather_.Finish();
  }

 private:
  void ZapEntry(const EntryRef& r, GuestRange range) {
    PageTable& table = vma_.mm->page_table();
    LockGuard guard(table.LockOf(r));
    const Entry e = table.Get(r);
    if (only_.has_value()) {
      if (!e.present() || e.pfn() != *only_) {
        return;
      }
      vma_.hugetlb_unmapped = true;
    }
    const bool stays_protected =
        markers_ == Markers::kKeep &&
        (e.flags.has(EntryFlag::kUffdWp) || e.marker(kMarkerUffdWp));
    table.Set(r,
              stays_protected ? Entry::Marker(kMarkerUffdWp) : Entry::None());
    if (!e.present()) {
      return;  // a marker, or what is known of a lost page
    }
    gather_.Add(range);
    Frame& folio = vma_.mm->system().phys().frame(e.pfn());
    RemoveHugetlbRmap(*vma_.mm, folio);
    gather_.RemovePage(e.pfn());
    if (OwnsReservation(vma_) && IsAnon(folio)) {
      ReserveAgain(folio, r.address);
    }
  }

  // Else others could take the page that the owner was promised. Only if it
  // will be free at once: Linux does it for pages that a child still maps, too,
  // and then has promised more than there is.
  void ReserveAgain(Frame& folio, GuestAddr a) {
    if (vma_.file->hugetlb()->pool().surplus() > 0 || folio.refcount != 1) {
      return;
    }
    folio.restore_reserve = true;
    const HugePageClaim claim = HugePageClaim::Of(vma_, a);
    if (claim.Lacks()) {
      claim.Add();
    }
  }

  Vma& vma_;
  const Markers markers_;
  std::optional<Pfn> only_;
  TlbGather gather_;
};

}  // namespace

// hugetlb_zap_begin() and hugetlb_zap_end() hold both locks.
void ZapHugetlbRange(Vma& vma, GuestRange range,
                     Markers markers) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  HugetlbShare* const share = vma.hugetlb_share.get();
  if (share != nullptr) {
    share->lock.WriteAcquire();
  }
  {
    LockGuard files(vma.file->mapping().i_mmap_lock());
    Zapper(vma, markers).Zap(range);
  }
  if (share != nullptr) {
    share->lock.WriteRelease();
  }
}

void ZapHugetlbFileRange(Vma& vma,
                         GuestRange range) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  HugetlbShare* const share = vma.hugetlb_share.get();
  if (share != nullptr && !share->lock.WriteTryAcquire()) {
    return;
  }
  Zapper(vma, Markers::kDrop).Zap(range);
  if (share != nullptr) {
    share->lock.WriteRelease();
  }
}

void UnmapHugetlbFromChildren(Vma& owner, GuestAddr address, Pfn page) {
  Mapping& mapping = owner.file->mapping();
  const uint64_t index = owner.PageIndex(address, owner.mm->page_shift());
  const HugePagePool& pool = owner.file->hugetlb()->pool();
  LockGuard guard(mapping.i_mmap_lock());
  RmapWalkLocked(mapping, {index, 1}, [&](Vma& vma, GuestRange range) {
    if (&vma != &owner && !vma.has(VmaFlag::kMayShare) &&
        !OwnsReservation(vma)) {
      Zapper(vma, Markers::kKeep, page)
          .Zap(GuestRange::At(range.start, pool.bytes()));
    }
    return true;
  });
}

}  // namespace faultline::mm
