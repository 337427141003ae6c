// Shared memory goes to swap as well. It is the file's there: read(), a second
// mapping and lseek() find it, truncation ends it, and no process's VmSwap has
// it.
// Options: --swap 16M

#include "../swap.h"

enum { kPages = 32 };

int main(void) {
  NeedSwap(1024);
  int fd = MUST(memfd_create("swapped", 0));
  MUST(ftruncate(fd, (kPages + 8) * kPage));
  char* area =
      (char*)MUST(mmap(NULL, kPages * kPage, kReadWrite, MAP_SHARED, fd, 0));
  for (int i = 0; i < kPages; i++) memset(area + i * kPage, i + 1, kPage);
  long before = StatusField("VmSwap:");
  PageOut(area, kPages);
  CHECK_EQ(SmapsField(area, "Swap:"), kPages * kPage / 1024);
  CHECK_EQ(StatusField("VmSwap:"), before);
  struct stat s;
  MUST(fstat(fd, &s));
  CHECK_EQ(s.st_blocks * 512, kPages * kPage);
  Ok("the file's pages are in swap");

  char byte = 0;
  CHECK_EQ(pread(fd, &byte, 1, 5 * kPage + 77), 1);
  CHECK_EQ(byte, 6);
  CHECK_EQ(lseek(fd, 0, SEEK_HOLE), kPages * kPage);
  CHECK_EQ(lseek(fd, 20 * kPage, SEEK_DATA), 20 * kPage);
  char* again =
      (char*)MUST(mmap(NULL, kPages * kPage, kReadWrite, MAP_SHARED, fd, 0));
  CHECK_EQ(again[7 * kPage], 8);
  again[9 * kPage] = 'w';
  CHECK_EQ(area[9 * kPage], 'w');
  CHECK_EQ(area[10 * kPage], 11);
  // Advice leaves alone what two map, and what nobody does.
  MUST(munmap(again, kPages * kPage));
  for (int i = 0; i < kPages; i++) CHECK(area[i * kPage] != 0);
  Ok("everybody finds them");

  PageOut(area, kPages);
  MUST(ftruncate(fd, 10 * kPage + 100));
  MUST(ftruncate(fd, (kPages + 8) * kPage));
  CHECK_EQ(area[10 * kPage + 99], 11);
  CHECK_EQ(area[10 * kPage + 100], 0);
  CHECK_EQ(area[11 * kPage], 0);
  MUST(fstat(fd, &s));
  CHECK_EQ(s.st_blocks * 512, 12 * kPage);
  Ok("truncation reaches into swap");
  return 0;
}
