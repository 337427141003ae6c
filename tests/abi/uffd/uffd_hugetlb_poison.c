// POISON of huge pages: by whole ones, without taking any from the pool.

#include "tests/abi/hugetlb.h"
#include "tests/abi/uffd.h"

static void Body(void) {
  const size_t huge = Huge();
  int u = Uffd(kFeaturePoison);
  char* area = MapHuge(2, kHugeFlags);
  area[huge] = 'x';
  Arm(u, area, 2 * huge, kMissing);
  CHECK_REFUSED(Poison(u, area, kPage, 0), EINVAL);
  CHECK_REFUSED(Poison(u, area + huge, huge, 0), EEXIST);
  CHECK_PARTIAL(Poison(u, area, 2 * huge, 0), huge);
  CHECK_EQ(Free(), 1);
  CHECK_FAULT(Read(area + 77), SIGBUS, PoisonCode(), g_fault.address);
  CHECK_EQ(Write(area + huge - 1).signal, SIGBUS);
  CHECK_EQ(area[huge], 'x');
  CHECK(!HasMessage(u));
  Ok("one poisoned, its neighbour whole");

  MUST(madvise(area, huge, MADV_DONTNEED));
  char* src = Anonymous(huge / kPage, kReadWrite);
  CHECK_DONE(Copy(u, area, src, huge, 0), huge);
  CHECK_EQ(area[77], 0);
  Ok("MADV_DONTNEED takes it away");
}

int main(void) { return WithPool(2, Body); }
