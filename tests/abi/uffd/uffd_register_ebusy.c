// A mapping belongs to one userfaultfd at a time; for its own it may be
// registered again.

#include "tests/abi/uffd.h"

int main(void) {
  int first = Uffd(0), second = Uffd(0);
  char* area = Island(4, kReadWrite);
  Arm(first, area + kPage, kPage, kMissing);
  CHECK_INVALID(Register(second, area + kPage, kPage, kMissing), EBUSY);
  CHECK_INVALID(Register(second, area + kPage, kPage, kWp), EBUSY);
  CHECK_INVALID(Register(second, area, 4 * kPage, kMissing), EBUSY);
  CHECK(!HasVmFlag(area, "um"));
  CHECK(!HasVmFlag(area + 2 * kPage, "um"));
  Ok("EBUSY for another, and nothing of the range registered");

  Arm(second, area + 2 * kPage, 2 * kPage, kMissing);
  CHECK_EQ(CountMaps(area, 4 * kPage), 3);
  Ok("neighbours may have different ones, and do not merge");

  Arm(first, area + kPage, kPage, kMissing);
  Arm(first, area, 2 * kPage, kMissing | kWp);
  Ok("its own may take it again");

  MUST(close(first));
  Arm(second, area, 4 * kPage, kMissing);
  CHECK_EQ(CountMaps(area, 4 * kPage), 1);
  Ok("who closes lets go");
  return 0;
}
