// Stores to pages mapped read-only. Linux: mm/memory.c do_wp_page().

#include <optional>

#include "guest_mm/fault/dirty_throttle.h"
#include "guest_mm/fault/handle_mm_fault.h"
#include "guest_mm/fault/wp_reuse.h"
#include "guest_mm/mm/flush_tlb.h"
#include "guest_mm/pgtable/page_prot.h"
#include "guest_mm/rmap/mlock_folio.h"
#include "guest_mm/rmap/rmap.h"
#include "guest_mm/uffd/handle_userfault.h"
#include "guest_mm/uffd/uffd_vma.h"
#include "guest_mm/vma/anon_vma.h"

namespace faultline::mm {
namespace {

// wp_page_shared() => do_page_mkwrite(): the file learns of the store before
// it happens. Owns a reference to `pfn`.
VmFaultResult WpShared(VmFault& f, Pfn pfn) {
  Frame& folio = f.phys().folio(pfn);
  bool was_dirty = false, mapped = false;
  {
    LockGuard page_lock(folio.lock);
    // Truncated meanwhile: the access faults again and finds out.
    if (folio.mapping == &f.vma.file->mapping()) {
      was_dirty = folio.dirty;
      folio.dirty = true;
      LockGuard guard(f.ptl());
      mapped = f.Unchanged();
      if (mapped) {
        MakeWritable(f);
      }
    }
  }
  f.phys().Put(pfn);
  const VmFaultResult done = VmFaultResult::Done();
  return mapped ? ThrottleDirtier(f, done, was_dirty) : done;
}

ErrnoOr<Pfn> AllocateCopy(VmFault& f) {
  if (f.orig.special()) {
    return f.phys().AllocateZeroed(AllocPurpose::kAnon);
  }
  FL_ASSIGN(const Pfn copy, f.phys().Allocate(AllocPurpose::kAnon));
  f.phys().CopyPage(copy, f.orig.pfn());
  return copy;
}

// Who only unshares has not stored: the copy is what the original was.
EntryFlags CopyProt(const VmFault& f) {
  return f.unshare ? PageProt(f.arch(), f.vma).with(EntryFlag::kYoung) |
                         (f.orig.flags & kKeptInSwap)
                   : StoredPageProt(f.arch(), f.vma);
}

// Puts `copy` where the original was. False if the entry is not as it was.
bool Replace(VmFault& f, Pfn copy) {
  LockGuard guard(f.ptl());
  if (!f.Unchanged()) {
    return false;
  }
  if (!f.orig.special()) {
    MunlockVmaFolio(f.vma, f.orig.pfn());
    RemoveRmap(f.mm, f.orig.pfn());
  }
  AddNewAnonRmap(f.mm, f.vma, f.address, copy);
  f.table().Set(f.entry, Entry::Page(copy, CopyProt(f)));
  // Other threads must not go on reading the original.
  FlushTlb(f.mm, GuestRange::At(f.address, f.mm.page_shift().bytes()));
  ++f.counters().cow_copies;
  return true;
}

// wp_page_copy(). Owns a reference to the original, unless that is special.
VmFaultResult WpCopy(VmFault& f) {
  const bool counted = f.orig.counted();
  const Pfn original = f.orig.pfn();
  ErrnoOr<Pfn> copy = Errno::kENOMEM;
  if (PrepareAnonVma(f.vma).ok()) {
    copy = AllocateCopy(f);
  }
  if (copy.ok()) {
    if (!Replace(f, *copy)) {
      f.phys().Put(*copy);
    } else if (counted) {
      f.mm.system().swap().PutPage(original);  // the entry's reference
    }
  }
  if (counted) {
    f.mm.system().swap().PutPage(original);  // ours
  }
  return copy.ok() ? VmFaultResult::Done() : FaultError(copy.error());
}

// A store to a page that userfaultfd protects. Nothing: it may go on.
std::optional<VmFaultResult> TrapProtected(VmFault& f) {
  {
    LockGuard guard(f.ptl());
    if (!f.Unchanged()) {
      return VmFaultResult::Done();
    }
    if (UffdIsWpAsync(f.vma)) {  // the bit gone is the note
      f.orig.flags = f.orig.flags.without(EntryFlag::kUffdWp);
      f.table().Set(f.entry, f.orig);
      return std::nullopt;
    }
  }
  return HandleUserfault(f, UffdReason::kWp);
}

}  // namespace

VmFaultResult DoWpPage(VmFault& f) {
  if (!f.unshare && UffdProtects(f.vma, f.orig)) {
    if (const auto trapped = TrapProtected(f)) {
      return *trapped;
    }
  }
  {
    LockGuard guard(f.ptl());
    if (!f.Unchanged()) {
      return VmFaultResult::Done();
    }
    if (f.orig.special()) {
      if (f.vma.shared()) {
        MakeWritable(f);
        return VmFaultResult::Done();
      }
    } else {
      const Frame& folio = f.phys().folio(f.orig.pfn());
      if (folio.use == FrameUse::kAnon && CanReuse(f, f.orig.pfn())) {
        MakeWritable(f);
        ++f.counters().cow_reuses;
        return VmFaultResult::Done();
      }
      // It must outlive the lock.
      f.phys().Get(f.orig.pfn());
    }
  }
  return f.vma.shared() ? WpShared(f, f.orig.pfn()) : WpCopy(f);
}

}  // namespace faultline::mm
