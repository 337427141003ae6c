// Guards inside a huge page split it; over all of it they take it away.
// Covers: guest_mm/calls/guard_regions.cc
#include "tests/abi/huge.h"
#include "tests/abi/mm/guard.h"

int main(void) {
  NeedGuards();
  const size_t huge = HugeSize();
  char* area = HugeArea(1);
  memset(area, 'x', huge);
  CHECK_EQ(HugeKb(area), huge / 1024);
  Guard(area + kPage, 2);
  CHECK_EQ(HugeKb(area), 0);
  CHECK_EQ(ResidentKb(area), (huge - 2 * kPage) / 1024);
  CHECK_EQ(area[0], 'x');
  CHECK_GUARDED(area + kPage);
  CHECK_EQ(area[3 * kPage], 'x');
  Ok("a part");

  Unguard(area, huge / kPage);
  CHECK_EQ(area[kPage], 0);
  Guard(area, huge / kPage);
  CHECK_EQ(ResidentKb(area), 0);
  CHECK_GUARDED(area);
  CHECK_GUARDED(area + huge - kPage);
  Unguard(area, huge / kPage);
  CHECK_NO_FAULT(Write(area));
  Ok("all of it");
}
