// Asking for WP_HUGETLBFS_SHMEM only tells whether the kernel has it: shared
// memory can be write-protected without.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(0);
  char* area =
      MUST(mmap(NULL, kPage, kReadWrite, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  uint64_t mask = Arm(u, area, kPage, kWp);
  CHECK(mask & 1 << _UFFDIO_WRITEPROTECT);
  area[0] = 'a';
  CHECK_EQ(WriteProtect(u, area, kPage, kProtect), 0);
  struct Toucher t;
  StartStore(&t, area);
  CHECK_PAGEFAULT(NextMessage(u), area, kWpFlags);
  CHECK_EQ(area[0], 'a');
  CHECK_EQ(WriteProtect(u, area, kPage, 0), 0);
  CHECK_EQ(Seen(&t), 'w');
  Ok("registered, protected, reported and resolved");
  return 0;
}
