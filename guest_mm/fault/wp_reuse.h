#ifndef FAULTLINE_GUEST_MM_FAULT_WP_REUSE_H_
#define FAULTLINE_GUEST_MM_FAULT_WP_REUSE_H_

// A store to a private page that needs no copy, whatever the size of the entry
// that maps it.

#include "guest_mm/fault/vm_fault.h"
#include "guest_mm/pgtable/page_prot.h"
#include "guest_mm/phys/frame.h"

namespace faultline::mm {

// wp_can_reuse_anon_folio(): the other sharers of a fork are gone. Exclusive
// pages need no such look. Anyone else's reference (a pin, a copy in progress)
// means that the page must not change under them; the swap cache's does not, if
// nobody wants the copy in swap. `pfn` is the page that the entry maps, its
// head for a huge entry. Under the entry's lock; a huge folio's is held too.
inline bool CanReuse(VmFault& f, Pfn pfn) {
  Frame& folio = f.phys().folio(pfn);
  Frame& page = f.phys().frame(pfn);
  if (page.anon_exclusive) {
    return true;
  }
  if (folio.refcount == 2 && InSwapCache(folio) && !folio.lock.locked()) {
    f.mm.system().swap().FreeSwap(pfn);
  }
  // The one reference is this entry's, so no other page of it is mapped.
  if (folio.refcount != 1) {
    return false;
  }
  page.anon_exclusive = true;
  return true;
}

// wp_page_reuse(): lets the store through; who unshares has what he wants.
// Under the entry's lock, the entry unchanged. No flush: a stale translation
// forbids more, not less. Who stores by force (FOLL_FORCE) gets no right that
// the VMA does not give (maybe_mkwrite()).
inline void MakeWritable(VmFault& f) {
  if (f.unshare) {
    return;
  }
  Entry e = f.orig;
  e.flags = e.flags.with(EntryFlag::kYoung)
                .set(EntryFlag::kWrite, f.vma.has(VmaFlag::kWrite));
  e.flags = MakeDirty(f.arch(), e.flags);
  f.table().Set(f.entry, e);
}

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_FAULT_WP_REUSE_H_
