// MREMAP_DONTUNMAP moves the pages and leaves an empty mapping behind.
// Options: --kernel 6.18
#include "tests/abi/kernel.h"
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

static bool CountsTwice(void) { return KernelSince(6, 17); }

int main(void) {
  char* area = Island(2, kReadWrite);
  area[0] = 'x';
  char* moved = MUST(
      mremap(area, 2 * kPage, 2 * kPage, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0));
  CHECK(moved != area);
  CHECK_EQ(moved[0], 'x');
  CHECK_EQ(area[0], 0);
  area[0] = 'y';
  CHECK_EQ(moved[0], 'x');
  Ok("pages moved, the old mapping is empty");

  CHECK_FAILS(mremap(area, kPage, kPage, MREMAP_DONTUNMAP, 0), EINVAL);
  CHECK_FAILS(
      mremap(area, kPage, 2 * kPage, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0),
      EINVAL);
  Ok("needs MAYMOVE and the same size");

  // What is left behind is not locked any more, but counted for ever.
  long locked = StatusField("VmLck:");
  char* held = Island(6, kReadWrite);
  MUST(mlock(held, 6 * kPage));
  char* away =
      MUST(mremap(held, kPage, kPage, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0));
  CHECK_EQ(SmapsField(held, "Locked:"), 0);
  CHECK_EQ(SmapsField(away, "Locked:"), kPage / 1024);
  long counted = StatusField("VmLck:") - locked;
  CHECK_EQ(counted, (CountsTwice() ? 7 : 6) * kPage / 1024);
  MUST(munmap(held, 6 * kPage));
  CHECK_EQ(StatusField("VmLck:") - locked, counted);
  Ok("locked memory");
}
