#ifndef FAULTLINE_GUEST_MM_SWAP_SWAP_AREA_H_
#define FAULTLINE_GUEST_MM_SWAP_SWAP_AREA_H_

// SwapArea: the swap device, which lies in host memory, and the swap cache in
// front of it. Linux: struct swap_info_struct (mm/swapfile.c), mm/swap_state.c.
//
// Life of a slot: free -> AddToSwap() gives it to a page that is to go, which
// is then in the swap cache -> each entry that the page is unmapped from counts
// one (Dup) -> the page is written, and leaves the cache when nobody needs it
// in memory -> a fault reads it into the cache again and drops the entry's
// count -> with no entry left and no page in the cache it is free.
//
// A slot belongs to private anonymous memory or to one place of one shmem file,
// never to both. Counts and cache change between schedule points, so no lock
// of theirs is modelled; a page's bytes are under its page lock.
//
// Memory: the bytes are one host mapping as long as the area, never longer; the
// map of slots is paid for from the machine's own memory, all at once.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/phys/free_map.h"
#include "guest_mm/phys/phys_mem.h"
#include "guest_mm/phys/slab.h"
#include "guest_mm/sync/point.h"

namespace faultline::mm {

class Mapping;

// A page is about to be read from, or written to, its slot.
inline constexpr PointSite kSwapReadPoint{"swap.read"};
inline constexpr PointSite kSwapWritePoint{"swap.write"};
// The device fails.
inline constexpr FailSite kSwapReadError{"swap.read.error",
                                         "a page cannot be read from swap"};
inline constexpr FailSite kSwapWriteError{"swap.write.error",
                                          "a page cannot be written to swap"};
// Somebody waits for what is left of it to come or go (swapoff).
inline constexpr PointSite kSwapOffPoint{"swap.off"};

class SwapArea {
 public:
  // What a slot costs the machine: its place in the map, and what a shmem file
  // keeps to find it.
  static constexpr size_t kSlotCost = 64;

  // Of `bytes`, the first page of which is the header; 0: no room for anything.
  // ResourceExhausted if the host has no room for it, or the machine none for
  // the map. `phys` outlives it.
  static absl::StatusOr<std::unique_ptr<SwapArea>> Create(PhysMem& phys,
                                                          Slab& slab,
                                                          uint64_t bytes);
  ~SwapArea();
  SwapArea(const SwapArea&) = delete;
  SwapArea& operator=(const SwapArea&) = delete;

  // SwapTotal and SwapFree: none if it is off.
  PageCount total() const { return on_ ? total_ : PageCount(); }
  PageCount free() const { return on_ ? free_ : PageCount(); }
  // What it holds, on or off.
  PageCount used() const { return total_ - free_; }
  // swapon, swapoff: it gives out no more slots while it is off. There is one.
  bool exists() const { return total_ != PageCount(); }
  void set_on(bool on) { on_ = on && exists(); }
  PageCount cached() const { return cached_; }
  // Half of it is used: slots are no longer kept for pages that are in memory
  // again (vm_swap_full()).
  bool full() const { return free_.value() * 2 < total_.value(); }
  uint64_t pages_in() const { return pages_in_; }    // pswpin
  uint64_t pages_out() const { return pages_out_; }  // pswpout

  // Gives a locked page the lowest free slot; it is dirty then and in the
  // cache, which holds a reference. False if no slot is free (add_to_swap()).
  bool AddToSwap(Pfn pfn);
  // The page that is in the cache for `slot`, without a reference; or nothing.
  std::optional<Pfn> Cached(SwapSlot slot) const;
  // The same, read in if need be, with a reference; its lock is held while it
  // is read. kENOMEM; kEAGAIN: somebody was faster, or `wanted` says that the
  // slot is not the caller's any more: look at the entry again. Schedule
  // points; an allocation, so hold no page-table lock
  // (read_swap_cache_async()). Its lock tells when it has been read; if it is
  // not uptodate then, the device has failed, and it stays so while cached.
  struct CachedPage {
    Pfn pfn;
    bool read = false;  // it was not in the cache
  };
  ErrnoOr<CachedPage> ReadIn(SwapSlot slot, AllocPurpose purpose,
                             absl::FunctionRef<bool()> wanted);
  // Writes a locked page of the cache to its slot; it is clean then, unless it
  // was written to meanwhile through an entry (swap_writepage()), or the device
  // failed (end_swap_bio_write()).
  void Write(Pfn pfn);

  // The page leaves the cache, which puts its reference; the caller has one of
  // his own. The slot is free if no entry holds it (delete_from_swap_cache()).
  void RemoveFromCache(Pfn pfn);
  // The same for a page whose slot no entry holds: its bytes are then nowhere
  // else, so it is dirty. False: an entry does, or it is in no cache
  // (folio_free_swap()). The page is locked, or nobody can be at work on it.
  bool FreeSwap(Pfn pfn);

  // One entry more that holds `slot` (swap_duplicate()), or one less
  // (swap_free()).
  void Dup(SwapSlot slot);
  void Drop(SwapSlot slot);
  // Drop() for an entry that goes for good: with the last one a page in the
  // cache that nobody works on goes too (free_swap_and_cache()).
  void DropAndCache(SwapSlot slot);
  // Entries that hold it (swp_swapcount()).
  uint32_t count(SwapSlot slot) const { return slots_[slot.value()].count; }

  // A locked page of the cache is in frame `to` from now on, which takes over
  // the slot and the cache's reference.
  void MoveCached(Pfn from, Pfn to);
  // The next page of the cache, by slot, whose slot no entry holds.
  std::optional<Pfn> NextUnheld(SwapSlot after) const;

  // Files that have pages in swap, in the order in which they first had
  // (shmem_swaplist); kept by Mapping.
  std::vector<Mapping*>& files() { return files_; }
  // Slots that shmem files hold; kept by Mapping.
  PageCount of_files() const { return of_files_; }
  void CountFile(PageCount more, PageCount less) {
    of_files_ = of_files_ + more - less;
  }

  // Puts the reference of an entry that is gone. If that was the page's last
  // use, it leaves the swap cache too (free_page_and_swap_cache()).
  void PutPage(Pfn pfn);

  // Counts against the slots, the cache against its pages. Dies if not true.
  void Validate() const;
  // Calls fn(SwapSlot, count) for every slot that an entry holds.
  template <typename Fn>
  void ForEachUsed(Fn fn) const {
    for (uint64_t i = 1; i < fresh_; ++i) {
      if (slots_[i].count != 0) {
        fn(SwapSlot(i), slots_[i].count);
      }
    }
  }

 private:
  struct Slot {
    uint32_t count = 0;
    uint32_t cached = kNotCached;  // the page's frame number
  };
  static constexpr uint32_t kNotCached = ~uint32_t{0};

  SwapArea(PhysMem& phys, std::byte* bytes, PageCount total,
           Slab::Charge charge);

  SwapSlot TakeSlot();
  void FreeSlot(SwapSlot slot);
  void AddToCache(SwapSlot slot, Pfn pfn);
  std::byte* Bytes(SwapSlot slot) const;
  bool Stranded(const Frame& folio) const;

  PhysMem& phys_;
  std::byte* const bytes_;
  const PageCount total_;
  bool on_ = true;
  std::vector<Mapping*> files_;
  PageCount free_;
  PageCount cached_;
  PageCount of_files_;
  uint64_t pages_in_ = 0;
  uint64_t pages_out_ = 0;
  std::vector<Slot> slots_;
  // Of tagged pages, by slot (arm64: mte_save_tags()).
  absl::flat_hash_map<uint64_t, std::vector<std::byte>> tags_;
  uint64_t fresh_ = 1;  // slots from here on were never used
  FreeMap freed_;       // those below that are free again
  Slab::Charge charge_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_SWAP_SWAP_AREA_H_
