// What /proc tells of huge pages of a pool: numa_maps counts them as one each,
// kpageflags and kpagecount speak of each base page of them.
// Covers: guest_mm/mm/proc_numa_maps.cc guest_mm/mm/proc_kpage.cc

#include "tests/abi/hugetlb.h"
#include "tests/abi/hwpoison.h"

enum { kHead = 15, kTail = 16, kHuge = 17, kLru = 5, kAnon = 12, kThp = 22 };

static bool Has(const char* page, int flag) {
  return FlagsOf(FrameOf(page)) >> flag & 1;
}

static uint64_t CountOf(const char* page) {
  uint64_t count = 0;
  int fd = MUST(open("/proc/kpagecount", O_RDONLY));
  CHECK_EQ(pread(fd, &count, 8, (off_t)(FrameOf(page) * 8)), 8);
  close(fd);
  return count;
}

static const char* NumaLine(const void* start) {
  static char line[512];
  char prefix[32];
  snprintf(prefix, sizeof prefix, "%08lx ", (unsigned long)start);
  FILE* maps = fopen("/proc/self/numa_maps", "r");
  CHECK(maps != NULL);
  bool found = false;
  while (!found && fgets(line, sizeof line, maps))
    found = strncmp(line, prefix, strlen(prefix)) == 0;
  fclose(maps);
  CHECK(found);
  return line;
}

static void CheckNuma(const void* start, const char* part) {
  const char* line = NumaLine(start);
  if (strstr(line, part) == NULL) FAIL("no \"%s\" in %s", part, line);
}

static char* g_map;
static void InChild(void) {
  CHECK_EQ(CountOf(g_map), 2);
  CheckNuma(g_map, " mapmax=2 ");
}

static void Body(void) {
  const size_t huge = Huge();
  char* p = MapHuge(3, kHugeFlags);
  char kernel_page[64];
  snprintf(kernel_page, sizeof kernel_page, "kernelpagesize_kB=%zu\n",
           huge >> 10);
  CheckNuma(p, " huge\n");  // nothing there yet
  p[0] = p[huge] = 1;
  CheckNuma(p, " huge anon=2 dirty=2 N0=2 kernelpagesize_kB");
  CheckNuma(p, kernel_page);
  CHECK_EQ(SmapsField(p, "Private_Hugetlb:"), 2 * (long)huge / 1024);
  CHECK_EQ(SmapsField(p, "KernelPageSize:"), (long)huge / 1024);
  CHECK_EQ(SmapsField(p, "Rss:"), 0);
  Ok("anonymous: numa_maps and smaps");

  CHECK_EQ(FrameOf(p) % (huge / kPage), 0);
  CHECK_EQ(FrameOf(p + 5 * kPage), FrameOf(p) + 5);
  CHECK(Has(p, kHuge) && Has(p, kHead) && !Has(p, kTail));
  CHECK(Has(p + kPage, kHuge) && Has(p + kPage, kTail));
  CHECK(!Has(p + kPage, kHead));
  CHECK(Has(p, kAnon));
  CHECK(!Has(p, kThp) && !Has(p, kLru));
  CHECK_EQ(CountOf(p), 1);
  CHECK_EQ(CountOf(p + 5 * kPage), 1);
  g_map = p;
  CHECK_EQ(RunChild(InChild), 0);
  Ok("anonymous: kpageflags and kpagecount");

  int fd = MUST(memfd_create("m", 4));
  MUST(ftruncate(fd, (off_t)huge));
  char* q = (char*)MUST(mmap(NULL, huge, kReadWrite, MAP_SHARED, fd, 0));
  q[0] = 1;
  CHECK(Has(q, kHuge) && !Has(q, kAnon));
  CheckNuma(q, " file=/memfd:m\\040(deleted) huge dirty=1 N0=1 kernel");
  char* r = (char*)MUST(mmap(NULL, huge, kReadWrite, MAP_SHARED, fd, 0));
  CHECK_EQ(r[0], 1);
  CHECK_EQ(CountOf(q), 2);
  CHECK_EQ(SmapsField(q, "Shared_Hugetlb:"), (long)huge / 1024);
  Ok("a file's");
}

int main(void) { return WithPool(4, Body); }
