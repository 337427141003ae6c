#include "guest_mm/mm/clear_refs.h"

namespace faultline::mm {
namespace {

// clear_refs_test_walk().
bool Concerns(ClearRefs what, const Vma& vma) {
  if (vma.has(VmaFlag::kPfnMap)) {
    return false;
  }
  switch (what) {
    case ClearRefs::kAnon:
      return vma.anonymous();
    case ClearRefs::kMapped:
      return !vma.anonymous();
    default:
      return true;
  }
}

// clear_soft_dirty(), clear_soft_dirty_pmd().
Entry WithoutSoftDirty(Entry e) {
  if (e.present()) {
    e.flags = e.flags.without(EntryFlag::kWrite);
  }
  if (e.present() || e.kind == EntryKind::kSwap ||
      e.kind == EntryKind::kMigration) {
    e.flags = e.flags.without(EntryFlag::kSoftDirty);
  }
  return e;
}

class Clearer {
 public:
  Clearer(AddressSpace& mm, ClearRefs what) : mm_(mm), what_(what) {}

  void Clear(Vma& vma) {
    if (what_ == ClearRefs::kSoftDirty) {
      mm_.vmas().SetFlagsInPlace(vma, vma.flags.without(VmaFlag::kSoftDirty));
    }
    if (vma.hugetlb()) {
      return;  // the walk has no part in it for huge pages of a pool
    }
    PageTable& table = mm_.page_table();
    table.ForEach(vma.range, [&](const EntryRef& ref, const Entry&) {
      LockGuard guard(table.LockOf(ref));
      const Entry e = table.Get(ref);
      if (what_ == ClearRefs::kSoftDirty) {
        table.Set(ref, WithoutSoftDirty(e));
      } else if (e.counted()) {
        ForgetAccess(ref, e);
      }
      return true;
    });
  }

 private:
  void ForgetAccess(const EntryRef& ref, Entry e) {
    e.flags = e.flags.without(EntryFlag::kYoung);
    mm_.page_table().Set(ref, e);
    mm_.system().phys().folio(e.pfn()).referenced = false;
  }

  AddressSpace& mm_;
  ClearRefs what_;
};

}  // namespace

ErrnoOr<Done> ClearReferences(AddressSpace& mm,
                              ClearRefs what) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (!mm.mmap_lock().WriteAcquireKillable()) {
    return Errno::kEINTR;
  }
  if (what == ClearRefs::kHiwaterRss) {
    mm.hiwater_rss = mm.rss.total();
  } else if (what != ClearRefs::kSoftDirty ||
             mm.system().arch().geometry().soft_dirty) {
    Clearer clearer(mm, what);
    for (Vma& vma : mm.vmas()) {
      if (Concerns(what, vma)) {
        clearer.Clear(vma);
      }
    }
    mm.system().tlb().FlushMm(mm);
  }
  mm.mmap_lock().WriteRelease();
  return kDone;
}

}  // namespace faultline::mm
