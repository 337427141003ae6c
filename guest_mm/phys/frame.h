#ifndef FAULTLINE_GUEST_MM_PHYS_FRAME_H_
#define FAULTLINE_GUEST_MM_PHYS_FRAME_H_

// Frame: what we know of one page frame. Linux: struct page and struct folio
// (include/linux/mm_types.h); a compound folio's state is in its head frame.
//
// Life: free (in the buddy allocator) -> allocated with one reference ->
// in use as anonymous page, page-cache page, page table or kernel page ->
// last reference put -> free. While free, nothing but `order` means anything.

#include <cstdint>

#include "guest_mm/base/addr.h"
#include "guest_mm/sync/lock.h"

namespace faultline::mm {

class Mapping;
class AnonVma;

// Ranks: docs/locking.md.
inline constexpr LockClass kPageLock{
    "page.lock", {"page.lock.locked"}, {"page.lock.unlocked"}, 40, true};
inline constexpr LockClass kPageTableLock{
    "pte.lock", {"pte.lock.locked"}, {"pte.lock.unlocked"}, 60,
    true,       WhileHeld::kAtomic};

enum class FrameUse : uint8_t {
  kFree,
  kReserved,  // never allocatable: the guest kernel image, the zero page
  kAnon,
  kPageCache,  // regular file or shmem
  kPageTable,
  kKernel,  // pipe buffers and the like
  kTail,    // part of a compound page; see `head`
};

// Why a frame is wanted: the name of its allocation site.
enum class AllocPurpose : uint8_t {
  kAnon,
  kPageCache,
  kTableRoot,
  kTableP4d,
  kTablePud,
  kTablePmd,
  kTablePte,
  kKernel,
};
const char* ToString(AllocPurpose p);  // "anon", "table.pte", ...

struct Frame {
  FrameUse use = FrameUse::kFree;
  uint8_t order = 0;          // of the block, in its head frame
  bool dirty : 1 = false;     // page cache: differs from the backing store
  bool uptodate : 1 = false;  // page cache: holds the file's bytes
  bool swap_backed : 1 = false;
  bool mlocked : 1 = false;
  bool executed : 1 = false;  // some engine has translations of it
  bool zeroed : 1 = false;    // free and known to hold zeros
  bool hw_poisoned : 1 = false;
  bool referenced : 1 = false;
  // kAnon: mapped by exactly one entry and not shared by fork, so a store may
  // reuse it without looking at refcount (PageAnonExclusive). Set when an
  // entry is made for a fresh page, cleared in the original by fork.
  bool anon_exclusive : 1 = false;

  // References: one for each mapping entry, one for the page cache, one for
  // each holder. A page table holds one on itself.
  int32_t refcount = 0;
  // Entries that map it. Invariant: <= refcount.
  int32_t mapcount = 0;
  // Page tables: entries in use, so that an empty table can be freed.
  int32_t entries = 0;

  // kPageCache: whose page `index` it is. kAnon: `index` is the linear page
  // offset in its VMA.
  Mapping* mapping = nullptr;
  AnonVma* anon_vma = nullptr;
  uint64_t index = 0;
  Pfn head;  // kTail only

  Lock lock{kPageLock};  // folio_lock(); for a page table: its ptl
};

const char* ToString(FrameUse use);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_PHYS_FRAME_H_
