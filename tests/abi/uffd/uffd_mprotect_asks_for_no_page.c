// mprotect() that makes locked memory writable fills it at once, but keeps
// mmap_lock: it asks nobody for a page, and leaves off at the first that it
// would have to ask for. mlock() asks.

#include "tests/abi/uffd_threads.h"

enum { kDontNeedLocked = 24, kPages = 4 };

static bool IsExclusive(const char* address) {
  return (PagemapWord(address) >> 56 & 1) != 0;
}

int main(void) {
  int u = Uffd(0);
  char* area = Island(kPages, PROT_READ);
  MUST(mlock(area, kPages * kPage));
  for (int i = 0; i < kPages; i++) {
    CHECK(IsPresent(area + i * kPage) && !IsExclusive(area + i * kPage));
  }
  MUST(madvise(area + 2 * kPage, kPage, kDontNeedLocked));
  Arm(u, area, kPages * kPage, kMissing);
  MUST(mprotect(area, kPages * kPage, kReadWrite));
  CHECK(!HasMessage(u));
  CHECK(IsExclusive(area));
  CHECK(IsExclusive(area + kPage));
  CHECK(!IsPresent(area + 2 * kPage));
  CHECK(!IsExclusive(area + 3 * kPage));
  Ok("mprotect() fills up to the first missing page");

  struct Filler f;
  StartFiller(&f, u, 1, 'm');
  MUST(mlock(area, kPages * kPage));
  FinishFiller(&f);
  CHECK_EQ(area[2 * kPage], 'm');
  CHECK(IsExclusive(area + 3 * kPage));
  Ok("mlock() asks for it");
  return 0;
}
