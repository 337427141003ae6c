// MOVE of a whole aligned huge page moves it as one; of a part, or to a place
// that is not aligned, it is split first.

#include "tests/abi/huge.h"
#include "tests/abi/uffd.h"

int main(void) {
  const size_t huge = HugeSize();
  char* src = HugeArea(1);
  char* area = HugeArea(1);
  memset(src, 'h', huge);
  if (HugeKb(src) != (long)(huge >> 10)) Skip("no huge page to be had");
  int u = Uffd(kFeatureMove);
  Arm(u, area, huge, kMissing);
  CHECK_DONE(Move(u, area, src, huge, 0), huge);
  CHECK_EQ(HugeKb(area), huge >> 10);
  CHECK_EQ(ResidentKb(src), 0);
  CHECK_EQ(area[huge - 1], 'h');
  Ok("whole");

  char* other = HugeArea(1);
  Arm(u, other, huge, kMissing);
  CHECK_DONE(Move(u, other + 4 * kPage, area, 2 * kPage, 0), 2 * kPage);
  CHECK_EQ(other[5 * kPage], 'h');
  CHECK(!IsPresent(area));
  CHECK(!IsPresent(area + kPage));
  CHECK_EQ(area[2 * kPage], 'h');
  CHECK_EQ(HugeKb(area), 0);
  CHECK_EQ(ResidentKb(area), (huge >> 10) - 8);
  CHECK_REFUSED(Move(u, other + 4 * kPage, area + 2 * kPage, kPage, 0), EEXIST);
  Ok("a part");
  return 0;
}
