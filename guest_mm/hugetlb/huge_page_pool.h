#ifndef FAULTLINE_GUEST_MM_HUGETLB_HUGE_PAGE_POOL_H_
#define FAULTLINE_GUEST_MM_HUGETLB_HUGE_PAGE_POOL_H_

// HugePagePool: the huge pages of one size that were set apart. Linux: struct
// hstate and mm/hugetlb.c, as far as one node.
//
// Persistent pages are as many as nr_hugepages asks for. Surplus pages come
// and go with the need, up to nr_overcommit_hugepages. Of the free pages so
// many are promised (reserved): whoever has no reservation gets the rest.
//
// Life of a page: from the buddy into the pool -> free (the pool has the one
// reference) -> Take()n: the reference is the taker's -> the last reference put
// -> GiveBack(): free again, or out of the pool if it was surplus.
//
// Units: huge pages. Counts change between schedule points only (Linux:
// hugetlb_lock); where frames are asked for, others may run.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/phys/phys_mem.h"

namespace faultline::mm {

// vmstat's htlb_buddy_alloc_success and htlb_buddy_alloc_fail.
struct HugetlbCounters {
  uint64_t alloc_success = 0;
  uint64_t alloc_fail = 0;
};

class HugePagePool {
 public:
  // Pages that an entry of `level` maps, 2^`order` frames each.
  HugePagePool(PhysMem& phys, HugetlbCounters& counters, int level, int order);

  int level() const { return level_; }
  int order() const { return order_; }
  uint64_t bytes() const { return phys_.page_shift().bytes() << order_; }
  PageCount pages() const { return PageCount(uint64_t{1} << order_); }
  int shift() const { return phys_.page_shift().value() + order_; }
  // Larger than what the buddy gives out in Linux: never surplus.
  bool gigantic() const;
  // "hugepages-2048kB".
  std::string name() const;

  uint64_t total() const { return total_; }       // nr_huge_pages
  uint64_t free() const { return free_.size(); }  // reserved ones included
  uint64_t reserved() const { return reserved_; }
  uint64_t surplus() const { return surplus_; }
  uint64_t persistent() const { return total_ - surplus_; }
  // What was last reached by SetPersistent() (max_huge_pages).
  uint64_t wanted() const { return wanted_; }
  uint64_t overcommit() const { return overcommit_; }
  void set_overcommit(uint64_t pages) { overcommit_ = pages; }

  // Writes to nr_hugepages: as many persistent pages as can be had or given
  // up. Pages in use become surplus ones. set_max_huge_pages().
  void SetPersistent(uint64_t count);

  // Promises `pages` more, with surplus pages if need be. kENOMEM: nothing has
  // changed. hugetlb_acct_memory().
  ErrnoOr<Done> Reserve(uint64_t pages);
  // Takes a promise back; surplus pages that were there for it go.
  void Unreserve(uint64_t pages);
  // One more promise, whose page is there already.
  void RestoreReserve() { ++reserved_; }

  // A free page, and what was promised, if the taker holds such a promise;
  // otherwise one that is not promised to anyone, perhaps a surplus one.
  // Nothing if there is none. The reference to it is the caller's; contents
  // undefined.
  enum class For : uint8_t { kReservation, kAnyone };
  std::optional<Pfn> Take(For whom);

  // The last reference to `head` has gone. False: it has left the pool, and
  // its frames are to be freed.
  bool GiveBack(Pfn head);

  // A page that is added to the pool for the taker, as Take() gives one.
  // Nothing if memory has none (alloc_migrate_hugetlb_folio()).
  std::optional<Pfn> TakeNew() { return Allocate(); }
  // A page in use, of which a frame is lost, leaves the pool for good
  // (dissolve_free_hugetlb_folio()).
  void Dissolve();

  // The free pages, against their frames. Dies if the counts do not agree.
  void Validate() const;

 private:
  uint64_t available() const {
    return free_.size() > reserved_ ? free_.size() - reserved_ : 0;
  }
  // From the buddy. The page counts, and is not free yet.
  std::optional<Pfn> Allocate();
  // The same, if one more may be surplus (alloc_surplus_hugetlb_folio()).
  std::optional<Pfn> AllocateSurplus();
  // A free page leaves (remove_pool_hugetlb_folio()).
  void RemoveFree();

  PhysMem& phys_;
  HugetlbCounters& counters_;
  int level_;
  int order_;
  uint64_t total_ = 0;
  uint64_t reserved_ = 0;
  uint64_t surplus_ = 0;
  uint64_t wanted_ = 0;
  uint64_t overcommit_ = 0;
  std::vector<Pfn> free_;  // the last one freed is the first one taken
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_HUGETLB_HUGE_PAGE_POOL_H_
