#ifndef FAULTLINE_GUEST_MM_RECLAIM_WATERMARKS_H_
#define FAULTLINE_GUEST_MM_RECLAIM_WATERMARKS_H_

// How many frames are to stay free. Linux: mm/page_alloc.c
// calculate_min_free_kbytes(), __setup_per_zone_wmarks(). Units: base pages.

#include <cstdint>

#include "guest_mm/base/addr.h"

namespace faultline::mm {

struct Watermarks {
  PageCount min;   // below: who allocates reclaims himself
  PageCount low;   // below: kswapd is woken
  PageCount high;  // kswapd is content
};

// /proc/sys/vm/min_free_kbytes at boot: the square root of 16 times the memory
// in KiB, within limits.
uint64_t DefaultMinFreeKbytes(PageCount managed, PageShift shift);

// Linux's defaults: a step between marks is a quarter of `min`, or 0.1 % of
// memory if that is more (watermark_scale_factor).
Watermarks WatermarksFor(uint64_t min_free_kbytes, PageCount managed,
                         PageShift shift);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_RECLAIM_WATERMARKS_H_
