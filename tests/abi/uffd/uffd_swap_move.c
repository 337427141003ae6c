// MOVE takes a page from swap to swap: the destination's comes back from there.
// Options: --swap 16M

#include "tests/abi/swap.h"
#include "tests/abi/uffd.h"

int main(void) {
  NeedSwap(1024);
  int u = Uffd(kFeatureMove);
  char* area = Island(2, kReadWrite);
  char* src = Island(2, kReadWrite);
  memset(src, 's', 2 * kPage);
  Arm(u, area, 2 * kPage, kMissing);
  PageOut(src, 2);
  CHECK_DONE(Move(u, area, src, 2 * kPage, 0), 2 * kPage);
  CHECK_EQ(SmapsField(src, "Swap:"), 0);
  CHECK_EQ(SmapsField(area, "Swap:") + SmapsField(area, "Rss:"), 8);
  CHECK_EQ(area[kPage], 's');
  CHECK_EQ(area[0], 's');
  CHECK(!HasMessage(u));
  Ok("both pages");
  return 0;
}
