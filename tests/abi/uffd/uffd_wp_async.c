// WP_ASYNC (6.7): the kernel resolves write faults by itself, and PAGEMAP_SCAN
// tells which pages were written and protects them again.

#include "tests/abi/pagemap_scan.h"
#include "tests/abi/uffd.h"

static struct Region g_regions[8];
static char* g_area;
enum { kPages = 16 };

static int Written(int pagemap, uint64_t flags) {
  struct ScanArg a = {.size = sizeof a,
                      .flags = flags,
                      .start = (uintptr_t)g_area,
                      .end = (uintptr_t)g_area + kPages * kPage,
                      .vec = (uintptr_t)g_regions,
                      .vec_len = 8,
                      .mask = kWritten,
                      .returned = kWritten};
  memset(g_regions, 0, sizeof g_regions);
  return ioctl(pagemap, SCAN, &a);
}

int main(void) {
  int pagemap = MUST(open("/proc/self/pagemap", O_RDONLY));
  int u = Uffd(kFeatureWpAsync);
  g_area = Island(kPages, kReadWrite);
  memset(g_area, 'a', 8 * kPage);
  CHECK_FAILS(Written(pagemap, kProtectMatching | kCheckAsync), EPERM);
  Arm(u, g_area, kPages * kPage, kWp);
  CHECK_EQ(WriteProtect(u, g_area, kPages * kPage, kProtect), 0);
  CHECK(IsProtected(g_area));
  CHECK(IsProtected(g_area + 12 * kPage));  // it brings WP_UNPOPULATED
  CHECK_EQ(Written(pagemap, kCheckAsync), 0);
  Ok("protected, nothing is written");

  g_area[2 * kPage] = g_area[3 * kPage] = g_area[12 * kPage] = 'w';
  (void)*(volatile char*)(g_area + 5 * kPage);
  CHECK(!HasMessage(u));
  CHECK_EQ(Written(pagemap, kCheckAsync), 2);
  CHECK_EQ(g_regions[0].start, (uintptr_t)g_area + 2 * kPage);
  CHECK_EQ(g_regions[0].end, (uintptr_t)g_area + 4 * kPage);
  CHECK_EQ(g_regions[1].start, (uintptr_t)g_area + 12 * kPage);
  CHECK_EQ(g_regions[1].end, (uintptr_t)g_area + 13 * kPage);
  Ok("stores go through and are known");

  CHECK_EQ(Written(pagemap, kProtectMatching | kCheckAsync), 2);
  CHECK_EQ(Written(pagemap, kCheckAsync), 0);
  g_area[2 * kPage] = 'x';
  CHECK_EQ(Written(pagemap, kCheckAsync), 1);
  Ok("a scan can protect again what it reports");
  return 0;
}
