#ifndef FAULTLINE_TESTS_ABI_HUGE_H_
#define FAULTLINE_TESTS_ABI_HUGE_H_

// Memory that may have transparent huge pages, whatever the machine's setting
// is ("always" or "madvise"; with "never" there is nothing to test).

#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

enum { kCollapse = 25 };  // MADV_COLLAPSE (6.1)

static inline size_t HugeSize(void) {
  FILE* f = fopen("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "r");
  CHECK(f != NULL);
  size_t size = 0;
  CHECK_EQ(fscanf(f, "%zu", &size), 1);
  fclose(f);
  return size;
}

// `count` huge pages' worth of aligned private memory with base pages unmapped
// on either side, so that it never merges, advised to be huge.
static inline char* HugeArea(size_t count) {
  const size_t huge = HugeSize();
  char* all = (char*)MUST(mmap(NULL, (count + 2) * huge, PROT_NONE,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  char* area = (char*)(((uintptr_t)all + huge) & ~(huge - 1));
  MUST(munmap(all, (count + 2) * huge));
  MUST(mmap(area, count * huge, kReadWrite,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  MUST(madvise(area, count * huge, MADV_HUGEPAGE));
  return area;
}

// Kilobytes of the mapping that starts at `start`.
static inline long ResidentKb(const void* start) {
  return SmapsField(start, "Rss:");
}
static inline long HugeKb(const void* start) {
  return SmapsField(start, "AnonHugePages:");
}

#endif  // FAULTLINE_TESTS_ABI_HUGE_H_
