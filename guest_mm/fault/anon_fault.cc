// Demand-zero memory. Linux: mm/memory.c do_anonymous_page().

#include "guest_mm/fault/handle_mm_fault.h"
#include "guest_mm/pgtable/page_prot.h"
#include "guest_mm/rmap/rmap.h"
#include "guest_mm/uffd/handle_userfault.h"
#include "guest_mm/uffd/uffd_vma.h"
#include "guest_mm/vma/anon_vma.h"

namespace faultline::mm {
namespace {

// What became of an attempt to fill the entry.
enum class Filled : uint8_t { kYes, kLost, kUserfault };

// A read of memory never written costs no page: all share one of zeros.
Filled MapZeroPage(VmFault& f) {
  LockGuard guard(f.ptl());
  if (!f.Unchanged()) {
    return Filled::kLost;
  }
  if (UffdMissing(f.vma)) {
    return Filled::kUserfault;
  }
  const EntryFlags flags = PageProt(f.arch(), f.vma)
                               .with(EntryFlag::kSpecial)
                               .with(EntryFlag::kYoung);
  f.table().Set(f.entry, Entry::Page(f.mm.system().zero_page(),
                                     ProtectIfMarked(flags, f.orig)));
  ++f.counters().zero_page_maps;
  return Filled::kYes;
}

Filled MapNewPage(VmFault& f, Pfn page) {
  LockGuard guard(f.ptl());
  if (!f.Unchanged()) {
    return Filled::kLost;  // somebody was faster
  }
  if (UffdMissing(f.vma)) {
    return Filled::kUserfault;
  }
  AddNewAnonRmap(f.mm, f.vma, f.address, page);
  f.table().Set(
      f.entry, Entry::Page(page, ProtectIfMarked(
                                     StoredPageProt(f.arch(), f.vma), f.orig)));
  return Filled::kYes;
}

VmFaultResult Finish(VmFault& f, Filled filled) {
  return filled == Filled::kUserfault ? HandleUserfault(f, UffdReason::kMissing)
                                      : VmFaultResult::Done();
}

}  // namespace

VmFaultResult DoAnonymousPage(VmFault& f) {
  if (f.vma.shared()) {
    // Shared anonymous memory has a shmem file; without one it is nothing.
    return VmFaultResult::Of(VmFaultResult::Kind::kBusError);
  }
  if (!f.write()) {
    return Finish(f, MapZeroPage(f));
  }
  const ErrnoOr<Done> prepared = PrepareAnonVma(f.vma);
  if (!prepared.ok()) {
    return FaultError(prepared.error());
  }
  const ErrnoOr<Pfn> page = f.phys().AllocateZeroed(AllocPurpose::kAnon);
  if (!page.ok()) {
    return FaultError(page.error());
  }
  const Filled filled = MapNewPage(f, *page);
  if (filled != Filled::kYes) {
    f.phys().Put(*page);
  }
  return Finish(f, filled);
}

}  // namespace faultline::mm
