#ifndef FAULTLINE_GUEST_MM_MM_MEM_STATS_H_
#define FAULTLINE_GUEST_MM_MM_MEM_STATS_H_

// MemStats: what smaps says of a range, from a walk over its entries. Linux:
// fs/proc/task_mmu.c struct mem_size_stats and smaps_account(). All in bytes;
// proportional ones are shifted left by kPssShift so that small shares add up.

#include <cstdint>

#include "guest_mm/mm/address_space.h"

namespace faultline::mm {

inline constexpr int kPssShift = 12;

struct MemStats {
  uint64_t rss = 0;
  uint64_t pss = 0;
  uint64_t pss_dirty = 0;
  uint64_t pss_anon = 0;
  uint64_t pss_file = 0;
  uint64_t pss_shmem = 0;
  uint64_t pss_locked = 0;
  uint64_t shared_clean = 0;
  uint64_t shared_dirty = 0;
  uint64_t private_clean = 0;
  uint64_t private_dirty = 0;
  uint64_t referenced = 0;
  uint64_t anonymous = 0;
  uint64_t lazy_free = 0;
  uint64_t swap = 0;
  uint64_t swap_pss = 0;  // shifted, as Pss is
  // Of that, what huge entries map.
  uint64_t anon_huge = 0;
  uint64_t shmem_huge = 0;
  uint64_t file_huge = 0;
  // Pages of a pool, in nothing of the above.
  uint64_t shared_hugetlb = 0;
  uint64_t private_hugetlb = 0;
};

// Adds the pages that `vma` maps to `stats`. mmap_lock is held.
void Gather(AddressSpace& mm, const Vma& vma, MemStats* stats);

// Page tables below the third level: what VmPTE and the OOM killer count
// (mm_pgtables_bytes()).
PageCount TablePages(const AddressSpace& mm);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_MM_MEM_STATS_H_
