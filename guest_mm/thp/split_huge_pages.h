#ifndef FAULTLINE_GUEST_MM_THP_SPLIT_HUGE_PAGES_H_
#define FAULTLINE_GUEST_MM_THP_SPLIT_HUGE_PAGES_H_

// What /sys/kernel/debug/split_huge_pages does: splits huge folios on demand.
// Linux 6.12: mm/huge_memory.c split_huge_pages_all(), split_huge_pages_pid().

#include <cstdint>

#include "guest_mm/base/addr.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::mm {

class Mapping;

// Huge folios met, and those of them that were split. Pinned ones are not, nor
// those that somebody has locked.
struct SplitCount {
  uint64_t total = 0;
  uint64_t split = 0;
};

// Those that any page in `range` of `mm` is of. Takes mmap_lock for reading.
SplitCount SplitHugePagesIn(AddressSpace& mm, GuestRange range);

// Those of the pages [first, end) of a file.
SplitCount SplitHugePagesOf(MemoryManager& system, const Mapping& mapping,
                            uint64_t first, uint64_t end);

// All there are.
SplitCount SplitAllHugePages(MemoryManager& system);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_THP_SPLIT_HUGE_PAGES_H_
