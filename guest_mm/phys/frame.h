#ifndef FAULTLINE_GUEST_MM_PHYS_FRAME_H_
#define FAULTLINE_GUEST_MM_PHYS_FRAME_H_

// Frame: what we know of one page frame. Linux: struct page and struct folio
// (include/linux/mm_types.h).
//
// A folio is a block of 2^order frames that is one page to its owner. Its
// state is in the head frame (PhysMem::folio() finds it from any frame); of a
// tail only what is said to be "of each page" means anything. A folio is
// mapped whole, by an entry of the level that is its size (PMD), or page by
// page, or both ways by different spaces.
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
    "page.lock",
    {"page.lock.locked"},
    {"page.lock.unlocked"},
    40,
    true,
    WhileHeld::kMaySleep,
    {"page.lock.try", "a trylock of a page finds somebody else has it"}};
inline constexpr LockClass kPmdLock{
    "pmd.lock",
    {"pmd.lock.locked"},
    {"pmd.lock.unlocked"},
    58,
    true,
    WhileHeld::kAtomic,
    {"pmd.lock.try", "a trylock of a PMD table finds somebody else has it"}};
inline constexpr LockClass kPageTableLock{
    "pte.lock", {"pte.lock.locked"}, {"pte.lock.unlocked"}, 60,
    true,       WhileHeld::kAtomic};

enum class FrameUse : uint8_t {
  kFree,
  kReserved,  // never allocatable: the guest kernel image, the zero page
  kAnon,
  kPageCache,  // regular file or shmem
  kPageTable,
  kKernel,   // pipe buffers and the like
  kHugeTlb,  // of a pool of huge pages, in use or not (guest_mm/hugetlb)
  kTail,     // part of a compound page; see `head`
};

// Which list of reclaim's a folio is on (phys/lru.h).
enum class Lru : uint8_t {
  kNone,  // not reclaimable, or reclaim has taken it off to look at it
  kInactiveAnon,
  kActiveAnon,
  kInactiveFile,
  kActiveFile,
  kUnevictable,  // there is nowhere to put it
};

// Why a frame is wanted: the name of its allocation site.
enum class AllocPurpose : uint8_t {
  kAnon,
  kPageCache,
  kHugeAnon,          // a transparent huge page, at a fault
  kHugePageCache,     // one for a file
  kHugeZero,          // the huge page of zeros
  kHugeCollapse,      // a huge page for khugepaged or MADV_COLLAPSE
  kHugeFileCollapse,  // the same, of a file
  kTableRoot,
  kTableP4d,
  kTablePud,
  kTablePmd,
  kTablePte,
  kKernel,
  kHugeTlb,  // for a pool of huge pages
};
inline constexpr int kAllocPurposes = 14;
const char* ToString(AllocPurpose p);  // "anon", "table.pte", ...
// Its allocations fail: "alloc.anon", "alloc.table.pte", ...
const FailSite& SiteOf(AllocPurpose p);

struct Frame {
  FrameUse use = FrameUse::kFree;
  uint8_t order = 0;  // of the block, in its head frame
  Lru lru = Lru::kNone;
  bool dirty : 1 = false;     // differs from the backing store, or swap slot
  bool uptodate : 1 = false;  // page cache: holds the file's bytes
  // Its place when not in memory is swap: anonymous, but for what MADV_FREE
  // gave up, and shmem.
  bool swap_backed : 1 = false;
  bool mlocked : 1 = false;
  bool executed : 1 = false;  // of each page: an engine has translations of it
  bool zeroed : 1 = false;    // of each page: free and known to hold zeros
  bool hw_poisoned : 1 = false;  // of each page
  bool tagged : 1 =
      false;  // of each page: its tags mean something (PG_mte_tagged)
  bool referenced : 1 = false;
  // kAnon, of each page: mapped by exactly one entry and not shared by fork,
  // so a store may reuse it without looking at refcount (PageAnonExclusive).
  // Set when an entry is made for a fresh page, cleared in the original by
  // fork. Of a folio mapped whole, the head's says it for all.
  bool anon_exclusive : 1 = false;
  // A part of a huge folio was unmapped; it waits in the queue of those to be
  // split (folio_test_partially_mapped()).
  bool partially_mapped : 1 = false;
  // kHugeTlb: when it is freed, what it was reserved for is reserved again
  // (folio_test_hugetlb_restore_reserve()).
  bool restore_reserve : 1 = false;
  // kHugeTlb: a page of it is lost (its own hw_poisoned says which), and so it
  // is out of use as a whole.
  bool has_hw_poisoned : 1 = false;

  // References: one for each mapping entry, one for each page that is in the
  // page cache, one for the swap cache, one for each holder. A page table holds
  // one on itself.
  int32_t refcount = 0;
  // Of each page: level-0 entries that map it. Invariant: <= refcount.
  int32_t mapcount = 0;
  // order > 0: entries that map it whole (_entire_mapcount).
  int32_t entire_mapcount = 0;
  // order > 0: all entries that map it or a page of it (_large_mapcount).
  // Invariant: entire_mapcount plus every page's mapcount; <= refcount.
  int32_t large_mapcount = 0;
  // order > 0: how many of its pages have a mapcount (_nr_pages_mapped).
  int32_t pages_mapped = 0;
  // order > 0: pins (_pincount); a folio of one page counts them in refcount
  // (rmap/pin.h). Invariant: <= refcount.
  int32_t pincount = 0;
  // Entries of locked mappings that map it (mlock_count), as far as is known:
  // `mlocked` goes with the last of them.
  int32_t mlock_count = 0;
  // Page tables: entries in use, so that an empty table can be freed.
  int32_t entries = 0;
  // Page tables above level 0: spare tables kept for the huge entries in it,
  // in a list that starts at `head` (pgtable_trans_huge_deposit()).
  int32_t deposits = 0;

  // kPageCache: whose page `index` it is. kAnon: `index` is the linear page
  // offset in its VMA.
  Mapping* mapping = nullptr;
  AnonVma* anon_vma = nullptr;
  uint64_t index = 0;
  // Its neighbours on its LRU list.
  static constexpr uint32_t kNoLink = ~uint32_t{0};
  uint32_t lru_older = kNoLink;
  uint32_t lru_younger = kNoLink;
  // In the swap cache: of which slot it is the copy (folio->swap).
  SwapSlot swap_slot;
  Pfn head;  // kTail: its head frame. Page tables: see `deposits`

  Lock lock{kPageLock};  // folio_lock(); for a page table: its ptl
};

// References that the page cache holds.
inline int32_t CacheReferences(const Frame& folio) {
  return folio.use == FrameUse::kPageCache && folio.mapping != nullptr
             ? int32_t{1} << folio.order
             : 0;
}

// PG_swapcache.
inline bool InSwapCache(const Frame& folio) { return bool(folio.swap_slot); }

// Entries that map `page`, a frame of `folio`, one way or the other
// (folio_precise_page_mapcount()).
inline int32_t PageMapcount(const Frame& folio, const Frame& page) {
  return page.mapcount + folio.entire_mapcount;
}
// Entries that map any of it (folio_mapcount()).
inline int32_t FolioMapcount(const Frame& folio) {
  return folio.order == 0 ? folio.mapcount : folio.large_mapcount;
}

// PageAnon: private memory's, whichever kind of page it is.
inline bool IsAnon(const Frame& folio) {
  return folio.use == FrameUse::kAnon ||
         (folio.use == FrameUse::kHugeTlb && folio.anon_vma != nullptr);
}

const char* ToString(FrameUse use);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_PHYS_FRAME_H_
