// mremap makes a page table where it moves to if there is one where it comes
// from, though nothing is in that: PAGEMAP_SCAN then counts the absent pages
// about it as written.
// Covers: guest_mm/pgtable/move_page_tables.cc
#include "tests/abi/memory.h"
#include "tests/abi/pagemap_scan.h"

static int g_pagemap;

static int WrittenAt(const char* start, size_t pages) {
  struct Region region;
  struct ScanArg a = {.size = sizeof a,
                      .start = (uintptr_t)start,
                      .end = (uintptr_t)start + pages * kPage,
                      .vec = (uintptr_t)&region,
                      .vec_len = 1,
                      .mask = kWritten,
                      .returned = kWritten};
  return MUST(ioctl(g_pagemap, SCAN, &a));
}

int main(void) {
  g_pagemap = MUST(open("/proc/self/pagemap", O_RDONLY));
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
  // Each in a page table of its own.
  char* from =
      MUST(mmap((void*)0x510000000000, 4 * kPage, kReadWrite, flags, -1, 0));
  char* to =
      MUST(mmap((void*)0x520000000000, 4 * kPage, kReadWrite, flags, -1, 0));
  CHECK_EQ(WrittenAt(to, 4), 0);
  MUST(mremap(from + kPage, kPage, kPage, MREMAP_MAYMOVE | MREMAP_FIXED,
              to + kPage));
  CHECK_EQ(WrittenAt(to, 4), 0);
  Ok("from nothing to nothing");

  (void)*(volatile char*)from;
  MUST(madvise(from, kPage, MADV_DONTNEED));
  MUST(mremap(from + 2 * kPage, kPage, kPage, MREMAP_MAYMOVE | MREMAP_FIXED,
              to + 2 * kPage));
  CHECK_EQ(WrittenAt(to, 4), 1);
  Ok("from an empty table");
  return 0;
}
