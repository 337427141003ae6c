#ifndef FAULTLINE_GUEST_MM_PHYS_PHYS_MEM_H_
#define FAULTLINE_GUEST_MM_PHYS_PHYS_MEM_H_

// PhysMem: the guest's RAM, its frames' metadata and the buddy allocator.
// Linux: mm/page_alloc.c, as far as one node and one zone.
//
// RAM is one private anonymous host mapping (so fork() of the host process is
// a snapshot), advised for host huge pages. Physical address 0 is its first
// byte; the machine's size is a whole number of frames. Not a byte beyond it
// is ever given to a guest.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/phys/buddy.h"
#include "guest_mm/phys/deferred_split_queue.h"
#include "guest_mm/phys/frame.h"
#include "guest_mm/phys/frame_tags.h"
#include "guest_mm/phys/lru.h"
#include "guest_mm/phys/memory_pressure.h"
#include "guest_mm/sync/point.h"

namespace faultline::mm {

class MemoryManager;
class SwapArea;
class Tlb;
class Trace;

// A frame is about to be asked for: the place where others may take it first.
inline constexpr PointSite kPageAllocPoint{"page.alloc"};

// Whose huge pages (FrameUse::kHugeTlb) are: guest_mm/hugetlb.
class HugePageOwner {
 public:
  virtual ~HugePageOwner() = default;
  // The last reference to the page has gone. True: it was kept, and recycled
  // (PhysMem::Recycle()). False: it is to be freed.
  virtual bool TakeBack(Pfn head) = 0;
};

class PhysMem {
 public:
  static constexpr int kMaxOrder = 18;  // 1 GiB of 4 KiB pages

  // InvalidArgument if `bytes` is not a multiple of the page size or under
  // 1 MiB; ResourceExhausted if the host has no room for it.
  static absl::StatusOr<std::unique_ptr<PhysMem>> Create(uint64_t bytes,
                                                         PageShift shift);
  ~PhysMem();

  PageShift page_shift() const { return shift_; }
  uint64_t bytes() const { return bytes_; }
  PageCount total() const { return PageCount(bytes_ >> shift_.value()); }
  PageCount free() const { return free_; }
  bool Contains(Pfn pfn) const { return pfn.value() < total().value(); }

  // 2^order frames, naturally aligned, with one reference on the head.
  // kENOMEM if there is no such block, even after reclaim has tried to make
  // room, or the site is made to fail; then nothing has changed. Contents
  // undefined: use AllocateZeroed for guests. A schedule point ("page.alloc")
  // and, for each purpose, a site of failures (SiteOf()).
  ErrnoOr<Pfn> Allocate(AllocPurpose purpose, int order = 0);
  ErrnoOr<Pfn> AllocateZeroed(AllocPurpose purpose, int order = 0);

  // Metadata is made, a group of frames at a time, when first asked for: a big
  // machine that runs a small program starts at once.
  Frame& frame(Pfn pfn) {
    Frame* group = groups_[pfn.value() / kGroup].get();
    if (group == nullptr) [[unlikely]] {
      group = MakeGroup(pfn);
    }
    return group[pfn.value() % kGroup];
  }
  const Frame& frame(Pfn pfn) const {
    return const_cast<PhysMem*>(this)->frame(pfn);
  }
  // Null: the frame was never used, so it is free and its metadata not made.
  const Frame* FrameIfMade(Pfn pfn) const {
    const Frame* group = groups_[pfn.value() / kGroup].get();
    return group == nullptr ? nullptr : &group[pfn.value() % kGroup];
  }
  // The head of the folio that `pfn` is a page of, and its metadata.
  Pfn HeadOf(Pfn pfn) const {
    const Frame& f = frame(pfn);
    return f.use == FrameUse::kTail ? f.head : pfn;
  }
  Frame& folio(Pfn pfn) {
    Frame& f = frame(pfn);
    return f.use == FrameUse::kTail ? frame(f.head) : f;
  }
  const Frame& folio(Pfn pfn) const {
    return const_cast<PhysMem*>(this)->folio(pfn);
  }
  // References are the folio's, whichever of its pages is named.
  void Get(Pfn pfn) { ++folio(pfn).refcount; }
  // Drops a reference; the last one frees the block. Its executed
  // instructions, if any, are dropped from the engines before it is reusable.
  void Put(Pfn pfn);

  // For the owner of huge pages. Free: of one that it holds the only reference
  // to. Recycle: what has no reference any more is as fresh from Allocate(),
  // contents undefined.
  void Free(Pfn head);
  void Recycle(Pfn head);
  void set_huge_page_owner(HugePageOwner* owner) { huge_page_owner_ = owner; }

  // Makes of the folio with head `head` folios of one frame each, which are
  // what it was; the caller has one reference to each. Nobody maps it, and but
  // for the page cache's the caller has the one reference to it. Linux:
  // __split_huge_page_tail().
  void SplitBlock(Pfn head);

  // The frame's bytes in host memory. Who writes through it to a frame that
  // may hold code calls WroteByHost().
  std::byte* Data(Pfn pfn) { return ram_ + (pfn.value() << shift_.value()); }
  const std::byte* Data(Pfn pfn) const {
    return ram_ + (pfn.value() << shift_.value());
  }
  // Page-table words are read and written here.
  uint64_t* Words(Pfn pfn) { return reinterpret_cast<uint64_t*>(Data(pfn)); }
  std::byte* ram() { return ram_; }
  void WroteByHost(Pfn pfn);
  void MarkExecuted(Pfn pfn) { frame(pfn).executed = true; }

  // The frames' allocation tags (phys/frame_tags.h).
  FrameTags& tags() { return tags_; }
  const FrameTags& tags() const { return tags_; }
  // The page is mapped as tagged: its tags are zeros unless it has some already
  // (mte_sync_tags()).
  void MakeTagged(Pfn pfn);
  // The bytes of `from`, and its tags if it has some (copy_highpage()).
  void CopyPage(Pfn to, Pfn from);
  void CopyBlock(Pfn to, Pfn from, int order);

  // Takes the frames out of the allocator for good; boot only, before the
  // first allocation that could hold them. Every frame must be free.
  void Reserve(Pfn first, PageCount n);

  // The last allocation that failed, for reports.
  const FailedAllocation& last_failure() const { return last_failure_; }

  void set_tlb(Tlb* tlb) { tlb_ = tlb; }
  void set_trace(Trace* trace) { trace_ = trace; }
  Trace* trace() const { return trace_; }
  // Where pages go for which there is no room; null: nowhere.
  void set_swap(SwapArea* swap) { swap_ = swap; }
  SwapArea* swap() const { return swap_; }

  // Whose memory this is; null in tests of parts of it.
  void set_manager(MemoryManager* manager) { manager_ = manager; }
  MemoryManager* manager() const { return manager_; }

  // Pages by age, for reclaim.
  LruLists& lru() { return lru_; }
  const LruLists& lru() const { return lru_; }
  // Who finds room when memory is short; null: nobody.
  void set_pressure(MemoryPressure* pressure) { pressure_ = pressure; }

  // Huge folios of which a part was unmapped.
  DeferredSplitQueue& deferred_split() { return deferred_split_; }

  // Frames by use, for /proc/meminfo; O(1).
  PageCount used(FrameUse use) const { return used_[size_t(use)]; }

  // Calls fn(Pfn, const Frame&) for every frame that has ever been used.
  template <typename Fn>
  void ForEachFrame(Fn fn) const {
    for (uint64_t g = 0; g < groups_.size(); ++g) {
      for (uint64_t i = 0; groups_[g] != nullptr && i < kGroup; ++i) {
        fn(Pfn(g * kGroup + i), std::as_const(groups_[g][i]));
      }
    }
  }

  // Walks free lists and metadata; dies on a broken invariant. Tests.
  void Validate() const;

 private:
  PhysMem(std::byte* ram, uint64_t bytes, PageShift shift);

  static constexpr uint64_t kGroup = 256;

  Frame* MakeGroup(Pfn pfn);
  void FreeBlock(Pfn head, Frame& frame);
  void TraceAlloc(const char* name, Pfn pfn, FrameUse use, int order,
                  const char* purpose) const;

  std::byte* ram_;
  uint64_t bytes_;
  PageShift shift_;
  FrameTags tags_;
  PageCount free_;
  PageCount used_[8] = {};
  Buddy buddy_;
  DeferredSplitQueue deferred_split_;
  std::vector<std::unique_ptr<Frame[]>> groups_;
  Tlb* tlb_ = nullptr;
  Trace* trace_ = nullptr;
  SwapArea* swap_ = nullptr;
  MemoryManager* manager_ = nullptr;
  HugePageOwner* huge_page_owner_ = nullptr;
  LruLists lru_{*this};
  MemoryPressure* pressure_ = nullptr;
  FailedAllocation last_failure_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_PHYS_PHYS_MEM_H_
