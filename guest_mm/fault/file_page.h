#ifndef FAULTLINE_GUEST_MM_FAULT_FILE_PAGE_H_
#define FAULTLINE_GUEST_MM_FAULT_FILE_PAGE_H_

// The page-cache page behind a fault. Linux: mm/memory.c __do_fault(),
// mm/filemap.c filemap_fault(), mm/shmem.c shmem_fault().

#include "guest_mm/fault/vm_fault.h"

namespace faultline::mm {

// A page that still belongs to the file, locked, with a reference. Both are
// given back by Release() or Unlock() + whoever took over the reference.
struct LockedFilePage {
  Pfn pfn;
  bool major = false;  // it had to be read
};

// Finds or reads page `f.index`. On failure `*result` says how the fault ends:
// kBusError beyond the file's end or if reading failed, kOutOfMemory,
// kHwPoison, or kRetry (mmap_lock given back) after a wait for the page's lock
// on the first attempt; then nothing is held.
bool GetLockedFilePage(VmFault& f, LockedFilePage* page, VmFaultResult* result);

// Unlocks, and puts the reference.
void ReleaseFilePage(VmFault& f, const LockedFilePage& page);

// Has `entry`, which is empty, lead to `pfn` of the file, with a reference of
// its own. Under the lock of its table. Linux: mm/memory.c set_pte_range().
void SetFileEntry(VmFault& f, const EntryRef& entry, Pfn pfn, EntryFlags flags);

// Maps cached pages around a read fault without reading any
// (do_fault_around()), be the faulting page there or not; a huge folio whole,
// if f.entry is of the huge level and it fits. True: that is all, with
// `*result`. SysV shared memory has no map_pages(), and so no such thing.
bool MapAround(VmFault& f, VmFaultResult* result);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_FAULT_FILE_PAGE_H_
