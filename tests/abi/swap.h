#ifndef FAULTLINE_TESTS_ABI_SWAP_H_
#define FAULTLINE_TESTS_ABI_SWAP_H_

// What tests of swap and of scarce memory ask the machine first.

#include "kernel.h"
#include "memory.h"
#include "proc.h"

static inline void NeedSwap(long kilobytes) {
  if (Meminfo("SwapFree:") < kilobytes) {
    Skip("this machine has no, or too little, swap");
  }
}

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif
#ifndef MADV_COLD
#define MADV_COLD 20
#endif

// Sends the range to swap. Writing takes a disk its time, and a page is not
// given up before: it is asked again.
static inline void PageOut(void* start, size_t pages) {
  for (int i = 0; i < 100; i++) {
    MUST(madvise(start, pages * kPage, MADV_PAGEOUT));
    if (Resident(start, pages) == 0) return;
    usleep(10000);
  }
  FAIL("%d of %zu pages stay in memory", Resident(start, pages), pages);
}

#endif  // FAULTLINE_TESTS_ABI_SWAP_H_
