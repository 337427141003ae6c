// First touch of a file mapping. Linux: mm/memory.c do_fault(), with
// do_read_fault(), do_cow_fault() and do_shared_fault().

#include "guest_mm/fault/dirty_throttle.h"
#include "guest_mm/fault/file_page.h"
#include "guest_mm/fault/handle_mm_fault.h"
#include "guest_mm/fault/whole_folio.h"
#include "guest_mm/pgtable/page_prot.h"
#include "guest_mm/rmap/rmap.h"
#include "guest_mm/thp/huge_fault.h"
#include "guest_mm/uffd/uffd_state.h"
#include "guest_mm/uffd/uffd_vma.h"
#include "guest_mm/vma/anon_vma.h"

namespace faultline::mm {
namespace {

// finish_fault(): maps the page, which stays locked, or the huge folio that it
// is a page of. A reference of its own goes to the entry. `*mapped`: it was
// done, and not somebody else faster.
VmFaultResult MapFilePage(VmFault& f, const LockedFilePage& page,
                          EntryFlags flags, bool* mapped) {
  VmFaultResult result;
  if (f.entry.level > 0) {
    *mapped = MapHugeFile(f, page.pfn, flags);
    if (*mapped || !EnterLevel(f, 0, &result)) {
      return result;
    }
    f.orig = Entry::None();
  }
  LockGuard guard(f.ptl());
  *mapped = f.Unchanged();
  if (*mapped && !MapWholeFolio(f, page.pfn, flags)) {
    SetFileEntry(f, f.entry, page.pfn,
                 ProtectIfMarked(flags.with(EntryFlag::kYoung), f.orig));
  }
  return result;
}

VmFaultResult DoReadFault(VmFault& f) {
  VmFaultResult result;
  if (!UffdForbidsFaultAround(f.vma) && MapAround(f, &result)) {
    return result;
  }
  LockedFilePage page;
  if (!GetLockedFilePage(f, &page, &result)) {
    return result;
  }
  bool mapped = false;
  result = MapFilePage(f, page, PageProt(f.arch(), f.vma), &mapped);
  ReleaseFilePage(f, page);
  result.major = page.major && result.done();
  return result;
}

// The file is told before the store happens (page_mkwrite).
VmFaultResult DoSharedFault(VmFault& f) {
  LockedFilePage page;
  VmFaultResult result;
  if (!GetLockedFilePage(f, &page, &result)) {
    return result;
  }
  Frame& folio = f.phys().folio(page.pfn);
  const bool was_dirty = folio.dirty;
  folio.dirty = true;
  bool mapped = false;
  result = MapFilePage(f, page, StoredPageProt(f.arch(), f.vma), &mapped);
  ReleaseFilePage(f, page);
  result.major = page.major && result.done();
  return mapped ? ThrottleDirtier(f, result, was_dirty) : result;
}

// GetLockedFilePage() with a copy at hand that nobody maps yet. A program may
// be asked for the page, and take its time.
bool GetLockedOriginal(VmFault& f, LockedFilePage* page,
                       VmFaultResult* result) {
  PageCount& unmapped = f.mm.system().uffd().unmapped_pages;
  unmapped += PageCount(1);
  const bool got = GetLockedFilePage(f, page, result);
  unmapped -= PageCount(1);
  return got;
}

// A store to a private mapping goes straight to a copy of the file's page.
// Owns a reference to `copy`.
VmFaultResult CopyFilePage(VmFault& f, Pfn copy) {
  LockedFilePage page;
  VmFaultResult result;
  if (!GetLockedOriginal(f, &page, &result)) {
    f.phys().Put(copy);
    return result;
  }
  f.phys().CopyPage(copy, page.pfn);
  bool mapped = false;
  const bool huge_level = f.entry.level > 0;
  if (!huge_level || EnterLevel(f, 0, &result)) {
    LockGuard guard(f.ptl());
    f.orig = huge_level ? Entry::None() : f.orig;
    if (f.Unchanged()) {
      AddNewAnonRmap(f.mm, f.vma, f.address, copy);
      f.table().Set(
          f.entry,
          Entry::Page(
              copy, ProtectIfMarked(StoredPageProt(f.arch(), f.vma), f.orig)));
      mapped = true;
    }
  }
  ReleaseFilePage(f, page);
  if (!mapped) {
    f.phys().Put(copy);
  }
  result.major = page.major && result.done();
  return result;
}

VmFaultResult DoCowFault(VmFault& f) {
  const ErrnoOr<Done> prepared = PrepareAnonVma(f.vma);
  if (!prepared.ok()) {
    return FaultError(prepared.error());
  }
  const ErrnoOr<Pfn> copy = f.phys().Allocate(AllocPurpose::kAnon);
  return copy.ok() ? CopyFilePage(f, *copy) : FaultError(copy.error());
}

}  // namespace

VmFaultResult DoFileFault(VmFault& f) {
  if (!f.write()) {
    return DoReadFault(f);
  }
  return f.vma.shared() ? DoSharedFault(f) : DoCowFault(f);
}

}  // namespace faultline::mm
