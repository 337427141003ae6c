#ifndef FAULTLINE_GUEST_MM_PHYS_BUDDY_H_
#define FAULTLINE_GUEST_MM_PHYS_BUDDY_H_

// Buddy: which blocks of 2^order frames are free. Linux: mm/page_alloc.c
// __rmqueue_smallest(), expand(), __free_one_page(). It knows numbers only:
// what a frame is used for is PhysMem's business.
//
// Invariant: free blocks are naturally aligned, do not overlap, and no two
// buddies below the top order are both free.

#include <cstdint>
#include <optional>
#include <vector>

#include "guest_mm/base/addr.h"
#include "guest_mm/phys/free_map.h"

namespace faultline::mm {

class Buddy {
 public:
  // All of `frames` are free. Blocks are at most 2^max_order frames.
  Buddy(uint64_t frames, int max_order);

  // The lowest block of the smallest order that is big enough, split down.
  std::optional<Pfn> Take(int order);
  // Takes exactly this frame, splitting the block that holds it. False if it
  // is not free.
  bool TakeFrame(Pfn pfn);
  // Gives a block back, joining it with its buddy as far as that is free.
  void Give(Pfn head, int order);

  int max_order() const { return int(maps_.size()) - 1; }
  uint64_t free_blocks(int order) const { return maps_[size_t(order)].count(); }
  // Is there a free block of exactly this order with this head?
  bool HasBlock(Pfn head, int order) const {
    return maps_[size_t(order)].Contains(head.value() >> order);
  }
  // The free block that holds `pfn`, or nothing.
  struct Block {
    Pfn head;
    int order;
  };
  std::optional<Block> BlockOf(Pfn pfn) const;

 private:
  void Insert(uint64_t block, int order) {
    maps_[size_t(order)].Insert(block);
    orders_ |= 1u << order;
  }
  void Erase(uint64_t block, int order) {
    FreeMap& map = maps_[size_t(order)];
    map.Erase(block);
    if (map.empty()) {
      orders_ &= ~(1u << order);
    }
  }

  uint32_t orders_ = 0;  // bit k: there is a free block of order k
  std::vector<FreeMap> maps_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_PHYS_BUDDY_H_
