// Huge pages of hugetlb: registered by the huge page, reported by its first
// address, filled whole.

#include "tests/abi/hugetlb.h"
#include "tests/abi/uffd_threads.h"

static void Body(void) {
  const size_t huge = Huge();
  int u = Uffd(0);
  char* area = MapHuge(2, kHugeFlags);
  CHECK_INVALID(Register(u, area, kPage, kMissing), EINVAL);
  CHECK_INVALID(Register(u, area + kPage, huge, kMissing), EINVAL);
  CHECK_INVALID(Register(u, area + huge / 2, huge, kMissing), EINVAL);
  CHECK_EQ(Arm(u, area, 2 * huge, kMissing),
           1 << _UFFDIO_WAKE | 1 << _UFFDIO_COPY | kIoctlPoison);
  CHECK_EQ(Unregister(u, area, kPage), EINVAL);
  Ok("ranges are whole huge pages, and ZEROPAGE and MOVE are not for them");

  char* src = Anonymous(huge / kPage, kReadWrite);
  memset(src, 's', huge);
  struct Toucher t;
  StartStore(&t, area + 3 * kPage + 5);
  CHECK_PAGEFAULT(NextMessage(u), area, kStoreFlags);
  CHECK_DONE(Copy(u, area, src, huge, 0), huge);
  CHECK_EQ(Seen(&t), 'w');
  CHECK_EQ(area[huge - 1], 's');
  CHECK_POOL(1, 1);
  Ok("one fault, one huge page");

  int fds[2];
  MUST(pipe(fds));
  StartLoad(&t, area + 2 * huge - 1);
  CHECK_PAGEFAULT(NextMessage(u), area + huge, kLoadFlags);
  CHECK_DONE(Copy(u, area + huge, src, huge, kDontWake), huge);
  CHECK(StillWaits(&t));
  CHECK_EQ(Wake(u, area + huge, huge), 0);
  CHECK_EQ(Seen(&t), 's');
  CHECK_EQ(write(fds[1], area + huge, 10), 10);
  Ok("DONTWAKE");
}

int main(void) { return WithPool(2, Body); }
