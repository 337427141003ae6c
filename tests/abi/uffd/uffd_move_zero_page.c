// MOVE of the zero page maps the zero page at the destination.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(kFeatureMove);
  char* area = Island(1, kReadWrite);
  char* src = Island(1, kReadWrite);
  Arm(u, area, kPage, kMissing);
  CHECK_EQ(*(volatile char*)src, 0);
  CHECK_DONE(Move(u, area, src, kPage, 0), kPage);
  CHECK(IsPresent(area));
  CHECK(!IsPresent(src));
  CHECK_EQ(area[0], 0);
  CHECK_EQ(SmapsField(area, "Rss:"), 0);
  area[0] = 'x';
  CHECK_EQ(SmapsField(area, "Rss:"), 4);
  Ok("present, and no memory is used until a store");
  return 0;
}
