// Demand-zero memory. Linux: mm/memory.c do_anonymous_page().

#include "guest_mm/fault/handle_mm_fault.h"
#include "guest_mm/pgtable/page_prot.h"
#include "guest_mm/rmap/rmap.h"
#include "guest_mm/vma/anon_vma.h"

namespace faultline::mm {
namespace {

// A read of memory never written costs no page: all share one of zeros.
VmFaultResult MapZeroPage(VmFault& f) {
  LockGuard guard(f.ptl());
  if (f.Unchanged()) {
    const EntryFlags flags = PageProt(f.arch(), f.vma)
                                 .with(EntryFlag::kSpecial)
                                 .with(EntryFlag::kYoung);
    f.table().Set(f.entry, Entry::Page(f.mm.system().zero_page(), flags));
    ++f.counters().zero_page_maps;
  }
  return VmFaultResult::Done();
}

VmFaultResult MapNewPage(VmFault& f, Pfn page) {
  {
    LockGuard guard(f.ptl());
    if (f.Unchanged()) {
      AddNewAnonRmap(f.mm, f.vma, f.address, page);
      f.table().Set(f.entry,
                    Entry::Page(page, StoredPageProt(f.arch(), f.vma)));
      return VmFaultResult::Done();
    }
  }
  f.phys().Put(page);  // somebody was faster
  return VmFaultResult::Done();
}

}  // namespace

VmFaultResult DoAnonymousPage(VmFault& f) {
  if (f.vma.shared()) {
    // Shared anonymous memory has a shmem file; without one it is nothing.
    return VmFaultResult::Of(VmFaultResult::Kind::kBusError);
  }
  if (!f.write()) {
    return MapZeroPage(f);
  }
  const ErrnoOr<Done> prepared = PrepareAnonVma(f.vma);
  if (!prepared.ok()) {
    return FaultError(prepared.error());
  }
  const ErrnoOr<Pfn> page = f.phys().AllocateZeroed(AllocPurpose::kAnon);
  if (!page.ok()) {
    return FaultError(page.error());
  }
  return MapNewPage(f, *page);
}

}  // namespace faultline::mm
