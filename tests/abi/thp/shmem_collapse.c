// Covers: guest_mm/thp/collapse_file.cc guest_mm/thp/collapse_pte_mapped.cc
// MADV_COLLAPSE makes pages of a memory file one huge page of the file, and
// maps it whole where it was asked for.
#include "tests/abi/huge_file.h"
#include "tests/abi/kernel.h"

// A memory file of one huge page's size, of which nothing is huge yet.
static int MemoryFile(void) {
  int fd = MUST(memfd_create("collapse", 0));
  MUST(ftruncate(fd, (off_t)HugeSize()));
  return fd;
}

// Maps it so that faults bring base pages.
static char* MapSmall(int fd, int flags) {
  char* area = MapHugeFile(fd, 1, flags);
  MUST(madvise(area, HugeSize(), MADV_NOHUGEPAGE));
  return area;
}

// Lets it be huge, and asks for it until others are out of the way.
static int Collapse(char* area) {
  MUST(madvise(area, HugeSize(), MADV_HUGEPAGE));
  int result = -1;
  for (int i = 0; i < 10; i++) {
    result = madvise(area, HugeSize(), kCollapse);
    if (result == 0 || errno != EAGAIN) break;
  }
  return result;
}

int main(void) {
  const long huge = (long)HugeSize();
  const long kb = huge / 1024;
  int fd = MemoryFile();
  char* area = MapSmall(fd, MAP_SHARED);
  char* other = MapSmall(fd, MAP_SHARED);
  for (long i = 0; i < 8; i++) area[i * kPage] = (char)(i + 1);
  CHECK_EQ(other[3 * kPage], 4);
  CHECK_EQ(FileHugeKb(area), 0);
  CHECK_EQ(FileKb(fd), 8 * kPage / 1024);
  CHECK_EQ(Collapse(area), 0);
  CHECK_EQ(FileHugeKb(area), kb);
  CHECK_EQ(FileKb(fd), kb);
  for (long i = 0; i < huge / kPage; i++) {
    CHECK_EQ(area[i * kPage], i < 8 ? i + 1 : 0);
  }
  CHECK_EQ(Collapse(area), 0);
  Ok("eight pages and holes become one");

  CHECK_EQ(ResidentKb(other), 0);
  MUST(madvise(other, (size_t)huge, MADV_HUGEPAGE));
  CHECK_EQ(other[3 * kPage], 4);
  CHECK_EQ(FileHugeKb(other), kb);
  Ok("other mappings find it by faults");

  MUST(madvise(area, (size_t)huge, MADV_NOHUGEPAGE));
  MUST(madvise(area, kPage, MADV_DONTNEED));
  for (long i = 0; i < huge; i += kPage) area[i] = (char)(i / kPage);
  CHECK_EQ(FileHugeKb(area), 0);
  CHECK_EQ(ResidentKb(area), kb);
  CHECK_EQ(Collapse(area), 0);
  CHECK_EQ(FileHugeKb(area), kb);
  CHECK_EQ(area[7 * kPage], 7);
  Ok("one that is mapped page by page");

  MUST(munmap(area, (size_t)huge));
  MUST(munmap(other, (size_t)huge));
  fd = MemoryFile();
  area = MapSmall(fd, MAP_SHARED);
  CHECK_EQ(area[huge - kPage], 0);
  MUST(fallocate(fd, 3, 0, huge));
  CHECK_FAILS(Collapse(area), EINVAL);
  Ok("nothing but a hole");

  area[0] = 1;
  char* private = MapSmall(fd, MAP_PRIVATE);
  private[2 * kPage] = 'p';
  CHECK_FAILS(Collapse(private), EINVAL);
  CHECK_EQ(private[2 * kPage], 'p');
  CHECK_EQ(private[0], 1);
  CHECK_EQ(FileHugeKb(private), 0);
  CHECK_EQ(FileKb(fd), kb);
  CHECK_EQ(Collapse(area), 0);
  CHECK_EQ(FileHugeKb(area), kb);
  Ok("a private mapping with a page of its own stays as it is");

  fd = MemoryFile();
  area = MapSmall(fd, MAP_SHARED);
  area[0] = 1;
  CHECK_FAILS(madvise(area, (size_t)huge, kCollapse), EINVAL);
  Ok("MADV_NOHUGEPAGE");

  // Far from all else, so that not even the middle level of tables is there.
  fd = MemoryFile();
  MUST(pwrite(fd, "x", 1, 0));
  area = MUST(mmap((char*)(9ul << 40), (size_t)huge, kReadWrite,
                   MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0));
  if (KernelSince(6, 18)) {
    CHECK_EQ(Collapse(area), 0);
    CHECK_EQ(FileHugeKb(area), kb);
  } else {
    CHECK_FAILS(Collapse(area), EINVAL);
    CHECK_EQ(FileHugeKb(area), 0);
  }
  CHECK_EQ(FileKb(fd), kb);
  Ok("the file has it even where it cannot be mapped");
}
