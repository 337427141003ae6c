#include "guest_mm/mm/proc_kpage.h"

namespace faultline::mm {
namespace {

// KPF_*: bit numbers.
enum KpageFlag : int {
  kLocked = 0,
  kReferenced = 2,
  kUptodate = 3,
  kDirty = 4,
  kLru = 5,
  kActive = 6,
  kBuddy = 10,
  kMmap = 11,
  kAnon = 12,
  kSwapBacked = 14,
  kCompoundHead = 15,
  kCompoundTail = 16,
  kHuge = 17,
  kUnevictable = 18,
  kHwPoison = 19,
  kThp = 22,
  kZeroPage = 24,
  kPageTable = 26,
  kReserved = 32,
  kMlocked = 33,
};

uint64_t Bit(KpageFlag flag, bool on) { return uint64_t{on} << flag; }

// What the page is used for.
uint64_t UseBits(const Frame& folio) {
  switch (folio.use) {
    case FrameUse::kFree:
      return Bit(kBuddy, true);
    case FrameUse::kReserved:
      return Bit(kReserved, true);
    case FrameUse::kAnon:
      return Bit(kAnon, true) | Bit(kUptodate, true) | Bit(kLru, true) |
             Bit(kActive, true) | Bit(kSwapBacked, true);
    case FrameUse::kPageCache:
      return Bit(kUptodate, folio.uptodate) | Bit(kLru, true) |
             Bit(kActive, folio.swap_backed) |
             Bit(kSwapBacked, folio.swap_backed);
    case FrameUse::kHugeTlb:
      return Bit(kHuge, true) | Bit(kAnon, IsAnon(folio)) |
             Bit(kUptodate, folio.uptodate);
    case FrameUse::kPageTable:
      return Bit(kPageTable, true);
    case FrameUse::kKernel:
    case FrameUse::kTail:
      break;
  }
  return 0;
}

}  // namespace

uint64_t KpageCount(const PhysMem& phys, Pfn pfn) {
  const Frame* const page = phys.FrameIfMade(pfn);
  if (page == nullptr || page->use == FrameUse::kFree) {
    return 0;
  }
  return uint64_t(PageMapcount(phys.folio(pfn), *page));
}

// stable_page_flags().
uint64_t KpageFlags(const PhysMem& phys, Pfn pfn, Pfn zero_page) {
  const Frame* const made = phys.FrameIfMade(pfn);
  if (made == nullptr) {
    return UseBits(Frame());
  }
  const Frame& page = *made;
  const Frame& folio = phys.folio(pfn);
  uint64_t bits = UseBits(folio) | Bit(kHwPoison, page.hw_poisoned);
  if (folio.use == FrameUse::kFree) {
    return bits;
  }
  const bool huge = folio.order > 0 && folio.use == FrameUse::kAnon;
  return bits | Bit(kLocked, folio.lock.locked()) |
         Bit(kReferenced, folio.referenced) | Bit(kDirty, folio.dirty) |
         Bit(kMmap, PageMapcount(folio, page) > 0) |
         Bit(kUnevictable, folio.lru == Lru::kUnevictable) |
         Bit(kMlocked, folio.mlocked) | Bit(kZeroPage, pfn == zero_page) |
         Bit(kCompoundHead, folio.order > 0 && &folio == &page) |
         Bit(kCompoundTail, page.use == FrameUse::kTail) | Bit(kThp, huge);
}

}  // namespace faultline::mm
