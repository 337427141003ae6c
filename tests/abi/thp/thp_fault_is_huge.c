// The first store into an aligned stretch makes all of it resident; outside
// one, or where it is not wanted, a page.
#include <sys/prctl.h>

#include "tests/abi/huge.h"

int main(void) {
  const long huge = HugeSize();
  const long kb = huge / 1024;
  char* area = HugeArea(2);
  CHECK_EQ(SmapsField(area, "THPeligible:"), 1);
  area[huge + 5 * kPage] = 1;
  CHECK_EQ(ResidentKb(area), kb);
  CHECK_EQ(HugeKb(area), kb);
  CHECK_EQ(SmapsField(area, "Private_Dirty:"), kb);
  CHECK_EQ(SmapsField(area, "Anonymous:"), kb);
  CHECK_EQ(area[huge], 0);
  area[0] = 1;
  CHECK_EQ(HugeKb(area), 2 * kb);
  Ok("a store");

  char* odd = HugeArea(2) + kPage;
  MUST(munmap(odd - kPage, kPage));
  CHECK_EQ(SmapsField(odd, "THPeligible:"), 1);
  odd[0] = 1;
  CHECK_EQ(ResidentKb(odd), kPage / 1024);
  odd[huge] = 1;
  CHECK_EQ(ResidentKb(odd), kPage / 1024 + kb);
  CHECK_EQ(HugeKb(odd), kb);
  Ok("only the part that is aligned");

  char* small = HugeArea(1);
  MUST(munmap(small + huge - kPage, kPage));
  CHECK_EQ(SmapsField(small, "THPeligible:"), 0);
  small[0] = 1;
  CHECK_EQ(ResidentKb(small), kPage / 1024);
  Ok("a mapping too small");

  char* refused = HugeArea(1);
  MUST(madvise(refused, huge, MADV_NOHUGEPAGE));
  CHECK_EQ(SmapsField(refused, "THPeligible:"), 0);
  refused[0] = 1;
  CHECK_EQ(ResidentKb(refused), kPage / 1024);
  Ok("MADV_NOHUGEPAGE");

  MUST(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
  CHECK_EQ(MUST(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0)), 1);
  CHECK_EQ(StatusField("THP_enabled:"), 0);
  char* disabled = HugeArea(1);
  disabled[0] = 1;
  CHECK_EQ(ResidentKb(disabled), kPage / 1024);
  MUST(prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0));
  CHECK_EQ(StatusField("THP_enabled:"), 1);
  Ok("PR_SET_THP_DISABLE");
}
