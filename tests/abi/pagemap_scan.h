#ifndef FAULTLINE_TESTS_ABI_PAGEMAP_SCAN_H_
#define FAULTLINE_TESTS_ABI_PAGEMAP_SCAN_H_

// PAGEMAP_SCAN (6.7), which the headers of Linux 6.1 lack. Linux:
// include/uapi/linux/fs.h struct pm_scan_arg, struct page_region.

#include <stdint.h>
#include <sys/ioctl.h>

struct ScanArg {
  uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
  uint64_t inverted, mask, anyof, returned;
};
struct Region {
  uint64_t start, end, categories;
};
#define SCAN 0xc0606610ul

// Of `flags`.
enum { kProtectMatching = 1, kCheckAsync = 2 };

// The categories.
enum {
  kAllowed = 1,
  kWritten = 2,
  kFile = 4,
  kPresent = 8,
  kSwapped = 16,
  kPfnZero = 32,
  kHugePage = 64
};

#endif  // FAULTLINE_TESTS_ABI_PAGEMAP_SCAN_H_
