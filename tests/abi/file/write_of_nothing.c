// A write to a memory file whose source cannot be read: since 6.15 it has made
// the page ready before it finds out, and the file then reaches to where the
// bytes would have gone.
// Covers: plugin/linux/fs/regular_inode.cc
// Options: --kernel 6.18
#include "tests/abi/kernel.h"
#include "tests/abi/memory.h"

static bool CopiesFirst(void) { return KernelSince(6, 15); }

static off_t SizeOf(int fd) {
  struct stat s;
  MUST(fstat(fd, &s));
  return s.st_size;
}

int main(void) {
  char* nowhere = Island(1, PROT_NONE);
  int fd = MUST(memfd_create("f", 0));
  MUST(ftruncate(fd, 100));
  CHECK_FAILS(pwrite(fd, nowhere, 10, 2 * kPage + 5), EFAULT);
  CHECK_EQ(SizeOf(fd), CopiesFirst() ? 2 * kPage + 5 : 100);
  Ok("beyond the end");
  CHECK_FAILS(pwrite(fd, nowhere, 10, 50), EFAULT);
  CHECK_EQ(SizeOf(fd), CopiesFirst() ? 2 * kPage + 5 : 100);
  char c = 'x';
  CHECK_EQ(pread(fd, &c, 1, 50), 1);
  CHECK_EQ(c, 0);
  Ok("within it");

  // What it is to write lies in the same file, beyond its end as it was.
  int self = MUST(memfd_create("self", 0));
  char* map =
      (char*)MUST(mmap(NULL, 16 * kPage, PROT_READ, MAP_SHARED, self, 0));
  ssize_t moved = pwrite(self, map + kPage, 10, 8 * kPage + 5);
  CHECK_EQ(moved, CopiesFirst() ? 10 : -1);
  CHECK_EQ(SizeOf(self), CopiesFirst() ? 8 * kPage + 15 : 0);
  Ok("from beyond the end of the same file");
}
