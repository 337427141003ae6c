// mlock faults pages in and VmLck counts them; overlapping locks do not add.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

int main(void) {
  char* area = Island(8, kReadWrite);
  CHECK_EQ(StatusField("VmLck:"), 0);
  MUST(mlock(area + kPage, 2 * kPage));
  CHECK_EQ(StatusField("VmLck:"), 8);
  CHECK_EQ(Resident(area, 8), 2);
  CHECK_EQ(CountMaps(area, 8 * kPage), 3);
  Ok("two pages: 8 kB, resident, a mapping of their own");

  MUST(mlock(area + 10, 2 * kPage));
  CHECK_EQ(StatusField("VmLck:"), 12);
  MUST(munlock(area + 2 * kPage, kPage));
  CHECK_EQ(StatusField("VmLck:"), 8);
  MUST(munmap(area + kPage, kPage));
  CHECK_EQ(StatusField("VmLck:"), 4);
  Ok("rounded to pages, unlocked, unmapped");

  CHECK_FAILS(mlock(area, 3 * kPage), ENOMEM);
  MUST(munlockall());
  CHECK_EQ(StatusField("VmLck:"), 0);
  Ok("a hole is ENOMEM; munlockall");
}
