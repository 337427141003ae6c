// Pages of 1 GiB: a pool of their own, mapped, copied and unmapped as others.
// Covers: guest_mm/hugetlb/hugetlb_fault.cc guest_mm/hugetlb/hugetlb_range.cc
// Options: --mem 4G

#include "tests/abi/hugetlb.h"
#include "tests/abi/hwpoison.h"

#define GIGANTIC (1ul << 30)
static const char kPool[] = "/sys/kernel/mm/hugepages/hugepages-1048576kB";
enum { kFlags = kHugeFlags | 30 << 26, kHuge = 17, kHead = 15 };

static long Pool(const char* name) {
  char path[128];
  snprintf(path, sizeof path, "%s/%s", kPool, name);
  FILE* f = fopen(path, "r");
  CHECK(f != NULL);
  long value = -1;
  CHECK_EQ(fscanf(f, "%ld", &value), 1);
  fclose(f);
  return value;
}

static void SetPool(int pages) {
  char path[128], text[16];
  snprintf(path, sizeof path, "%s/nr_hugepages", kPool);
  int fd = MUST(open(path, O_WRONLY));
  int n = snprintf(text, sizeof text, "%d", pages);
  CHECK_EQ(write(fd, text, n), n);
  close(fd);
}

#define CHECK_GIGANTIC(want_free, want_reserved)     \
  do {                                               \
    CHECK_EQ(Pool("free_hugepages"), want_free);     \
    CHECK_EQ(Pool("resv_hugepages"), want_reserved); \
  } while (0)

static char* g_map;
static void InChild(void) {
  CHECK_EQ(g_map[GIGANTIC - 1], 'z');
  CHECK_GIGANTIC(1, 0);
  g_map[5] = 'c';  // a copy of all of it
  CHECK_EQ(g_map[GIGANTIC - 1], 'z');
  CHECK_GIGANTIC(0, 0);
}

static void Body(void) {
  CHECK_FAILS(mmap(NULL, 3 * GIGANTIC, kReadWrite, kFlags, -1, 0), ENOMEM);
  char* p = g_map =
      (char*)MUST(mmap(NULL, GIGANTIC, kReadWrite, kFlags, -1, 0));
  CHECK_EQ((uintptr_t)p % GIGANTIC, 0);
  CHECK_GIGANTIC(2, 1);
  CHECK_EQ(Reserved(), 0);  // meminfo's are the default pool's
  p[0] = 'a';
  p[GIGANTIC - 1] = 'z';
  CHECK_EQ(p[GIGANTIC / 2], 0);
  CHECK_GIGANTIC(1, 0);
  CHECK_EQ(SmapsField(p, "KernelPageSize:"), 1 << 20);
  CHECK_EQ(SmapsField(p, "Private_Hugetlb:"), 1 << 20);
  CHECK(FlagsOf(FrameOf(p)) >> kHead & 1);
  CHECK(FlagsOf(FrameOf(p + GIGANTIC / 2)) >> kHuge & 1);
  CHECK_EQ(FrameOf(p + GIGANTIC - 1) - FrameOf(p), GIGANTIC / kPage - 1);
  Ok("one entry, one page");

  CHECK_EQ(RunChild(InChild), 0);
  CHECK_EQ(p[5], 0);
  CHECK_GIGANTIC(1, 0);
  Ok("copied by a store after fork");

  CHECK_FAILS(munmap(p, Huge()), EINVAL);
  CHECK_FAILS(mprotect(p, Huge(), PROT_READ), EINVAL);
  MUST(mprotect(p, GIGANTIC, PROT_READ));
  CHECK_FAULT(Write(p), SIGSEGV, SEGV_ACCERR, p);
  MUST(mprotect(p, GIGANTIC, kReadWrite));
  MUST(madvise(p, GIGANTIC, MADV_DONTNEED));
  CHECK_GIGANTIC(2, 1);
  CHECK_EQ(p[GIGANTIC - 1], 0);
  MUST(munmap(p, GIGANTIC));
  CHECK_GIGANTIC(2, 0);
  Ok("whole ones only");
}

int main(void) {
  LockPools();
  if (access(kPool, F_OK) != 0 || Pool("nr_hugepages") != 0) {
    printf("skipped: no pages of 1 GiB, or they are in use\n");
    return 0;
  }
  SetPool(2);
  int status = 0;
  if (Pool("free_hugepages") != 2) {
    printf("skipped: no memory for two pages of 1 GiB\n");
  } else {
    status = RunChild(Body);
  }
  SetPool(0);
  return status != 0;
}
