#ifndef FAULTLINE_GUEST_MM_CALLS_UNMAPPED_AREA_H_
#define FAULTLINE_GUEST_MM_CALLS_UNMAPPED_AREA_H_

// Where a new mapping goes. Linux: mm/mmap.c __get_unmapped_area() and the
// top-down search of arch_get_unmapped_area_topdown(). mmap_lock is held.

#include <cstdint>
#include <optional>

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::mm {

struct AreaRequest {
  GuestAddr hint;       // exact if `fixed`, page-aligned down if not
  uint64_t length = 0;  // whole pages
  bool fixed = false;
  // Memory that may get huge pages, which lie where addresses agree with
  // offsets modulo their size: the offset of the first byte.
  std::optional<uint64_t> thp_offset = std::nullopt;
  // If not empty: search bottom-up in here (x86 MAP_32BIT).
  GuestRange window = {};
  // If not 0: what hugetlb pages need. The place has this alignment, or, if
  // `fixed`, must have it: kEINVAL. No window then.
  uint64_t huge_align = 0;
};

// The thp_offset of private memory that is asked for so: of anonymous memory,
// or of /dev/zero from page `pgoff` on. None: it is placed as any other.
// __get_unmapped_area().
std::optional<uint64_t> ThpOffset(const AddressSpace& mm,
                                  const AreaRequest& want, bool zero_device,
                                  uint64_t pgoff);

// kENOMEM: no room, or the end lies above user space. kEINVAL: fixed and not
// page-aligned. kEPERM: below mmap_min_addr without the right to be there.
ErrnoOr<GuestAddr> GetUnmappedArea(AddressSpace& mm, const AreaRequest& want);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_CALLS_UNMAPPED_AREA_H_
