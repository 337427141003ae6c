// PAGEMAP_SCAN tells which pages of a range are of which kind (6.7).
// Covers: guest_mm/mm/pagemap_scan.cc plugin/linux/fs/proc/pagemap_ioctl.cc
#include "tests/abi/pagemap_scan.h"
#include "tests/abi/memory.h"

enum { kAll = kFile | kPresent | kSwapped | kPfnZero };

static int g_pagemap;
static struct Region g_regions[16];

static struct ScanArg Request(const char* start, size_t pages) {
  struct ScanArg a = {.size = sizeof a,
                      .start = (uintptr_t)start,
                      .end = (uintptr_t)start + pages * kPage,
                      .vec = (uintptr_t)g_regions,
                      .vec_len = 16,
                      .anyof = kPresent,
                      .returned = kAll};
  memset(g_regions, 0, sizeof g_regions);
  return a;
}
static int Scan(struct ScanArg* a) { return ioctl(g_pagemap, SCAN, a); }

#define CHECK_REGION(i, base, from, to, kind)                       \
  do {                                                              \
    CHECK_EQ(g_regions[i].start, (uintptr_t)(base) + (from)*kPage); \
    CHECK_EQ(g_regions[i].end, (uintptr_t)(base) + (to)*kPage);     \
    CHECK_EQ(g_regions[i].categories, kind);                        \
  } while (0)

static char* g_mapped;

static void TableIsThere(void) {
  g_pagemap = MUST(open("/proc/self/pagemap", O_RDONLY));
  struct ScanArg a = Request(g_mapped, 1);
  a.anyof = kWritten;
  CHECK_EQ(Scan(&a), 1);
}

int main(void) {
  g_pagemap = MUST(open("/proc/self/pagemap", O_RDONLY));
  char* area = Island(8, kReadWrite);
  area[0] = area[kPage] = area[4 * kPage] = 1;
  (void)*(volatile char*)(area + 5 * kPage);
  struct ScanArg a = Request(area, 8);
  CHECK_EQ(Scan(&a), 3);
  CHECK_REGION(0, area, 0, 2, kPresent);
  CHECK_REGION(1, area, 4, 5, kPresent);
  CHECK_REGION(2, area, 5, 6, kPresent | kPfnZero);
  CHECK_EQ(a.walk_end, a.end);
  a.returned = 0;
  CHECK_EQ(Scan(&a), 2);
  CHECK_REGION(1, area, 4, 6, 0);
  Ok("equal neighbours are one region");

  a = Request(area, 8);
  a.anyof = 0;
  a.mask = a.inverted = kPresent;
  CHECK_EQ(Scan(&a), 2);
  CHECK_REGION(0, area, 2, 4, 0);
  CHECK_REGION(1, area, 6, 8, 0);
  a = Request(area, 8);
  a.anyof = 0;
  CHECK_EQ(Scan(&a), 5);
  CHECK_REGION(0, area, 0, 2, kPresent);
  CHECK_REGION(1, area, 2, 4, 0);
  // Of empty places in a table only the write protection is looked at.
  a.returned = kWritten;
  CHECK_EQ(Scan(&a), 1);
  CHECK_REGION(0, area, 0, 8, kWritten);
  a.returned = kAll;
  a.mask = kPfnZero | kPresent;
  CHECK_EQ(Scan(&a), 1);
  CHECK_REGION(0, area, 5, 6, kPresent | kPfnZero);
  Ok("masks");

  a = Request(area, 8);
  a.vec_len = 1;
  CHECK_EQ(Scan(&a), 1);
  CHECK_EQ(a.walk_end, (uintptr_t)area + 4 * kPage);
  a = Request(area, 8);
  a.max_pages = 1;
  CHECK_EQ(Scan(&a), 1);
  CHECK_REGION(0, area, 0, 1, kPresent);
  CHECK_EQ(a.walk_end, (uintptr_t)area + kPage);
  a = Request(area, 8);
  a.vec = a.vec_len = 0;
  CHECK_EQ(Scan(&a), 0);
  CHECK_EQ(a.walk_end, a.end);
  Ok("limits");

  a = Request(area - kPage, 10);
  CHECK_EQ(Scan(&a), 3);
  a = Request(area - kPage, 1);
  CHECK_EQ(Scan(&a), 0);
  a = Request(area, 0);
  CHECK_EQ(Scan(&a), 0);
  a = Request(area, 1);
  a.end -= kPage - 1;
  CHECK_EQ(Scan(&a), 1);
  CHECK_REGION(0, area, 0, 1, kPresent);
  Ok("ends and holes");

  char* file =
      MUST(mmap(NULL, 2 * kPage, kReadWrite, MAP_PRIVATE, LetterFile(2), 0));
  (void)*(volatile char*)file;
  (void)*(volatile char*)(file + kPage);
  file[kPage] = 1;
  a = Request(file, 2);
  CHECK_EQ(Scan(&a), 2);
  CHECK_REGION(0, file, 0, 1, kPresent | kFile);
  CHECK_REGION(1, file, 1, 2, kPresent);
  Ok("files");

  a = Request(area, 2);
  a.anyof = 0;
  a.mask = a.returned = kWritten;
  CHECK_EQ(Scan(&a), 1);
  CHECK_REGION(0, area, 0, 2, kWritten);
  a = Request(area, 8);
  a.flags = 1;  // write-protect what matches: only where userfaultfd can
  CHECK_EQ(Scan(&a), 0);
  a.flags = 2;  // and it must be able to
  CHECK_FAILS(Scan(&a), EPERM);
  Ok("written, and write-protection");

  a = Request(area, 1);
  a.size = 8;
  CHECK_FAILS(Scan(&a), EINVAL);
  a = Request(area, 1);
  a.flags = 4;
  CHECK_FAILS(Scan(&a), EINVAL);
  a = Request(area, 1);
  a.mask = 1ul << 20;
  CHECK_FAILS(Scan(&a), EINVAL);
  a = Request(area + 1, 1);
  CHECK_FAILS(Scan(&a), EINVAL);
  a = Request(area, 1);
  a.end = a.start - kPage;
  CHECK_FAILS(Scan(&a), EFAULT);
  a = Request(area, 1);
  a.vec = 0;
  CHECK_FAILS(Scan(&a), EINVAL);
  a = Request(area, 1);
  a.vec = -(uint64_t)kPage;
  CHECK_FAILS(Scan(&a), EFAULT);
  a = Request(area, 1);
  a.vec = kPage;
  CHECK_FAILS(Scan(&a), EFAULT);
  CHECK_FAILS(ioctl(g_pagemap, SCAN, NULL), EFAULT);
  CHECK_FAILS(ioctl(g_pagemap, SCAN + 1, &a), EINVAL);
  Ok("errors");

  // Whether a table is there shows, and fork copies empty ones.
  g_mapped = Island(1, kReadWrite);
  CHECK_NO_FAULT(Write(g_mapped));
  MUST(madvise(g_mapped, kPage, MADV_DONTNEED));
  CHECK_EQ(RunChild(TableIsThere), 0);
  Ok("an inherited table without pages");
}
