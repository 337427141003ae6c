// MOVE with ALLOW_SRC_HOLES: pages that the source lacks count as moved, and
// stay missing.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(kFeatureMove);
  char* area = Island(4, kReadWrite);
  char* src = Island(4, kReadWrite);
  src[kPage] = 'b';
  src[3 * kPage] = 'd';
  Arm(u, area, 4 * kPage, kMissing);
  CHECK_DONE(Move(u, area, src, 4 * kPage, kMoveAllowSrcHoles), 4 * kPage);
  CHECK(!IsPresent(area));
  CHECK_EQ(area[kPage], 'b');
  CHECK(!IsPresent(area + 2 * kPage));
  CHECK_EQ(area[3 * kPage], 'd');
  CHECK_EQ(SmapsField(src, "Rss:"), 0);
  Ok("two pages and two holes");

  CHECK_PARTIAL(Move(u, area, src, 4 * kPage, kMoveAllowSrcHoles), kPage);
  CHECK_REFUSED(Move(u, area + kPage, src, kPage, kMoveAllowSrcHoles), EEXIST);
  CHECK_EQ(area[kPage], 'b');
  Ok("a page at the destination is EEXIST for a hole too");
  return 0;
}
