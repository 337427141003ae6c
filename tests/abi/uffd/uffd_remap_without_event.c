// Without EVENT_REMAP moved memory is no longer registered; memory that grows
// or shrinks in place still is.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(4, kReadWrite);
  char* to = Island(2, PROT_NONE);
  Arm(u, area, 4 * kPage, kMissing);
  CHECK_EQ(mremap(area, 4 * kPage, 2 * kPage, 0), area);
  CHECK(HasVmFlag(area, "um"));
  CHECK_EQ(mremap(area, 2 * kPage, 3 * kPage, 0), area);
  CHECK(HasVmFlag(area, "um"));
  CHECK_EQ(CountMaps(area, 3 * kPage), 1);
  struct Toucher t;
  StartLoad(&t, area + 2 * kPage);
  CHECK_PAGEFAULT(NextMessage(u), area + 2 * kPage, kLoadFlags);
  CHECK_DONE(Copy(u, area + 2 * kPage, Letter('a'), kPage, 0), kPage);
  CHECK_EQ(Seen(&t), 'a');
  Ok("in place");

  CHECK_EQ(
      mremap(area, 2 * kPage, 2 * kPage, MREMAP_MAYMOVE | MREMAP_FIXED, to),
      to);
  CHECK(!HasVmFlag(to, "um"));
  CHECK_EQ(to[0], 0);
  CHECK(!HasMessage(u));
  CHECK_REFUSED(Copy(u, to + kPage, Letter('b'), kPage, 0), ENOENT);
  CHECK(HasVmFlag(area + 2 * kPage, "um"));
  Ok("moved");
  return 0;
}
