// Covers: guest_mm/fault/whole_folio.cc
// How much of a memory file's huge page a fault maps, where it cannot map it
// whole.
#include "tests/abi/huge_file.h"
#include "tests/abi/kernel.h"

enum { kPages = 4 };

// Of a file that ends within its first huge page.
static char* Map(int fd, int flags, size_t bytes) {
  char* area = MapHugeFile(fd, 1, flags);
  if (bytes < HugeSize()) MUST(munmap(area + bytes, HugeSize() - bytes));
  return area;
}

int main(void) {
  const size_t huge = HugeSize();
  const long kb = (long)huge / 1024;
  int fd = MUST(memfd_create("short", 0));
  MUST(ftruncate(fd, kPages * kPage));
  char* first = Map(fd, MAP_SHARED, huge);
  first[0] = 'x';
  CHECK_EQ(madvise(first, huge, kCollapse), 0);
  CHECK_EQ(FileHugeKb(first), kb);
  CHECK_EQ(first[huge - 1], 0);
  Ok("what is mapped whole goes on beyond the file's end");

  char* area = Map(fd, MAP_SHARED, huge);
  CHECK_EQ(Read(area + 300 * kPage).signal, SIGBUS);
  CHECK_NO_FAULT(Read(area + 5 * kPage));
  CHECK_EQ(FileHugeKb(area), kb);
  MUST(munmap(area, huge));
  Ok("a fault beyond it finds it if its window does");

  area = Map(fd, MAP_PRIVATE, huge / 2);
  CHECK_EQ(Read(area + 5 * kPage).signal, SIGBUS);
  CHECK_NO_FAULT(Read(area));
  CHECK_EQ(ResidentKb(area), kPages * kPage / 1024);
  MUST(munmap(area, huge / 2));
  Ok("where it does not fit, only to the end");

  area = Map(fd, MAP_PRIVATE, huge);
  MUST(madvise(area, huge, MADV_NOHUGEPAGE));
  const bool all = KernelSince(6, 18);
  CHECK_EQ(Read(area + 5 * kPage).signal, all ? 0 : SIGBUS);
  CHECK_NO_FAULT(Read(area));
  CHECK_EQ(ResidentKb(area), all ? kb : kPages * kPage / 1024);
  MUST(munmap(area, huge));
  Ok("by base pages, a read takes the window, or since 6.18 all");

  area = Map(fd, MAP_SHARED, huge);
  MUST(madvise(area, huge, MADV_NOHUGEPAGE));
  CHECK_NO_FAULT(Write(area + kPage));
  CHECK_EQ(ResidentKb(area), KernelSince(6, 11) ? kb : kPage / 1024);
  CHECK_EQ(FileHugeKb(area), 0);
  Ok("a write takes all, since 6.11");
  MUST(madvise(area, huge, MADV_DONTNEED));
  MUST(munmap(area, huge));

  area = Map(fd, MAP_PRIVATE, huge);
  MUST(madvise(area, huge, MADV_NOHUGEPAGE));
  CHECK_NO_FAULT(Write(area + kPage));
  CHECK_EQ(ResidentKb(area), kPage / 1024);
  CHECK_NO_FAULT(Read(area));
  CHECK_EQ(ResidentKb(area), all ? kb : kPages * kPage / 1024);
  Ok("but for a copy of its own");
}
