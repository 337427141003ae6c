// PAGEMAP_SCAN with PM_SCAN_WP_MATCHING protects huge pages whole, or not at
// all: where only a part of one is asked for, or may still be told of, the scan
// takes back what it said of it and goes on behind. Of a place without a page
// table the whole huge page is protected, however little of it was asked for.

#include "tests/abi/hugetlb.h"
#include "tests/abi/pagemap_scan.h"
#include "tests/abi/uffd.h"

enum {
  kEmpty = kAllowed | kHugePage,  // in a table
  kMarked = kEmpty | kSwapped,
  kClean = kEmpty | kPresent,
  kStored = kClean | kWritten
};
enum { kPages = 4 };

static int g_pagemap;
static size_t g_huge;
static char* g_area;
static struct Region g_regions[8];
static uint64_t g_walk_end;

// `from` and `to` in quarters of a huge page; what matches has all of `mask`.
static int Scan(size_t from, size_t to, uint64_t flags, uint64_t mask,
                uint64_t max_pages, size_t room) {
  struct ScanArg a = {.size = sizeof a,
                      .flags = flags,
                      .start = (uintptr_t)g_area + from * g_huge / 4,
                      .end = (uintptr_t)g_area + to * g_huge / 4,
                      .vec = room ? (uintptr_t)g_regions : 0,
                      .vec_len = room,
                      .max_pages = max_pages,
                      .mask = mask,
                      .returned = 0x7f};
  const int regions = MUST(ioctl(g_pagemap, SCAN, &a));
  g_walk_end = a.walk_end;
  return regions;
}
static int Look(uint64_t mask) { return Scan(0, 16, 0, mask, 0, 8); }
static int Protect(size_t from, size_t to, uint64_t mask, uint64_t max_pages) {
  return Scan(from, to, kProtectMatching | kCheckAsync, mask, max_pages, 8);
}

#define CHECK_REGION(i, from, to, kind)                                  \
  do {                                                                   \
    CHECK_EQ(g_regions[i].start, (uintptr_t)g_area + (from)*g_huge / 4); \
    CHECK_EQ(g_regions[i].end, (uintptr_t)g_area + (to)*g_huge / 4);     \
    CHECK_EQ(g_regions[i].categories, kind);                             \
  } while (0)
#define CHECK_WALK_END(quarter) \
  CHECK_EQ(g_walk_end, (uintptr_t)g_area + (quarter)*g_huge / 4)

// Which huge pages are protected: bit 0 for the first.
static int Protected(void) {
  int set = 0;
  for (int i = 0; i < kPages; i++) {
    set |= IsProtected(g_area + (size_t)i * g_huge) << i;
  }
  return set;
}

// New memory, where no table is, with these huge pages written to.
static void NewArea(int u, int stored) {
  static uintptr_t next = 0x500000000000;
  if (g_area) MUST(munmap(g_area, kPages * g_huge));
  g_area = MUST(mmap((void*)next, kPages * g_huge, kReadWrite,
                     kHugeFlags | MAP_FIXED_NOREPLACE, -1, 0));
  next += (uintptr_t)1 << 40;
  for (int i = 0; i < kPages; i++) {
    if (stored >> i & 1) g_area[(size_t)i * g_huge] = 'a';
  }
  Arm(u, g_area, kPages * g_huge, kWp);
}

static void WholePages(int u) {
  NewArea(u, 5);
  CHECK_EQ(Look(0), 4);
  CHECK_REGION(0, 0, 4, kStored);
  CHECK_REGION(1, 4, 8, kEmpty);
  CHECK_EQ(Look(kWritten), 2);
  CHECK_EQ(Protect(0, 16, kWritten, 0), 2);
  CHECK_REGION(1, 8, 12, kStored);
  CHECK_EQ(Protected(), 5);
  CHECK_EQ(Look(kWritten), 0);
  g_area[g_huge / 2] = 'b';
  g_area[g_huge] = 'b';
  CHECK(!HasMessage(u));
  CHECK_EQ(Look(kWritten), 1);
  CHECK_REGION(0, 0, 8, kStored);
  CHECK_EQ(Protected(), 4);
  Ok("pages that were stored to are told of and protected again");

  NewArea(u, 5);
  CHECK_EQ(Protect(0, 16, 0, 0), 4);
  CHECK_EQ(Protected(), 5);
  CHECK_EQ(Look(0), 4);
  CHECK_REGION(0, 0, 4, kClean);
  CHECK_REGION(3, 12, 16, kEmpty);
  Ok("an empty entry of a table is not protected");
}

static void Parts(int u) {
  NewArea(u, 15);
  CHECK_EQ(Protect(0, 6, kWritten, 0), 1);
  CHECK_REGION(0, 0, 4, kStored);
  CHECK_WALK_END(4);
  CHECK_EQ(Protected(), 1);

  NewArea(u, 15);
  CHECK_EQ(Protect(2, 16, kWritten, 0), 1);
  CHECK_REGION(0, 4, 16, kStored);
  CHECK_WALK_END(2);
  CHECK_EQ(Protected(), 14);

  NewArea(u, 15);
  CHECK_EQ(Protect(2, 3, kWritten, 0), 0);
  CHECK_WALK_END(2);
  CHECK_EQ(Protected(), 0);

  NewArea(u, 15);
  CHECK_EQ(Scan(2, 14, kProtectMatching, kWritten, 0, 0), 0);
  CHECK_WALK_END(12);
  CHECK_EQ(Protected(), 6);
  Ok("parts of pages are left out");
}

static void Limits(int u) {
  const uint64_t pages = g_huge / kPage;
  NewArea(u, 15);
  CHECK_EQ(Protect(0, 16, kWritten, pages + pages / 4), 1);
  CHECK_REGION(0, 0, 4, kStored);
  CHECK_WALK_END(12);
  CHECK_EQ(Protected(), 1);

  NewArea(u, 15);
  CHECK_EQ(Protect(0, 16, kWritten, 1), 0);
  CHECK_WALK_END(12);
  CHECK_EQ(Protected(), 0);

  NewArea(u, 15);
  CHECK_EQ(Protect(0, 16, kWritten, pages), 1);
  CHECK_WALK_END(4);
  CHECK_EQ(Protected(), 1);

  NewArea(u, 5);
  CHECK_EQ(Scan(0, 16, kProtectMatching, kWritten, 0, 1), 1);
  CHECK_WALK_END(8);
  CHECK_EQ(Protected(), 1);
  Ok("a limit that ends within a page");
}

static void WithoutTables(int u) {
  NewArea(u, 0);
  CHECK_EQ(Look(0), 1);
  CHECK_REGION(0, 0, 16, kAllowed);
  CHECK_EQ(Protect(0, 16, kWritten, 0), 0);
  CHECK_EQ(Look(0), 1);
  // The first one makes the table that the others are empty places in.
  CHECK_EQ(Protect(0, 16, 0, 0), 2);
  CHECK_REGION(0, 0, 4, kAllowed);
  CHECK_REGION(1, 4, 16, kEmpty);
  CHECK_EQ(Protected(), 1);
  CHECK_EQ(Look(0), 2);
  CHECK_REGION(0, 0, 4, kMarked);
  CHECK_EQ(*(volatile char*)g_area, 0);
  CHECK_EQ(Protected(), 1);

  NewArea(u, 0);
  CHECK_EQ(Protect(6, 7, 0, 0), 1);
  CHECK_REGION(0, 6, 7, kAllowed);
  CHECK_WALK_END(7);
  CHECK_EQ(Look(0), 3);
  CHECK_REGION(1, 4, 8, kMarked);

  NewArea(u, 0);
  CHECK_EQ(Protect(0, 16, 0, g_huge / kPage / 4), 1);
  CHECK_REGION(0, 0, 1, kAllowed);
  CHECK_WALK_END(1);
  CHECK_EQ(Protected(), 1);
  Ok("where there is no table");
}

static void Body(void) {
  g_pagemap = MUST(open("/proc/self/pagemap", O_RDONLY));
  g_huge = Huge();
  int u = Uffd(kFeatureWpAsync | UFFD_FEATURE_WP_HUGETLBFS_SHMEM);
  WholePages(u);
  Parts(u);
  Limits(u);
  WithoutTables(u);
}

int main(void) { return WithPool(kPages, Body); }
