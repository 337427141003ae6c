// The kernel's own accesses wait for the handler as the program's do.

#include <time.h>

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(8, kReadWrite);
  Arm(u, area, 8 * kPage, kMissing);
  int fds[2];
  MUST(pipe(fds));
  struct Filler f;
  StartFiller(&f, u, 1, 'a');
  CHECK_EQ(write(fds[1], area + 4000, 10), 10);
  FinishFiller(&f);
  CHECK_PAGEFAULT(f.last, area, kLoadFlags);
  char ten[10];
  CHECK_EQ(read(fds[0], ten, 10), 10);
  CHECK_EQ(memcmp(ten, "aaaaaaaaaa", 10), 0);
  Ok("write(2) from a missing page");

  CHECK_EQ(write(fds[1], "0123456789", 10), 10);
  StartFiller(&f, u, 1, 'b');
  CHECK_EQ(read(fds[0], area + kPage + 50, 10), 10);
  FinishFiller(&f);
  CHECK_PAGEFAULT(f.last, area + kPage, kStoreFlags);
  CHECK_EQ(memcmp(area + kPage + 49, "b0123456789b", 12), 0);
  Ok("read(2) into one");

  int file = MUST(memfd_create("file", 0));
  StartFiller(&f, u, 3, 'c');
  CHECK_EQ(pwrite(file, area + 2 * kPage + 1, 3 * kPage - 1, 0), 3 * kPage - 1);
  FinishFiller(&f);
  Ok("three pages in one write(2)");

  StartFiller(&f, u, 1, 'd');
  MUST(clock_gettime(CLOCK_MONOTONIC, (struct timespec*)(area + 5 * kPage)));
  // The clock may be read without entering the kernel; the fault is the same.
  FinishFiller(&f);
  StartFiller(&f, u, 1, 0);
  MUST(syscall(SYS_getcwd, area + 6 * kPage, 100));
  FinishFiller(&f);
  CHECK_EQ(area[6 * kPage], '/');
  StartFiller(&f, u, 1, '/');
  CHECK_FAILS(access(area + 8 * kPage - 10, F_OK), EFAULT);
  FinishFiller(&f);
  Ok("structures and strings");
  return 0;
}
