// mprotect's part in the page tables. Linux: mm/mprotect.c
// change_protection(), change_pte_range(), can_change_pte_writable().

#include "guest_mm/hugetlb/hugetlb_range.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/pgtable/pte_writable.h"
#include "guest_mm/pgtable/range_ops.h"
#include "guest_mm/pgtable/tlb_gather.h"
#include "guest_mm/pgtable/walk.h"
#include "guest_mm/thp/split_pmd.h"

namespace faultline::mm {
namespace {

class Protector {
 public:
  Protector(AddressSpace& mm, Vma& vma, Prot prot)
      : mm_(mm),
        vma_(vma),
        rights_(mm.system().arch().PageFlags(prot).set(EntryFlag::kMte,
                                                       vma.has(VmaFlag::kMte))),
        gather_(mm) {}

  uint64_t Run(GuestRange range) {
    WalkSpans(mm_.page_table(), range, [this](const EntrySpan& span) {
      if (!span.whole) {  // a part of a huge page: it is split, then walked
        SplitHugePmd(mm_, vma_, span.first.address);
        return true;
      }
      const SpanLock guard(mm_.page_table(), span);
      if (!guard) {
        return true;
      }
      for (uint64_t i = 0; i < span.count; ++i) {
        if (*span[i].word != 0) {
          Change(span[i], span.entry_bytes);
        }
      }
      return true;
    });
    return changed_;
  }

 private:
  void Change(const EntryRef& r, uint64_t bytes) {
    const Entry before = mm_.page_table().Get(r);
    if (before.kind == EntryKind::kMigration && before.write()) {
      // It gets its right back, if at all, by a fault.
      Entry after = before;
      after.flags = after.flags.without(EntryFlag::kWrite);
      mm_.page_table().Set(r, after);
      ++changed_;
    }
    if (!before.present()) {
      return;
    }
    Entry after = before;
    after.flags = Modified(before.flags);
    after.flags = after.flags.set(EntryFlag::kWrite, MayWrite(after));
    if (after == before) {
      return;
    }
    mm_.page_table().Set(r, after);
    changed_ += bytes >> mm_.page_shift().value();
    if (TakesAway(before.flags, after.flags)) {
      gather_.Add(GuestRange::At(r.address, bytes));
    }
  }

  // pte_modify(): new rights, the page's own state kept.
  EntryFlags Modified(EntryFlags old) const {
    constexpr EntryFlags kKept = EntryFlag::kYoung | EntryFlag::kDirty |
                                 EntryFlag::kSoftDirty | EntryFlag::kUffdWp |
                                 EntryFlag::kSpecial | EntryFlag::kMte;
    return rights_ | (old & kKept);
  }

  // A store through the entry needs no fault first.
  bool MayWrite(const Entry& e) const {
    return rights_.has(EntryFlag::kWrite) && CanChangePteWritable(mm_, vma_, e);
  }

  static bool TakesAway(EntryFlags before, EntryFlags after) {
    if (before.has(EntryFlag::kProtNone)) {
      return false;  // nothing could be cached
    }
    for (const EntryFlag right :
         {EntryFlag::kUser, EntryFlag::kWrite, EntryFlag::kExec}) {
      if (before.has(right) && !after.has(right)) {
        return true;
      }
    }
    return after.has(EntryFlag::kProtNone);
  }

  AddressSpace& mm_;
  Vma& vma_;
  const EntryFlags rights_;
  uint64_t changed_ = 0;
  TlbGather gather_;
};

}  // namespace

uint64_t ChangeProtection(AddressSpace& mm, Vma& vma, GuestRange range,
                          Prot prot) {
  if (vma.hugetlb()) {
    return ChangeHugetlbProtection(vma, range, prot);
  }
  return Protector(mm, vma, prot).Run(range);
}

}  // namespace faultline::mm
