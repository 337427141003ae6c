// Holes and truncation take pages out of a file's huge page; the others stay.
#include "tests/abi/huge_file.h"

enum { kRemove = 9, kKeepSize = 1, kPunchHole = 2 };

static void Expect(int fd, long from, long to) {
  for (long i = from; i < to; i += kPage) {
    char byte = 0;
    CHECK_EQ(pread(fd, &byte, 1, i), 1);
    CHECK_EQ(byte, (char)(i / kPage | 1));
  }
}

static char* Filled(int fd, long huge) {
  char* area = MapHugeFile(fd, 1, MAP_SHARED);
  for (long i = 0; i < huge; i += kPage) area[i] = (char)(i / kPage | 1);
  CHECK_EQ(FileHugeKb(area), huge / 1024);
  return area;
}

int main(void) {
  const long huge = (long)HugeSize();
  const long kb = huge / 1024;
  const long page_kb = kPage / 1024;
  int fd = HugeFile(1);
  char* area = Filled(fd, huge);
  MUST(fallocate(fd, kPunchHole | kKeepSize, 3 * kPage, kPage));
  CHECK_EQ(FileHugeKb(area), 0);
  CHECK_EQ(FileKb(fd), kb - page_kb);
  CHECK_EQ(area[3 * kPage], 0);
  Expect(fd, 4 * kPage, huge);
  MUST(madvise(area + 5 * kPage, kPage, kRemove));
  Expect(fd, 6 * kPage, huge);
  CHECK_EQ(area[5 * kPage], 0);
  CHECK_EQ(area[4 * kPage], 5);
  Ok("holes of a page");

  fd = HugeFile(1);
  area = Filled(fd, huge);
  MUST(fallocate(fd, kPunchHole | kKeepSize, 100, 50));
  CHECK_EQ(FileKb(fd), kb);
  Expect(fd, 0, huge);
  MUST(fallocate(fd, kPunchHole | kKeepSize, 0, huge));
  CHECK_EQ(FileKb(fd), 0);
  CHECK_EQ(area[kPage], 0);
  Ok("a hole in a page, and one of all of it");

  fd = HugeFile(1);
  area = Filled(fd, huge);
  MUST(ftruncate(fd, 2 * kPage + 10));
  CHECK_EQ(FileKb(fd), 3 * page_kb);
  CHECK_EQ(area[2 * kPage], 3);
  CHECK_EQ(Access(area + 3 * kPage, false).signal, SIGBUS);
  MUST(ftruncate(fd, huge));
  CHECK_EQ(area[3 * kPage], 0);
  Expect(fd, 0, 3 * kPage);
  Ok("truncation");
}
