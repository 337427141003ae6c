// nr_overcommit_hugepages lets the pool grow with the need; surplus pages go
// when nobody needs them. A pool that is made smaller than what is in use turns
// the rest into surplus pages.
// Covers: guest_mm/hugetlb/huge_page_pool.cc
// Covers: plugin/linux/fs/proc/hugetlb_knobs.cc

#include "tests/abi/hugetlb.h"

static void Body(void) {
  const size_t huge = Huge();
  WriteVm("nr_overcommit_hugepages", 2);
  CHECK_FAILS(mmap(NULL, 4 * huge, kReadWrite, kHugeFlags, -1, 0), ENOMEM);
  CHECK_EQ(Total(), 1);
  char* p = MapHuge(3, kHugeFlags);
  CHECK_EQ(Total(), 3);
  CHECK_EQ(Surplus(), 2);
  CHECK_POOL(3, 3);
  for (int i = 0; i < 3; i++) p[i * huge] = 'x';
  CHECK_POOL(0, 0);
  MUST(munmap(p, 3 * huge));
  CHECK_EQ(Total(), 1);
  CHECK_EQ(Surplus(), 0);
  CHECK_POOL(1, 0);
  Ok("grown with the need");

  // Without a reservation, when it is touched.
  p = MapHuge(2, kHugeFlags | MAP_NORESERVE);
  CHECK_EQ(Total(), 1);
  p[0] = p[huge] = 'x';
  CHECK_EQ(Total(), 2);
  CHECK_EQ(Surplus(), 1);
  MUST(munmap(p, 2 * huge));
  CHECK_EQ(Total(), 1);
  Ok("grown when touched");

  WriteVm("nr_overcommit_hugepages", 0);
  p = MapHuge(1, kHugeFlags | MAP_POPULATE);
  WriteVm("nr_hugepages", 0);
  CHECK_EQ(Total(), 1);
  CHECK_EQ(Surplus(), 1);
  p[0] = 'y';
  MUST(munmap(p, huge));
  CHECK_EQ(Total(), 0);
  CHECK_EQ(Surplus(), 0);
  Ok("made smaller than what is in use");
}

int main(void) { return WithPool(1, Body); }
