// mremap with MREMAP_DONTUNMAP: pages go to the new place and are missing at
// the old one, which stays registered: what a compacting collector does.

#include "tests/abi/uffd_threads.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

int main(void) {
  int u = Uffd(0);
  char* area = Island(2, kReadWrite);
  memset(area, 'a', 2 * kPage);
  Arm(u, area, 2 * kPage, kMissing);
  char* to = MUST(mremap(area, 2 * kPage, 2 * kPage,
                         MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL));
  CHECK_EQ(to[kPage], 'a');
  CHECK(!HasVmFlag(to, "um"));
  CHECK(HasVmFlag(area, "um"));
  struct Toucher t;
  StartLoad(&t, area + kPage);
  CHECK_PAGEFAULT(NextMessage(u), area + kPage, kLoadFlags);
  CHECK_DONE(Copy(u, area + kPage, to + kPage, kPage, 0), kPage);
  CHECK_EQ(Seen(&t), 'a');
  Ok("the old place asks for what was moved away");
  return 0;
}
