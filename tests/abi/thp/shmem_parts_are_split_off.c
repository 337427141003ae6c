// Calls on a part of a huge page of a file take its mapping away, not its
// contents; the next access maps it again.
#include "tests/abi/huge_file.h"

static char* g_area;
static long g_huge;

static void Expect(char* area) {
  for (long i = 0; i < g_huge; i += kPage) CHECK_EQ(area[i], (char)(i / kPage));
}

static void ChildSeesTheFile(void) {
  CHECK_EQ(ResidentKb(g_area), 0);
  Expect(g_area);
  CHECK_EQ(FileHugeKb(g_area), g_huge / 1024);
}

int main(void) {
  g_huge = (long)HugeSize();
  const long kb = g_huge / 1024;
  int fd = HugeFile(1);
  char* area = MapHugeFile(fd, 1, MAP_SHARED);
  for (long i = 0; i < g_huge; i += kPage) area[i] = (char)(i / kPage);
  CHECK_EQ(FileHugeKb(area), kb);

  MUST(mprotect(area, (size_t)g_huge, PROT_READ));
  CHECK_EQ(FileHugeKb(area), kb);
  CHECK_EQ(Access(area, true).signal, SIGSEGV);
  MUST(mprotect(area, (size_t)g_huge, kReadWrite));
  area[0] = 0;
  CHECK_EQ(FileHugeKb(area), kb);
  Ok("mprotect of all of it");

  MUST(madvise(area + 3 * kPage, kPage, MADV_DONTNEED));
  CHECK_EQ(ResidentKb(area), 0);
  Expect(area);
  CHECK_EQ(FileHugeKb(area), kb);
  Ok("MADV_DONTNEED of a page");

  g_area = area;
  CHECK_EQ(RunChild(ChildSeesTheFile), 0);
  CHECK_EQ(FileHugeKb(area), kb);
  Ok("fork");

  char* there = HugeArea(1);
  MUST(munmap(there, (size_t)g_huge));
  CHECK_EQ(mremap(area, (size_t)g_huge, (size_t)g_huge,
                  MREMAP_MAYMOVE | MREMAP_FIXED, there),
           there);
  area = there;
  CHECK_EQ(FileHugeKb(area), kb);
  Expect(area);
  Ok("mremap of all of it");

  MUST(mprotect(area + 4 * kPage, kPage, PROT_READ));
  CHECK_EQ(ResidentKb(area), 0);
  Expect(area);
  CHECK_EQ(FileHugeKb(area), 0);
  CHECK_EQ(FileKb(fd), kb);
  MUST(mmap(area, (size_t)g_huge, kReadWrite, MAP_SHARED | MAP_FIXED, fd, 0));
  Expect(area);
  CHECK_EQ(FileHugeKb(area), kb);
  Ok("mprotect of a page");

  MUST(munmap(area, kPage));
  CHECK_EQ(ResidentKb(area + kPage), 0);
  for (long i = kPage; i < g_huge; i += kPage) {
    CHECK_EQ(area[i], (char)(i / kPage));
  }
  CHECK_EQ(FileHugeKb(area + kPage), 0);
  CHECK_EQ(FileKb(fd), kb);
  Ok("munmap of a page");
}
