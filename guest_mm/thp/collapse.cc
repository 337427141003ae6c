#include "guest_mm/thp/collapse.h"

#include "guest_mm/fault/handle_mm_fault.h"
#include "guest_mm/mm/flush_tlb.h"
#include "guest_mm/pgtable/page_prot.h"
#include "guest_mm/rmap/rmap.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/thp/collapse_table.h"
#include "guest_mm/thp/eligible.h"
#include "guest_mm/thp/find_table.h"
#include "guest_mm/trace.h"
#include "guest_mm/vma/anon_vma.h"

namespace faultline::mm {
namespace {

// collapse_huge_page() from where mmap_lock is held for writing and all has
// been checked that can be under it.
class Collapser {
 public:
  Collapser(AddressSpace& mm, Vma& vma, const EntryRef& pmd, CollapseBy by)
      : mm_(mm), vma_(vma), pmd_(pmd), by_(by) {}

  // On success `huge` is mapped, and its reference the entry's.
  ScanResult Run(Pfn huge) {
    PageTable& table = mm_.page_table();
    const Pfn detached = table.Get(pmd_).pfn();
    CollapseTable pages(mm_, vma_, pmd_.address, detached, by_);
    const ScanResult isolated = DetachAndIsolate(&pages);
    if (isolated != ScanResult::kSucceed) {
      return isolated;
    }
    // The pages are locked, so nobody comes by them from the other side.
    Scheduler::PointIfActive(kCollapseIsolatedPoint);
    pages.Copy(huge);
    Scheduler::PointIfActive(kCollapseCopiedPoint);
    {
      LockGuard guard(pages.lock());
      pages.Clear();
    }
    pages.Unlock();
    pages.PutPages();
    LockGuard guard(table.LockOf(pmd_));
    AddNewAnonRmap(mm_, vma_, pmd_.address, huge);
    table.Deposit(pmd_, detached);
    table.Set(pmd_, Entry::Page(huge, WritablePageProt(arch(), vma_)
                                          .with(EntryFlag::kYoung)
                                          .with(EntryFlag::kDirty)));
    return ScanResult::kSucceed;
  }

 private:
  const ArchOps& arch() const { return mm_.system().arch(); }

  // Takes the table out of the tree; puts it back if the pages do not suit.
  ScanResult DetachAndIsolate(CollapseTable* pages) {
    PageTable& table = mm_.page_table();
    WriteGuard family(vma_.anon_vma->lock());
    Pfn detached;
    {
      LockGuard guard(table.LockOf(pmd_));
      detached = table.Detach(pmd_);
      FlushTlb(mm_,
               GuestRange::At(pmd_.address, arch().geometry().HugeBytes()));
    }
    Scheduler::PointIfActive(kCollapseDetachedPoint);
    ScanResult result;
    {
      LockGuard guard(pages->lock());
      result = pages->Isolate();
    }
    if (result != ScanResult::kSucceed) {
      LockGuard guard(table.LockOf(pmd_));
      table.Install(pmd_, detached);
    }
    return result;
  }

  AddressSpace& mm_;
  Vma& vma_;
  EntryRef pmd_;
  CollapseBy by_;
};

// __collapse_huge_page_swapin(): what is not in memory is faulted in. Unless it
// succeeds, mmap_lock is not held any more.
ScanResult SwapIn(AddressSpace& mm, Vma& vma,
                  const EntryRef& pmd) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  const PagingGeometry& g = mm.system().arch().geometry();
  const GuestRange range = GuestRange::At(pmd.address, g.HugeBytes());
  for (GuestAddr a = range.start; a < range.end; a += g.page_shift.bytes()) {
    const EntryRef r = mm.page_table().Find(a, 0);
    if (!r) {
      mm.mmap_lock().ReadRelease();
      return ScanResult::kPmdNull;
    }
    if (!mm.page_table().Get(r).swap_like()) {
      continue;
    }
    const VmFaultResult result =
        HandleMmFault(mm, vma, a, Access::kRead, FaultAttempt::kFirst);
    if (result.released()) {
      return ScanResult::kPageLocked;  // that is what it waited for
    }
    if (!result.done()) {
      mm.mmap_lock().ReadRelease();
      return ScanResult::kFail;
    }
  }
  return ScanResult::kSucceed;
}

// What has to be true whenever mmap_lock was not held for a while: the VMA
// allows it, and there is a table to collapse.
ScanResult LookAgain(AddressSpace& mm, GuestAddr a, CollapseBy by, Vma** vma,
                     EntryRef* pmd) {
  const ScanResult result = RevalidateVma(mm, a, by, Expect::kAnon, vma);
  return result == ScanResult::kSucceed ? FindTable(mm.page_table(), a, pmd)
                                        : result;
}

// collapse_huge_page() up to its second look, under mmap_lock for writing.
ScanResult CollapseInto(AddressSpace& mm, GuestAddr a, CollapseBy by, Pfn huge,
                        uint64_t absent) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  Vma* vma = nullptr;
  EntryRef pmd;
  mm.mmap_lock().ReadAcquire();
  ScanResult result = LookAgain(mm, a, by, &vma, &pmd);
  bool locked = true;
  if (result == ScanResult::kSucceed && absent > 0) {
    result = SwapIn(mm, *vma, pmd);
    locked = result == ScanResult::kSucceed;
  }
  if (locked) {
    mm.mmap_lock().ReadRelease();
  }
  if (result != ScanResult::kSucceed) {
    return result;
  }
  WriteGuard guard(mm.mmap_lock());
  result = LookAgain(mm, a, by, &vma, &pmd);
  return result == ScanResult::kSucceed ? Collapser(mm, *vma, pmd, by).Run(huge)
                                        : result;
}

// collapse_huge_page(): entered and left without mmap_lock.
ScanResult CollapseHugePage(AddressSpace& mm, GuestAddr a, CollapseBy by,
                            uint64_t absent) {
  ThpCounters& counters = mm.system().thp().counters;
  const ErrnoOr<Pfn> huge = mm.system().phys().Allocate(
      AllocPurpose::kHugeCollapse, mm.system().arch().geometry().HugeOrder());
  ScanResult result = ScanResult::kAllocHugePageFail;
  if (huge.ok()) {
    ++counters.collapse_alloc;
    result = CollapseInto(mm, a, by, *huge, absent);
    if (result != ScanResult::kSucceed) {
      mm.system().phys().Put(*huge);
    }
  } else {
    ++counters.collapse_alloc_failed;
  }
  NoteScan(mm, "collapse", a, by, result);
  return result;
}

}  // namespace

ScanResult RevalidateVma(AddressSpace& mm, GuestAddr a, CollapseBy by,
                         Expect expect, Vma** vma) {
  if (mm.thp_disabled) {
    return ScanResult::kAnyProcess;
  }
  *vma = mm.vmas().FindAtOrAbove(a);
  if (*vma == nullptr) {
    return ScanResult::kVmaNull;
  }
  if (!HugeFits(**vma, a)) {
    return ScanResult::kAddressRange;
  }
  if (!HugeAllowed(**vma, by == CollapseBy::kMadvise ? ThpFor::kCollapse
                                                     : ThpFor::kKhugepaged)) {
    return ScanResult::kVmaCheck;
  }
  if (expect == Expect::kAnon &&
      (!(*vma)->anonymous() || (*vma)->anon_vma == nullptr)) {
    return ScanResult::kPageAnon;
  }
  return ScanResult::kSucceed;
}

ScanResult CollapseAnon(AddressSpace& mm, Vma& vma, GuestAddr a, CollapseBy by,
                        bool* locked) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  EntryRef pmd;
  uint64_t absent = 0;
  ScanResult result = FindTable(mm.page_table(), a, &pmd);
  if (result == ScanResult::kSucceed) {
    CollapseTable pages(mm, vma, a, mm.page_table().Get(pmd).pfn(), by);
    LockGuard guard(pages.lock());
    result = pages.Scan();
    absent = pages.absent();
  }
  NoteScan(mm, "scan", a, by, result);
  if (result == ScanResult::kSucceed) {
    mm.mmap_lock().ReadRelease();
    *locked = false;
    result = CollapseHugePage(mm, a, by, absent);
  }
  return result;
}

void NoteScan(AddressSpace& mm, const char* step, GuestAddr a, CollapseBy by,
              ScanResult result) {
  ++mm.system().thp().results[size_t(result)];
  Trace& trace = mm.system().trace();
  if (trace.on(TraceKind::kThp)) [[unlikely]] {
    const TraceField fields[] = {
        TraceField::Dec("mm", mm.id()),
        TraceField::Hex("address", a.value()),
        TraceField::Text("by",
                         by == CollapseBy::kMadvise ? "madvise" : "khugepaged"),
        TraceField::Text("result", ToString(result)),
    };
    trace.Emit(TraceKind::kThp, step, fields);
  }
}

}  // namespace faultline::mm
