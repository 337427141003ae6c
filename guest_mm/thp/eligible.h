#ifndef FAULTLINE_GUEST_MM_THP_ELIGIBLE_H_
#define FAULTLINE_GUEST_MM_THP_ELIGIBLE_H_

// May a VMA have transparent huge pages? Linux 6.12: mm/huge_memory.c
// __thp_vma_allowable_orders(), include/linux/huge_mm.h
// thp_vma_suitable_order(). Pure questions; mmap_lock is held.

#include "guest_mm/base/addr.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {

class Mapping;
class MemoryManager;

// Who asks. The rules differ a little (Linux: TVA_* flags).
enum class ThpFor : uint8_t {
  kFault,
  kSmaps,       // the THPeligible line
  kKhugepaged,  // as smaps, but only where pages were touched already
  kCollapse,    // MADV_COLLAPSE: whatever the knobs say
};
bool HugeAllowed(const Vma& vma, ThpFor purpose);

// shmem_allowable_huge_orders(): may page `index` of a shmem file come as a
// part of a huge page? `write_end`: up to which byte it is about to be written;
// `vma` (or null): the mapping through which it is wanted. Whether it fits is
// not asked.
bool ShmemHugeAllowed(MemoryManager& system, const Mapping& mapping,
                      uint64_t index, uint64_t write_end, const Vma* vma);

// The huge page around `a` lies within the VMA, and a file's pages in it are
// aligned as its addresses are.
bool HugeFits(const Vma& vma, GuestAddr a);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_THP_ELIGIBLE_H_
