// MOVE within one registered mapping, and onto itself.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(kFeatureMove);
  char* area = Island(4, kReadWrite);
  area[0] = 'a';
  area[kPage] = 'b';
  Arm(u, area, 4 * kPage, kMissing);
  CHECK_DONE(Move(u, area + 2 * kPage, area, kPage, 0), kPage);
  CHECK_EQ(area[2 * kPage], 'a');
  CHECK(!IsPresent(area));
  Ok("from one place to another");

  CHECK_REFUSED(Move(u, area + kPage, area + kPage, kPage, 0), EEXIST);
  CHECK_EQ(area[kPage], 'b');
  Ok("onto itself: EEXIST");

  // Overlapping: b goes down, then a into its place.
  CHECK_DONE(Move(u, area, area + kPage, 2 * kPage, 0), 2 * kPage);
  CHECK_EQ(area[0], 'b');
  CHECK_EQ(area[kPage], 'a');
  CHECK(!IsPresent(area + 2 * kPage));
  Ok("downwards by a page, one after the other");
  return 0;
}
