// MLOCK_ONFAULT locks pages as they are touched, not before.
// Covers: plugin/linux/memory/advice_calls.cc
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

int main(void) {
  char* area = Island(8, kReadWrite);
  MUST(mlock2(area, 8 * kPage, MLOCK_ONFAULT));
  CHECK_EQ(Resident(area, 8), 0);
  CHECK_EQ(StatusField("VmLck:"), 32);
  area[kPage] = 'x';
  CHECK_EQ(Resident(area, 8), 1);
  Ok("counted at once, filled when touched");
  CHECK_FAILS(mlock2(area, kPage, 2), EINVAL);
  MUST(mlock2(area, 8 * kPage, 0));
  CHECK_EQ(Resident(area, 8), 8);
  CHECK_EQ(StatusField("VmLck:"), 32);
  Ok("without the flag all are filled");
}
