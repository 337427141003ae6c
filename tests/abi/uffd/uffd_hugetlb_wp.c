// Write protection of huge pages, present and absent.

#include "tests/abi/hugetlb.h"
#include "tests/abi/uffd_threads.h"

static void Body(void) {
  const size_t huge = Huge();
  int u = Uffd(UFFD_FEATURE_WP_HUGETLBFS_SHMEM);
  char* area = MapHuge(2, kHugeFlags);
  area[0] = 'a';
  CHECK(Arm(u, area, 2 * huge, kWp) & 1 << _UFFDIO_WRITEPROTECT);
  CHECK_EQ(WriteProtect(u, area, kPage, kProtect), EINVAL);
  CHECK_EQ(WriteProtect(u, area, huge, kProtect), 0);
  CHECK(IsProtected(area));
  CHECK_EQ(area[0], 'a');
  struct Toucher t;
  StartStore(&t, area + kPage + 1);
  CHECK_PAGEFAULT(NextMessage(u), area, kWpFlags);
  CHECK_EQ(WriteProtect(u, area, huge, 0), 0);
  CHECK_EQ(Seen(&t), 'w');
  Ok("present");

  CHECK_EQ(WriteProtect(u, area + huge, huge, kProtect), 0);
  StartStore(&t, area + huge);
  CHECK_PAGEFAULT(NextMessage(u), area + huge, kWpFlags);
  CHECK_EQ(WriteProtect(u, area + huge, huge, 0), 0);
  CHECK_EQ(Seen(&t), 'w');
  Ok("absent");
}

int main(void) { return WithPool(2, Body); }
