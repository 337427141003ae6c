#ifndef FAULTLINE_GUEST_MM_MM_PAGEMAP_SCAN_H_
#define FAULTLINE_GUEST_MM_MM_PAGEMAP_SCAN_H_

// PAGEMAP_SCAN: which pages of a range are of which kind, as ranges of equal
// ones. Linux: fs/proc/task_mmu.c pagemap_scan_*(), and
// Documentation/admin-guide/mm/pagemap.rst, "Pagemap Scan IOCTL".

#include <cstdint>
#include <vector>

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::mm {

// What a page can be (include/uapi/linux/fs.h PAGE_IS_*).
inline constexpr uint64_t kPageIsWpAllowed = 1 << 0;
inline constexpr uint64_t kPageIsWritten = 1 << 1;
inline constexpr uint64_t kPageIsFile = 1 << 2;
inline constexpr uint64_t kPageIsPresent = 1 << 3;
inline constexpr uint64_t kPageIsSwapped = 1 << 4;
inline constexpr uint64_t kPageIsPfnZero = 1 << 5;
inline constexpr uint64_t kPageIsHuge = 1 << 6;
inline constexpr uint64_t kPageIsSoftDirty = 1 << 7;
inline constexpr uint64_t kPageIsGuard = 1 << 8;
inline constexpr uint64_t kPageCategories = (1 << 9) - 1;

// PM_SCAN_*.
inline constexpr uint64_t kScanWpMatching = 1;
inline constexpr uint64_t kScanCheckWpAsync = 2;

struct PagemapScan {
  uint64_t flags = 0;
  GuestRange range;
  uint64_t max_pages = ~uint64_t{0};
  size_t max_regions = 0;  // 0: only look, report nothing
  // A page matches if, with the categories of `inverted` turned round, it has
  // all of `mask` and one of `anyof` (if that is not empty).
  uint64_t inverted = 0;
  uint64_t mask = 0;
  uint64_t anyof = 0;
  uint64_t returned = 0;  // the categories that the answer tells of
};

// struct page_region.
struct PageRegion {
  uint64_t start = 0;
  uint64_t end = 0;
  uint64_t categories = 0;
  friend bool operator==(const PageRegion&, const PageRegion&) = default;
};

struct PagemapScanResult {
  std::vector<PageRegion> regions;
  uint64_t pages = 0;  // in the regions
  // Where to go on; the range's end if all of it was looked at.
  GuestAddr walk_end;
  bool full = false;  // it stopped early: no room, or enough pages
};

// Takes mmap_lock for reading. kEPERM: kScanCheckWpAsync, and a mapping does
// not have asynchronous write-protection (userfaultfd). kEINTR: killed.
ErrnoOr<PagemapScanResult> ScanPagemap(AddressSpace& mm,
                                       const PagemapScan& scan);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_MM_PAGEMAP_SCAN_H_
