// The page tables' part of write-protection. Linux: mm/mprotect.c
// change_protection_range() down to change_pte_range(), for MM_CP_UFFD_WP and
// MM_CP_UFFD_WP_RESOLVE.

#include <algorithm>

#include "guest_mm/pgtable/page_prot.h"
#include "guest_mm/pgtable/pte_writable.h"
#include "guest_mm/pgtable/table_lock.h"
#include "guest_mm/pgtable/tlb_gather.h"
#include "guest_mm/rmap/pin.h"
#include "guest_mm/thp/split_pmd.h"
#include "guest_mm/uffd/uffd_vma.h"
#include "guest_mm/uffd/write_protect.h"

namespace faultline::mm {
namespace {

// Regions of which Linux adds up the answers: one entry of the pud level, and
// of the level above.
constexpr int kPudLevel = 2;

class UffdWpChanger {
 public:
  UffdWpChanger(AddressSpace& mm, Vma& vma, UffdProtection how,
                UffdWpReport* report)
      : mm_(mm),
        table_(mm.page_table()),
        geometry_(mm.system().arch().geometry()),
        vma_(vma),
        protect_(how == UffdProtection::kProtect),
        report_(report),
        populate_(protect_ && UffdUsesMarkers(vma)),
        gather_(mm) {}

  // change_protection_range(), change_p4d_range(): a sum over the parts, each
  // a count or an error.
  int64_t Run(GuestRange range) {
    end_ = range.end;
    if (geometry_.root() <= kPudLevel) {
      return ChangePudRange(range);
    }
    int64_t sum = 0;
    for (GuestAddr a = range.start; a < range.end;) {
      const GuestRange part = PartAt(a, range, kPudLevel + 1);
      const int64_t pages = ChangePudRange(part);
      if (pages < 0 && !Sums()) {
        return pages;
      }
      sum += pages;
      a = part.end;
    }
    return sum;
  }

 private:
  bool Sums() const {
    return report_ == nullptr &&
           mm_.system().behaviours().wp_errno_sum() == WpErrnoSum::kSummed;
  }
  // Whether a table that cannot be had is an error at all.
  bool Tells() const {
    return report_ != nullptr ||
           mm_.system().behaviours().wp_enomem() == WpEnomem::kTold;
  }
  // With a report an error ends all: what lies from `a` on stays as it is.
  int64_t Fail(Errno error, GuestAddr a) {
    if (report_ != nullptr) {
      report_->not_protected += end_ - a;
    }
    return -int64_t(error);
  }

  // What of `range` lies under the entry for `a` at `level`.
  GuestRange PartAt(GuestAddr a, GuestRange range, int level) const {
    const uint64_t bytes = geometry_.EntryBytes(level);
    return {a, std::min(a.AlignDown(bytes) + bytes, range.end)};
  }

  // change_pud_range(). A table of the pmd level that cannot be had ends it,
  // and the pages before it are forgotten.
  int64_t ChangePudRange(GuestRange range) {
    int64_t sum = 0;
    for (GuestAddr a = range.start; a < range.end;) {
      const GuestRange part = PartAt(a, range, kPudLevel);
      a = part.end;
      if (!table_.Find(part.start, PagingGeometry::kHugeLevel)) {
        if (!populate_) {
          continue;
        }
        const auto made =
            table_.FindOrAllocate(part.start, PagingGeometry::kHugeLevel);
        if (!made.ok()) {
          if (Tells()) {
            return Fail(made.error(), part.start);
          }
          continue;
        }
      }
      const int64_t pages = ChangePmdRange(part);
      if (pages < 0 && !Sums()) {
        return pages;
      }
      sum += pages;
    }
    return sum;
  }

  // change_pmd_range(). An error takes the place of the pages before it.
  int64_t ChangePmdRange(GuestRange range) {
    int64_t pages = 0;
    for (GuestAddr a = range.start; a < range.end;) {
      const GuestRange part = PartAt(a, range, PagingGeometry::kHugeLevel);
      a = part.end;
      if (ChangeHuge(part, &pages)) {
        continue;
      }
      EntryRef first = table_.Find(part.start, 0);
      if (!first && populate_) {
        const ErrnoOr<EntryRef> made = table_.FindOrAllocate(part.start, 0);
        if (!made.ok() && made.error() == Errno::kENOMEM) {
          if (Tells()) {
            return Fail(Errno::kENOMEM, part.start);
          }
          continue;
        }
        first = table_.Find(part.start, 0);
      }
      // Gone before it was locked: what has come in its place is looked at.
      const int64_t changed = first ? ChangeTable(first, part) : 0;
      if (changed < 0) {
        a = part.start;
        continue;
      }
      pages += changed;
    }
    return pages;
  }

  // change_huge_pmd(). False: there is no huge entry, or none any more.
  bool ChangeHuge(GuestRange part, int64_t* pages) {
    const EntryRef ref = table_.Find(part.start, PagingGeometry::kHugeLevel);
    if (!ref || !table_.Get(ref).present()) {
      return false;
    }
    const uint64_t bytes = geometry_.HugeBytes();
    // A file's huge page knows no markers; of a part, only a table can tell.
    if (part.size() != bytes || (protect_ && !vma_.anonymous())) {
      SplitHugePmd(mm_, vma_, part.start);
      return false;
    }
    LockGuard guard(table_.LockOf(ref));
    const Entry e = table_.Get(ref);
    if (!e.present()) {
      return false;
    }
    ChangePage(ref, e, bytes);
    *pages += int64_t(geometry_.HugePages());
    return true;
  }

  // Less than 0: the table is gone.
  int64_t ChangeTable(EntryRef ref, GuestRange part) {
    const uint64_t page = geometry_.page_shift.bytes();
    int64_t pages = 0;
    const TableLock lock(table_, ref);
    if (!lock) {
      return -1;
    }
    for (GuestAddr a = part.start; a < part.end; a += page) {
      ref.address = a;
      pages += Change(ref, page) ? 1 : 0;
      ++ref.word;
    }
    return pages;
  }

  // change_pte_range() for one entry. True: it counts.
  bool Change(const EntryRef& ref, uint64_t bytes) {
    const Entry e = *ref.word == 0 ? Entry::None() : table_.Get(ref);
    switch (e.kind) {
      case EntryKind::kPage:
        ChangePage(ref, e, bytes);
        return true;
      case EntryKind::kNone:
        if (populate_) {
          table_.Set(ref, Entry::Marker(kMarkerUffdWp));
        }
        return populate_;
      case EntryKind::kMarker:
        if (protect_ || !e.marker(kMarkerUffdWp)) {
          return false;
        }
        table_.Set(ref, Entry::None());
        return true;
      case EntryKind::kSwap:
      case EntryKind::kMigration: {
        Entry after = e;
        after.flags = after.flags.set(EntryFlag::kUffdWp, protect_);
        if (e.kind == EntryKind::kMigration) {
          // It gets its right back, if at all, by a fault.
          after.flags = after.flags.without(EntryFlag::kWrite);
        }
        if (after == e) {
          return false;
        }
        table_.Set(ref, after);
        return true;
      }
      case EntryKind::kTable:
      case EntryKind::kHwPoison:
        break;
    }
    return false;
  }

  bool LeavesOut(const Entry& e) const {
    return protect_ && report_ != nullptr && report_->skip_pinned &&
           !e.special() && MaybeDmaPinned(mm_.system().phys().folio(e.pfn()));
  }

  void ChangePage(const EntryRef& ref, const Entry& before, uint64_t bytes) {
    if (LeavesOut(before)) {
      report_->not_protected += bytes;
      return;
    }
    Entry after = before;
    after.flags = after.flags.set(EntryFlag::kUffdWp, protect_);
    if (protect_) {
      after.flags = after.flags.without(EntryFlag::kWrite);
    } else if (vma_.has(VmaFlag::kWrite) && !after.prot_none() &&
               CanChangePteWritable(mm_, vma_, after)) {
      after.flags = after.flags.with(EntryFlag::kWrite);
    }
    if (after == before) {
      return;
    }
    table_.Set(ref, after);
    if (before.write() && !after.write()) {
      gather_.Add(GuestRange::At(ref.address, bytes));
    }
  }

  AddressSpace& mm_;
  PageTable& table_;
  const PagingGeometry& geometry_;
  Vma& vma_;
  const bool protect_;
  UffdWpReport* const report_;
  GuestAddr end_{};      // of the whole range
  const bool populate_;  // pgtable_populate_needed()
  TlbGather gather_;     // flushes once, at the end
};

}  // namespace

int64_t ChangeUffdWp(AddressSpace& mm, Vma& v, GuestRange range,
                     UffdProtection how, UffdWpReport* report) {
  if (v.hugetlb()) {
    return ChangeHugetlbUffdWp(v, range, how, report);
  }
  return UffdWpChanger(mm, v, how, report).Run(range);
}

}  // namespace faultline::mm
