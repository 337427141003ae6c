// Poison is in a mapping, not in a file; fork copies it, and other processes
// cannot read through it.

#include <sys/uio.h>

#include "tests/abi/uffd.h"

static char* g_area;

static void Child(void) { CHECK_EQ(Read(g_area).code, PoisonCode()); }

static void Peer(void) {
  char byte;
  struct iovec here = {&byte, 1}, there = {g_area, 1};
  CHECK_FAILS(process_vm_readv(getppid(), &here, 1, &there, 1, 0), EFAULT);
}

int main(void) {
  int u = Uffd(kFeaturePoison);
  g_area = Island(1, kReadWrite);
  Arm(u, g_area, kPage, kMissing);
  CHECK_DONE(Poison(u, g_area, kPage, 0), kPage);
  CHECK_EQ(RunChild(Child), 0);
  CHECK_EQ(RunChild(Peer), 0);
  Ok("fork copies it, process_vm_readv gets EFAULT");

  int fd = LetterFile(1);
  char* one = MUST(mmap(NULL, kPage, kReadWrite, MAP_SHARED, fd, 0));
  char* two = MUST(mmap(NULL, kPage, kReadWrite, MAP_SHARED, fd, 0));
  Arm(u, one, kPage, kMissing);
  CHECK_DONE(Poison(u, one, kPage, 0), kPage);
  CHECK_EQ(Read(one).code, PoisonCode());
  CHECK_EQ(two[0], 'A');
  char c = 0;
  CHECK_EQ(pread(fd, &c, 1, 0), 1);
  CHECK_EQ(c, 'A');
  Ok("a second mapping and the file are whole");
  return 0;
}
