#include "guest_mm/fault/handle_mm_fault.h"

#include <optional>

#include "guest_mm/base/check.h"
#include "guest_mm/fault/fault_contract.h"
#include "guest_mm/hugetlb/hugetlb_fault.h"
#include "guest_mm/pgtable/page_prot.h"
#include "guest_mm/thp/eligible.h"
#include "guest_mm/thp/huge_fault.h"

namespace faultline::mm {
namespace {

// A page that is there but hidden (PROT_NONE) in a VMA that is not: Linux's
// NUMA hints look so. mm/memory.c do_numa_page().
VmFaultResult RestoreAccess(VmFault& f) {
  LockGuard guard(f.ptl());
  if (f.Unchanged()) {
    constexpr EntryFlags kKept = EntryFlag::kDirty | EntryFlag::kSpecial |
                                 EntryFlag::kSoftDirty | EntryFlag::kUffdWp;
    const EntryFlags flags = PageProt(f.arch(), f.vma).with(EntryFlag::kYoung) |
                             (f.orig.flags & kKept);
    f.table().Set(f.entry, Entry::Page(f.orig.pfn(), flags));
  }
  return VmFaultResult::Done();
}

// The entry allows the access already: another thread was faster, or only the
// accessed and dirty bits are wanted (the tail of handle_pte_fault()).
VmFaultResult TouchPage(VmFault& f) {
  LockGuard guard(f.ptl());
  if (f.Unchanged()) {
    Entry e = f.orig;
    e.flags = e.flags.with(EntryFlag::kYoung);
    if (f.write()) {
      e.flags = MakeDirty(f.arch(), e.flags);
    }
    f.table().Set(f.entry, e);
  }
  return VmFaultResult::Done();
}

VmFaultResult HandlePteFault(VmFault& f) {
  if (f.orig.none()) {
    return f.vma.anonymous() ? DoAnonymousPage(f) : DoFileFault(f);
  }
  if (!f.orig.present()) {
    return DoAbsentEntry(f);
  }
  if (f.orig.prot_none() && !f.vma.prot().none()) {
    return RestoreAccess(f);
  }
  if (f.breaks_cow() && !f.orig.write()) {
    return DoWpPage(f);
  }
  return TouchPage(f);
}

// The part of __handle_mm_fault() above the pte level: f.entry is the
// huge-level entry. Nothing: it is, or has become, a matter of base pages.
std::optional<VmFaultResult> HandleHugeEntry(VmFault& f) {
  if (f.orig.none()) {
    return f.vma.anonymous() && HugeAllowed(f.vma, ThpFor::kFault)
               ? DoHugeAnonymousPage(f)
               : std::nullopt;
  }
  if (!f.orig.present()) {
    return std::nullopt;
  }
  if (f.orig.prot_none() && !f.vma.prot().none()) {
    return RestoreAccess(f);
  }
  if (f.breaks_cow() && !f.orig.write()) {
    return DoHugeWpPage(f);
  }
  return TouchPage(f);
}

// __handle_mm_fault(). kEEXIST from the walk: a huge page appeared, which
// satisfies the access or faults again.
VmFaultResult HandleAtEachLevel(VmFault& f) {
  VmFaultResult result;
  if (!EnterLevel(f, PagingGeometry::kHugeLevel, &result)) {
    return result;
  }
  if (const auto huge = HandleHugeEntry(f)) {
    return *huge;
  }
  // Of a file, it depends on the page that is found which entry is needed; but
  // what is to be unshared is so page by page.
  if (!f.vma.anonymous() && !f.unshare && f.table().Get(f.entry).none()) {
    f.orig = Entry::None();
    return DoFileFault(f);
  }
  return EnterLevel(f, 0, &result) ? HandlePteFault(f) : result;
}

// mm_account_fault(): a fault that must be tried again is counted when it is.
void Account(VmCounters& counters, const VmFaultResult& result) {
  ++counters.mm_faults;
  if (result.kind == VmFaultResult::Kind::kRetry) {
    return;
  }
  ++counters.faults;
  if (result.major) {
    ++counters.major_faults;
  }
}

// check_stable_address_space(): what was taken must not read as zeros.
VmFaultResult Handle(VmFault f) {
  const FaultContract contract;
  f.exact_address = f.address;
  f.address = f.address.PageDown(f.mm.page_shift());
  f.index = f.vma.PageIndex(f.address, f.mm.page_shift());
  const VmFaultResult result =
      f.mm.unstable     ? VmFaultResult::Of(VmFaultResult::Kind::kBusError)
      : f.vma.hugetlb() ? HandleHugetlbFault(f)
                        : HandleAtEachLevel(f);
  Account(f.counters(), result);
  contract.CheckRound(f.mm, result);
  return result;
}

}  // namespace

bool EnterLevel(VmFault& f, int level, VmFaultResult* result) {
  const ErrnoOr<EntryRef> entry = f.table().FindOrAllocate(f.address, level);
  if (entry.ok()) {
    f.Enter(*entry);
    return true;
  }
  *result = entry.error() == Errno::kEEXIST ? VmFaultResult::Done()
                                            : FaultError(entry.error());
  return false;
}

VmFaultResult HandleMmFault(AddressSpace& mm, Vma& vma, GuestAddr address,
                            Access access, FaultAttempt attempt,
                            FaultOrigin origin) {
  FL_DCHECK(vma.range.Contains(address));
  return Handle({.mm = mm,
                 .vma = vma,
                 .address = address,
                 .access = access,
                 .attempt = attempt,
                 .mode = origin.mode,
                 .interruptible = origin.interruptible,
                 .may_retry = origin.may_retry});
}

VmFaultResult UnshareMmFault(AddressSpace& mm, Vma& vma, GuestAddr address,
                             FaultAttempt attempt, FaultOrigin origin) {
  FL_DCHECK(vma.range.Contains(address) && !vma.shared());
  return Handle({.mm = mm,
                 .vma = vma,
                 .address = address,
                 .access = Access::kRead,
                 .attempt = attempt,
                 .mode = origin.mode,
                 .interruptible = origin.interruptible,
                 .may_retry = origin.may_retry,
                 .unshare = true});
}

}  // namespace faultline::mm
