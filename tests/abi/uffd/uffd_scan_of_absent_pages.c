// PAGEMAP_SCAN counts absent pages as written where userfaultfd protects, with
// or without a page table; where it does not, only those that have a table.

#include "tests/abi/pagemap_scan.h"
#include "tests/abi/uffd.h"

enum { kTable = 512, kPages = 4 * kTable };
static int g_pagemap;
static char* g_area;
static struct Region g_regions[8];

static int Scan(uint64_t flags, uint64_t mask) {
  struct ScanArg a = {.size = sizeof a,
                      .flags = flags,
                      .start = (uintptr_t)g_area,
                      .end = (uintptr_t)g_area + kPages * kPage,
                      .vec = (uintptr_t)g_regions,
                      .vec_len = 8,
                      .mask = mask,
                      .returned = kAllowed | kWritten | kPresent | kSwapped};
  return MUST(ioctl(g_pagemap, SCAN, &a));
}

#define CHECK_REGION(i, from, to, kind)                             \
  do {                                                              \
    CHECK_EQ(g_regions[i].start, (uintptr_t)g_area + (from)*kPage); \
    CHECK_EQ(g_regions[i].end, (uintptr_t)g_area + (to)*kPage);     \
    CHECK_EQ(g_regions[i].categories, kind);                        \
  } while (0)

// Where no table is.
static void NewArea(int flags) {
  static uintptr_t next = 0x500000000000;
  g_area = MUST(mmap((void*)next, kPages * kPage, kReadWrite,
                     flags | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
  next += (uintptr_t)1 << 40;
  MUST(madvise(g_area, kPages * kPage, MADV_NOHUGEPAGE));
}

static void OfKind(int flags, uint64_t features) {
  const uint64_t allowed = features & kFeatureWpAsync ? kAllowed : 0;
  int u = Uffd(features);
  NewArea(flags);
  CHECK_EQ(Scan(0, 0), 1);
  CHECK_REGION(0, 0, kPages, 0);
  Arm(u, g_area, 2 * kTable * kPage, kWp);
  CHECK_EQ(Scan(0, 0), 2);
  CHECK_REGION(0, 0, 2 * kTable, allowed | kWritten);
  CHECK_REGION(1, 2 * kTable, kPages, 0);
  CHECK_EQ(Scan(0, kWritten), 1);
  CHECK_REGION(0, 0, 2 * kTable, allowed | kWritten);
  g_area[kTable * kPage] = g_area[3 * kTable * kPage] = 'a';
  CHECK_EQ(Scan(0, kPresent), 2);
  CHECK_EQ(Scan(0, kWritten), 5);
  CHECK_REGION(2, kTable + 1, 2 * kTable, allowed | kWritten);
  CHECK_REGION(4, 3 * kTable + 1, kPages, kWritten);
  close(u);
  CHECK_EQ(Scan(0, kWritten), 4);
  CHECK_REGION(0, kTable, kTable + 1, kWritten | kPresent);
  CHECK_REGION(1, kTable + 1, 2 * kTable, kWritten);
  munmap(g_area, kPages * kPage);
}

static void Protecting(int flags) {
  int u = Uffd(kFeatureWpAsync);
  NewArea(flags);
  Arm(u, g_area, kPages * kPage, kWp);
  CHECK_EQ(Scan(kProtectMatching, kWritten), 1);
  CHECK_REGION(0, 0, kPages, kAllowed | kWritten);
  CHECK(IsProtected(g_area));
  CHECK_EQ(Scan(kProtectMatching, kWritten), 0);
  CHECK_EQ(Scan(0, 0), 1);
  CHECK_REGION(0, 0, kPages, kAllowed | kSwapped);
  g_area[5 * kPage] = 'a';
  CHECK_EQ(Scan(kProtectMatching, kWritten), 1);
  CHECK_REGION(0, 5, 6, kAllowed | kWritten | kPresent);
  close(u);
}

int main(void) {
  g_pagemap = MUST(open("/proc/self/pagemap", O_RDONLY));
  OfKind(MAP_PRIVATE, 0);
  OfKind(MAP_PRIVATE, kFeatureWpUnpopulated);
  OfKind(MAP_PRIVATE, kFeatureWpAsync);
  Ok("anonymous memory");
  OfKind(MAP_SHARED, 0);
  OfKind(MAP_SHARED, kFeatureWpAsync);
  Ok("shared memory");
  Protecting(MAP_PRIVATE);
  Protecting(MAP_SHARED);
  Ok("a scan protects them all the same");
  return 0;
}
