// MADV_POPULATE_READ, MADV_POPULATE_WRITE and mlock wait for the handler as
// loads and stores do; mincore and pagemap look without asking.

#include "tests/abi/uffd_threads.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif

int main(void) {
  int u = Uffd(0);
  char* area = Island(4, kReadWrite);
  Arm(u, area, 4 * kPage, kMissing);
  CHECK_EQ(Resident(area, 4), 0);
  CHECK(!IsPresent(area));
  CHECK(!HasMessage(u));
  Ok("who only looks raises no fault");

  struct Filler f;
  StartFiller(&f, u, 1, 'r');
  MUST(madvise(area, kPage, MADV_POPULATE_READ));
  FinishFiller(&f);
  CHECK_PAGEFAULT(f.last, area, kLoadFlags);
  StartFiller(&f, u, 1, 'w');
  MUST(madvise(area + kPage, kPage, MADV_POPULATE_WRITE));
  FinishFiller(&f);
  CHECK_PAGEFAULT(f.last, area + kPage, kStoreFlags);
  Ok("MADV_POPULATE");

  StartFiller(&f, u, 1, 'l');
  MUST(mlock(area + 2 * kPage, kPage));
  FinishFiller(&f);
  CHECK_PAGEFAULT(f.last, area + 2 * kPage, kStoreFlags);
  CHECK_EQ(area[2 * kPage], 'l');
  Ok("mlock");
  return 0;
}
