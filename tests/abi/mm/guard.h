#ifndef FAULTLINE_TESTS_ABI_MM_GUARD_H_
#define FAULTLINE_TESTS_ABI_MM_GUARD_H_

// Guard regions: advice that C libraries do not name yet.

#include "tests/abi/kernel.h"
#include "tests/abi/memory.h"

enum { kGuardInstall = 102, kGuardRemove = 103 };

static inline void Guard(char* start, size_t pages) {
  MUST(madvise(start, pages * kPage, kGuardInstall));
}
static inline void Unguard(char* start, size_t pages) {
  MUST(madvise(start, pages * kPage, kGuardRemove));
}

#define CHECK_GUARDED(address)                                  \
  do {                                                          \
    char* guarded = (address);                                  \
    CHECK_FAULT(Read(guarded), SIGSEGV, SEGV_MAPERR, guarded);  \
    CHECK_FAULT(Write(guarded), SIGSEGV, SEGV_MAPERR, guarded); \
  } while (0)

// Ends the test if the kernel is older than guard regions (6.13; all kinds of
// memory: 6.15).
static inline void NeedGuards(void) {
  if (!IsFaultline() && !KernelSince(6, 15)) {
    Ok("nothing: this kernel has no guard regions");
    exit(0);
  }
}

#endif  // FAULTLINE_TESTS_ABI_MM_GUARD_H_
