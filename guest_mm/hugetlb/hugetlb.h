#ifndef FAULTLINE_GUEST_MM_HUGETLB_HUGETLB_H_
#define FAULTLINE_GUEST_MM_HUGETLB_HUGETLB_H_

// Hugetlb: the machine's pools of huge pages, one for each size that an entry
// can map, and what all files in huge pages share. Linux: the globals of
// mm/hugetlb.c (hstates[], hugetlb_fault_mutex_table).
//
// Locks, from the outside in (docs/locking.md): a file's lock (Linux: the
// inode's i_rwsem), a fault mutex, the VMA's lock, then what is common to all
// memory. A fault mutex stands for one page of one file: who has it is the only
// one that brings that page in or takes it out.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "guest_mm/arch_ops.h"
#include "guest_mm/hugetlb/huge_page_pool.h"
#include "guest_mm/hugetlb/subpool.h"
#include "guest_mm/sync/lock.h"

namespace faultline::mm {

inline constexpr LockClass kHugetlbFaultMutex{
    "hugetlb.fault", {"hugetlb.fault.locked"}, {"hugetlb.fault.unlocked"}, 32};

// The device number of the kernel's own hugetlbfs is 0:this.
inline constexpr uint32_t kHugetlbMinor = 16;

class Hugetlb final : public HugePageOwner {
 public:
  // A pool for each level above base pages that maps pages. `phys` and
  // `geometry` outlive it.
  Hugetlb(PhysMem& phys, const PagingGeometry& geometry);
  ~Hugetlb() override;

  const std::vector<std::unique_ptr<HugePagePool>>& pools() const {
    return pools_;
  }
  // The pool that MAP_HUGETLB without a size means; null: the architecture has
  // no huge pages.
  HugePagePool* default_pool() const;
  // The pool of pages of 2^`log2_bytes` bytes, or null; 0 means the default
  // (hstate_sizelog()).
  HugePagePool* PoolOf(uint64_t log2_bytes) const;

  // The mutex over page `index` of the file with number `file`.
  Lock& FaultMutex(uint64_t file, uint64_t index) {
    return mutexes_[(file * 31 + index) % mutexes_.size()].lock;
  }
  // Tells files apart, in order of making.
  uint64_t NextFileNumber() { return ++last_file_; }

  // From whose share a page in use is; null: nobody's.
  void SetSubpool(Pfn head, std::shared_ptr<HugePageSubpool> subpool);

  // The same share has now what was in `from` in `to`.
  void MoveSubpool(Pfn from, Pfn to);

  const HugetlbCounters& counters() const { return counters_; }
  // Of all sizes, in use or not (hugetlb_report_meminfo(): Hugetlb).
  PageCount TotalPages() const;

  // free_huge_folio().
  bool TakeBack(Pfn head) override;

  // The pools against all frames: what is free, and what is in use, is all
  // there is. Dies if not.
  void Validate() const;

 private:
  struct Mutex {
    Lock lock{kHugetlbFaultMutex};
  };
  PhysMem& phys_;
  HugetlbCounters counters_;
  std::vector<std::unique_ptr<HugePagePool>> pools_;
  std::array<Mutex, 8> mutexes_;  // Linux: eight for each CPU
  absl::flat_hash_map<uint64_t, std::shared_ptr<HugePageSubpool>> subpools_;
  uint64_t last_file_ = 0;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_HUGETLB_HUGETLB_H_
