// A page that is in swap. Linux: mm/memory.c do_swap_page().

#include "guest_mm/fault/handle_mm_fault.h"
#include "guest_mm/fault/page_lock.h"
#include "guest_mm/pgtable/page_prot.h"
#include "guest_mm/rmap/mlock_folio.h"
#include "guest_mm/rmap/rmap.h"

namespace faultline::mm {
namespace {

// should_try_to_free_swap(): is the copy in swap worth less than its room, or
// in the way of a store that nobody else would see?
bool ShouldTryToFreeSwap(const VmFault& f, const SwapArea& swap,
                         const Frame& page) {
  if (!InSwapCache(page)) {
    return false;
  }
  // Ours and the cache's: then no other entry maps it.
  return swap.full() || f.vma.has(VmaFlag::kLocked) || page.mlocked ||
         (f.write() && page.refcount == 2);
}

// What an entry says of itself stays with it.
EntryFlags FlagsOf(const VmFault& f) {
  return PageProt(f.arch(), f.vma).with(EntryFlag::kYoung) |
         (f.orig.flags & kKeptInSwap);
}

// Puts the locked page in the entry's place; the entry takes over the caller's
// reference. False: the entry is not as it was.
bool MapSwappedPage(VmFault& f, Pfn pfn) {
  SwapArea& swap = f.mm.system().swap();
  const Frame& page = f.phys().frame(pfn);
  LockGuard guard(f.ptl());
  if (!f.Unchanged()) {
    return false;
  }
  swap.Drop(f.orig.slot());
  if (ShouldTryToFreeSwap(f, swap, page)) {
    swap.FreeSwap(pfn);
  }
  f.mm.rss.swap -= PageCount(1);
  EntryFlags flags = FlagsOf(f);
  const bool exclusive =
      f.orig.flags.has(EntryFlag::kExclusive) || page.refcount == 1;
  if (exclusive && f.vma.has(VmaFlag::kWrite) &&
      !flags.has(EntryFlag::kUffdWp)) {
    if (f.write()) {
      flags = MakeDirty(f.arch(), flags.with(EntryFlag::kWrite));
    } else if (flags.has(EntryFlag::kSoftDirty) ||
               !TracksSoftDirty(f.arch(), f.vma)) {
      flags = flags.with(EntryFlag::kWrite);
    }
  }
  AddAnonRmap(f.mm, f.vma, f.address, pfn,
              exclusive ? Exclusive::kYes : Exclusive::kNo);
  MlockVmaPage(f.vma, pfn);
  f.table().Set(f.entry, Entry::Page(pfn, flags));
  f.orig = f.table().Get(f.entry);
  return true;
}

// Maps the page that was found or read, if it is still what the entry means.
// A page that could not be read is a bus error as long as it is cached.
bool LockAndMap(VmFault& f, Pfn pfn,
                VmFaultResult* result) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  Frame& page = f.phys().frame(pfn);
  if (!LockPageOrRetry(f, page)) {
    result->kind = VmFaultResult::Kind::kRetry;
    return false;
  }
  const bool ours = page.swap_slot == f.orig.slot();
  if (ours && !page.uptodate) {
    result->kind = VmFaultResult::Kind::kBusError;
  }
  const bool mapped = ours && page.uptodate && MapSwappedPage(f, pfn);
  page.lock.Release();
  return mapped;
}

// An error is never major, whatever was read for it: do_swap_page() keeps of
// such a result only VM_FAULT_ERROR.
VmFaultResult Ended(VmFaultResult result) {
  result.major = result.major && (result.done() || result.released());
  return result;
}

}  // namespace

VmFaultResult DoSwapPage(VmFault& f) {
  SwapArea& swap = f.mm.system().swap();
  const ErrnoOr<SwapArea::CachedPage> page = swap.ReadIn(
      f.orig.slot(), AllocPurpose::kAnon, [&f] { return f.Unchanged(); });
  if (!page.ok()) {
    return page.error() == Errno::kEAGAIN || !f.Unchanged()
               ? VmFaultResult::Done()
               : FaultError(page.error());
  }
  VmFaultResult result;
  result.major = page->read;
  if (!LockAndMap(f, page->pfn, &result)) {
    swap.PutPage(page->pfn);
    return Ended(result);
  }
  if (f.breaks_cow() && !f.orig.write()) {
    const VmFaultResult copied = DoWpPage(f);
    result.kind = copied.kind;
  }
  return Ended(result);
}

}  // namespace faultline::mm
