#ifndef FAULTLINE_GUEST_MM_HUGETLB_HUGETLB_FILE_H_
#define FAULTLINE_GUEST_MM_HUGETLB_HUGETLB_FILE_H_

// HugetlbFile: a file whose bytes are huge pages of one size, on a mounted
// hugetlbfs or nameless (memfd, SysV, MAP_HUGETLB). Linux: fs/hugetlbfs/
// inode.c. Its size, the VMAs that map it and the lock over them are a Mapping
// without pages; the pages, by number, are here.
//
// Locking: lock() around whatever changes size or pages by a call; a page's
// fault mutex while it is brought in or taken out.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "guest_mm/base/errno.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/hugetlb/hugetlb.h"
#include "guest_mm/hugetlb/region_map.h"

namespace faultline::mm {

// mmap takes it, so it comes after mmap_lock; nobody copies to or from user
// memory with it. Linux: a lockdep class of i_rwsem of its own.
inline constexpr LockClass kHugetlbFileLock{"hugetlb.i_rwsem",
                                            {"hugetlb.i_rwsem.locked"},
                                            {"hugetlb.i_rwsem.unlocked"},
                                            31};

class HugetlbFile {
 public:
  // `subpool`: of the mount it is on; null: it has no limits.
  HugetlbFile(PhysMem& phys, Hugetlb& hugetlb, HugePagePool& pool,
              std::shared_ptr<HugePageSubpool> subpool);
  // Nobody maps it any more. Puts its pages and drops its reservations.
  ~HugetlbFile();

  Mapping& mapping() { return mapping_; }
  HugePagePool& pool() const { return pool_; }
  Hugetlb& hugetlb() const { return hugetlb_; }
  const std::shared_ptr<HugePageSubpool>& subpool() const { return subpool_; }
  // Of the pages of shared mappings: those reserved or there.
  RegionMap& reserved() { return reserved_; }
  uint64_t size() const { return mapping_.size(); }
  // Its pages were reserved when it was made: mmap reserves none (SysV shared
  // memory; Linux: S_PRIVATE).
  bool reserved_before_mmap = false;
  // Growing only: nothing is unmapped.
  void Extend(uint64_t size);
  RwLock& lock() { return lock_; }
  Lock& FaultMutex(uint64_t index) {
    return hugetlb_.FaultMutex(number_, index);
  }

  // Page `index`, without a reference.
  std::optional<Pfn> Find(uint64_t index) const;
  // A page with a reference, locked and complete, becomes page `index`; the
  // cache takes a reference of its own. Under the fault mutex; the place is
  // free. hugetlb_add_to_page_cache().
  void Insert(uint64_t index, Pfn pfn);
  // Page `to`, locked or not known to others, takes the place of the one that
  // is page `index`, whose bytes it has; the cache's reference goes with it.
  void Replace(uint64_t index, Pfn to);
  uint64_t cached() const { return pages_.size(); }
  // The first page from `index` on that is there.
  std::optional<uint64_t> NextPage(uint64_t index) const;

  // ftruncate to whole huge pages, `size` in bytes: what lies beyond goes, with
  // what was reserved there. hugetlb_vmtruncate().
  void Truncate(uint64_t size);
  // fallocate. kENOSPC, kEINTR: pages made so far stay.
  ErrnoOr<Done> Allocate(uint64_t offset, uint64_t length);
  // FALLOC_FL_PUNCH_HOLE, MADV_REMOVE: whole pages go, the rest is zeroed.
  void PunchHole(uint64_t offset, uint64_t length);

  // For a shared mapping of the pages [from, to), or shmget: kENOMEM, then
  // nothing is reserved. hugetlb_reserve_pages().
  ErrnoOr<Done> Reserve(uint64_t from, uint64_t to);

  // Every page is ours and counted. Dies if not.
  void Validate() const;

 private:
  ErrnoOr<Done> AllocatePage(uint64_t index);
  // Takes the pages [first, last] out (remove_inode_hugepages()); returns how
  // many there were.
  uint64_t Remove(uint64_t first, uint64_t last);
  void RemovePage(uint64_t index);
  // hugetlb_unreserve_pages(): `freed` of [from, to) were pages.
  void Unreserve(uint64_t from, uint64_t to, uint64_t freed);
  // Takes bytes [from, to) of huge pages out of all spaces.
  void Unmap(uint64_t from, uint64_t to);
  // hugetlbfs_zero_partial_page(): bytes [from, to), inside one page.
  void ZeroPart(uint64_t from, uint64_t to);

  PhysMem& phys_;
  Hugetlb& hugetlb_;
  HugePagePool& pool_;
  std::shared_ptr<HugePageSubpool> subpool_;
  const uint64_t number_;
  RwLock lock_{kHugetlbFileLock};
  Mapping mapping_;
  RegionMap reserved_;
  std::map<uint64_t, Pfn> pages_;
};

// Fills a page whose frames are not known to hold zeros (folio_zero_user()).
void ClearHugePage(PhysMem& phys, Pfn head);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_HUGETLB_HUGETLB_FILE_H_
