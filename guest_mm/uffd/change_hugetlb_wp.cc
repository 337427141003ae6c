// The huge pages' part of write-protection. Linux: mm/hugetlb.c
// hugetlb_change_protection(), for MM_CP_UFFD_WP and MM_CP_UFFD_WP_RESOLVE.

#include "guest_mm/hugetlb/range_locks.h"
#include "guest_mm/pgtable/tlb_gather.h"
#include "guest_mm/rmap/pin.h"
#include "guest_mm/uffd/uffd_vma.h"
#include "guest_mm/uffd/write_protect.h"

namespace faultline::mm {
namespace {

class HugetlbWpChanger {
 public:
  HugetlbWpChanger(Vma& vma, UffdProtection how, UffdWpReport* report)
      : mm_(*vma.mm),
        table_(mm_.page_table()),
        pool_(vma.file->hugetlb()->pool()),
        protect_(how == UffdProtection::kProtect),
        report_(report),
        gather_(mm_) {}

  int64_t Run(GuestRange range) {
    int64_t pages = 0;
    for (GuestAddr a = range.start; a < range.end; a += pool_.bytes()) {
      EntryRef ref = table_.Find(a, pool_.level());
      if (!ref && protect_) {
        const ErrnoOr<EntryRef> made = table_.FindOrAllocate(a, pool_.level());
        if (!made.ok()) {
          const bool told =
              mm_.system().behaviours().wp_enomem() == WpEnomem::kTold;
          if (report_ != nullptr) {
            report_->not_protected += range.end - a;
            return -int64_t(made.error());
          }
          return told ? -int64_t(made.error()) : pages;
        }
        ref = *made;
      }
      if (ref && Change(ref)) {
        pages += int64_t(pool_.pages().value());
      }
    }
    return pages;
  }

 private:
  bool LeavesOut(const Entry& e) const {
    return protect_ && report_ != nullptr && report_->skip_pinned &&
           MaybeDmaPinned(mm_.system().phys().folio(e.pfn()));
  }

  // True: there was a page.
  bool Change(const EntryRef& ref) {
    LockGuard guard(table_.LockOf(ref));
    Entry e = table_.Get(ref);
    if (e.none() && protect_) {
      table_.Set(ref, Entry::Marker(kMarkerUffdWp));
    } else if (e.kind == EntryKind::kMarker && !protect_) {
      table_.Set(ref, WithoutUffdWp(e));
    }
    if (!e.present()) {
      return false;
    }
    if (LeavesOut(e)) {
      report_->not_protected += pool_.bytes();
      return false;
    }
    if (e.write()) {
      gather_.Add(GuestRange::At(ref.address, pool_.bytes()));
    }
    // Armed memory has no right to write of itself: once released, the first
    // store gets it by a fault.
    e.flags =
        e.flags.set(EntryFlag::kUffdWp, protect_).without(EntryFlag::kWrite);
    table_.Set(ref, e);
    return true;
  }

  AddressSpace& mm_;
  PageTable& table_;
  const HugePagePool& pool_;
  const bool protect_;
  UffdWpReport* const report_;
  TlbGather gather_;  // flushes once, at the end
};

}  // namespace

int64_t ChangeHugetlbUffdWp(Vma& v, GuestRange range, UffdProtection how,
                            UffdWpReport* report) {
  const HugetlbRangeLocks locks(v);
  return HugetlbWpChanger(v, how, report).Run(range);
}

}  // namespace faultline::mm
