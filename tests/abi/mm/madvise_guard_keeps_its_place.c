// Memory that has had guard regions counts as touched: what is moved out of it
// keeps the offsets it had, and pages that change places do not merge.
// Covers: guest_mm/calls/guard_regions.cc
// Options: --kernel 6.18
#include "tests/abi/mm/guard.h"
#include "tests/abi/proc.h"

static void Move(char* from, char* to) {
  CHECK_EQ(mremap(from, kPage, kPage, MREMAP_MAYMOVE | MREMAP_FIXED, to), to);
}

int main(void) {
  char* area = Island(8, kReadWrite);
  char* to = Island(4, PROT_NONE);
  if (madvise(area + 7 * kPage, kPage, kGuardInstall) != 0) {
    CHECK_EQ(errno, EINVAL);
    Ok("skipped: no guard regions");
    return 0;
  }
  MUST(munmap(to, 4 * kPage));
  Move(area + 1 * kPage, to);
  Move(area + 2 * kPage, to + kPage);
  CHECK_EQ(CountMaps(to, 2 * kPage), 1);
  Move(area + 5 * kPage, to + 2 * kPage);
  Move(area + 4 * kPage, to + 3 * kPage);
  CHECK_EQ(CountMaps(to, 4 * kPage), 3);
  Ok("offsets are kept");
}
